"""Header fields: taken apart, decoded (RFC 2047, 2231), and read as addresses, dates and types.

The standard library's own objects for these raise on input that robots really send, or need quadratic time for it.
"""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from dialogue.core.emailaddress import InvalidEmail, normalise
from dialogue.core.text import clean_line
from dialogue.mail.incoming.charsets import decode, decode_base64
from dialogue.mail.incoming.message import MAX_HEADER_BYTES, MAX_HEADERS, MAX_NAMES, MAX_VALUE

Headers = Mapping[str, tuple[str, ...]]

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)", re.DOTALL)
_ENCODED = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,2000})\?=")
_BETWEEN_ENCODED = re.compile(r"\?=\s+=\?")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(r"\([^()]*\)")
_ANGLE = re.compile(r"<([^<>]*)>")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,60})\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_CONTINUED = re.compile(r"([^*]+)\*(\d{1,2})?(\*)?")
_IDS = re.compile(r"<([^<>\s]{1,500})>")

#: An address as it stands in running text. Every repetition is bounded by what cannot be in the next piece.
ADDRESS = re.compile(r"[^\s<>\"'(),:;@\[\]\\|]{1,128}@[^\s<>\"'(),:;@\[\]\\|]{1,255}")


def split_header(block: bytes) -> tuple[Headers, int]:
    """The fields that `block` begins with, and where the body starts. A mail without fields is all body."""
    found: dict[str, list[str]] = {}
    name, value = "", b""
    fields = position = 0
    if block.startswith((b"From ", b">From ")):  # the line that keeps mails apart in a mailbox file
        position = block.find(b"\n") + 1 or len(block)
    while position < len(block):
        end = block.find(b"\n", position)
        end = len(block) if end < 0 else end
        line = block[position : min(end, position + MAX_HEADER_BYTES)].rstrip(b"\r")
        if not line.strip():
            position = end + 1
            break
        if line[:1] in b" \t" and name:
            value += b" " + line.strip() if len(value) < MAX_VALUE else b""
        elif matched := _FIELD.fullmatch(line):
            _keep(found, name, value)
            name, value = matched[1].decode("ascii").lower(), matched[2].strip()
            fields += 1
        else:
            break  # no header field, so the body has begun without the empty line before it
        position = end + 1
        if position > MAX_HEADER_BYTES or fields > MAX_HEADERS:
            # The rest of the fields is passed over.
            blank = block.find(b"\n\n", end)
            position = len(block) if blank < 0 else blank + 2
            break
    _keep(found, name, value)
    return {name: tuple(values) for name, values in found.items()}, min(position, len(block))


def _keep(found: dict[str, list[str]], name: str, value: bytes) -> None:
    if name:
        found.setdefault(name, []).append(decode_words(decode(value[:MAX_VALUE], "", is_cut=True)))


def decode_words(value: str) -> str:
    """`value` with its encoded words (RFC 2047) in clear, as one line."""
    if "=?" in value:
        value = _BETWEEN_ENCODED.sub("?==?", value)
        pieces: list[tuple[str, bytes | str]] = []
        position = 0
        for word in _ENCODED.finditer(value):
            pieces.append(("", value[position : word.start()]))
            pieces.append((word[1].partition("*")[0].lower(), _word(word[2], word[3])))
            position = word.end()
        pieces.append(("", value[position:]))
        value = "".join(_joined(pieces))
    return clean_line(value, MAX_VALUE)


def _word(how: str, content: str) -> bytes:
    encoded = content.encode("ascii", "ignore")
    return decode_base64(encoded) if how in "bB" else binascii.a2b_qp(encoded, header=True)


def _joined(pieces: list[tuple[str, bytes | str]]) -> list[str]:
    # A letter may be cut in two between neighbouring words, so these are decoded together.
    texts: list[str] = []
    charset, collected = "", b""
    for name, piece in pieces:
        if isinstance(piece, bytes) and (name == charset or not collected):
            charset, collected = name, collected + piece
        elif piece:
            texts.append(decode(collected, charset))
            charset, collected = (name, piece) if isinstance(piece, bytes) else ("", b"")
            if isinstance(piece, str):
                texts.append(piece)
    return [*texts, decode(collected, charset)]


def addresses(value: str) -> list[tuple[str, str]]:
    """Names and addresses in a field like From or To, in their order, the addresses in one form.

    A name may pretend to be an address ("boss@example.org" <robot@example.net>); what counts is in angle brackets.
    """
    found: list[tuple[str, str]] = []
    bare = _COMMENT.sub(lambda comment: " " * len(comment[0]), _blank_quotes(value))
    start = end = 0
    for segment in re.split("([,;])", bare):
        end += len(segment)
        angles = [angle for angle in _ANGLE.finditer(bare, start, end) if "@" in angle[1]]
        if angles:
            found += [(_name(value[start : angles[0].start()]), _address(angle[1])) for angle in angles]
        else:
            name = _name("".join(_comments(value[start:end])))
            found += [(name, _address(plain[0])) for plain in ADDRESS.finditer(bare, start, end)]
        if "@" in segment:
            start = end
    return found[:MAX_NAMES]


def _blank_quotes(value: str) -> str:
    return _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), value)


def _comments(value: str) -> list[str]:
    return [comment[0].strip("()") for comment in _COMMENT.finditer(value)]


def _name(text: str) -> str:
    return clean_line(text.strip().strip(",;").strip().strip("\"'").replace('\\"', '"'), 200)


def _address(text: str) -> str:
    text = text.strip()[:300]
    try:
        return normalise(text)
    except InvalidEmail:
        return text.lower()


def message_ids(value: str) -> tuple[str, ...]:
    """The ids in Message-ID, In-Reply-To or References, without angle brackets. A lone one may lack them."""
    found = tuple(_IDS.findall(value))[-MAX_NAMES:]
    return found or tuple(word for word in value.split()[:1] if "@" in word)


def date(value: str) -> datetime | None:
    """The moment in `value`, in UTC; None when it is no date."""
    try:
        moment = parsedate_to_datetime(value[:100])
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


@dataclass(frozen=True)
class ContentType:
    """What a part is (Content-Type, or Content-Disposition), and its parameters, names in lower case."""

    name: str
    parameters: Mapping[str, str]

    def get(self, name: str) -> str:
        return self.parameters.get(name, "")


def content_type(value: str, default: str = "text/plain") -> ContentType:
    """`value` taken apart; `default` when it says nothing that can be read. Long and split parameters (RFC 2231) are
    put together.
    """
    name = value.partition(";")[0].strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for parameter in _PARAMETER.finditer(value):
        key, text = parameter[1].lower(), parameter[2].strip()
        if text.startswith('"'):
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        if matched := _CONTINUED.fullmatch(key):
            number, extended = int(matched[2] or 0), bool(matched[3]) or matched[2] is None
            pieces.setdefault(matched[1], {}).setdefault(number, (text, extended))
        else:
            plain.setdefault(key, decode_words(text))
    for key, numbered in pieces.items():
        plain[key] = _put_together([numbered[number] for number in sorted(numbered)])
    return ContentType(name or default, plain)


def _put_together(pieces: list[tuple[str, bool]]) -> str:
    charset = ""
    collected = b""
    for index, (text, extended) in enumerate(pieces):
        if extended and index == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        collected += unquote_to_bytes(text) if extended else text.encode("utf-8", "replace")
    return clean_line(decode(collected, charset), 300)
