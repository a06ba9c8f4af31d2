"""From texts to the bytes that go over the wire (RFC 5322, 2045, 2047): quoted-printable, no line over 998 bytes.

Put together by hand because the standard library's EmailMessage needs twenty times as long, and the worker sends
thousands at a time.
"""

import binascii
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr

_EOL = "\r\n"

#: Plain text longer than this is folded like the rest: a line has at most 998 bytes.
_ASCII_LENGTH = 200


def build(
    *,
    sender: tuple[str, str],
    recipient: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    date: datetime,
    headers: Mapping[str, str],
) -> bytes:
    """The whole message: text and HTML of equal content. Raises ValueError for a line break in a header."""
    boundary = f"=_{message_id.partition('@')[0][:40]}"
    named = {
        "From": address(*sender),
        "To": recipient,
        "Subject": encoded(subject, "Subject"),
        "Date": format_datetime(date),
        "Message-ID": f"<{message_id}>",
        **headers,
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    head = _EOL.join(f"{name}: {_one_line(name, value)}" for name, value in named.items())
    parts = [head.encode("ascii")]
    for kind, content in (("plain", text), ("html", html)):
        parts.append(
            f"{_EOL}{_EOL}--{boundary}{_EOL}"
            f"Content-Type: text/{kind}; charset=utf-8{_EOL}"
            f"Content-Transfer-Encoding: quoted-printable{_EOL}{_EOL}".encode("ascii")
        )
        parts.append(_quoted_printable(content))
    parts.append(f"{_EOL}--{boundary}--{_EOL}".encode("ascii"))
    return b"".join(parts)


def address(name: str, mailbox: str) -> str:
    """`name` <`mailbox`>, the name encoded when it is not plain ASCII; the mailbox alone when there is no name."""
    if not name:
        return mailbox
    return formataddr((name, mailbox)) if name.isascii() else f"{encoded(name, 'From')} <{mailbox}>"


def encoded(text: str, header: str) -> str:
    """`text` as it may stand in `header`: as it is when plain ASCII and short, else in encoded words, folded."""
    if "\r" in text or "\n" in text:
        raise ValueError(f"line break in the header {header}")
    if text.isascii() and len(text) < _ASCII_LENGTH and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name=header).encode(linesep=_EOL)


def _one_line(name: str, value: str) -> str:
    # A folded line starts with a space; any other break would let text become a header of its own.
    unfolded = value.replace(f"{_EOL} ", "")
    if "\r" in unfolded or "\n" in unfolded:
        raise ValueError(f"line break in the header {name}")
    return value


def _quoted_printable(text: str) -> bytes:
    lines = text.rstrip("\n").replace("\r\n", "\n").encode("utf-8") + b"\n"
    return binascii.b2a_qp(lines, istext=True).replace(b"\n", b"\r\n")
