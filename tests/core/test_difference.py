"""What changed between two texts."""

import pytest

from dialogue.core.difference import MOST_WORDS, Change, find_changes

KEPT, REMOVED, ADDED = Change.KEPT, Change.REMOVED, Change.ADDED


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("", "", []),
        ("", "Nytt", [(ADDED, "Nytt")]),
        ("Samma", "Samma", [(KEPT, "Samma")]),
        ("Fel svar", "Rätt svar", [(REMOVED, "Fel"), (ADDED, "Rätt"), (KEPT, " svar")]),
        (
            "a b c d",
            "a c x d",
            [(KEPT, "a "), (REMOVED, "b"), (ADDED, "c"), (KEPT, " "), (REMOVED, "c"), (ADDED, "x"), (KEPT, " d")],
        ),
        ("a a a", "a a", [(KEPT, "a a"), (REMOVED, " a")]),
    ],
)
def test_runs_of_words(old: str, new: str, changes: list[tuple[Change, str]]) -> None:
    assert find_changes(old, new) == changes


def test_two_long_texts_that_share_little_replace_each_other() -> None:
    old, new = ("först " + " ".join(f"{letter}{n}" for n in range(MOST_WORDS)) for letter in "ab")
    assert [change for change, _ in find_changes(old, new)] == [KEPT, REMOVED, ADDED]
