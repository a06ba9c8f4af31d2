"""DKIM (RFC 6376, 8301, 8463): the keys that signatures of our mail are checked with."""

import base64
import binascii
from collections.abc import Iterator

from dialogue.core.language import N_, Sentence
from dialogue.mail.domain.findings import Domains, Finding, Level, Lookups
from dialogue.mail.domain.tags import BadTags, read_tags

#: Bits of an RSA key: receivers must not believe shorter ones, and should be given longer ones (RFC 8301, 3.2).
SHORTEST = 1024
LONG_ENOUGH = 2048

_ED25519_BYTES = 32
_SEQUENCE, _INTEGER, _BIT_STRING = 0x30, 0x02, 0x03


class BadKey(Exception):
    """Bytes that are no RSA key."""


def examine(domains: Domains, ask: Lookups) -> Iterator[Finding]:
    """Look at the key of each selector. Raises NoAnswer."""
    if not domains.selectors:
        said = N_(
            "A signature makes mail hold also where it is forwarded. The name of its key, the selector, stands in the"
            " settings of your mail server: say it to have the key looked at."
        )
        yield Finding("DKIM", Level.UNKNOWN, f"_domainkey.{domains.sender}", Sentence(said))
    for selector in domains.selectors:
        name = f"{selector}._domainkey.{domains.sender}"
        yield examine_key(name, ask.texts(name))


def examine_key(name: str, texts: list[str]) -> Finding:
    """What the records `texts` at `name` are worth as a key."""
    level, said, values, line = _judged(texts)
    return Finding("DKIM", level, name, Sentence(said, values), "\n".join(texts), f"{name}. {line}" if line else "")


#: What only the mail server knows is left open in the line.
_LINE = 'IN TXT "v=DKIM1; k=rsa; p=…"'


def _judged(texts: list[str]) -> tuple[Level, str, dict[str, object], str]:
    if not texts:
        said = N_("There is no key, so no signature can be checked. Your mail server shows what stands after p=.")
        return Level.BAD, said, {}, _LINE
    if len(texts) > 1:
        said = N_("There are %(number)s records, and receivers take any of them. Leave the one with the key.")
        return Level.BAD, said, {"number": len(texts)}, ""
    try:
        tags = read_tags(texts[0])
    except BadTags as error:
        return Level.BAD, N_("“%(part)s” cannot be read, so there is no key."), {"part": str(error)}, _LINE
    if tags.get("v", "DKIM1") != "DKIM1" or ("v" in tags and next(iter(tags)) != "v") or "p" not in tags:
        return Level.BAD, N_("This is no DKIM key, so no signature can be checked."), {}, _LINE
    if not tags["p"]:
        return Level.BAD, N_("The key has been withdrawn: what is signed with it counts as forged."), {}, _LINE
    if "sha256" not in tags.get("h", "sha256").replace(" ", "").split(":"):
        said = N_("It leaves out sha256, the only way of signing that receivers still believe.")
        return Level.BAD, said, {}, ""
    if not {"*", "email"} & set(tags.get("s", "*").replace(" ", "").split(":")):
        return Level.BAD, N_("The key is not meant for mail."), {}, ""
    return _judged_key(tags)


def _judged_key(tags: dict[str, str]) -> tuple[Level, str, dict[str, object], str]:
    kind = tags.get("k", "rsa").lower()
    try:
        key = base64.b64decode("".join(tags["p"].split()), validate=True)
        bits = len(key) * 8 if kind == "ed25519" and len(key) == _ED25519_BYTES else _bits_of_rsa(key)
    except (BadKey, binascii.Error):
        return Level.BAD, N_("What stands after p= is damaged: copy it again, without any letter lost."), {}, _LINE
    if kind == "rsa" and bits < SHORTEST:
        said = N_("The key has %(bits)s bits. Receivers believe none under %(least)s: make one of %(better)s.")
        return Level.BAD, said, {"bits": bits, "least": SHORTEST, "better": LONG_ENOUGH}, _LINE
    if "y" in tags.get("t", "").replace(" ", "").split(":"):
        said = N_("It says that it is only being tried (t=y): receivers treat mail as if it were not signed.")
        return Level.ADVICE, said, {}, f'IN TXT "{_without_trial(tags)}"'
    if kind == "rsa" and bits < LONG_ENOUGH:
        said = N_("The key has %(bits)s bits. It is believed, but one of %(better)s is what is asked for today.")
        return Level.ADVICE, said, {"bits": bits, "better": LONG_ENOUGH}, _LINE
    return Level.GOOD, N_("Receivers can check signatures with this key (%(kind)s, %(bits)s bits)."), {
        "kind": kind.upper() if kind == "rsa" else kind.capitalize(),
        "bits": bits,
    }, ""  # fmt: skip


def _without_trial(tags: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in tags.items() if name != "t")


def _bits_of_rsa(key: bytes) -> int:
    """How long the modulus is, of a key as X.509 or as PKCS 1 writes it. Raises BadKey."""
    kind, content, _ = _element(key)
    first, inside, rest = _element(content)
    if kind != _SEQUENCE:
        raise BadKey
    if first == _SEQUENCE:
        packed, bits, _ = _element(rest)
        if packed != _BIT_STRING:
            raise BadKey
        return _bits_of_rsa(bits[1:])
    if first != _INTEGER:
        raise BadKey
    return int.from_bytes(inside, "big").bit_length()


def _element(content: bytes) -> tuple[int, bytes, bytes]:
    """The first element of DER: kind, content, and what follows it. Raises BadKey."""
    if len(content) < 2:
        raise BadKey
    kind, length, start = content[0], content[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(content[2:start], "big")
    if len(content) < start + length:
        raise BadKey
    return kind, content[start : start + length], content[start + length :]
