"""Which unit a new request probably belongs to: the one that most requests like it went to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.core.search.ranking import Question
from dialogue.core.search.words import words_of
from dialogue.requests.models import DataRequest
from dialogue.requests.queries.lists import PUBLIC_ROWS
from dialogue.requests.queries.search import MOST_WORDS, count_holding, entries_of
from dialogue.requests.queries.search_words import find_alike
from dialogue.requests.queries.work import WorkRow

#: Look-alikes that a suggestion is read from, and words of a title by which they are found: those that tell most.
_ALIKE = 5
_TELLING = 5
# What scores less than this share of the best look-alike is not like it.
_LEAST_SHARE = 0.1


@dataclass(frozen=True)
class Suggestion:
    """The unit that most of the similar requests went to."""

    unit_id: int
    alike: int
    of: int


def suggest_units(session: Session, rows: Sequence[WorkRow]) -> dict[int, Suggestion]:
    """By the number of each of `rows` the unit that most requests like it went to, where some are like it.

    Three statements for all rows together, therefore what is alike is told by the most telling words alone.
    """
    asked = {row.id: tuple(dict.fromkeys(words_of(row.title)))[:MOST_WORDS] for row in rows}
    words = sorted(set(chain.from_iterable(asked.values())), key=lambda word: (-len(word), word))
    alike = dict(zip(words, find_alike(session, words), strict=True)) if words else {}
    occurring = set(chain.from_iterable(alike.values()))
    if not occurring:
        return {}
    holding, documents = count_holding(session, occurring)
    questions = {row.id: Question.of([alike[word] for word in asked[row.id]], holding, documents) for row in rows}
    entries = entries_of(sorted(set(chain.from_iterable(map(_telling, questions.values())))), holding).subquery()
    word, impact, request_id = entries.c
    wanted = (
        select(word, impact, request_id, DataRequest.municipality_id, DataRequest.unit_id)
        .join(DataRequest, DataRequest.id == request_id)
        .where(DataRequest.unit_id.is_not(None), *PUBLIC_ROWS)
    )
    held: dict[tuple[int, int, int], dict[str, int]] = defaultdict(dict)
    for found, weight, number, place, unit in session.execute(wanted):
        held[number, place, unit][found] = weight
    suggested = {row.id: _most_chosen(questions[row.id], row.municipality_id, held) for row in rows}
    return {number: suggestion for number, suggestion in suggested.items() if suggestion}


def _telling(question: Question) -> Iterable[str]:
    worth = question.worth()
    return sorted(worth, key=lambda word: (-worth[word], word))[:_TELLING]


def _most_chosen(
    question: Question, municipality_id: int, held: Mapping[tuple[int, int, int], Mapping[str, int]]
) -> Suggestion | None:
    scores = (
        (question.score(words), number, unit)
        for (number, place, unit), words in held.items()
        if place == municipality_id
    )
    best = sorted((each for each in scores if each[0]), reverse=True)[:_ALIKE]
    units = [unit for score, _, unit in best if score >= _LEAST_SHARE * best[0][0]]
    if not units:
        return None
    unit_id, alike = Counter(units).most_common(1)[0]
    return Suggestion(unit_id, alike, len(units))
