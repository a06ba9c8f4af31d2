"""The listener: takes mail from the municipality's own mail server, by SMTP or LMTP on one port.

One recipient at a time, because each address is another answer and LMTP wants an answer for each: a second one is told
to come by itself, which servers do. It says yes only to what has been written to the spool.
"""

import asyncio
import logging
from collections.abc import Callable

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from dialogue.mail.incoming.entrance import MAX_BYTES, Entrance

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)  # the package tells of every line

#: Seconds that the other side may be silent.
_PATIENCE = 60

#: Takes one mail in: raw bytes, recipient, envelope sender. Raises when it cannot be kept.
TakeIn = Callable[[bytes, str, str], None]


class _Wire(SMTP):
    """Speaks SMTP (EHLO) and LMTP (LHLO) alike: both end in one answer for one recipient."""

    #: Lines are shorter by the standard, and longer by the programs that people have.
    line_length_limit = 1024 * 1024

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, hostname: str) -> None:  # noqa: N802 (the name that aiosmtpd calls)
        """The greeting of LMTP (RFC 2033)."""
        await self.smtp_EHLO(hostname)


class _Desk:
    """Answers each step of the dialogue."""

    def __init__(self, entrance: Entrance, take_in: TakeIn) -> None:
        self.entrance = entrance
        self.take_in = take_in

    async def handle_RCPT(  # noqa: N802 (the name that aiosmtpd calls)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only addresses that exist, one at a time."""
        if not self.entrance.knows(address):
            return "550 5.1.1 There is no such address here"
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Accepted when it lies in the spool; until then the other side keeps it and tries again."""
        raw = envelope.content
        assert isinstance(raw, bytes)  # noqa: S101 (decode_data is off)
        # The dialogue may go on for a while; a long mail must not lie about meanwhile.
        envelope.content = envelope.original_content = None
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, self.take_in, raw, envelope.rcpt_tos[0], envelope.mail_from or "")
        except Exception:
            log.exception("a mail cannot be kept, its sender is asked to try again")
            return "451 4.3.0 Cannot be kept just now, try again later"
        return "250 2.0.0 Ok, kept"


class Listener(Controller):
    """Listens in a thread of its own, from `start` to `stop`."""

    def __init__(self, host: str, port: int, entrance: Entrance, take_in: TakeIn) -> None:
        super().__init__(_Desk(entrance, take_in), hostname=host, port=port)
        self._name = entrance.domain

    def factory(self) -> SMTP:
        """One connection."""
        return _Wire(
            self.handler,
            data_size_limit=MAX_BYTES,
            enable_SMTPUTF8=True,
            hostname=self._name,
            ident="Dialogue",
            timeout=_PATIENCE,
        )


def start_listening(host: str, port: int, entrance: Entrance, take_in: TakeIn) -> Listener:
    """Listen until `stop` of what is returned is called. Raises OSError when the port cannot be had."""
    listener = Listener(host, port, entrance, take_in)
    try:
        listener.start()
    except OSError:
        listener.loop.close()
        raise
    return listener
