"""Finding requests, on both engines: the right one first, quickly, and whatever somebody types."""

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dialogue.core.db import read_only
from dialogue.requests.models import DataRequest
from dialogue.requests.models.search import SearchDocument, SearchPart, SearchPosting, SearchWord
from dialogue.requests.operations.indexing import find_badly_indexed, index_request, index_requests, reindex
from dialogue.requests.operations.moves import set_hidden
from dialogue.requests.queries import search
from dialogue.requests.queries.search import MOST_RESULTS, Hit, find_similar, search_requests
from dialogue.requests.rules import Status
from dialogue.web.extensions import db
from tests.conftest import statements
from tests.factories import Factory
from tests.requests.search_corpus import QUESTIONS, REQUESTS

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("DIALOGUE_SHARED_DATA", ROOT.parent / "shared" / "data"))


def fill(make: Factory, texts: Mapping[str, tuple[str, str]] = REQUESTS) -> dict[str, DataRequest]:
    return {name: make.request(title=title, need=need) for name, (title, need) in texts.items()}


def found(session: Session, question: str, **more: object) -> list[str]:
    hits = search_requests(session, question, **more)  # type: ignore[arg-type]
    titles = dict(session.execute(select(DataRequest.id, DataRequest.title)).all())
    return [titles[hit.request_id] for hit in hits]


def test_every_question_of_our_own_finds_its_request_first(session: Session, make: Factory) -> None:
    fill(make)
    wrong = {
        question: hits[:3]
        for question, name in QUESTIONS.items()
        if (hits := found(session, question))[:1] != [REQUESTS[name][0]]
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("question", "absent"),
    [
        ("kör", "korv"),  # ö typed: Korv and Kor are other words
        ("kör", "kor"),
        ("väg", "vagn"),
        ("kor", "korv"),
        ("elbil", "rainfall"),
    ],
)
def test_what_is_not_asked_for_is_not_found(session: Session, make: Factory, question: str, absent: str) -> None:
    fill(make)
    assert REQUESTS[absent][0] not in found(session, question)


def test_typed_dots_count_and_dots_not_typed_do_not(session: Session, make: Factory) -> None:
    make.request(title="Vagar", need="Ett namn.")
    make.request(title="Vägar", need="Gator.")
    assert found(session, "vägar") == ["Vägar"]
    assert found(session, "vagar") == ["Vagar", "Vägar"]  # as typed first


@pytest.mark.parametrize("question", ["", " ", "och att det", "?!", "\x00", "😀", "zzzzzz qqqq", "ö" * 10_000])
def test_nothing_is_found_for_nothing(session: Session, make: Factory, question: str) -> None:
    fill(make)
    assert search_requests(session, question) == find_similar(session, question) == []


HOSTILE = [
    "c++", "'", '"', "%", "_", "\\", "*", "NEAR(", "AND OR NOT", "a AND (b", "title:väg", "^väg", "väg*", "-väg",
    "{väg}", ":x", "%(x)s", "$1", "?1", "väg\x00ar", "\ud800väg", "väg'; DROP TABLE data_request; --", "1" * 50,
    "\U0010ffff", "\uffff väg", "ÅÄÖ" * 500, "väg " * 2_500, "a\n\r\t\x0b\x85b", "İstanbul ǅ ﬁ ẞ", "١٢٣ १२३",
]  # fmt: skip


@pytest.mark.parametrize("question", HOSTILE)
def test_nothing_that_is_typed_breaks_it(session: Session, make: Factory, question: str) -> None:
    made = make.request(title=f"{question[:60].replace(chr(0), '').encode('utf-8', 'ignore').decode()} väg", need="x")
    search_requests(session, question)
    find_similar(session, question)
    assert found(session, "väg") == [made.title]


def test_a_list_of_naughty_strings_breaks_nothing(session: Session, make: Factory) -> None:
    fill(make)
    for line in shared_json("attack/blns.json"):
        search_requests(session, line)
        find_similar(session, line)


