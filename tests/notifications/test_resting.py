"""A pause: nothing that may be turned down until its end, then one digest with all of it, and nothing twice."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.core.clock import today
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.keys import key_to_choose
from dialogue.notifications.models import Digest, MailRest
from dialogue.notifications.operations.digests import build_returns
from dialogue.notifications.operations.following import follow
from dialogue.notifications.operations.resting import rest_mail, wake_mail
from dialogue.notifications.queries.targets import find_any_target, target_of
from dialogue.notifications.rules import Cadence
from dialogue.notifications.worker import Worker, drain
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind, Status
from dialogue.voting.operations import cast_vote
from tests.emails.story import Mail, opened
from tests.factories import Factory
from tests.page import Page

SECRET = "a secret that only tests know, long enough"
#: A Thursday, and the Wednesday after the next two Mondays.
BEGINS = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
ENDS = datetime(2026, 12, 2, 6, 30, tzinfo=UTC)
STARTS = time(7, 30)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEGINS, tick=False) as clock:
        yield clock


def happen(
    make: Factory, session: Session, data_request: DataRequest, kind: EventKind = EventKind.REQUEST_PLANNED
) -> None:
    record(session, make.viewer(make.person()), data_request, kind)
    session.commit()


def mails_to(app: Flask, session: Session, person: Person) -> list[Mail]:
    session.commit()
    drain(app)
    session.expire_all()
    wanted = select(OutgoingEmail).where(OutgoingEmail.recipient == person.email, OutgoingEmail.state == MailState.SENT)
    return [opened(row.template, row.sent_copy or "") for row in session.scalars(wanted.order_by(OutgoingEmail.id))]


def test_one_digest_afterwards_covers_all_of_it(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    unit, person = make.unit(), make.person()
    titles = ("Direkt", "Veckovis", "Röstad", "Egen", "Egen avgjord")
    instant, weekly, voted, own, decided = (
        make.request(Status.ASSESSING, unit=unit, title=title, asker=person if "Egen" in title else None)
        for title in titles
    )
    follow(session, person, target_of(instant), Cadence.INSTANT, "wording")
    follow(session, person, target_of(weekly), Cadence.WEEKLY, "wording")
    cast_vote(session, person, voted)
    happen(make, session, weekly, EventKind.DATE_MOVED)  # before the pause, told by no digest yet
    happen(make, session, instant)
    rest_mail(session, person, ENDS.date(), STARTS)  # the event above is not told of yet, and is
    session.commit()
    assert [mail.subject for mail in mails_to(app, session, person)] == ["Planerad: Direkt"]
    for day in (1, 5, 8):
        clock.move_to(BEGINS + timedelta(days=day))
        for each in (instant, weekly, voted, own):
            happen(make, session, each)
    happen(make, session, decided, EventKind.REQUEST_PUBLISHED)
    _, service = mails_to(app, session, person)
    assert service.name == "published", "a decision about one's own request does not wait"
    clock.move_to(ENDS + timedelta(seconds=30))
    assert len(mails_to(app, session, person)) == 2, "the last events before the end settle for a minute"
    clock.move_to(ENDS + timedelta(minutes=2))
    _, _, digest = mails_to(app, session, person)
    assert digest.name == "digest"
    assert [title for title in titles if title in digest.text] == ["Direkt", "Veckovis", "Röstad", "Egen"]
    assert "Dina mejl vilade" in digest.text
    assert "List-Unsubscribe" not in digest.message
    happen(make, session, instant)
    assert [mail.name for mail in mails_to(app, session, person)][3:] == ["planned"], "at once again"
    clock.move_to(ENDS + timedelta(days=6))
    assert len(mails_to(app, session, person)) == 4, "no digest repeats what was told"
    assert set(session.scalars(select(Digest.items))) == {4, 0}


def test_mail_that_was_queued_in_a_pause_is_not_sent(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    data_request, person = make.request(Status.ASSESSING, unit=make.unit()), make.person()
    asker = make.person()
    data_request.asker_id = asker.id
    follow(session, person, target_of(data_request), Cadence.INSTANT, "wording")
    happen(make, session, data_request)
    Worker(app).tell()
    for each in (person, asker):
        rest_mail(session, each, None, STARTS)
    session.execute(MailRest.__table__.update().values(after_event_id=0))  # type: ignore[attr-defined]
    assert mails_to(app, session, person) == mails_to(app, session, asker) == []
    assert set(session.scalars(select(OutgoingEmail.state))) == {MailState.CANCELLED}


def test_a_worker_that_comes_second_builds_nothing(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    unit, person = make.unit(), make.person()
    data_request = make.request(Status.ASSESSING, unit=unit)
    follow(session, person, target_of(data_request), Cadence.INSTANT, "wording")
    rest_mail(session, person, ENDS.date(), STARTS)
    clock.shift(timedelta(days=1))
    happen(make, session, data_request)
    clock.move_to(ENDS + timedelta(minutes=2))
    assert [build_returns(session, unit.municipality_id, "Europe/Stockholm") for _ in range(2)] == [1, 0]


def test_ending_a_pause_early_and_beginning_another(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    data_request, person = make.request(Status.ASSESSING, unit=make.unit()), make.person()
    follow(session, person, target_of(data_request), Cadence.INSTANT, "wording")
    assert not wake_mail(session, person)
    rest_mail(session, person, None, STARTS)
    clock.shift(timedelta(days=1))
    happen(make, session, data_request)
    assert mails_to(app, session, person) == []
    rest_mail(session, person, today("Europe/Stockholm") + timedelta(days=9), STARTS)
    assert session.scalars(select(MailRest.since_at)).one() == BEGINS, "only the end has moved"
    clock.shift(timedelta(hours=1))
    assert wake_mail(session, person)
    clock.shift(timedelta(minutes=2))
    assert len(mails_to(app, session, person)) == 1
    rest_mail(session, person, None, STARTS)
    clock.shift(timedelta(days=1))
    assert wake_mail(session, person)
    clock.shift(timedelta(minutes=2))
    assert len(mails_to(app, session, person)) == 1, "nothing happened in the second pause"


def address_of(person: Person) -> str:
    return f"/preferences/{key_to_choose(SECRET, person.mail_handle)}"


@pytest.mark.parametrize("signed_in", [True, False])
def test_pausing_on_the_page(
    page: Page, make: Factory, session: Session, clock: time_machine.Traveller, signed_in: bool
) -> None:
    make.municipality()
    person = make.person()
    address = "/account/mail" if signed_in else address_of(person)
    if signed_in:
        page.sign_in(make.cookie(person))
        assert "/account/mail" in page.get("/account").links()
    for wrong in ("", "igår", "2026-11-19", "2028-01-01"):
        refused = page.post(address, {"pause": "1", "until": wrong}, 422)
        assert "Sidan har" in refused.words or "fel" in refused.words.lower()
    page.post(address, {"pause": "1", "until": "2026-12-02"})
    shown = page.get(address)
    assert "Dina mejl vilar till 2 december 2026" in shown.words.replace("\xa0", " ")
    assert len(page.statements) <= 9
    page.post(address, {"wake": "1"})
    assert "vilar" not in page.get(address).words
    rest_mail(session, person, None, STARTS)
    assert "tills du låter dem komma igen" in page.get(address).words


def test_how_often_about_ones_own_requests(page: Page, app: Flask, make: Factory, session: Session) -> None:
    """No choice is told at once; off is told only of what may not be turned down: the two differ."""
    person, other = make.person(), make.person()
    data_request = make.request(Status.ASSESSING, unit=make.unit(), asker=person, title="Egen")
    unset = make.request(Status.ASSESSING, unit=data_request.unit, asker=other, title="Andras")
    target = f"own:{data_request.municipality_id}"
    assert "Mina förfrågningar" not in page.get(address_of(make.person())).words
    assert "Mina förfrågningar" in page.get(address_of(person)).words
    page.post(address_of(person), {target: "instant"})
    assert find_any_target(session, target) is not None
    page.post(address_of(person), {target: "off"})
    for each in (data_request, unset):
        happen(make, session, each, EventKind.ANSWER_POSTED if each is unset else EventKind.REQUEST_PLANNED)
        happen(make, session, each, EventKind.REQUEST_PUBLISHED)
    assert [mail.name for mail in mails_to(app, session, person)] == ["published"]
    page.post(address_of(other), {"stop_all": "1"})
    happen(make, session, unset)
    assert "published" in [mail.name for mail in mails_to(app, session, other)]
    assert "planned" not in [mail.name for mail in mails_to(app, session, other)]
    page.post(address_of(person), {target: "instant"})
    happen(make, session, data_request)
    assert [mail.name for mail in mails_to(app, session, person)] == ["published", "planned"]


def test_ones_own_requests_once_a_week(
    page: Page, app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    person = make.person()
    data_request = make.request(Status.ASSESSING, unit=make.unit(), asker=person, title="Egen")
    page.post(address_of(person), {f"own:{data_request.municipality_id}": "weekly"})
    happen(make, session, data_request)
    happen(make, session, data_request, EventKind.REQUEST_PUBLISHED)
    assert [mail.name for mail in mails_to(app, session, person)] == ["published"]
    clock.move_to(datetime(2026, 11, 23, 6, 31, tzinfo=UTC))
    _, digest = mails_to(app, session, person)
    assert "Planerad" in digest.text or "planerar" in digest.text
    assert "publicer" not in digest.subject.lower()
