"""A mail server that takes everything and does nothing else, so that its own work weighs little."""

import asyncio
from typing import Any


class _Dialogue(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self.transport, self.buffer, self.in_data = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self.buffer:
            if self.in_data:
                if not self.buffer.endswith(b"\r\n.\r\n"):
                    return
                self.buffer, self.in_data = b"", False
                self.transport.write(b"250 taken\r\n")
                return
            line, found, rest = self.buffer.partition(b"\r\n")
            if not found:
                return
            self.buffer = rest
            self._answer(line[:4].upper())

    def _answer(self, verb: bytes) -> None:
        if verb == b"DATA":
            self.in_data = True
            self.transport.write(b"354 go on\r\n")
        elif verb == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
        else:
            self.transport.write(b"250 OK\r\n")


def serve_sink(port: Any) -> None:
    """Take mail until the process is ended; writes where it listens into the shared number `port`."""

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Dialogue, "127.0.0.1", 0)
        port.value = server.sockets[0].getsockname()[1]
        await server.serve_forever()

    asyncio.run(serve())