def test_drafts_and_hidden_requests_are_not_found(session: Session, make: Factory) -> None:
    make.request(Status.DRAFT, title="Bullermätning i hemlighet")
    shown = make.request(title="Bullermätning i centrum")
    assert found(session, "bullermätning") == [shown.title]
    set_hidden(session, shown, "Fel.")
    session.commit()
    assert found(session, "bullermätning") == []
    assert session.scalar(select(func.count()).select_from(SearchPosting)) == 0
    set_hidden(session, shown, None)
    assert found(session, "bullermätning") == [shown.title]


def test_an_edited_request_is_found_by_its_new_words_only(session: Session, make: Factory) -> None:
    edited = make.request(title="Bullermätning", need="Vid fasad.")
    edited.title = "Luftmätning"
    index_request(session, edited)
    session.commit()
    assert found(session, "buller") == []
    assert found(session, "luft fasad") == ["Luftmätning"]
    with statements(session) as seen:
        index_request(session, edited)
    assert not any(statement.startswith(("INSERT", "UPDATE", "DELETE")) for statement in seen)


def test_what_is_rolled_back_was_never_found(session: Session, make: Factory) -> None:
    edited = make.request(title="Bullermätning", need="Vid fasad.")
    edited.title = "Luftmätning"
    index_request(session, edited)
    session.rollback()
    assert found(session, "luft") == []
    assert found(session, "buller") == ["Bullermätning"]


def test_conditions_narrow_the_result(session: Session, make: Factory) -> None:
    unit = make.unit("gata")
    mine = make.request(title="Buller vid vägar", unit=unit)
    make.request(title="Buller vid skolor")
    assert len(search_requests(session, "buller")) == 2
    assert search_requests(session, "buller", DataRequest.unit_id == unit.id)[0].request_id == mine.id
    assert search_requests(session, "buller", DataRequest.unit_id == 0) == []
    assert find_similar(session, "Buller vid skolor", DataRequest.unit_id == 0) == []


def test_paging_shows_every_hit_once(session: Session, make: Factory) -> None:
    for number in range(25):
        make.request(title=f"Buller {number}", need="vid väg" if number % 3 else "")
    make.request(title="Något annat", need="Ett helt annat ämne.")
    whole = search_requests(session, "buller", limit=100)
    assert len(whole) == 25
    pages: list[Hit] = []
    while page := search_requests(session, "buller", limit=10, after=pages[-1] if pages else None):
        pages += page
    assert pages == whole
    # Among equals the newest stands first.
    assert whole == sorted(whole, key=lambda hit: (-hit.score, -hit.request_id))


def test_similar_requests_are_those_about_the_same(session: Session, make: Factory) -> None:
    made = fill(make)
    alike = find_similar(session, "Var finns det laddplatser för elbilar i kommunen?")
    assert [hit.request_id for hit in alike] == [made["laddplatser"].id]
    assert find_similar(session, "Sophämtningens schema för villor i kommunen") == []
    long = "Vi utvecklar en tjänst. " * 40 + "Den behöver kötider till förskolor."
    assert find_similar(session, "Kötider till förskolor " + long)[0].request_id == made["förskolor"].id


def test_the_engine_itself_keeps_search_from_writing(session: Session, make: Factory) -> None:
    fill(make)
    session.rollback()
    read_only(session)
    assert search_requests(session, "buller")


def test_statements_do_not_grow_with_the_question_or_the_result(session: Session, make: Factory) -> None:
    fill(make)
    counts = set()
    for question in ("buller", " ".join(title for title, _ in REQUESTS.values())):
        with statements(session) as seen:
            search_requests(session, question, DataRequest.unit_id.is_(None))
        counts.add(len([statement for statement in seen if statement.startswith(("SELECT", "WITH"))]))
    assert counts == {4}


