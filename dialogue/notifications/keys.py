"""Keys in links that end or change somebody's mail without signing in.

A key names its owner by a random handle and ends in a MAC of 128 bits, made from the server's secret, what the key is
for, and the handle. So nothing that opens anything is stored: whoever reads the database cannot make a key, and whoever
holds one learns neither an address nor anybody else's key. The alternative, a stored hash for every key, needs the key
itself again whenever a mail is written, and would have to be replaced with each mail.

A key that ends one thing says openly which (RFC 8058, 3.1 allows that); it does not open the page with all choices.
There is no expiry, because the mail it came in may be read years later and must still be stoppable.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass

from dialogue.core.tokens import same
from dialogue.notifications.rules import Cadence, Scope

_MAC = 32
_SHAPE = re.compile(r"([0-9a-f]{16})([0-9a-f]{32})(?:([a-z])([1-9][0-9]{0,17}))?")

#: What a key can end, by the letter that it is written with.
_LETTERS: dict[str, str] = {
    "r": Scope.REQUEST,
    "t": Scope.AREA,
    "u": Scope.UNIT,
    "m": Scope.EVERYTHING,
    "s": Scope.SEARCH,
    "y": Scope.YOUR_TURN,
    "d": Cadence.DAILY,
    "w": Cadence.WEEKLY,
    "n": Cadence.MONTHLY,
}
_LETTER_OF = {name: letter for letter, name in _LETTERS.items()}


@dataclass(frozen=True)
class Key:
    """What a key that is one of ours is for."""

    handle: str
    #: What it ends: "request:12", or "weekly:1" for a digest of municipality 1; None for the page with all choices.
    ends: str | None


def key_to_end(secret: str, handle: str, ends: str) -> str:
    """The key that ends one subscription ("request:12") or digest ("weekly:1") of the person with `handle`."""
    name, _, number = ends.partition(":")
    return f"{handle}{_mac(secret, handle, ends)}{_LETTER_OF[name]}{number}"


def key_to_choose(secret: str, handle: str) -> str:
    """The key to the page with all choices of the person with `handle`."""
    return f"{handle}{_mac(secret, handle, _CHOOSE)}"


def read_key(secret: str, text: str) -> Key | None:
    """What `text` is for, if it is a key of ours."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    handle, mac, letter, number = shape.groups()
    if letter is not None and letter not in _LETTERS:
        return None
    ends = f"{_LETTERS[letter]}:{number}" if letter else None
    return Key(handle, ends) if same(mac, _mac(secret, handle, ends or _CHOOSE)) else None


_CHOOSE = "choose"


def _mac(secret: str, handle: str, purpose: str) -> str:
    message = f"mail key\n{handle}\n{purpose}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()[:_MAC]
