"""Monday mails to those who work with requests: by role, once a week, nothing when empty, ended when they say so."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality, Person, Unit
from dialogue.accounts.rules import Role
from dialogue.core.clock import now
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.keys import key_to_choose, key_to_end
from dialogue.notifications.models import Absence, Digest, Subscription, WorkLink
from dialogue.notifications.operations.following import stop_all, want_work
from dialogue.notifications.operations.resting import rest_mail
from dialogue.notifications.operations.weeks import build_weeks
from dialogue.notifications.periods import newest_period
from dialogue.notifications.queries.weeks import list_work_places
from dialogue.notifications.reminders import MAX_LISTED, WeekPart, part_of_week, sunday_of
from dialogue.notifications.rules import Cadence
from dialogue.notifications.worker import Worker, drain
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.routing import take_request
from dialogue.requests.rules import Kind, Status
from tests.emails.story import opened
from tests.factories import Factory
from tests.page import Page
from tests.races import sessions_of, side_by_side

#: The Friday before, and Monday 23 November 2026, half past seven in Stockholm.
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
SECRET = "a secret that only tests know, long enough"


def day(number: int) -> date:
    return date(2026, 11, number)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def unit(make: Factory, clock: time_machine.Traveller) -> Unit:
    return make.unit("gata", name="Gata och trafik")


def answered(session: Session, make: Factory, unit: Unit | None, title: str, next_on: date) -> DataRequest:
    data_request = make.request(Status.ASSESSING, unit=unit, title=title, next_on=next_on)
    data_request.latest_answer_at = now()
    session.commit()
    return data_request


def weeks(app: Flask, session: Session) -> dict[str, list[str]]:
    """Subjects of the Monday mails that were sent so far, by address."""
    session.commit()
    drain(app)
    session.expire_all()
    found: dict[str, list[str]] = {}
    wanted = select(OutgoingEmail).where(OutgoingEmail.template == "week", OutgoingEmail.state == MailState.SENT)
    for mail in session.scalars(wanted.order_by(OutgoingEmail.id)):
        found.setdefault(mail.recipient, []).append(opened("week", mail.sent_copy or "").subject)
    session.commit()
    return found


@pytest.mark.parametrize(
    ("next_on", "more", "part"),
    [
        (day(20), {"assigns": True}, WeekPart.LATE),
        (day(20), {"is_mine": True}, WeekPart.LATE),
        (day(20), {}, None),
        (day(23), {"is_mine": True}, WeekPart.ANSWER),
        (day(29), {"is_mine": True}, WeekPart.ANSWER),
        (day(30), {"is_mine": True}, None),
        (day(29), {"assigns": True}, None),
        (None, {"is_mine": True}, None),
        (day(20), {"has_unit": False, "assigns": True}, WeekPart.ASSIGN),
        (day(20), {"has_unit": False, "is_mine": True}, None),
        (day(30), {"assigns": True, "is_unclaimed": True}, WeekPart.UNCLAIMED),
        (day(30), {"is_mine": True, "is_unclaimed": True}, None),
        (day(25), {"assigns": True, "is_mine": True, "is_unclaimed": True}, WeekPart.ANSWER),
    ],
)
def test_a_request_stands_in_one_part(next_on: date | None, more: dict[str, bool], part: WeekPart | None) -> None:
    row = DataRequest(kind=Kind.WISH, status=Status.ASSESSING, next_on=next_on)
    facts = {"has_unit": True, "assigns": False, "is_mine": False, "is_unclaimed": False} | more
    assert part_of_week(row, day(23), **facts) is part


def test_a_week_ends_on_sunday() -> None:
    assert [sunday_of(day(number)) for number in (23, 29, 30)] == [day(29), day(29), date(2026, 12, 6)]


def test_each_reads_what_waits_for_them(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    official, colleague = make.official(unit, email="a@x.example"), make.official(unit, email="b@x.example")
    coordinator = make.official(unit, Role.COORDINATOR, email="c@x.example")
    other, bystander = make.unit("park"), make.person()
    both = make.official(other, email="d@x.example")
    make.official(other, Role.COORDINATOR)
    for title, next_on in (("Sen", day(19)), ("I veckan", day(25)), ("Nästa vecka", day(30))):
        answered(session, make, unit, title, next_on)
    theirs = answered(session, make, unit, "Kollegans", day(27))
    take_request(session, make.viewer(colleague), theirs, version=None)
    waiting = make.request(Status.RECEIVED, unit=None, title="Utan enhet")
    new = make.request(Status.RECEIVED, unit=other, title="Ingen har tagit", next_on=date(2026, 12, 18))
    waiting.received_at = new.received_at = FRIDAY - timedelta(days=4)
    assert weeks(app, session) == {}
    clock.move_to(MONDAY - timedelta(seconds=1))
    assert weeks(app, session) == {}
    clock.move_to(MONDAY)
    told = weeks(app, session)
    assert told[official.email] == ["Din vecka: 1 försenad, 1 att svara på"]
    assert told[colleague.email] == ["Din vecka: 1 försenad, 2 att svara på"]
    assert told[coordinator.email] == ["1 ny att fördela, 1 försenad, 1 som ingen har tagit"]
    assert both.email not in told
    assert bystander.email not in told
    for later in (timedelta(minutes=1), timedelta(hours=9), timedelta(days=1), timedelta(days=6)):
        clock.move_to(MONDAY + later)
        assert weeks(app, session) == told
    clock.move_to(MONDAY + timedelta(days=7))
    assert [len(subjects) for subjects in weeks(app, session).values()] == [2, 2, 2, 2]


def test_its_links_are_for_what_one_answers(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    official = make.official(unit)
    make.official(unit, Role.DECIDER)
    late = answered(session, make, unit, "Sen", day(19))
    clock.move_to(MONDAY)
    assert len(weeks(app, session)) == 2
    links = session.scalars(select(WorkLink)).all()
    assert {(link.person_id, link.request_id) for link in links} == {(official.id, late.id)}


def test_nothing_when_nothing_waits_and_the_week_is_over_with_that(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    make.official(unit)
    clock.move_to(MONDAY)
    assert weeks(app, session) == {}
    assert session.scalars(select(Digest.items)).all() == [0]
    answered(session, make, unit, "Sen", day(19))
    clock.move_to(MONDAY + timedelta(hours=2))
    Worker(app).work()
    assert weeks(app, session) == {}


@pytest.mark.parametrize(
    ("since", "count"),
    [(timedelta(days=1), 1), (timedelta(days=3, hours=23), 1), (timedelta(days=4), 0), (timedelta(days=6), 0)],
)
def test_after_a_stop_it_comes_until_the_week_has_gone_by(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller, since: timedelta, count: int
) -> None:
    make.official(unit)
    answered(session, make, unit, "Sen", day(19))
    clock.move_to(MONDAY + timedelta(days=14) + since)
    assert sum(len(subjects) for subjects in weeks(app, session).values()) == count


@pytest.mark.parametrize(
    ("at", "count"),
    [
        ("2026-03-30T05:29:59Z", 0),  # the Monday after the clocks went forward: half past seven comes earlier
        ("2026-03-30T05:30:00Z", 1),
        ("2026-10-26T06:29:59Z", 0),  # and back
        ("2026-10-26T06:30:00Z", 1),
    ],
)
def test_the_wall_clock_decides(app: Flask, make: Factory, session: Session, at: str, count: int) -> None:
    moment = datetime.fromisoformat(at)
    with time_machine.travel(moment - timedelta(days=2), tick=False):
        unit = make.unit()
        make.official(unit)
        answered(session, make, unit, "Sen", moment.date() - timedelta(days=9))
    with time_machine.travel(moment, tick=False):
        assert len(weeks(app, session)) == count


def test_who_is_away_new_or_gone_gets_none(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    away, gone, stays = make.official(unit), make.official(unit), make.official(unit)
    session.add(Absence(person_id=away.id, first_on=day(23), last_on=day(23)))
    gone.disabled_at = now()
    answered(session, make, unit, "Sen", day(19))
    clock.move_to(MONDAY)
    make.official(unit)
    assert list(weeks(app, session)) == [stays.email]


def test_what_is_done_before_the_mail_leaves_is_not_counted(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    make.official(unit, email="a@x.example")
    requests = [answered(session, make, unit, f"Nummer {number}", day(19)) for number in range(MAX_LISTED + 2)]
    clock.move_to(MONDAY)
    place = session.get_one(Municipality, unit.municipality_id)
    period = newest_period(Cadence.WEEKLY, now(), place.zone, app.config["DIGEST_AT"])
    assert build_weeks(session, place, period) == 1
    assert build_weeks(session, place, period) == 0
    requests[0].hidden_at, requests[0].hidden_reason = now(), "Namn"
    assert weeks(app, session)["a@x.example"] == [f"Din vecka: {MAX_LISTED + 1} försenade"]
    copies = session.scalars(select(OutgoingEmail.sent_copy).where(OutgoingEmail.template == "week"))
    text = opened("week", copies.one() or "").text
    assert "Och 2\xa0förfrågningar till." in text


def test_nothing_is_sent_when_all_of_it_is_done_or_the_role_has_ended(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    people = [make.official(unit) for _ in range(2)]
    data_request = answered(session, make, unit, "Sen", day(19))
    clock.move_to(MONDAY)
    Worker(app).plan_week()
    people[0].disabled_at = now()
    data_request.next_on = date(2026, 12, 18)
    assert weeks(app, session) == {}
    states = session.scalars(select(OutgoingEmail.state).where(OutgoingEmail.template == "week")).all()
    assert states == [MailState.CANCELLED] * 2


def test_two_workers_at_once_write_one(live_app: Flask) -> None:
    with time_machine.travel(FRIDAY, tick=False), sessions_of(live_app)() as session:
        make = Factory(session)
        unit = make.unit()
        for _ in range(3):
            make.official(unit)
        answered(session, make, unit, "Sen", day(19))
        place_id = unit.municipality_id

    def build(session: Session) -> int:
        place = session.get_one(Municipality, place_id)
        return build_weeks(
            session, place, newest_period(Cadence.WEEKLY, now(), place.zone, live_app.config["DIGEST_AT"])
        )

    with time_machine.travel(MONDAY, tick=False):
        assert sum(side_by_side(live_app, *[build] * 5)) == 3  # type: ignore[arg-type]
    with sessions_of(live_app)() as session:
        assert session.scalar(select(func.count()).select_from(OutgoingEmail)) == 3
        assert session.scalar(select(func.count()).select_from(Digest)) == 3


# Wanting it or not.


def test_unset_is_not_off(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    unset, off, on_again = (make.official(unit) for _ in range(3))
    place_id = unit.municipality_id
    answered(session, make, unit, "Sen", day(19))
    assert not want_work(session, unset, place_id, wanted=True), "who has said nothing goes on saying nothing"
    assert want_work(session, off, place_id, wanted=False)
    assert not want_work(session, off, place_id, wanted=False)
    assert want_work(session, on_again, place_id, wanted=False)
    assert want_work(session, on_again, place_id, wanted=True)
    assert not want_work(session, off, 99999, wanted=False)
    session.commit()
    said = [[place.wants for place in list_work_places(session, person.id)] for person in (unset, off, on_again)]
    assert said == [[None], [False], [True]]
    assert {row.cadence for row in session.scalars(select(Subscription))} == {Cadence.OFF, Cadence.WEEKLY}
    clock.move_to(MONDAY)
    assert set(weeks(app, session)) == {unset.email, on_again.email}
    assert session.scalars(select(OutgoingEmail).where(OutgoingEmail.template == "digest")).all() == []


def test_it_is_ended_by_its_link_in_queued_mail_too(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller, page: Page
) -> None:
    official = make.official(unit)
    answered(session, make, unit, "Sen", day(19))
    clock.move_to(MONDAY)
    Worker(app).plan_week()
    key = key_to_end(SECRET, official.mail_handle, f"your_turn:{unit.municipality_id}")
    assert "Måndagsmejlet om ditt arbete i Provkommun" in page.get(f"/unsubscribe/{key}").words
    session.commit()
    assert app.test_client(use_cookies=False).post(f"/unsubscribe/{key}").status_code == 200
    assert weeks(app, session) == {}
    assert [place.wants for place in list_work_places(session, official.id)] == [False]


def test_the_page_of_choices_turns_it_off_and_on(
    page: Page, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    official, stranger = make.official(unit), make.person()
    name = f"work-{unit.municipality_id}"

    def save(person: Person, **values: str) -> str:
        address = f"/preferences/{key_to_choose(SECRET, person.mail_handle)}"
        page.post(address, {"language": "sv", **values})
        return page.get(address).words

    assert "Ditt arbete" not in save(stranger)
    assert "Ditt arbete" in save(official, **{name: "on"})
    assert session.scalars(select(Subscription)).all() == []
    save(official, **{name: "off"})
    assert [place.wants for place in list_work_places(session, official.id)] == [False]
    save(official, **{name: "on"})
    session.expire_all()
    assert [place.wants for place in list_work_places(session, official.id)] == [True]
    save(official, **{name: "nonsense"})
    assert stop_all(session, official) == 1
    assert stop_all(session, official) == 0


def test_while_mail_rests_it_does_not_come(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    rests, back = make.official(unit), make.official(unit)
    answered(session, make, unit, "Sen", day(19))
    rest_mail(session, rests, None, app.config["DIGEST_AT"])
    rest_mail(session, back, day(23), app.config["DIGEST_AT"])
    clock.move_to(MONDAY)
    assert list(weeks(app, session)) == [back.email]
