"""What both entrances (the pipe and the listener) ask before a mail is taken in: is it for us, and for whom."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses

from dialogue.mail.addresses import looks_like_ours

#: The longest mail that is taken in, in bytes: what Postfix takes as it comes. Twice as much would need more memory
#: than a small machine has to spare for one mail; its sender is told by their own server.
MAX_BYTES = 10_240_000

#: Where the programs in front of us write whom a mail was really for, before the headers that its author wrote.
_RECIPIENT_HEADERS = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")

#: Bytes of the head that are looked at.
_HEAD = 64 * 1024

_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


class UnknownAddress(Exception):
    """The mail is for an address here that does not exist."""


class TooLong(Exception):
    """The mail is longer than MAX_BYTES."""


@dataclass(frozen=True)
class Entrance:
    """The addresses that are taken in here."""

    #: Domain of all addresses for answers.
    domain: str
    #: What our mails are from. Whoever writes to it has no address for an answer; a person looks at it.
    sender: str

    def knows(self, address: str) -> bool:
        """Whether mail to `address` is taken in. What has the shape of ours is, also when somebody guessed it."""
        local, _, domain = address.rpartition("@")
        if domain.lower() != self.domain.lower():
            return False
        return looks_like_ours(local) or address.lower() == self.sender.lower() or local.lower() == "postmaster"

    def addressed_in(self, raw: bytes) -> list[str]:
        """Whom the head of a mail names, for pipes that do not say. Empty: nobody here, a person looks at it.

        Raises UnknownAddress when it names somebody at our domain and nobody that is here.
        """
        here = [address for address in _named_in(raw) if address.lower().endswith(f"@{self.domain.lower()}")]
        known = [address for address in here if self.knows(address)]
        if here and not known:
            raise UnknownAddress(here[0])
        return list(dict.fromkeys(known))


def return_path_in(raw: bytes) -> str:
    """The envelope sender as the last server wrote it, for ways that do not say; empty for what machines send.

    Where no server wrote any, whoever signs it: nobody knows that it was a machine.
    """
    head = _head_fields(raw)
    written = head.get("Return-Path")
    return next(_addresses_in([written if written is not None else head.get("From", "")]), "")


def head_of(raw: bytes) -> bytes:
    """The headers of a mail, as far as anybody looks at them."""
    return _END_OF_HEAD.split(raw[:_HEAD], maxsplit=1)[0]


def _head_fields(raw: bytes) -> Message:
    return BytesHeaderParser(policy=policy.compat32).parsebytes(head_of(raw) + b"\n\n")


def _named_in(raw: bytes) -> Iterator[str]:
    head = _head_fields(raw)
    for name in _RECIPIENT_HEADERS:
        yield from _addresses_in(head.get_all(name, []))


def _addresses_in(values: Iterable[object]) -> Iterator[str]:
    try:
        yield from (address for _, address in getaddresses([str(value) for value in values]) if address)
    except (MessageError, ValueError, IndexError):  # a header made to be unreadable names nobody
        return
