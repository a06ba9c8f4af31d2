"""The start page: the question, how it goes, and the beginning of the list."""

from datetime import timedelta

from sqlalchemy.orm import Session

from dialogue.accounts.policy import NOBODY
from dialogue.core.clock import as_of, now
from dialogue.pages.start import FIGURES_KEY
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind, Status
from tests.factories import Factory
from tests.page import Page


def test_the_start_page_asks_one_question_and_shows_what_others_asked(page: Page, make: Factory) -> None:
    page.app.extensions.pop(FIGURES_KEY, None)
    make.request(Status.PUBLISHED, title="Badvatten", votes_count=58)
    make.request(Status.RECEIVED, title="Laddplatser", votes_count=27)
    make.request(Status.DRAFT, title="Hemligt utkast")
    shown = page.get("/")
    assert len(page.statements) <= 12
    assert shown.h1 == "Vilken data saknar ditt företag?"
    assert shown.form("/requests/new/similar") is not None
    assert "1 av 2" in shown.words
    assert "Hemligt utkast" not in shown.words
    page.get("/")
    assert len(page.statements) <= 8, "figures are kept for some minutes"
    assert page.get("/en").h1 == "What data does your business need?"


def test_its_figures_are_those_of_the_statistics(page: Page, make: Factory, session: Session) -> None:
    page.app.extensions.pop(FIGURES_KEY, None)
    unit = make.unit("gata")
    for index in range(6):
        request = make.request(
            Status.PLANNED, unit=unit, next_on=make.workday(20), first_answered_at=now() + timedelta(days=1)
        )
        with as_of(now() - timedelta(days=10)):
            promised = (now() + timedelta(days=-1 if index == 0 else 1)).date()
            record(session, NOBODY, request, EventKind.REQUEST_PLANNED, old={"next_on": promised})
    session.commit()
    assert "83 % av beskeden i tid" in page.get("/").words
    assert "Kommunen höll 83 % av sina datum" in page.get("/statistics").words


def test_with_several_municipalities_none_speaks_for_the_others(page: Page, make: Factory) -> None:
    first, second = make.municipality("a", name="A kommun"), make.municipality("b", name="B kommun")
    make.request(municipality=first, title="Laddplatser i A")
    make.request(municipality=second, title="Laddplatser i B")
    assert "av beskeden i tid" not in page.get("/").words
    shown = page.get("/?municipality=b")
    assert "Laddplatser i B" in shown.words
    assert "Laddplatser i A" not in shown.words