@pytest.fixture
def crowded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site of 60 requests treated as one of a hundred thousand: the limits are in proportion."""
    for name, limit in {
        "_DEEPEST": 4, "_MOST_ENTRIES": 12, "_DEEPEST_FILTERED": 6, "_MOST_FILTERED_ENTRIES": 18, "_FEW": 5,
    }.items():  # fmt: skip
        monkeypatch.setattr(search, name, limit)


@pytest.mark.usefixtures("crowded")
def test_common_words_lead_to_where_they_count_most(session: Session, make: Factory) -> None:
    unit = make.unit("gata")
    for number in range(50):
        make.request(title=f"Fråga nummer {number}", need="Det gäller data om kommunen.")
    best = make.request(title="Data om kommunen", need="")
    rare = make.request(title="Något annat", need="Det gäller data om buller.", unit=unit)
    assert found(session, "data")[0] == best.title
    assert found(session, "data buller")[0] == rare.title
    # Whom only some requests concern: all of these are looked at when they are few.
    assert found(session, "data kommunen", limit=5)[0] == best.title
    assert search_requests(session, "data", DataRequest.unit_id == unit.id)[0].request_id == rare.id
    assert search_requests(session, "data", DataRequest.unit_id.is_(None))[0].request_id == best.id


def test_no_more_can_be_paged_through_than_is_said(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_RESULTS", 3)
    for number in range(6):
        make.request(title=f"Buller {number}")
    assert len(search_requests(session, "buller")) == 3
    assert len(search_requests(session, "buller", DataRequest.unit_id.is_(None))) == 3
    assert MOST_RESULTS == 200


def index_content(session: Session) -> list[list[tuple[object, ...]]]:
    tables = (SearchWord, SearchPart, SearchPosting, SearchDocument)
    return [
        sorted(tuple(str(value) for value in row) for row in session.execute(select(table.__table__)))
        for table in tables
    ]


def test_reindexing_gives_the_same_index_and_forgets_unused_words(session: Session, make: Factory) -> None:
    made = fill(make)
    before = index_content(session)
    made["luft"].title = "Luftkvalitet"
    index_request(session, made["luft"])
    made["luft"].title = REQUESTS["luft"][0]
    index_request(session, made["luft"])
    assert index_content(session) == before
    gone = make.request(title="Ögonblicksverk")
    set_hidden(session, gone, "Fel.")
    session.commit()
    assert list(reindex(session)) == [len(made) + 1]
    session.commit()
    assert index_content(session) == before


def test_bad_index_rows_are_told(session: Session, make: Factory) -> None:
    good, bad, missing = make.request(title="Luft"), make.request(title="Buller"), make.request(title="Vatten")
    session.execute(SearchDocument.__table__.delete().where(SearchDocument.request_id == missing.id))  # type: ignore[attr-defined]
    session.commit()
    session.get_one(SearchDocument, bad.id).words = {"annat": 5}
    session.commit()
    assert good.id not in (wrong := set(find_badly_indexed(session)))
    assert wrong == {bad.id, missing.id}


def test_many_at_once_and_one_by_one_are_the_same(session: Session, make: Factory) -> None:
    made = list(fill(make).values())
    before = index_content(session)
    for table in (SearchPosting, SearchDocument, SearchPart, SearchWord):
        session.execute(table.__table__.delete())  # type: ignore[attr-defined]
    index_requests(session, made)
    session.commit()
    assert index_content(session) == before


def test_requests_written_at_the_same_time_share_their_new_words(live_app: Flask) -> None:
    with live_app.app_context():
        maker = db.sessionmaker
    with maker() as session:
        numbers = [Factory(session).request(title="Utkast", need="").id for _ in range(24)]
    words = [f"{first}{second}" for first in ("bil", "tåg", "båt") for second in ("väg", "plats", "stöd", "avgift")]

    def rename(number: int) -> None:
        with maker() as session:
            data_request = session.get_one(DataRequest, number)
            data_request.title = " ".join(Random(number).sample(words, 8))
            index_request(session, data_request)
            session.commit()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(rename, numbers))
    with maker() as session:
        assert list(find_badly_indexed(session)) == []
        known = set(session.scalars(select(SearchWord.word)))
        assert set(session.scalars(select(SearchPosting.word))) <= known
        assert search_requests(session, "bilvägar")


def shared_json(name: str) -> list[object]:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"NOT TESTED: {path} is missing; set DIALOGUE_SHARED_DATA to the folder that holds {name}")
    content: list[object] = json.loads(path.read_text(encoding="utf-8"))
    return content
