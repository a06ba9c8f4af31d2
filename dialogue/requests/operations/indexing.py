"""Keeping the search index true: called in the transaction that creates, changes, hides or shows a request."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, text, update
from sqlalchemy.orm import Session

from dialogue.core.db import Base, upserting
from dialogue.core.search.ranking import BODY, TITLE, impacts
from dialogue.core.search.stems import english_stem, inner_parts, swedish_stem
from dialogue.core.search.words import fold
from dialogue.requests.models import DataRequest
from dialogue.requests.models.search import SearchDocument, SearchPart, SearchPosting, SearchWord
from dialogue.requests.rules import Status

_CHUNK = 500
# SQLite takes 32,766 values in a statement.
_MOST_PARAMETERS = 10_000

_Words = Mapping[int, Mapping[str, int]]


def index_request(session: Session, data_request: DataRequest) -> None:
    """Make what search knows of `data_request` true: its words when it is public, nothing when it is not."""
    index_requests(session, [data_request])


def index_requests(session: Session, data_requests: Sequence[DataRequest]) -> None:
    """Like `index_request`, for some hundred requests in a few statements."""
    if not all(data_request.id for data_request in data_requests):
        session.flush()
    # What the caller is still changing is not written before the caller says so.
    with session.no_autoflush:
        wanted = {data_request.id: _words_of(data_request) for data_request in data_requests}
        known = _known(session, wanted)
        changed = {number: words for number, words in wanted.items() if words != known.get(number, {})}
        if changed:
            _write_postings(session, changed, known)
            _write_documents(session, changed, known)
            _learn(session, {word for words in changed.values() for word in words})


def reindex(session: Session) -> Iterator[int]:
    """Build the whole index anew, forgetting words that no request holds any more. Yields how many are done."""
    tables = (SearchPosting, SearchDocument, SearchPart, SearchWord)
    if session.get_bind().dialect.name == "postgresql":
        # A request written meanwhile would enter words that are being forgotten, so it waits. SQLite has one writer.
        names = ", ".join(table.__tablename__ for table in tables)
        session.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
    for table in tables:
        session.execute(delete(table))
    done = 0
    for chunk in _chunks(session):
        index_requests(session, chunk)
        done += len(chunk)
        yield done
    for table in tables:
        # Every row is new: until the engine has looked at them it guesses, and reads all that a word occurs in.
        session.execute(text(f"ANALYZE {table.__tablename__}"))


def find_badly_indexed(session: Session) -> Iterator[int]:
    """Give the numbers of requests of which search knows something else than it should."""
    for chunk in _chunks(session):
        known = _known(session, [data_request.id for data_request in chunk])
        for data_request in chunk:
            if known.get(data_request.id, {}) != _words_of(data_request):
                yield data_request.id


def _words_of(data_request: DataRequest) -> dict[str, int]:
    if data_request.status is Status.DRAFT or data_request.hidden_at is not None:
        return {}
    body = f"{data_request.need}\n{data_request.purpose}\n{data_request.benefit}"
    return impacts([(TITLE, data_request.title), (BODY, body)])


def _chunks(session: Session) -> Iterator[Sequence[DataRequest]]:
    last = 0
    while chunk := session.scalars(
        select(DataRequest).where(DataRequest.id > last).order_by(DataRequest.id).limit(_CHUNK)
    ).all():
        last = chunk[-1].id
        yield chunk
        for data_request in chunk:
            session.expunge(data_request)


def _known(session: Session, numbers: Iterable[int]) -> dict[int, Mapping[str, int]]:
    document = SearchDocument
    rows = session.execute(select(document.request_id, document.words).where(document.request_id.in_(numbers)))
    return dict(rows.all())


def _write_documents(session: Session, changed: _Words, known: _Words) -> None:
    gone = [number for number, words in changed.items() if not words]
    if gone:
        session.execute(delete(SearchDocument).where(SearchDocument.request_id.in_(gone)))
    kept = [{"number": number, "impacts": words} for number, words in changed.items() if words and number in known]
    if kept:
        same = SearchDocument.request_id == bindparam("number")
        session.connection().execute(update(SearchDocument).where(same).values(words=bindparam("impacts")), kept)
    _insert(
        session,
        SearchDocument,
        ({"request_id": number, "words": words} for number, words in changed.items() if words and number not in known),
    )


def _write_postings(session: Session, changed: _Words, known: _Words) -> None:
    """Write what differs: changing a title leaves the other words alone."""
    before = {(word, impact, number) for number in changed for word, impact in known.get(number, {}).items()}
    after = {(word, impact, number) for number, words in changed.items() for word, impact in words.items()}
    if gone := sorted(before - after):
        columns = {"a": SearchPosting.word, "an": SearchPosting.impact, "the": SearchPosting.request_id}
        statement = delete(SearchPosting).where(*(column == bindparam(name) for name, column in columns.items()))
        session.connection().execute(statement, [dict(zip(columns, key, strict=True)) for key in gone])
    _insert(
        session,
        SearchPosting,
        ({"word": word, "impact": impact, "request_id": number} for word, impact, number in sorted(after - before)),
    )


def _learn(session: Session, words: set[str]) -> None:
    """Enter words that occur for the first time. In order, so that two transactions never wait for each other."""
    listed = sorted(words)
    known: set[str] = set()
    for start in range(0, len(listed), _MOST_PARAMETERS):
        some = listed[start : start + _MOST_PARAMETERS]
        known.update(session.scalars(select(SearchWord.word).where(SearchWord.word.in_(some))))
    new = [word for word in listed if word not in known]
    stems = {word: fold(swedish_stem(word)) for word in new}
    _insert(
        session,
        SearchWord,
        ({"word": word, "swedish": stems[word], "english": fold(english_stem(word))} for word in new),
    )
    _insert(
        session,
        SearchPart,
        ({"part": part, "word": word} for word in new if not word.isdecimal() for part in inner_parts(stems[word])),
    )


def _insert(session: Session, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Insert `rows`; what another transaction has entered meanwhile stays as it is."""
    listed = list(rows)
    if not listed:
        return
    make = upserting(session)
    session.connection().execute(make(table).on_conflict_do_nothing(), listed)
