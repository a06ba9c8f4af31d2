"""A mail cut into its parts (RFC 2046), within limits, whatever the bytes are.

Our own, because the standard library's parser makes an object of every line: 25 MB of short lines took it 12 s and
1.1 GB. Here a part is two positions, boundaries are found by `bytes.find`, and nothing is recursive.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dialogue.mail.incoming.headers import ContentType, Headers, content_type, split_header
from dialogue.mail.incoming.message import MAX_DEPTH, MAX_HEADER_BYTES, MAX_PARTS, MAX_SEARCHED

_PLAIN = ContentType("text/plain", {})


@dataclass(frozen=True)
class Part:
    """One part: its fields, and where its content lies."""

    headers: Headers
    type: ContentType
    start: int
    end: int
    #: The multiparts around it, the outermost first: a number of its own, and its kind ("alternative").
    path: tuple[tuple[int, str], ...] = ()

    def header(self, name: str) -> str:
        """The first field of that name, or an empty text."""
        values = self.headers.get(name, ())
        return values[0] if values else ""


def unify_line_ends(raw: bytes) -> bytes:
    """`raw` with LF line ends; some programs write CRLF, some CR alone."""
    if b"\r" in raw:
        raw = raw.replace(b"\r\n", b"\n")
        if b"\n" not in raw[:MAX_HEADER_BYTES]:
            raw = raw.replace(b"\r", b"\n")
    return raw


def main_part(raw: bytes) -> Part:
    """The mail as a whole."""
    return _part(raw, 0, len(raw), (), "text/plain")


def leaves(raw: bytes, main: Part) -> Iterator[Part]:
    """The parts that hold something, in their order. Attached mails are not opened.

    One more than MAX_PARTS at most; a caller that gets so many has not seen all.
    """
    waiting = [main]
    count = searched = 0
    while waiting and count <= MAX_PARTS:
        part = waiting.pop()
        count += 1
        kind = part.type.name
        if kind.startswith("multipart/"):
            searched += part.end - part.start
        if not kind.startswith("multipart/") or len(part.path) >= MAX_DEPTH or searched > MAX_SEARCHED:
            yield part
            continue
        inside = _between(raw, part, MAX_PARTS + 1)
        if not inside:
            # Called a multipart, but nothing divides it: what is there can be read all the same.
            yield replace(part, type=_PLAIN)
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        path = (*part.path, (count, kind.removeprefix("multipart/")))
        # The last in is the first out.
        waiting += [_part(raw, start, end, path, default) for start, end in reversed(inside)]


def _part(raw: bytes, start: int, end: int, path: tuple[tuple[int, str], ...], default: str) -> Part:
    block = raw[start : min(end, start + 2 * MAX_HEADER_BYTES)]
    headers, body = split_header(block)
    if body >= len(block) and end > start + len(block):
        # Fields longer than that are passed over without a copy.
        blank = raw.find(b"\n\n", start + len(block) - 1, end)
        body = end - start if blank < 0 else blank + 2 - start
    values = headers.get("content-type", ())
    return Part(headers, content_type(values[0] if values else "", default), start + body, end, path)


def _between(raw: bytes, part: Part, most: int) -> list[tuple[int, int]]:
    """Where the parts inside `part` lie. None: its boundary is missing or never comes."""
    boundary = part.type.get("boundary").encode("utf-8", "replace").rstrip()[:200]
    if not boundary:
        return []
    mark = b"--" + boundary
    found: list[tuple[int, int]] = []
    opened = -1
    position = part.start
    while len(found) < most:
        at = _at_line_start(raw, mark, position, part)
        if opened >= 0:
            found.append((opened, part.end if at < 0 else max(opened, at - 1)))
        if at < 0:
            break
        after = at + len(mark)
        if raw.startswith(b"--", after):
            break
        line_end = raw.find(b"\n", after, part.end)
        opened = position = part.end if line_end < 0 else line_end + 1
    return found


def _at_line_start(raw: bytes, mark: bytes, position: int, part: Part) -> int:
    """Where a line that is `mark` begins (it may go on with -- or white space), from `position` on; -1: nowhere."""
    while True:
        if position == part.start and raw.startswith(mark, position, part.end):
            at = position
        else:
            at = raw.find(b"\n" + mark, max(position - 1, part.start), part.end) + 1
            if at == 0:
                return -1
        rest = raw[at + len(mark) : min(at + len(mark) + 2, part.end)]
        if rest == b"--" or not rest[:1].strip():
            return at
        position = at + len(mark)  # a longer boundary that begins with the same letters
