"""The administrator sees what somebody's digests would say: nothing is sent, marked or given away."""

from datetime import UTC, date, datetime, time, timedelta
from email import message_from_string
from email.policy import default

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.accounts.rules import Role
from dialogue.core.clock import as_of, now
from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.letters.preview import preview_mails
from dialogue.notifications.models import Digest, Reminder, WorkLink
from dialogue.notifications.operations.following import follow
from dialogue.notifications.queries.targets import target_of
from dialogue.notifications.rules import Cadence
from dialogue.notifications.worker import drain
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind, Status
from tests.factories import Factory
from tests.page import Page


def test_the_digests_of_somebody_in_a_browser(page: Page, make: Factory, session: Session) -> None:
    place, other = make.municipality("prov"), make.municipality("annan")
    unit = make.unit("gata")
    administrator = make.official(unit, Role.ADMINISTRATOR)
    make.official(make.unit("dit", municipality=other), Role.ADMINISTRATOR)
    data_request = make.request(Status.ASSESSING, unit=unit, title="Lediga laddplatser")
    reader, stranger = make.person(), make.person()
    with as_of(now() - timedelta(hours=2)):
        follow(session, reader, target_of(data_request), Cadence.WEEKLY, "wording")
    with as_of(now() - timedelta(hours=1)):
        record(session, make.viewer(make.person()), data_request, EventKind.REQUEST_PLANNED)
    session.commit()
    page.sign_in(make.cookie(administrator))
    address = f"/settings/{place.slug}/digests"
    for nobody in (stranger.email, "ingen@prov.example"):
        refused = page.submit(address, {"email": nobody}, 422)
        assert "Ingen med den adressen får mejl från Provkommun" in refused.words
    page.submit(address, {"email": "x"}, 422)
    found = page.submit(address, {"email": reader.email})
    shown = page.follow(found)
    assert reader.email not in found.location
    assert "Lediga laddplatser" in shown.words
    assert "frame-src 'self'" in shown.response.headers["Content-Security-Policy"]
    (frame,) = shown.tree.iter("iframe")
    assert frame.get("sandbox") == "allow-top-navigation-by-user-activation"
    html = page.client.get(frame.get("src") or "")
    assert "frame-ancestors 'self'" in html.headers["Content-Security-Policy"]
    assert "script-src" not in html.headers["Content-Security-Policy"]
    assert html.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Lediga laddplatser" in html.text
    for text in (shown.text, html.text):
        assert "/unsubscribe/" not in text
        assert "/preferences/" not in text
    assert page.client.get(f"{found.location}/html?mail=daily").status_code == 404
    page.get(f"{address}/{stranger.id}", 404)
    page.get(f"/settings/{other.slug}/digests/{reader.id}", 404)
    assert session.scalars(select(Digest)).all() == []
    assert session.scalars(select(OutgoingEmail).where(OutgoingEmail.template == "digest")).all() == []


def test_nothing_to_show(page: Page, make: Factory, session: Session) -> None:
    unit, reader = make.unit(), make.person()
    follow(session, reader, target_of(make.request(unit=unit)), Cadence.DAILY, "wording")
    page.sign_in(make.cookie(make.official(unit, Role.ADMINISTRATOR)))
    shown = page.get(f"/settings/{make.the_municipality().slug}/digests/{reader.id}")
    assert "inget mejl skulle skickas" in shown.words


#: A Wednesday before half past seven, a Saturday.
WEDNESDAY, SATURDAY = datetime(2026, 11, 25, 6, tzinfo=UTC), datetime(2026, 11, 28, 9, tzinfo=UTC)


