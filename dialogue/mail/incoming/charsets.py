"""From bytes to text, whatever the mail says about itself."""

import binascii
import codecs
import re
from functools import lru_cache

#: Charsets that are taken at their word. Python knows others that are no charsets at all (rot13, idna, punycode), and
#: of those some need quadratic time.
_KNOWN = re.compile(
    r"ascii|utf-(7|8|8-sig|16|16-be|16-le|32|32-be|32-le)|cp\d{3,4}|iso8859-\d{1,2}|latin_?1|koi8-[rut]|mac-\w+|tis-620"
    r"|gb2312|gbk|gb18030|hz|big5(hkscs)?|shift_jis(x0213|_2004)?|euc_(jp|kr|jis_2004|jisx0213)|johab"
    r"|iso2022_(jp(_\w+)?|kr)"
)
#: Names that mail programs use and Python does not know.
_ALIASES = {"unicode-1-1-utf-7": "utf-7", "x-unknown": "", "unknown-8bit": "", "ansi": "cp1252", "cp-850": "cp850"}
#: Charsets that every sequence of bytes fits, so that a fit proves nothing.
_FITS_ALL = {"ascii", "cp1252", "iso8859-1", "iso8859-15", ""}
#: Stands where bytes mean no letter.
_REPLACED = "\ufffd"
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


@lru_cache(maxsize=256)
def _codec(name: str) -> str:
    name = name.strip().strip("\"'").lower()[:40]
    try:
        found = codecs.lookup(_ALIASES.get(name, name)).name
    except (LookupError, ValueError):
        return ""
    return found if _KNOWN.fullmatch(found) else ""


def decode(content: bytes, charset: str, *, is_cut: bool = False) -> str:
    """`content` as text. A charset that is missing, unknown or plainly wrong is guessed; nothing is ever refused.

    When it `is_cut`, its last letter may be half a one.
    """
    codec = _codec(charset)
    if codec in _FITS_ALL or codec == "utf-8":
        # Valid UTF-8 beyond ASCII is never there by chance; å, ä and ö of another charset are not valid UTF-8.
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            if is_cut and error.start >= len(content) - 3:
                return content.decode("utf-8", "ignore")
        text = content.decode("utf-8", "replace")
        bad = text.count(_REPLACED)
        if sum(not letter.isascii() for letter in text) >= 2 * bad:
            return text
        return content.decode("cp1252" if codec != "iso8859-15" else codec, "replace")
    try:
        return content.decode(codec)
    except (UnicodeError, ValueError):
        pass
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode(codec, "replace")


def decode_transfer(content: bytes, encoding: str) -> bytes:
    """`content` without its Content-Transfer-Encoding; damaged places are skipped."""
    encoding = encoding.strip().lower()
    if encoding == "quoted-printable":
        return binascii.a2b_qp(content)
    if encoding == "base64":
        return decode_base64(content)
    return content


def decode_base64(content: bytes) -> bytes:
    """The bytes that `content` stands for, as far as it can be read."""
    letters = _NOT_BASE64.sub(b"", content)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
