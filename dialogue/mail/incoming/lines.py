"""The text of a mail as lines that know how deep they are quoted. Plain text and HTML both become these."""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

#: Lines looked at, and the length after which one is cut. A line of a machine can be as long as the whole mail.
MAX_LINES = 5_000
MAX_LINE = 20_000

_QUOTE = re.compile(r"[ \t]{0,3}>(?:[ \t]?>)*[ \t]?")
# Control characters and those that are not seen; direction marks stand around dates in some programs' headings.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffc]")
_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


class Mark(Enum):
    """What HTML told about a line besides its text."""

    NONE = ""
    #: From here on it is the mail that was answered.
    ORIGINAL = "original"
    #: "On such a day somebody wrote:", in whatever language.
    CAPTION = "caption"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `text` is without the signs of quoting, `raw` with them."""

    text: str
    depth: int = 0
    mark: Mark = Mark.NONE
    raw: str = ""

    @property
    def is_blank(self) -> bool:
        """Nothing but white space, quoted or not."""
        return not self.text.strip()

    @property
    def is_own(self) -> bool:
        """Written by the sender, as far as the signs of quoting tell."""
        return self.depth == 0 and not self.is_blank


def clean(text: str) -> str:
    """`text` with LF line ends, usual spaces, composed letters and without what is not seen."""
    text = _SPACES.sub(" ", _UNSEEN.sub("", _BREAKS.sub("\n", text)))
    return unicodedata.normalize("NFC", text)


def plain_lines(text: str) -> list[Line]:
    """The lines of a plain text."""
    return [_line(raw[:MAX_LINE].rstrip()) for raw in clean(text).split("\n", MAX_LINES)[:MAX_LINES]]


def _line(raw: str) -> Line:
    matched = _QUOTE.match(raw)
    if matched is None:
        return Line(raw, raw=raw)
    return Line(raw[matched.end() :], matched[0].count(">"), raw=raw)


def quoted(text: str, depth: int, mark: Mark = Mark.NONE) -> Line:
    """A line quoted `depth` deep."""
    if not depth:
        return Line(text, 0, mark, text)
    return Line(text, depth, mark, (">" * depth + " " + text).rstrip())


def paragraphs(lines: list[Line]) -> list[tuple[int, int]]:
    """Where runs of lines without a blank one between them begin and end."""
    found: list[tuple[int, int]] = []
    start = -1
    for index, line in enumerate(lines):
        if line.is_blank:
            if start >= 0:
                found.append((start, index))
            start = -1
        elif start < 0:
            start = index
    if start >= 0:
        found.append((start, len(lines)))
    return found
