"""A mail server on loopback that keeps what it is given, and misbehaves on demand."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Sink:
    """Keeps (recipient, Message-ID) of each mail; answers MAIL, RCPT and DATA as `mail`, `rcpt` and `data` say."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.contents: list[bytes] = []
        self.senders: list[str] = []
        self.rcpt: dict[str, str] = {}
        self.data = ""
        self.mail = ""
        #: What is said to the content of mails, by recipient.
        self.refuses: dict[str, str] = {}
        self.delay = 0.0
        self.hangs = False
        self.lets_in = True
        #: Each attempt to log in or to begin a mail, and whether it was encrypted.
        self.heard: list[tuple[str, bool]] = []
        #: Set by each mail that has arrived.
        self.arrived = threading.Event()

    async def handle_MAIL(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.heard.append(("MAIL", _is_encrypted(server)))
        if self.mail:
            return self.mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 (the name that aiosmtpd calls)
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.data:
            return self.data
        if envelope.rcpt_tos[0] in self.refuses:
            return self.refuses[envelope.rcpt_tos[0]]
        self.senders.append(str(envelope.mail_from))
        for recipient in envelope.rcpt_tos:
            self.taken.append((recipient, str(message_from_bytes(envelope.content)["Message-ID"])))
            self.contents.append(envelope.content)
        self.arrived.set()
        await asyncio.sleep(3600 if self.hangs else self.delay)
        return "250 taken"

    def log_in(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Whoever has a password comes in, also where others would ask for encryption first."""
        self.heard.append(("AUTH", _is_encrypted(server)))
        return AuthResult(success=self.lets_in, handled=False)


def _is_encrypted(server: Any) -> bool:
    return server.transport.get_extra_info("sslcontext") is not None


class _Server(Controller):
    """Listens on a port that was never free for somebody else."""

    def __init__(self, sink: Sink, listening: socket.socket, security: str, certificate: ssl.SSLContext | None) -> None:
        # A name of its own, so that nobody is asked what this machine is called; and patience for a busy machine.
        super().__init__(
            sink,
            hostname="127.0.0.1",
            port=listening.getsockname()[1],
            server_hostname="sink.example",
            ready_timeout=120,
            ssl_context=certificate if security == "tls" else None,
            tls_context=certificate if security == "starttls" else None,
            authenticator=sink.log_in,
            auth_require_tls=False,
        )
        self.listening = listening

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self.listening, ssl=self.ssl_context)


@contextmanager
def running(sink: Sink, security: str = "none", certificate: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run `sink` in a thread, with the `security` that the settings of the other side call so; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        controller = _Server(sink, listening, security, certificate)
        controller.start()
        try:
            yield controller.port
        finally:
            controller.stop()


@contextmanager
def refusing() -> Iterator[int]:
    """A port on which nobody listens and nobody else can begin to."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])
