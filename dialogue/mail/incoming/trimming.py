"""What somebody wrote, out of the lines of a whole mail.

The order of things: the first place where another mail begins decides; then quotes; then what stands under the text.
When in doubt the text stays. A mail in which something stands never becomes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from dialogue.mail.incoming.captions import find_cut
from dialogue.mail.incoming.lines import Line, paragraphs
from dialogue.mail.incoming.signatures import is_greeting, strip_end, strip_start

#: Captions looked for below one another.
_MOST_CUTS = 50
#: A quote that is answered stays with its answer up to this many lines; of a longer one its last paragraph.
_LONGEST_QUOTE = 12
#: A quoted line at least this long was folded, so that the line below it may be its rest.
_FOLDED = 60


def trim(lines: Sequence[Line], *, marker: Callable[[str], bool], sender_name: str = "") -> list[Line]:
    """The lines of `lines` that the sender wrote, with the quotes that they answer."""
    everything = _drop_blank_ends(lines)
    written = _without_original(strip_start(everything), marker)
    kept = _without_quotes(strip_end(_without_quotes(written), sender_name))
    if any(line.is_own for line in kept) and not is_greeting(kept):
        return _drop_blank_ends(kept)
    # Only a signature, or only a greeting above one, or only a quote: that is then what was written.
    kept = _drop_blank_ends(_without_quotes(written))
    return kept or everything


def has_original(lines: Sequence[Line]) -> bool:
    """Whether something in `lines` shows that another mail is part of it."""
    return any(line.depth for line in lines) or find_cut(lines) is not None


def _without_original(lines: list[Line], marker: Callable[[str], bool]) -> list[Line]:
    lines = _above_marker(lines, marker)
    start = 0
    for _ in range(_MOST_CUTS):
        cut = find_cut(lines, start)
        if cut is None:
            break
        above, below = lines[: cut.start], lines[cut.end :]
        if cut.is_quoted:
            # The rest may be the sender's again; `_without_quotes` sees to it.
            if cut.is_certain and not any(line.is_own for line in above):
                below = _without_first_quote(below)
            lines, start = [*above, *below], len(above)
        elif any(line.is_own for line in above):
            lines = above
            break
        else:
            # Nothing above: what stands below is all there is.
            lines, start = [*above, *below], len(above)
    return lines


def _above_marker(lines: list[Line], marker: Callable[[str], bool]) -> list[Line]:
    """What stands above our own line "answer above this line", and above what a mail program wrote to lead to it."""
    index = next((index for index, line in enumerate(lines) if not line.depth and marker(line.text)), None)
    if index is None:
        return lines
    start = paragraphs(lines[: index + 1])[-1][0]
    above = next((at for at in range(index - 1, -1, -1) if not lines[at].is_blank), None)
    if start == index and above is not None and lines[above].text.rstrip().endswith((":", "：")):
        start = above
    for kept in (lines[:start], lines[:index]):
        if any(line.is_own for line in kept):
            return kept
    return lines[index + 1 :]


def _without_first_quote(lines: list[Line]) -> list[Line]:
    """Without the quote that `lines` begin with, when one answer follows it and not several between quotes."""
    start = next((index for index, line in enumerate(lines) if line.raw.strip()), 0)
    end = _end_of_quote(lines, start)
    rest = lines[end:]
    if any(line.is_own for line in rest) and not any(line.depth for line in rest):
        return rest
    return lines


def _end_of_quote(lines: Sequence[Line], start: int) -> int:
    end = start
    for index in range(start, len(lines)):
        if lines[index].depth or _is_rest_of_quote(lines, index):
            end = index + 1
        elif not lines[index].is_blank:
            break
    return end


def _is_rest_of_quote(lines: Sequence[Line], index: int) -> bool:
    """Whether line `index` is the unmarked end of a quoted line that was folded twice."""
    line = lines[index]
    if line.depth or line.is_blank or not 0 < index < len(lines) - 1:
        return False
    before, after = lines[index - 1], lines[index + 1]
    is_between = before.depth > 0 and after.depth > 0
    return is_between and len(before.raw) >= _FOLDED and not line.text[:1].isupper()


def _without_quotes(lines: Sequence[Line]) -> list[Line]:
    """Without the quotes that nothing answers: those at the end, and of a long one all but its last paragraph."""
    if not any(line.is_own for line in lines):
        return list(lines)
    blocks: list[tuple[bool, list[Line]]] = []
    for index, line in enumerate(lines):
        is_quote = line.depth > 0 or _is_rest_of_quote(lines, index)
        if line.is_blank and not line.depth and blocks:
            is_quote = blocks[-1][0]
        if not blocks or blocks[-1][0] != is_quote:
            blocks.append((is_quote, []))
        blocks[-1][1].append(line)
    while blocks and (blocks[-1][0] or not any(line.is_own for line in blocks[-1][1])):
        blocks.pop()
    kept: list[Line] = []
    for is_quote, block in blocks:
        kept += _shortened(block) if is_quote else block
    return kept


def _shortened(block: list[Line]) -> list[Line]:
    """A quote that is answered: its last paragraph when it is long, and without the line that says whose it is."""
    inner = [replace(line, depth=line.depth - 1, raw=line.text) if line.depth else line for line in block]
    cut = find_cut(inner[:_LONGEST_QUOTE])
    if cut is not None and cut.is_certain and not any(line.is_own for line in inner[: cut.start]):
        rest = block[cut.end :]
        first = next((index for index, line in enumerate(rest) if not line.is_blank), len(rest))
        block = rest[first:] or block
    found = paragraphs(block)
    if len(block) <= _LONGEST_QUOTE or not found:
        return block
    start, end = found[-1]
    return block[max(start, end - _LONGEST_QUOTE) :]


def _drop_blank_ends(lines: Sequence[Line]) -> list[Line]:
    start, end = 0, len(lines)
    while start < end and not lines[start].raw.strip():
        start += 1
    while end > start and not lines[end - 1].raw.strip():
        end -= 1
    return list(lines[start:end])