@pytest.fixture
def desk(make: Factory) -> dict[str, Person]:
    """An official with work that is late, due today and due in three days, and those around."""
    with time_machine.travel(WEDNESDAY - timedelta(days=9)):
        unit = make.unit("gata")
        people = {
            "official": make.official(unit, email="eva@prov.example"),
            "coordinator": make.official(make.unit("kansli"), Role.COORDINATOR, email="kim@prov.example"),
            "mailbox": make.official(make.unit("it"), Role.ADMINISTRATOR, email="gata@prov.example"),
        }
        for title, day in (("Badvatten", 24), ("Laddplatser", 25), ("Trafik", 30), ("Träd", 10)):
            make.request(
                Status.ASSESSING, unit=unit, official_id=people["official"].id, title=title,
                next_on=date(2026, 11, day), latest_answer_at=now(),
            )  # fmt: skip
        make.request(title="Ny fråga")
    return people


def seen(session: Session, make: Factory, person: Person) -> dict[str, set[str]]:
    """The titles that each mail of a preview names."""
    found = {
        preview.name: {entry.title for section in preview.letter.values["sections"] for entry in section["entries"]}
        for preview in preview_mails(session, person, make.the_municipality(), time(7, 30))
    }
    session.rollback()
    return found


def test_the_monday_mail_and_the_reminders_are_those_that_the_worker_sends(
    app: Flask, session: Session, make: Factory, desk: dict[str, Person]
) -> None:
    with time_machine.travel(WEDNESDAY, tick=False) as clock:
        before = {name: seen(session, make, person) for name, person in desk.items()}
        assert before == {
            "official": {"week": {"Badvatten", "Laddplatser", "Träd"}, "reminder": {"Laddplatser", "Trafik"}},
            "coordinator": {"week": {"Badvatten", "Träd", "Ny fråga"}, "reminder": {"Träd", "Ny fråga"}},
            # The unit's mailbox: what is late is told there, whoever has taken it.
            "mailbox": {"reminder": {"Badvatten"}},
        }
        clock.move_to(WEDNESDAY + timedelta(hours=1))
        drain(app)
        sent = select(OutgoingEmail.recipient, OutgoingEmail.template, OutgoingEmail.sent_copy)
        told = {(row.recipient, row.template): row.sent_copy for row in session.execute(sent)}
        session.rollback()
        assert set(told) == {
            (person.email, name) for who, person in desk.items() for name in before[who]
        }  # fmt: skip
        for (recipient, name), copy in told.items():
            (who,) = (who for who, person in desk.items() if person.email == recipient)
            text = message_from_string(copy, policy=default).get_body(("plain",)).get_content()  # type: ignore[attr-defined]
            for title in ("Badvatten", "Laddplatser", "Trafik", "Träd", "Ny fråga"):
                assert (title in text) == (title in before[who][name]), (who, name, title)
        # Later that day it still says what came in the morning, and the day after only what is new.
        assert {name: seen(session, make, person) for name, person in desk.items()} == before
        clock.move_to(WEDNESDAY + timedelta(days=1))
        assert seen(session, make, desk["official"]) == {"week": {"Badvatten", "Laddplatser", "Träd"}}
        assert "reminder" in seen(session, make, desk["mailbox"])
        clock.move_to(SATURDAY)
        assert "reminder" not in seen(session, make, desk["mailbox"])
        session.commit()


def test_previews_of_work_carry_no_keys_and_make_none(
    page: Page, session: Session, make: Factory, desk: dict[str, Person]
) -> None:
    with time_machine.travel(WEDNESDAY, tick=False):
        page.sign_in(make.cookie(desk["mailbox"]))
        address = f"/settings/{make.the_municipality().slug}/digests"
        shown = page.follow(page.submit(address, {"email": desk["official"].email}))
        frames = [frame.get("src") or "" for frame in shown.tree.iter("iframe")]
        assert [frame.rpartition("=")[2] for frame in frames] == ["week", "reminder"]
        for text in (shown.text, *(page.client.get(frame).text for frame in frames)):
            assert "Laddplatser" in text
            assert not any(way in text for way in ("/unsubscribe/", "/preferences/", "/work/"))
        page.client.get(address)
    assert session.scalars(select(WorkLink)).all() == session.scalars(select(Reminder)).all() == []
    session.commit()
