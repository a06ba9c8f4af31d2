"""Sentences before they have a language: domain files mark them, screens and mails translate them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


def N_(text: str) -> str:
    """Mark `text` (English) for the catalogues without translating it yet."""
    return text


@dataclass(frozen=True)
class Sentence:
    """A msgid with the values it will be filled with. Dates, sentences and StrEnum labels among the values are
    written out in the reader's language when the sentence is said."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Phrase(Sentence):
    """Words that also stand alone, said in the middle of another sentence: they begin with a small letter there."""


@dataclass(frozen=True)
class Weekday:
    """A day near enough to be called by its name: Thursday."""

    day: date
