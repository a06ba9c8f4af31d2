"""How well a document answers a question: BM25 over a title and a body, the title above. Pure.

What the database takes part in is in whole numbers, so that both engines give the same order to the last place.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from dialogue.core.search.stems import SAME_STEM
from dialogue.core.search.words import words_of

#: What a word counts for in a document is its impact: a whole number from 1 to this.
FULL_IMPACT = 1000

# Okapi BM25: how soon repeats stop counting, and how much longer texts weigh less.
_SATURATION, _LENGTH_MATTERS = 1.2, 0.5


@dataclass(frozen=True)
class Field:
    """A part of a document: what a word in it is worth, how many words are normal, and how many are short."""

    worth: float
    normal_length: int
    short_length: int


# A title of one word says just what is meant; a body of five says no more than one of forty.
TITLE = Field(worth=3.0, normal_length=7, short_length=1)
BODY = Field(worth=1.0, normal_length=40, short_length=40)


def impacts(fields: Iterable[tuple[Field, str]]) -> dict[str, int]:
    """Give every word of a document its impact. It depends on this document alone, so it is stored with it."""
    strength: dict[str, float] = {}
    for field, text in fields:
        words = words_of(text)
        length = 1 - _LENGTH_MATTERS + _LENGTH_MATTERS * max(len(words), field.short_length) / field.normal_length
        for word, times in Counter(words).items():
            strength[word] = strength.get(word, 0.0) + field.worth * times / length
    return {word: _impact(total) for word, total in strength.items()}


@dataclass(frozen=True)
class Question:
    """What somebody looks for: for each word of theirs, the words found in texts and what each of those is worth.

    Worth is likeness times rarity in thousandths. A document scores, for each word asked for, its best match.
    """

    asked: tuple[Mapping[str, int], ...]
    #: What a document scores that has every word asked for in its title.
    perfect: int

    @classmethod
    def of(cls, asked: Iterable[Mapping[str, float]], holding: Mapping[str, int], documents: int) -> "Question":
        """Weigh the likenesses of each word asked for by how rare it is among the `documents`.

        `holding` says how many documents hold each word. A word that occurs nowhere takes half of its weight away
        from how well anything can answer.
        """
        weighed = []
        perfect = 0
        for alike in asked:
            # An inflected form that hardly ever occurs is no rarer a subject than the word itself.
            same = [word for word, how in alike.items() if how >= SAME_STEM] or list(alike)
            rarity = _rarity(documents, sum(holding.get(word, 0) for word in same))
            weighed.append({word: round(1000 * how * rarity) for word, how in alike.items()})
            perfect += max(weighed[-1].values(), default=round(500 * rarity))
        return cls(tuple(weighed), perfect * _impact(TITLE.worth) // FULL_IMPACT)

    def worth(self) -> dict[str, int]:
        """Every word that counts, with what it is worth at most."""
        most: dict[str, int] = {}
        for matches in self.asked:
            for word, worth in matches.items():
                most[word] = max(worth, most.get(word, 0))
        return most

    def score(self, document: Mapping[str, int]) -> int:
        """Say how well the document with these impacts answers."""
        total = 0
        for matches in self.asked:
            total += max((matches[word] * document[word] for word in matches.keys() & document.keys()), default=0)
        return total // FULL_IMPACT


def _impact(strength: float) -> int:
    return max(1, round(FULL_IMPACT * strength / (strength + _SATURATION)))


def _rarity(documents: int, holding: int) -> float:
    holding = min(holding, documents)
    return log(1 + (documents - holding + 0.5) / (holding + 0.5))
