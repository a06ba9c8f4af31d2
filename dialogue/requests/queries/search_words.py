"""Which words that occur in requests count as the words somebody searches for.

The statements are built once and look the same whatever is asked, so that they are compiled once: places that a
question does not need are filled with an empty range.
"""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, CompoundSelect, Select, bindparam, literal_column, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from dialogue.core.db import read_rows
from dialogue.core.search.stems import (
    SAME_STEM,
    SHORTEST_INNER_PART,
    end_parts,
    english_stem,
    likeness,
    likeness_of_part,
    part_forms,
    swedish_stem,
)
from dialogue.core.search.words import fold
from dialogue.requests.models.search import SearchPart, SearchWord

#: Compounds are looked for with this many words of a question, the first ones.
MOST_COMPOUND_WORDS = 6

# Words that occur and count as one asked word, and compounds read from the index to choose them from.
_MOST_ALIKE = 16
_MOST_COMPOUNDS = 400
_PLACES = 2 * MOST_COMPOUND_WORDS

_SAME, _END = -1, -2

_Column = InstrumentedAttribute[str]


def find_alike(session: Session, asked: list[str]) -> list[dict[str, float]]:
    """Give for each word of `asked` the words in the index that count as it, with their likeness. One statement."""
    keys = {word: {word, fold(swedish_stem(word)), fold(english_stem(word))} for word in asked}
    found: dict[str, set[str]] = {word: set() for word in asked}
    owners: dict[str, list[str]] = {}
    for word, its in keys.items():
        for key in its:
            owners.setdefault(key, []).append(word)
    forms = [(word, form) for word in asked[:MOST_COMPOUND_WORDS] for form in sorted(set(map(fold, part_forms(word))))]
    ends = {
        part: word for word in reversed(asked[:MOST_COMPOUND_WORDS]) for part in end_parts(fold(swedish_stem(word)))
    }
    for place, key, word in read_rows(session, _LOOKUP, _values(list(owners), forms, list(ends))):
        if place == _SAME:
            for owner in owners[key]:
                found[owner].add(word)
        else:
            found[ends[key] if place == _END else forms[place][0]].add(word)
    return [_most_alike(word, found[word]) for word in asked]


def _values(keys: list[str], forms: list[tuple[str, str]], ends: list[str]) -> dict[str, object]:
    values: dict[str, object] = {"keys": keys, "ends": ends}
    for place in range(_PLACES):
        form = forms[place][1] if place < len(forms) else ""
        after = form[:-1] + chr(ord(form[-1]) + 1) if form else ""
        values |= {f"from_{place}": form, f"to_{place}": after}
        # A short part is only looked for at the end, where it is the whole of a stored part.
        values[f"part_to_{place}"] = after if len(form) >= SHORTEST_INNER_PART else f"{form} "
    return values


def _most_alike(asked: str, words: set[str]) -> dict[str, float]:
    alike = {word: likeness(asked, word) for word in words}
    if max(alike.values(), default=0.0) < SAME_STEM:
        alike |= {word: likeness_of_part(asked, word) for word, how in alike.items() if not how}
    best = sorted((-how, word) for word, how in alike.items() if how)
    return {word: -how for how, word in best[:_MOST_ALIKE]}


def _lookups() -> Iterator[Select[int, str, str]]:
    same: ColumnElement[int] = literal_column(str(_SAME))
    for key in (SearchWord.word, SearchWord.swedish, SearchWord.english):
        yield select(same, key, SearchWord.word).where(key.in_(bindparam("keys", expanding=True)))
    end: ColumnElement[int] = literal_column(str(_END))
    stem = SearchWord.swedish
    yield select(end, stem, SearchWord.word).where(stem.in_(bindparam("ends", expanding=True)))
    for place in range(_PLACES):
        yield _range(place, SearchWord.swedish, SearchWord.word, f"to_{place}")
        yield _range(place, SearchPart.part, SearchPart.word, f"part_to_{place}")


def _range(place: int, key: _Column, word: _Column, end: str) -> Select[int, str, str]:
    first = (
        select(key.label("key"), word.label("word"))
        .where(key >= bindparam(f"from_{place}"), key < bindparam(end))
        .order_by(key, word)
        .limit(literal_column(str(_MOST_COMPOUNDS)))
        .subquery()
    )
    return select(literal_column(str(place)), first.c.key, first.c.word)


_LOOKUP: CompoundSelect[int, str, str] = union_all(*_lookups())
