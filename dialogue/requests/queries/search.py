"""Search in public requests, ranked. The same statements, and the same order, on both engines.

How it stays quick whatever the number of requests: the words asked for are looked up among the words that occur, the
most telling ones give the requests in which they weigh most (read from an index in that order, a bounded number), and
only those candidates are ranked exactly.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Session

from dialogue.core.db import read_rows
from dialogue.core.search.columns import SAMPLE_SIZE, SAMPLED
from dialogue.core.search.ranking import Question
from dialogue.core.search.words import words_of
from dialogue.requests.models import DataRequest
from dialogue.requests.models.search import SearchDocument, SearchPosting, SearchWord
from dialogue.requests.queries.lists import PUBLIC_ROWS
from dialogue.requests.queries.search_words import find_alike

#: As many results can be paged through; better words find what stands further down.
MOST_RESULTS = 200

#: Of a long text so many words are asked for: the longest, which tell most.
MOST_WORDS = 24

# Index entries read for one word, those first in which it counts most, and for all words together.
_DEEPEST = 400
_MOST_ENTRIES = 3_000
# The same where only some requests are wanted, and candidates looked at then. Few wanted requests are all ranked.
_DEEPEST_FILTERED = 1_500
_MOST_FILTERED_ENTRIES = 5_000
_FEW = 1_500
# What scores less than this share of the best result is no answer to the question.
_LEAST_SHARE = 0.1
# A request looks alike when it scores this share of what the whole question in its title would.
_ALIKE_SHARE = 0.3


@dataclass(frozen=True)
class Hit:
    """A request found, and how well it answers. Also the cursor after which the next page begins."""

    score: int
    request_id: int


def search_requests(
    session: Session,
    question: str,
    *where: ColumnElement[bool],
    limit: int = 20,
    after: Hit | None = None,
) -> list[Hit]:
    """Give the public requests that answer `question` best, the best first; newer ones first among equals.

    `where` are conditions on DataRequest. At most MOST_RESULTS can be paged through, `limit` at a time.
    """
    found = _find(session, question, where)[1]
    hits = [hit for hit in found if hit.score >= _LEAST_SHARE * found[0].score]
    if after is not None:
        hits = [hit for hit in hits if (hit.score, hit.request_id) < (after.score, after.request_id)]
    return hits[:limit]


def find_among(session: Session, question: str, request_ids: Collection[int], *where: ColumnElement[bool]) -> set[int]:
    """Those of `request_ids` that the list shows for `question` narrowed by `where`, all of them without words."""
    among = DataRequest.id.in_(_listed(request_ids))
    if not question:
        return set(session.scalars(select(DataRequest.id).where(*PUBLIC_ROWS, *where, among)))
    found = _find(session, question, (*where, among))[1]
    if not found:
        return set()
    best = search_requests(session, question, *where, limit=1)
    least = _LEAST_SHARE * max(hit.score for hit in (*found, *best))
    return {hit.request_id for hit in found if hit.score >= least}


def _listed(numbers: Collection[int]) -> ColumnElement[Any]:
    return bindparam(None, sorted(numbers), type_=Integer(), expanding=True, literal_execute=True)


def find_similar(session: Session, wording: str, *where: ColumnElement[bool], limit: int = 5) -> list[Hit]:
    """Give the public requests that seem to ask for the same as `wording`, the most alike first; often none."""
    perfect, found = _find(session, wording, where)
    return [hit for hit in found if hit.score >= _ALIKE_SHARE * perfect][:limit]


def _find(session: Session, wording: str, where: Sequence[ColumnElement[bool]]) -> tuple[int, list[Hit]]:
    words = sorted(dict.fromkeys(words_of(wording)), key=len, reverse=True)[:MOST_WORDS]
    asked = find_alike(session, words) if words else []
    occurring = set(chain.from_iterable(asked))
    if not occurring:
        return 0, []
    holding, documents = count_holding(session, occurring)
    question = Question.of(asked, holding, documents)
    hits = [Hit(question.score(held), number) for number, held in _worth_ranking(session, question, holding, where)]
    answering = sorted((hit for hit in hits if hit.score), key=lambda hit: (-hit.score, -hit.request_id))
    return question.perfect, answering[:MOST_RESULTS]


def count_holding(session: Session, words: Iterable[str]) -> tuple[dict[str, int], int]:
    """Count the requests that hold each of `words`, and all requests: exactly up to a limit, beyond it by a sample."""
    holding = {
        word: few if few < _DEEPEST else max(few, SAMPLE_SIZE * sampled)
        for word, few, sampled in read_rows(session, _COUNTS, {"words": sorted(words), "deepest": _DEEPEST})
    }
    return holding, holding.pop("")


def _counts(rows: Select[int]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    few = rows.limit(bindparam("deepest", type_=Integer())).subquery()
    sample = rows.where(text(SAMPLED)).subquery()
    return (
        select(func.count()).select_from(few).scalar_subquery(),
        select(func.count()).select_from(sample).scalar_subquery(),
    )


# Written into the statement: a thousand placeholders cost more than they are worth for whole numbers of our own.
_NUMBERS = bindparam("numbers", type_=Integer(), expanding=True, literal_execute=True)
_ONE: ColumnElement[int] = literal_column("1")
_COUNTS: CompoundSelect[str, int, int] = union_all(
    select(
        SearchWord.word,
        *_counts(
            select(_ONE)
            .select_from(SearchPosting)
            .where(SearchPosting.word == SearchWord.word)
            .correlate(SearchWord.__table__)
        ),
    ).where(SearchWord.word.in_(bindparam("words", expanding=True))),
    select(literal_column("''"), *_counts(select(_ONE).select_from(SearchDocument))),
)


def _worth_ranking(
    session: Session, question: Question, holding: Mapping[str, int], where: Sequence[ColumnElement[bool]]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """What the requests worth ranking hold: the most telling words are followed first, as far as there is room."""
    worth = question.worth()
    deepest, left = (_DEEPEST_FILTERED, _MOST_FILTERED_ENTRIES) if where else (_DEEPEST, _MOST_ENTRIES)
    followed: list[str] = []
    for word in sorted(worth, key=lambda word: (-worth[word], word)):
        if left > 0:
            left -= min(holding[word], deepest)
            followed.append(word)
    rough: dict[int, int] = {}
    for word, impact, request_id in read_rows(session, _wanted_entries(entries_of(followed, holding, deepest), where)):
        rough[request_id] = rough.get(request_id, 0) + worth[word] * impact
    best = sorted(rough, key=lambda request_id: (-rough[request_id], -request_id))[:MOST_RESULTS]
    wanted = (
        select(SearchDocument.request_id, SearchDocument.words)
        .join(DataRequest, DataRequest.id == SearchDocument.request_id)
        .where(*PUBLIC_ROWS, *where)
    )
    is_complete = len(followed) == len(worth) and all(holding[word] < _DEEPEST for word in followed)
    if where and len(best) < MOST_RESULTS and not is_complete:
        few = read_rows(session, wanted.limit(_FEW + 1))
        if len(few) <= _FEW:
            return few
    return read_rows(session, wanted.where(SearchDocument.request_id.in_(_NUMBERS)), {"numbers": best})


def _wanted_entries(
    entries: CompoundSelect[str, int, int], where: Sequence[ColumnElement[bool]]
) -> CompoundSelect[str, int, int] | Select[*tuple[Any, ...]]:
    if not where:
        return entries
    every = entries.subquery()
    return select(every).join(DataRequest, DataRequest.id == every.c.request_id).where(*PUBLIC_ROWS, *where)


def entries_of(
    words: Iterable[str], holding: Mapping[str, int], deepest: int = _DEEPEST
) -> CompoundSelect[str, int, int]:
    """The index entries of `words`: word, impact and request; of common ones the `deepest` in which they count most."""
    rare: list[str] = []
    common: list[str] = []
    for word in words:
        (rare if holding[word] < _DEEPEST else common).append(word)
    entries = select(SearchPosting.word, SearchPosting.impact, SearchPosting.request_id)
    weightiest = entries.order_by(SearchPosting.impact.desc(), SearchPosting.request_id.desc()).limit(deepest)
    walks = [entries.where(SearchPosting.word.in_(rare)), *(weightiest.where(SearchPosting.word == w) for w in common)]
    return union_all(*(select(walk.subquery()) for walk in walks))
