"""How the tables of words in this folder are written: a language a line, then phrases with a comma between them.

A phrase is a regular expression without groups of its own; every repetition in it is bounded, so that no text can make
it slow.
"""

import re

_LANGUAGE = re.compile(r"^[a-z]{2}: ")


def phrases(table: str) -> tuple[str, ...]:
    """The phrases in `table`, each once."""
    lines = [_LANGUAGE.sub("", line.strip()) for line in table.split("\n")]
    return tuple(dict.fromkeys(phrase.strip() for line in lines for phrase in line.split(", ") if phrase.strip()))


def any_of(found: tuple[str, ...]) -> str:
    """A pattern that fits any of the phrases, the longest first."""
    return "|".join(sorted(found, key=len, reverse=True))


def anywhere(table: str) -> re.Pattern[str]:
    """A pattern that finds a phrase wherever a word begins, in any case."""
    return re.compile(rf"(?<!\w)(?:{any_of(phrases(table))})", re.IGNORECASE)
