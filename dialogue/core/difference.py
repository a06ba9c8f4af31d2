"""What changed between two versions of a text, word by word, for people to read."""

import re
from difflib import SequenceMatcher
from enum import StrEnum

_WORDS = re.compile(r"\s+|[^\s]+")

#: Comparing costs the square of the words that differ. Beyond this many the one text simply replaces the other.
MOST_WORDS = 800


class Change(StrEnum):
    """What became of a run of words."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


def find_changes(old: str, new: str) -> list[tuple[Change, str]]:
    """The runs of words that make `new` out of `old`, in reading order; removed ones stand before added ones."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    head = _same_at_start(before, after)
    tail = _same_at_start(before[head:][::-1], after[head:][::-1])
    old_middle, new_middle = before[head : len(before) - tail], after[head : len(after) - tail]
    runs = [(Change.KEPT, after[:head]), *_compare(old_middle, new_middle), (Change.KEPT, after[len(after) - tail :])]
    return [(change, "".join(words)) for change, words in runs if words]


def _compare(before: list[str], after: list[str]) -> list[tuple[Change, list[str]]]:
    if len(before) + len(after) > MOST_WORDS:
        return [(Change.REMOVED, before), (Change.ADDED, after)]
    runs: list[tuple[Change, list[str]]] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            runs.append((Change.KEPT, after[k:m]))
        else:
            runs += [(Change.REMOVED, before[i:j]), (Change.ADDED, after[k:m])]
    return runs


def _same_at_start(one: list[str], other: list[str]) -> int:
    return next(
        (index for index, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
