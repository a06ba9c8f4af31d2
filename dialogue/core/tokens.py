"""Secrets that travel by mail: link tokens and six-digit codes. Only their hashes are stored."""

import hashlib
import hmac
import secrets
import unicodedata

#: Random bytes in a link token: 160 bits, so it can be neither guessed nor found by chance.
TOKEN_BYTES = 20

#: Digits in a code that people copy by hand.
CODE_DIGITS = 6


def new_token() -> str:
    """A new link token. Letters and digits only: mail programs cut a closing `-` or `_` off a link."""
    return secrets.token_hex(TOKEN_BYTES)


def new_handle() -> str:
    """A random name (64 bits) for what may be seen but not counted: not a secret, it opens nothing by itself."""
    return secrets.token_hex(8)


def hash_token(token: str) -> str:
    """What is stored of a link token (SHA-256, hexadecimal): being random, it needs no salt."""
    return hashlib.sha256(_bytes(token)).hexdigest()


def new_code() -> str:
    """A new six-digit code, every one from 000000 to 999999 equally likely."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def hash_code(code: str, salt: str) -> str:
    """What is stored of a code (HMAC-SHA-256, hexadecimal).

    All codes can be tried in a second, so `salt` has to hold a secret that is not in the database, beside
    something that differs from row to row.
    """
    return hmac.new(_bytes(salt), _bytes(code), hashlib.sha256).hexdigest()


def normalise_code(text: str) -> str:
    """The digits of a code as people paste it ("123 456", "123-456", full-width digits), nothing else."""
    digits = (unicodedata.decimal(character, None) for character in text)
    return "".join(str(digit) for digit in digits if digit is not None)


def same(a: str, b: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(_bytes(a), _bytes(b))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # whatever was typed, it is only compared
