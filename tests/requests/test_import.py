"""`dialogue import requests`: files as people have them, good and bad, on both engines."""

import json
import os
import pty
import re
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dialogue.cli import run_command
from dialogue.core.clock import local_day, today
from dialogue.core.search.words import fold
from dialogue.requests import cli
from dialogue.requests.models import DataRequest, RequestEvent, StatusTally
from dialogue.requests.models.search import SearchDocument
from dialogue.requests.operations.indexing import find_badly_indexed
from dialogue.requests.queries.search import find_similar, search_requests
from dialogue.requests.rules import LIVE, EventKind, Extent, Ground, Outcome, Status, WaitingOn
from dialogue.requests.source_rows import FIELDS, MEANINGS, fold_name
from dialogue.requests.wording.events import event_sentence
from tests.factories import Factory
from tests.requests.test_search import ROOT, SHARED, shared_json

ZONE = "Europe/Stockholm"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    app: Flask,
    session: Session,
    make: Factory,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Write `content` to a file, import it, return status, standard output and standard error."""
    make.the_municipality()

    def run_it(content: object, *options: str, name: str = "file.csv") -> tuple[int, str, str]:
        file = tmp_path / name
        session.rollback()
        if isinstance(content, bytes):
            file.write_bytes(content)
        elif isinstance(content, str):
            file.write_bytes(content.encode())
        elif content is not None:
            file.write_text(json.dumps(content), encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["dialogue", "import", "requests", str(file), *options])
        status = run_command(app)
        told = capsys.readouterr()
        return status, told.out, told.err

    return run_it


def imported(session: Session) -> list[DataRequest]:
    session.rollback()
    return list(session.scalars(select(DataRequest).order_by(DataRequest.id)))


def the_one(session: Session) -> DataRequest:
    (data_request,) = imported(session)
    return data_request


def tallies(session: Session) -> dict[str, int]:
    return dict(session.execute(select(StatusTally.state, StatusTally.requests)).all())


def test_csv_with_everything(run: Run, session: Session, make: Factory) -> None:
    unit, area = make.unit("gata-park", name="Gatu- och parkförvaltningen"), make.area("trafik", name_sv="Trafik")
    status, out, err = run(
        "Nummer;Titel;Beskrivning;Syfte;Nytta;Läge;Datum;Förvaltning;Område;Företag;Röster;Länk;Språk\n"
        '7;Cykelvägar;"Linjer,\npunkter; allt";Karta;Säkrare;Publicerad;2024-03-12;gatu och PARKförvaltningen;trafik;'
        "Kartbolaget AB;12;https://data.example/c;sv\n"
    )
    assert (status, err) == (0, "")
    assert out == (
        "file.csv: 1 requests (CSV with semicolon, UTF-8).\nLeft out: Röster.\n1 imported, 0 were here already.\n"
    )
    made = the_one(session)
    assert (made.title, made.need, made.purpose, made.benefit) == (
        "Cykelvägar", "Linjer,\npunkter; allt", "Karta", "Säkrare",
    )  # fmt: skip
    assert (made.status, made.extent, made.unit_id, made.area_id) == (
        Status.PUBLISHED, Extent.FULL, unit.id, area.id,
    )  # fmt: skip
    assert made.organisation is not None
    assert made.organisation.name == "Kartbolaget AB"
    assert made.received_at is not None
    assert local_day(made.received_at, ZONE) == date(2024, 3, 12)
    assert [dataset.url for dataset in made.datasets] == ["https://data.example/c"]
    assert (made.asker_id, made.votes_count, made.source) == (None, 0, "file.csv")
    assert tallies(session) == {"published": 1}
    (event,) = session.scalars(select(RequestEvent))
    assert event.kind is EventKind.REQUEST_IMPORTED
    assert event.fanned_out_at is not None, "nobody is told by mail"
    sentence = event_sentence(event)
    assert sentence.text % sentence.values == "Imported from file.csv, where it was called “Publicerad”"


def test_json_in_any_of_its_shapes(run: Run, session: Session) -> None:
    items = [{"id": 1, "title": "Träd", "description": None, "extra": {"a": [1]}}, {"id": 2, "rubrik": "Buller"}]
    assert run(items, name="a.json")[0] == 0
    assert run({"total": 2, "items": items}, name="a.json")[:2] == (
        0,
        "a.json: 2 requests (JSON, UTF-8).\nLeft out: extra.\n0 imported, 2 were here already.\n",
    )
    assert [made.title for made in imported(session)] == ["Träd", "Buller"]
    assert tallies(session) == {"received": 2}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("title,need\nBlåbär,\n".encode(), "CSV with comma, UTF-8"),
        ("title,need\nBlåbär,\n".encode("utf-8-sig"), "CSV with comma, UTF-8"),
        ("title,need\nBlåbär,\n".encode("windows-1252"), "CSV with comma, windows-1252"),
        ("title,need\r\nBlåbär,”så”–€\r\n".encode("windows-1252"), "CSV with comma, windows-1252"),
        ("title\tneed\nBlåbär\t\n".encode("utf-16"), "CSV with tab, UTF-16"),
        ("titel|behov\nBlåbär|\n".encode(), "CSV with bar, UTF-8"),
        ("title\nBlåbär\n".encode(), "CSV with comma, UTF-8"),
        ('"title";"need"\r\n"Blåbär";"a; b"\r\n\r\n;\r\n'.encode(), "CSV with semicolon, UTF-8"),
        ("need;TITLE\n;Bla\u030aba\u0308r\n".encode(), "CSV with semicolon, UTF-8"),
        ("title,need\rBlåbär,\r".encode(), "CSV with comma, UTF-8"),
        ('[{"Titel": "Blåbär"}]'.encode("utf-8-sig"), "JSON, UTF-8"),
        ('\n {"requests": [{"title": "Blåbär"}]}'.encode("windows-1252"), "JSON, windows-1252"),
    ],
)
def test_files_as_programs_save_them(run: Run, session: Session, content: bytes, told: str) -> None:
    status, out, err = run(content)
    assert (status, err) == (0, "")
    assert told in out
    assert the_one(session).title == "Blåbär"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        # What is no list of requests at all.
        (b"", "The file is empty"),
        (b" \n\n ", "The file is empty"),
        (b"\xef\xbb\xbf", "The file is empty"),
        (b"PK\x03\x04xlsx", "Excel workbook or another zip archive: save it as CSV"),
        (b"\xd0\xcf\x11\xe0xls", "old Excel workbook"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\x1f\x8b\x08", "compressed with gzip"),
        ("title\nx\n".encode("utf-16-le"), "characters of value zero"),
        (b"\xff\xfet\x00i", "begins like UTF-16"),
        (b"title\nx\n\nBl\x86b\x84r\n", "neither UTF-8 nor windows-1252 (see line 4): save it as UTF-8"),  # MS-DOS
        (b"title\nV\x84gar\n", "neither UTF-8 nor windows-1252 (see line 2)"),
        (b"title\nBl\x8cb\x8ar\n", "neither UTF-8 nor windows-1252"),  # Mac
        (b"title\n\x81\x8d\n", "neither UTF-8 nor windows-1252"),
        ("[1, 2]", "a list of objects"),
        ('{"a": [], "b": []}', "a list of objects"),
        ('{"title": "x"}', "a list of objects"),
        ('[{"title": "x",}]', "not valid JSON: "),
        ('[{"title": "x"}', "line 1, column 16"),
        ("[" * 100_000, "too many levels"),
        ('[{"title": ' + "1" * 5_000 + "}]", "too many levels or digits"),
        ("[]", "There are no requests in the file"),
        ("title,need\n", "There are no requests in the file"),
        ("rum,sal\na,b\n", "None of the fields (rum, sal) is a title"),
        ([{"rum": 1}], "None of the fields (rum) is a title"),
        ("title,title\na,b\n", "The column “title” stands there twice"),
        ('title,need\nx,"never closed\nand on\n', "Row 2 has a quotation mark that is never closed"),
        ('title,need\nx,y\nx,"a"b\n', "Row 3 is broken"),
        ("title,need\nx,y\nx,y,z\n", "Row 3 has 3 fields and the first row 2: put quotation marks around"),
        ("title,need\nx\n", "Row 2 has 1 fields"),
        # Rows that cannot be requests: each kind of error once, with its rows.
        ("title,need\n,y\nx,y\n ,z\n", "Nothing was imported: row 2, row 4: no title."),
        ([{"title": "x"}, {"title": None}, {"need": "y"}], "item 2, item 3: no title"),
        ("title,status\nx,Half done\n", "row 2: unknown status “Half done”"),
        ("title,status\nx,closed\n", "unknown status “closed”"),
        ("title,status\nx,draft\n", "unknown status “draft”"),
        ("title,status,ground\nx,declined,because\n", "unknown ground “because”"),
        ("title,date\nx,12/03/2024\n", "“12/03/2024” is no date: write it like 2026-03-12"),
        ("title,date\nx,0001-01-01\n", "the year of 0001-01-01 cannot be right"),
        (f"title,date\nx,{date.today() + timedelta(days=3)}\n", "lies ahead"),  # noqa: DTZ011
        ("title,status\nx,planned\n", "planned, but no date in next_on"),
        ("title,url\nx,javascript:alert(1)\n", "“javascript:alert(1)” is no address of the web"),
        ("title,language\nx,de\n", "the language “de” is neither sv nor en"),
        ("id,title\n1,x\n2,y\n1,z\n", "row 4: the same id as row 2"),
        ("title,need\nx," + "y" * 20_001 + "\n", "row 2: a field longer than 20000 characters"),
        ([{"title": ["x"]}], "item 1: “title” is neither text nor a number"),
        ("title,date\n" + "\n".join(f"x,{n}" for n in range(9)), "; and 4 more kinds of error."),
    ],
)
def test_bad_files_import_nothing_and_say_why(run: Run, session: Session, content: object, told: str) -> None:
    status, out, err = run(content)
    assert status == 1
    assert told in err
    assert out == ""
    assert err.count("\n") == 1, "one sentence on one line"
    assert "Traceback" not in err
    assert imported(session) == []


def test_many_bad_rows_are_not_all_listed(run: Run) -> None:
    err = run("title,need\n" + ",y\n" * 200)[2]
    assert err == (
        "Nothing was imported: row 2, row 3, row 4, row 5, row 6, row 7, row 8, row 9, row 10, row 11 and 190 more:"
        " no title.\n"
    )


def test_files_that_cannot_be_read(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "missing.csv cannot be read: No such file" in run(None, name="missing.csv")[2]
    (tmp_path / "folder").mkdir()
    assert "folder cannot be read: Is a directory" in run(None, name="folder")[2]
    monkeypatch.setattr(cli, "LARGEST_FILE", 3)
    assert "is larger than" in run("title\nx\n")[2]


def test_running_it_again_changes_nothing(run: Run, session: Session) -> None:
    text = "title,date,authority,status\n" + "Kötider,2024-01-01,Kommun A,Successful\n" * 3 + "Kötider,,,\n"
    assert run(text)[0] == 0
    before = [(made.id, made.version, made.updated_at) for made in imported(session)]
    tally = tallies(session)
    # Also under another name, and when some have come further: the words and the day are the same.
    status, out, err = run(text.replace("Successful", "Refused"), name="again.csv")
    assert (status, err) == (0, "")
    assert "0 imported, 4 were here already." in out
    assert [(made.id, made.version, made.updated_at) for made in imported(session)] == before
    assert tallies(session) == tally == {"published": 3, "received": 1}
    assert "1 imported, 4 were here already." in run(text + "Nytt,,,\n")[1]


def test_an_id_is_one_within_its_source(run: Run) -> None:
    items = [{"id": "A-1", "title": "Träd"}]
    changed = [{"id": "A-1", "title": "Träd i parker"}]
    assert "1 imported" in run(items, "--source", "Diariet")[1]
    assert "0 imported, 1 were" in run(changed, "--source", "Diariet", name="later.json")[1]
    assert "1 imported" in run(changed, "--source", "Ett annat")[1]


def test_every_state_makes_a_request_that_the_tables_allow(run: Run, session: Session) -> None:
    next_on = today(ZONE) + timedelta(days=9)
    rows = [f"x{n},{called},2024-05-06,{next_on}" for n, called in enumerate(MEANINGS)]
    status, _, err = run("title,status,date,next_on\n" + "\n".join(rows))
    assert (status, err) == (0, "")
    counted: Counter[str] = Counter()
    for made, meaning in zip(imported(session), MEANINGS.values(), strict=True):
        assert (made.status, made.outcome, made.extent) == (meaning.status, meaning.outcome, meaning.extent)
        assert (made.next_on is not None) == (made.status in LIVE)
        counted[made.status.value + (f":{made.outcome.value}" if made.outcome else "")] += 1
    assert tallies(session) == counted


def test_what_the_states_bring_with_them(run: Run, session: Session) -> None:
    next_on = today(ZONE) + timedelta(days=30)
    content = (
        "title,status,date,next_on,ground,explanation\n"
        "a,Long overdue,2024-05-06,,,\n"
        "b,Waiting clarification,2024-05-06,,,\n"
        f"c,Planerad,2024-05-06,{next_on},,\n"
        "d,Refused,2024-05-06,,,\n"
        "e,Avslagen,2024-05-06,,personal data,Namn i fälten.\n"
        "f,Information not held,2024-05-06,,,\n"
        "g,Handled by postal mail,2024-05-06,,,\n"
        "h,Hänvisad,2024-05-06,,,Lantmäteriet\n"
        "i,Partially successful,2024-05-06,,,\n"
    )
    assert run(content, "--language", "en")[0] == 0
    made = {data_request.title: data_request for data_request in imported(session)}
    assert made["a"].next_on is not None
    assert made["a"].next_on < today(ZONE), "late by its own day"
    assert made["b"].waiting_on is WaitingOn.REQUESTER
    assert made["b"].waiting_since_on == today(ZONE)
    assert made["c"].next_on == next_on
    assert (made["d"].ground, made["d"].explanation) == (
        Ground.OTHER,
        "The request was decided elsewhere. The reasons did not come with it.",
    )
    assert (made["e"].ground, made["e"].explanation) == (Ground.PERSONAL_DATA, "Namn i fälten.")
    assert made["f"].ground is Ground.NOT_HELD
    assert made["g"].redirected_to == "the one who answered elsewhere"
    assert (made["h"].outcome, made["h"].redirected_to) == (Outcome.REDIRECTED, "Lantmäteriet")
    assert made["i"].extent is Extent.PARTIAL
    assert made["i"].datasets == []


def test_a_long_title_is_cut_and_kept_whole_in_the_text(run: Run, session: Session) -> None:
    title = "ord " * 40
    assert run(f"title,need\n{title},Mer\n{'o' * 200},\n")[0] == 0
    cut, solid = imported(session)
    assert len(cut.title) <= 120
    assert cut.title.endswith("ord…")
    assert cut.need == f"{title.strip()}\n\nMer"
    assert solid.title == "o" * 119 + "…"


def test_an_unknown_unit_is_part_of_where_it_comes_from(run: Run, session: Session) -> None:
    assert run("title,authority\nx,Merton Borough Council\n")[0] == 0
    assert (the_one(session).unit_id, the_one(session).source) == (None, "Merton Borough Council (file.csv)")


def test_the_same_business_and_dataset_are_made_once(run: Run, session: Session) -> None:
    assert run("title,company,url\na,Bolaget AB,https://x.example/\nb,bolaget  ab,https://x.example/\n")[0] == 0
    one, other = imported(session)
    assert one.organisation_id == other.organisation_id is not None
    assert one.datasets == other.datasets


def test_the_municipality_must_be_told_when_there_are_several(run: Run, session: Session, make: Factory) -> None:
    first = make.the_municipality()
    second = make.municipality("andra")
    status, out, err = run("title\nx\n")
    assert (status, out) == (2, "")
    assert "choose one with --municipality" in err
    assert "There is no municipality called tredje" in run("title\nx\n", "--municipality", "tredje")[2]
    assert run("title\nx\n", "--municipality", "andra")[0] == 0
    assert the_one(session).municipality_id == second.id
    # The same words asked of another municipality are another request.
    assert "1 imported" in run("title\nx\n", "--municipality", first.slug)[1]


def test_without_a_municipality_nothing_can_be_imported(run: Run, session: Session, make: Factory) -> None:
    session.delete(make.the_municipality())
    session.commit()
    assert run("title\nx\n")[2] == "There is no municipality yet: make one first.\n"


def test_a_bad_option_is_a_matter_of_usage(run: Run) -> None:
    status, out, err = run("title\nx\n", "--language", "de")
    assert (status, out) == (2, "")
    assert "Traceback" not in err


def test_all_or_nothing(run: Run, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise IntegrityError("INSERT", {}, Exception("unique"))

    monkeypatch.setattr("dialogue.requests.operations.importing.count_in_tally", fail)
    status, _, err = run("title\n" + "\n".join(f"x{n}" for n in range(700)))
    assert (status, err) == (1, "Somebody imported the same requests just now: run the command again.\n")
    assert imported(session) == []
    assert session.scalar(select(func.count()).select_from(SearchDocument)) == 0


def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "title\n" + "\n".join(f"x{n}" for n in range(1_200))
    monkeypatch.setattr(cli, "_LINE_EVERY", 500)
    out = run(text)[1]
    assert "500 of 1200\n1000 of 1200\n1200 imported" in out
    terminal, here = pty.openpty()
    with open(here, "w") as screen:
        monkeypatch.setattr(sys, "stdout", screen)
        assert run(text.replace("x", "y"))[0] == 0
        screen.flush()
        assert b"100%" in os.read(terminal, 100_000)
    os.close(terminal)


def test_imported_requests_are_found_and_hostile_text_stays_text(run: Run, session: Session) -> None:
    lines = [line for line in shared_json("attack/blns.json") if isinstance(line, str)]
    status, _, err = run([{"id": n, "title": f"Rad {n} {line}", "need": line} for n, line in enumerate(lines)])
    assert (status, err) == (0, "")
    assert len(imported(session)) == len(lines)
    assert search_requests(session, "rad 17")
    assert list(find_badly_indexed(session)) == []


def test_real_requests_are_found_by_questions_that_other_people_wrote(run: Run, session: Session) -> None:
    """The bars: the right request among the first five for 90 % of the questions, first for 85 %."""
    questions: Any = shared_json("requests/data-gov-uk-queries.json")
    for name in ("data-gov-uk-requests.json", "foi-uk-councils.csv"):
        status, _, err = run((SHARED / "requests" / name).read_bytes(), name=name)
        assert (status, err) == (0, "")
    titles: Any = {item["id"]: item["title"] for item in shared_json("requests/data-gov-uk-requests.json")}
    numbers = {made.title: made.id for made in imported(session)}
    first = early = alike = 0
    for question in questions:
        wanted = numbers[titles[question["request_id"]]]
        hits = [hit.request_id for hit in search_requests(session, question["query"], limit=5)]
        first += hits[:1] == [wanted]
        early += wanted in hits
        alike += wanted in [hit.request_id for hit in find_similar(session, question["query"])]
    assert early >= 0.90 * len(questions)
    assert first >= 0.85 * len(questions)
    assert alike >= 0.85 * len(questions)
    print(f"{session.get_bind().dialect.name}: {early} early, {first} first, {alike} alike of {len(questions)}")


def test_the_manual_names_every_field_and_state() -> None:
    manual = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    said = {fold_name(name) for name in re.split(r"[|,;`\n]", manual)}
    folded = {fold(name) for names in FIELDS.values() for name in names}
    assert {name for name in MEANINGS if name} <= said
    assert folded <= {fold(name) for name in said}
