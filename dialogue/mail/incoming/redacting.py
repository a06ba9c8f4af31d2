"""Our own secret addresses never get out: whoever reads one could answer in another person's name."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from urllib.parse import unquote

_FOLD = re.compile(r"[ \t]*\n[> \t]*")
_WORD = re.compile(r"\S+")
_AROUND = re.compile(r"(?:mailto:)?[<\[(\"']?(?:mailto:)?\x00+[>\])\"']?")
_SPACES = re.compile(r"(?<=\S) {2,}(?=\S)")
_HOLE = "\x00"


def redact(text: str, secrets: Iterable[re.Pattern[str]]) -> str:
    """`text` without anything that one of `secrets` matches, folded over lines and percent-encoded ones too.

    Angle brackets around go with it, and a line that then holds nothing. Each pattern must match an address or link
    and nothing that may stand beside it.
    """
    before = text
    for secret in secrets:
        text = secret.sub(_hole, text)
        text = _WORD.sub(lambda word, secret=secret: _encoded(word, secret), text)  # type: ignore[misc]
        text = _folded(text, secret)
    if text == before:
        return text
    lines = [
        line for line in _AROUND.sub(_HOLE, text).split("\n") if _HOLE not in line or line.strip(f" \t>{_HOLE}.,;:-")
    ]
    return "\n".join(_SPACES.sub(" ", line.replace(_HOLE, "")).rstrip() if _HOLE in line else line for line in lines)


def _hole(matched: re.Match[str]) -> str:
    return _HOLE if matched[0] else ""


def _encoded(word: re.Match[str], secret: re.Pattern[str]) -> str:
    # Gateways wrap links in links of their own, the wrapped one encoded once or twice.
    if "%" not in word[0]:
        return word[0]
    plain = unquote(word[0])
    return _HOLE if secret.search(plain) or secret.search(unquote(plain)) else word[0]


def _folded(text: str, secret: re.Pattern[str]) -> str:
    """Without matches that a mail program folded over two lines."""
    if "\n" not in text:
        return text
    pieces = _FOLD.split(text)
    whole = "".join(pieces)
    found = [matched.span() for matched in secret.finditer(whole) if matched[0]]
    if not found:
        return text
    # Where each piece of the unfolded text begins, there and in the folded one.
    starts: list[int] = []
    offsets: list[int] = []
    at = offset = 0
    for piece, fold in zip(pieces, [*_FOLD.findall(text), ""], strict=True):
        starts.append(at)
        offsets.append(offset)
        at += len(piece)
        offset += len(piece) + len(fold)

    def place(position: int) -> int:
        piece = bisect_right(starts, position) - 1
        return offsets[piece] + position - starts[piece]

    kept: list[str] = []
    done = 0
    for begin, end in found:
        kept += [text[done : place(begin)], _HOLE]
        done = place(end - 1) + 1
    return "".join([*kept, text[done:]])
