"""Addresses that an answer by mail comes to: each says whom it was given to and what it is about.

The part before the @ is base32 (letters and digits, in either case, because mail servers fold them): what the address
is for, and a MAC of 96 bits made from the server's secret. Nothing is stored for an address, so none is lost and a mail
can be answered years later; an account that is deleted takes its addresses along, because its handle leads to nobody
any more. Whoever holds an address learns a number and a random name from it, and cannot make another one. It opens
nothing by itself either: who answers is the address and the sender together.
"""

import base64
import hashlib
import hmac
import re
import struct
from dataclasses import dataclass
from typing import assert_never

from dialogue.core.tokens import same

#: Bytes of the MAC: nobody can try 2**95 addresses at a mail server.
_MAC = 12

#: In front of the addresses that bounces come to, so that mail people see why such a mail is there.
_BOUNCE_PREFIX = "bounce+"

_SHAPE = re.compile(r"(bounce\+)?([a-z2-7]{28}|[a-z2-7]{34}|[a-z2-7]{40})")


@dataclass(frozen=True)
class PersonsAnswer:
    """An answer of one person about one request."""

    handle: str
    request_id: int


@dataclass(frozen=True)
class MailboxAnswer:
    """An answer from the mailbox of a unit about one request."""

    unit_id: int
    request_id: int


@dataclass(frozen=True)
class DigestAnswer:
    """An answer to a digest, which is about no single request."""

    handle: str


@dataclass(frozen=True)
class BounceOf:
    """What a mail server says of one mail of ours (variable envelope return path)."""

    mail_id: int


Purpose = PersonsAnswer | MailboxAnswer | DigestAnswer | BounceOf


def local_part(secret: str, purpose: Purpose) -> str:
    """What stands before the @ in the address for `purpose`."""
    content = _content(purpose)
    letters = base64.b32encode(content + _mac(secret, content)).decode("ascii").rstrip("=").lower()
    return _BOUNCE_PREFIX + letters if isinstance(purpose, BounceOf) else letters


def read_local_part(secret: str, text: str) -> Purpose | None:
    """What the address that begins with `text` is for, if it is one of ours."""
    shape = _SHAPE.fullmatch(text.lower())
    if shape is None:
        return None
    content = base64.b32decode(shape[2].upper() + "=" * (-len(shape[2]) % 8))[:-_MAC]
    purpose = _purpose(content)
    # Written anew and compared whole: the same bytes have several spellings in base32.
    return purpose if purpose is not None and same(local_part(secret, purpose), text.lower()) else None


def looks_like_ours(text: str) -> bool:
    """Whether `text` has the shape of an address of ours, made by us or guessed."""
    return _SHAPE.fullmatch(text.lower()) is not None


def _content(purpose: Purpose) -> bytes:
    match purpose:
        case PersonsAnswer(handle, request_id):
            return b"p" + bytes.fromhex(handle) + struct.pack(">I", request_id)
        case MailboxAnswer(unit_id, request_id):
            return b"u" + struct.pack(">II", unit_id, request_id)
        case DigestAnswer(handle):
            return b"d" + bytes.fromhex(handle)
        case BounceOf(mail_id):
            return b"b" + struct.pack(">I", mail_id)
    assert_never(purpose)


def _purpose(content: bytes) -> Purpose | None:
    match content[:1], len(content):
        case b"p", 13:
            return PersonsAnswer(content[1:9].hex(), *struct.unpack(">I", content[9:]))
        case b"u", 9:
            return MailboxAnswer(*struct.unpack(">II", content[1:]))
        case b"d", 9:
            return DigestAnswer(content[1:].hex())
        case b"b", 5:
            return BounceOf(*struct.unpack(">I", content[1:]))
    return None


def _mac(secret: str, content: bytes) -> bytes:
    return hmac.new(secret.encode(), b"mail address\n" + content, hashlib.sha256).digest()[:_MAC]
