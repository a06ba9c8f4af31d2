"""Whoever is not signed in any more loses nothing: a page is opened again after sign-in, a form is sent again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import KeptForm, Person
from dialogue.accounts.operations.housekeeping import purge_expired
from dialogue.accounts.operations.kept_forms import KEPT_PER_IP
from dialogue.core.clock import now
from tests.accounts.mailbox import newest_mail
from tests.factories import Factory
from tests.page import Page, fields_of

ANNA = "anna@laddkusten.example"
TYPED = {"name": "Anna Åberg", "organisation": 'Laddkusten "AB"', "locale": "en"}
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def count_kept(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(KeptForm)) or 0


@pytest.mark.parametrize("by", ["link", "code"])
def test_a_form_without_a_session_is_sent_after_sign_in(page: Page, make: Factory, session: Session, by: str) -> None:
    make.person(ANNA)
    sent = page.post("/account/edit", TYPED)
    assert sent.location == "/sign-in?next=%2Fsend-again"
    sign_in = page.follow(sent)
    assert "Det du skrev finns kvar" in sign_in.words
    assert session.scalars(select(Person.name)).one() is None
    page.post("/sign-in", fields_of(sign_in.form("/sign-in")) | {"email": ANNA})
    mail = newest_mail(session)
    if by == "code":
        done = page.submit("/check-email", {"code": mail.context["code"]})
    else:
        done = page.submit(f"/confirm/{mail.context['token']}")
    shown = page.follow(done)
    assert shown.h1 == "Skicka det du skrev"
    for value in TYPED.values():
        assert value in shown.words
    page.post("/account/edit", fields_of(shown.form("/account/edit")))
    person = session.scalars(select(Person)).one()
    assert (person.name, person.locale) == ("Anna Åberg", "en")
    assert person.organisation is not None
    assert person.organisation.name == 'Laddkusten "AB"'


def test_a_page_without_a_session_is_opened_after_sign_in(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    led = page.get("/en/account/edit?a=b%20c", 302)
    assert led.location == "/en/sign-in?next=%2Fen%2Faccount%2Fedit%3Fa%3Db%2520c"
    assert "What you typed is kept" not in page.follow(led).words
    page.submit(led.location, {"email": ANNA}, action="/sign-in")
    done = page.submit(f"/en/confirm/{newest_mail(session).context['token']}")
    assert done.location == "/en/account/edit?a=b%20c"


def test_a_kept_form_belongs_to_its_browser(page: Page, app, make: Factory, session: Session) -> None:  # type: ignore[no-untyped-def]
    person = make.person(ANNA)
    page.post("/account/edit", TYPED)
    other = Page(app, session)
    other.sign_in(make.cookie(person))
    missing = other.get("/send-again", 404)
    assert "Inget formulär väntar" in missing.words
    # Its own browser may also throw it away.
    page.sign_in(make.cookie(person))
    page.submit("/send-again", action="/send-again/drop")
    page.get("/send-again", 404)
    assert count_kept(session) == 0
    page.post("/send-again/drop")


def test_a_kept_form_is_not_kept_for_ever(page: Page, make: Factory, session: Session) -> None:
    person = make.person(ANNA)
    with time_machine.travel(START) as clock:
        page.post("/account/edit", TYPED)
        page.sign_in(make.cookie(person))
        clock.shift(timedelta(days=2, seconds=1))
        page.get("/send-again", 404)
        assert count_kept(session) == 1
        purge_expired(session, now())
        session.commit()
        assert count_kept(session) == 0


def test_nobody_fills_the_table_from_outside(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    with time_machine.travel(START):
        proof = page.csrf_token()
        for _ in range(KEPT_PER_IP.tries):
            page.post("/account/edit", TYPED | {"csrf_token": proof})
        refused = page.post("/account/edit", TYPED | {"csrf_token": proof}, 429)
    assert "Retry-After" in refused.response.headers
    assert "Anna Åberg" in refused.words
    assert count_kept(session) == KEPT_PER_IP.tries


@pytest.mark.parametrize("proof", ["", "forged", "IjEi.aaaa.bbbb"])
def test_a_form_without_its_proof_changes_nothing_and_is_shown_again(
    page: Page, make: Factory, session: Session, proof: str
) -> None:
    page.sign_in(make.cookie(make.person(ANNA)))
    refused = page.post("/account/edit", TYPED | {"csrf_token": proof}, 403)
    assert session.scalars(select(Person.name)).one() is None
    assert refused.h1 == "Skicka formuläret igen"
    # One button sends it again, with a fresh proof.
    page.post("/account/edit", fields_of(refused.form("/account/edit")))
    assert session.scalars(select(Person.name)).one() == "Anna Åberg"


def test_an_old_proof_is_worth_nothing(page: Page, make: Factory, session: Session) -> None:
    with time_machine.travel(START) as clock:
        page.sign_in(make.cookie(make.person(ANNA)))
        proof = page.csrf_token()
        clock.shift(timedelta(hours=20))
        page.post("/account/edit", {"name": "i tid", "locale": "sv", "csrf_token": proof})
        clock.shift(timedelta(hours=29))
        page.post("/account/edit", {"name": "sent", "locale": "sv", "csrf_token": proof}, 403)
    assert session.scalars(select(Person.name)).one() == "i tid"
