"""Reminders: the right people, the right working days, once, whatever happens to the worker and the clocks."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

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
from dialogue.notifications.letters.reminders import headline
from dialogue.notifications.models import Absence, Reminder, ReminderRound, WorkLink
from dialogue.notifications.operations.reminders import build_reminders, round_of
from dialogue.notifications.reminders import MAX_LISTED, Stage, is_alarm, new_since, stage_of, unclaimed_since
from dialogue.notifications.rules import WorkAct
from dialogue.notifications.worker import Worker, drain
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.routing import assign_request, take_request
from dialogue.requests.rules import Kind, Status, WaitingOn
from dialogue.web.extensions import db
from tests.emails.story import opened
from tests.factories import Factory
from tests.races import side_by_side
from tests.requests.acts import take

#: Monday 23 November 2026, eight o'clock in Stockholm.
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
MAILBOX, COORDINATOR = "gata@prov.example", "samordnare@prov.example"


def day(number: int) -> date:
    return date(2026, 11, number)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def unit(make: Factory) -> Unit:
    unit = make.unit("gata", name="Gata och trafik", mailbox=MAILBOX)
    make.official(unit, Role.COORDINATOR, email=COORDINATOR)
    return unit


def reminded(app: Flask, session: Session) -> list[tuple[str, str]]:
    """Who has been reminded of what so far: address and subject, in the order of the mails."""
    session.commit()
    drain(app)
    session.expire_all()
    mails = session.scalars(
        select(OutgoingEmail).where(OutgoingEmail.template == "reminder").order_by(OutgoingEmail.id)
    ).all()
    found = [
        (mail.recipient, opened("reminder", mail.sent_copy or "").subject)
        for mail in mails
        if mail.state is MailState.SENT
    ]
    session.commit()
    return found


def answered(session: Session, make: Factory, unit: Unit, title: str, next_on: date, **values: object) -> DataRequest:
    """A request that the unit has answered, with a date."""
    data_request = make.request(Status.ASSESSING, unit=unit, title=title, next_on=next_on, **values)
    data_request.latest_answer_at = now()
    session.commit()
    return data_request


@pytest.mark.parametrize(
    ("on", "promised", "stage"),
    [
        (day(20), day(26), None),
        (day(23), day(26), Stage.SOON),
        (day(25), day(26), Stage.SOON),
        (day(26), day(26), Stage.TODAY),
        (day(27), day(26), Stage.LATE),
        (day(28), day(26), Stage.LATE),  # Saturday: no working day has passed since Friday
        (date(2026, 12, 2), day(26), Stage.LATE),
        (date(2026, 12, 3), day(26), Stage.ESCALATED),
        (date(2027, 12, 3), day(26), Stage.ESCALATED),
        (day(23), day(28), None),  # promised for a Saturday
        (day(24), day(28), Stage.SOON),
        (day(30), day(28), Stage.LATE),
        (date(2026, 12, 21), date(2026, 12, 28), Stage.SOON),  # Christmas lies between
        (date(2026, 12, 18), date(2026, 12, 28), None),
    ],
)
def test_stages_are_counted_in_working_days(on: date, promised: date, stage: Stage | None) -> None:
    assert stage_of(_row(next_on=promised), on) is stage


def test_no_stage_while_no_date_runs() -> None:
    assert stage_of(_row(next_on=None), day(23)) is None
    assert stage_of(_row(next_on=day(20), waiting_on=WaitingOn.REQUESTER), day(23)) is None
    assert stage_of(_row(next_on=day(20), status=Status.CLOSED, outcome=None), day(23)) is None
    formal = _row(next_on=day(20), due_on=day(23), kind=Kind.FORMAL, waiting_on=WaitingOn.REQUESTER)
    assert stage_of(formal, day(23)) is Stage.LATE


def _row(**values: object) -> DataRequest:
    return DataRequest(**{"kind": Kind.WISH, "status": Status.ASSESSING, **values})


CAME, LATER = datetime(2026, 11, 18, 23, 30, tzinfo=UTC), datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "more", "since"),
    [
        ({"received_at": CAME}, {}, day(19)),  # half past midnight in Sweden
        ({"received_at": CAME, "assigned_at": LATER}, {}, day(20)),
        ({"received_at": CAME}, {"is_taken": True}, None),
        ({"received_at": CAME, "latest_answer_at": LATER}, {}, None),
        ({"received_at": CAME, "assigned_at": LATER, "latest_answer_at": CAME}, {}, day(20)),
        ({"received_at": CAME, "waiting_on": WaitingOn.REQUESTER}, {}, None),
        ({"received_at": None}, {}, None),
        ({"received_at": CAME, "next_on": day(27)}, {"left_on": day(23), "back_on": day(27)}, day(23)),
        ({"received_at": CAME, "next_on": day(30)}, {"left_on": day(23), "back_on": day(27)}, None),
        ({"received_at": CAME, "next_on": None}, {"left_on": day(23), "back_on": day(27)}, None),
    ],
)
def test_since_when_nobody_is_at_it(values: dict[str, object], more: dict[str, object], since: date | None) -> None:
    arguments: dict[str, object] = {"is_taken": False, "left_on": None, "back_on": None, **more}
    assert unclaimed_since(_row(**values), "Europe/Stockholm", **arguments) == since  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("since", "alarm"), [(None, False), (day(23), False), (day(20), False), (day(19), True), (day(1), True)]
)
def test_the_coordinator_hears_after_two_working_days(since: date | None, alarm: bool) -> None:
    assert is_alarm(since, day(23)) is alarm


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2026-11-23T06:29:59Z", None),
        ("2026-11-23T06:30:00Z", day(23)),
        ("2026-11-23T22:59:59Z", day(23)),
        ("2026-11-23T23:00:00Z", None),
        ("2026-11-21T09:00:00Z", None),  # Saturday
        ("2026-12-24T09:00:00Z", None),  # Christmas Eve
        ("2026-03-30T05:29:59Z", None),  # the first working day after the clocks went forward
        ("2026-03-30T05:30:00Z", date(2026, 3, 30)),
        ("2026-10-26T06:29:59Z", None),  # and back
        ("2026-10-26T06:30:00Z", date(2026, 10, 26)),
    ],
)
def test_the_round_of_a_working_day_begins_at_half_past_seven(at: str, due: date | None) -> None:
    with time_machine.travel(at, tick=False):
        assert round_of("Europe/Stockholm", time(7, 30)) == due


def test_one_request_from_three_days_before_to_five_days_after(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    answered(session, make, unit, "Trafikmängd", day(26))
    wanted = {
        23: (MAILBOX, "Svara senast torsdag: Trafikmängd"),
        26: (MAILBOX, "I dag: Trafikmängd"),
        27: (MAILBOX, "Försenad sedan 26 november: Trafikmängd"),
        33: (COORDINATOR, "5 arbetsdagar försenad: Trafikmängd"),
    }
    told: list[tuple[str, str]] = []
    for later in range(20):
        clock.move_to(MONDAY + timedelta(days=later))
        told += [wanted[23 + later]] if 23 + later in wanted else []
        for _ in range(2):
            assert [(to, subject.replace("\xa0", " ")) for to, subject in reminded(app, session)] == told


def test_who_has_taken_it_is_reminded_and_the_mailbox_of_what_is_late(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    official = make.official(unit, email="a@prov.example")
    data_request = answered(session, make, unit, "Bänkar", day(24))
    take_request(session, make.viewer(official), data_request, version=None)
    for later in range(3):
        clock.move_to(MONDAY + timedelta(days=later))
        told = reminded(app, session)
    assert [to for to, _ in told] == ["a@prov.example", "a@prov.example", MAILBOX]


def test_all_that_one_recipient_hears_of_is_one_mail(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    for number in range(MAX_LISTED + 3):
        answered(session, make, unit, f"Nummer {number}", day(24))
    answered(session, make, unit, "Den försenade", day(20))
    ((to, subject),) = reminded(app, session)
    assert (to, subject.replace("\xa0", " ")) == (
        MAILBOX,
        f"Försenad sedan 20 november: Den försenade, och {MAX_LISTED + 3} till",
    )
    text = opened("reminder", session.scalars(select(OutgoingEmail.sent_copy)).one() or "").text
    assert "Och 4\xa0förfrågningar till." in text
    assert len(re.findall(r"/requests/\d+-\S+", text)) == MAX_LISTED


def test_an_official_whose_address_is_the_mailbox_gets_one_mail(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    official = make.official(unit, email=MAILBOX)
    answered(session, make, unit, "Sen", day(20))
    take_request(session, make.viewer(official), answered(session, make, unit, "Min", day(24)), version=None)
    ((to, subject),) = reminded(app, session)
    assert (to, subject.replace("\xa0", " ")) == (MAILBOX, "Försenad sedan 20 november: Sen, och en till")
    assert session.scalars(select(OutgoingEmail.person_id)).one() == official.id


def test_two_weeks_of_standstill_are_one_mail_and_nothing_of_what_is_over(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    answered(session, make, unit, "Försenad länge", day(25))
    answered(session, make, unit, "Snart", date(2026, 12, 9))
    over = answered(session, make, unit, "Redan klar", day(26))
    hidden = answered(session, make, unit, "Dold", day(26))
    take("decline", session, make, make.viewer(make.official(unit)), over)
    hidden.hidden_at, hidden.hidden_reason = now(), "Namn"
    clock.move_to(MONDAY + timedelta(days=14))
    assert sorted(reminded(app, session)) == [
        (MAILBOX, "Svara senast onsdag: Snart"),
        (COORDINATOR, "8 arbetsdagar försenad: Försenad länge"),
    ]


def test_a_missed_run_is_caught_up_and_a_new_date_is_a_new_reminder(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    data_request = answered(session, make, unit, "Lekplatser", day(26))
    clock.move_to(MONDAY + timedelta(days=2, hours=9))  # nothing ran on the third day before, nor this morning
    assert [subject for _, subject in reminded(app, session)] == ["Svara senast torsdag: Lekplatser"]
    data_request.next_on = day(27)
    clock.move_to(MONDAY + timedelta(days=3))
    assert [subject for _, subject in reminded(app, session)][1:] == ["Svara senast fredag: Lekplatser"]


def test_what_is_done_or_moved_before_the_mail_leaves_is_left_out(
    app: Flask, make: Factory, session: Session, unit: Unit
) -> None:
    place = session.get_one(Municipality, unit.municipality_id)
    with time_machine.travel(MONDAY, tick=False):
        official = make.viewer(make.official(unit))
        moved, taken, stays = (answered(session, make, unit, name, day(24)) for name in ("Flyttad", "Tagen", "Kvar"))
        assert build_reminders(session, place, day(23), "sv") == 1
        moved.next_on = day(27)
        take_request(session, official, taken, version=None)
        session.commit()
        sent = reminded(app, session)
        assert sent == [(MAILBOX, "Svara senast tisdag: Kvar")]
    with time_machine.travel(MONDAY + timedelta(days=1), tick=False):
        assert build_reminders(session, place, day(24), "sv") > 0
        for data_request in (moved, taken, stays):
            data_request.status, data_request.extent = Status.PUBLISHED, "full"
        session.commit()
        assert reminded(app, session) == sent
        states = session.scalars(select(OutgoingEmail.state).where(OutgoingEmail.template == "reminder")).all()
        assert MailState.CANCELLED in states


def test_a_mail_that_waited_past_midnight_says_what_is_true_then(
    app: Flask, make: Factory, session: Session, unit: Unit
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        answered(session, make, unit, "Bänkar", day(23))
        place = session.get_one(Municipality, unit.municipality_id)
        build_reminders(session, place, day(23), "sv")
        session.commit()
    with time_machine.travel(MONDAY + timedelta(hours=13, minutes=59), tick=False):
        assert reminded(app, session) == [(MAILBOX, "I dag: Bänkar")]
    # The mail server was away until after midnight: the round is late, its words are not.
    with time_machine.travel("2026-11-24T13:30:00Z", tick=False):
        answered(session, make, unit, "Lyktor", day(24))
        Worker(app).remind()
    with time_machine.travel("2026-11-24T23:30:00Z", tick=False):
        assert [subject.replace("\xa0", " ") for _, subject in reminded(app, session)][1:] == [
            "Försenad sedan 23 november: Bänkar, och en till"
        ]


def test_two_workers_at_once_write_one_mail(live_app: Flask, clock: time_machine.Traveller) -> None:
    with live_app.app_context(), db.sessionmaker() as session:
        make = Factory(session)
        unit = make.unit("gata", mailbox=MAILBOX)
        place_id = unit.municipality_id
        for number in range(5):
            answered(session, make, unit, f"Nummer {number}", day(24))

    def build(session: Session) -> int:
        return build_reminders(session, session.get_one(Municipality, place_id), day(23), "sv")

    assert sorted(side_by_side(live_app, *[build] * 6)) == [0, 0, 0, 0, 0, 1]  # type: ignore[type-var]
    with live_app.app_context(), db.sessionmaker() as session:
        assert session.scalar(select(func.count()).select_from(OutgoingEmail)) == 1
        assert session.scalar(select(func.count()).select_from(Reminder)) == 5
        assert session.scalar(select(func.count()).select_from(ReminderRound)) == 1


def test_each_municipality_has_its_own_morning(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    far = make.municipality(slug="langt-bort", zone="Atlantic/Azores")  # an hour behind UTC
    away = make.unit("hamn", municipality=far, mailbox="hamn@prov.example")
    answered(session, make, unit, "Här", day(24))
    answered(session, make, away, "Där", day(24), municipality=far)
    assert [to for to, _ in reminded(app, session)] == [MAILBOX]
    clock.move_to(MONDAY.replace(hour=8, minute=30))
    assert [to for to, _ in reminded(app, session)] == [MAILBOX, "hamn@prov.example"]


def test_the_coordinator_hears_of_what_nobody_takes(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    other = make.unit("park")
    waits, taken, answered_one, moved = (
        make.request(Status.RECEIVED, unit=unit, title=title, next_on=date(2026, 12, 18))
        for title in ("Ingens", "Tagen", "Besvarad", "Flyttad")
    )
    nobodys = make.request(Status.RECEIVED, title="Utan enhet", next_on=date(2026, 12, 18))
    take_request(session, make.viewer(make.official(unit)), taken, version=None)
    answered_one.latest_answer_at = now()
    clock.move_to(MONDAY + timedelta(days=1))
    assign_request(session, make.viewer(make.official(unit)), moved, version=None, unit=other)
    assert reminded(app, session) == []
    clock.move_to(MONDAY + timedelta(days=2))
    assert reminded(app, session) == [(COORDINATOR, "Ingen har tagit den: Ingens, och en till")]
    clock.move_to(MONDAY + timedelta(days=3))
    assert reminded(app, session)[1:] == [(COORDINATOR, "Ingen har tagit den: Flyttad")]
    text = opened(
        "reminder", session.scalars(select(OutgoingEmail.sent_copy).order_by(OutgoingEmail.id)).all()[-2] or ""
    )
    assert {waits.title, nobodys.title} <= set(text.text.replace("\n", ": ").split(": "))


def test_without_a_coordinator_the_municipality_s_own_address_hears_of_it(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    for slug, contact in (("a", "dialog@a.example"), ("b", None)):
        place = make.municipality(slug, contact_email=contact)
        answered(session, make, make.unit(municipality=place), "Sen", day(2), municipality=place)
    assert [to for to, _ in reminded(app, session)] == ["dialog@a.example"]


# Away and standing in.


def _away(session: Session, person: Person, last: date, stand_in: Person | None = None) -> None:
    session.add(
        Absence(person_id=person.id, first_on=day(20), last_on=last, stand_in_id=stand_in.id if stand_in else None)
    )
    session.commit()


@pytest.mark.parametrize(
    ("stand_in", "to"),
    [
        ("colleague", "colleague@prov.example"),
        ("nobody", MAILBOX),
        ("of another unit", MAILBOX),
        ("away too", MAILBOX),
        ("closed account", MAILBOX),
    ],
)
def test_while_somebody_is_away_the_stand_in_hears_of_it(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller, stand_in: str, to: str
) -> None:
    official, colleague = make.official(unit), make.official(unit, email="colleague@prov.example")
    stranger = make.official(make.unit("park"))
    data_request = answered(session, make, unit, "Bänkar", day(25))
    take_request(session, make.viewer(official), data_request, version=None)
    if stand_in == "away too":
        _away(session, colleague, day(23))
    if stand_in == "closed account":
        colleague.disabled_at = now()
    who = {"nobody": None, "of another unit": stranger}.get(stand_in, colleague)
    _away(session, official, day(23), who)
    assert reminded(app, session)[0] == (to, "Svara senast onsdag: Bänkar")
    clock.move_to(MONDAY + timedelta(days=2))  # back since yesterday
    assert reminded(app, session)[-1] == (official.email, "I dag: Bänkar")


def test_nobody_stands_in_and_after_two_days_the_coordinator_hears_of_it(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    official = make.official(unit)
    for title, next_on in (("Inom kort", day(27)), ("Efter ledigheten", date(2026, 12, 18))):
        take_request(session, make.viewer(official), answered(session, make, unit, title, next_on), version=None)
    _away(session, official, day(30))
    clock.move_to(MONDAY)
    assert reminded(app, session) == []  # one working day since Friday the 20th
    clock.move_to(MONDAY + timedelta(days=1))
    assert reminded(app, session) == [
        (MAILBOX, "Svara senast fredag: Inom kort"),
        (COORDINATOR, "Ingen har tagit den: Inom kort"),
    ]


def test_a_coordinator_who_is_away_is_spared_while_another_is_here(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    here = make.official(unit, Role.COORDINATOR, email="b@prov.example")
    away = session.scalars(select(Person).where(Person.email == COORDINATOR)).one()
    _away(session, away, day(23))
    answered(session, make, unit, "Sen", day(2))
    assert [to for to, _ in reminded(app, session)] == [here.email]
    _away(session, here, day(24))
    answered(session, make, unit, "Senare", day(3))
    clock.move_to(MONDAY + timedelta(days=1))
    assert [to for to, _ in reminded(app, session)][1:] == [COORDINATOR]


# What happens is told to who has taken it.


def test_who_has_taken_it_hears_instead_of_the_mailbox(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    official, asker = make.official(unit), make.person()
    data_request = make.request(Status.PUBLISHED, unit=unit, asker=asker, official_id=official.id)
    told = select(OutgoingEmail.recipient, OutgoingEmail.state).where(
        OutgoingEmail.template == "delivery_confirmed", OutgoingEmail.recipient != asker.email
    )

    def confirm() -> list[tuple[str, MailState]]:
        take("confirm_delivery", session, make, make.viewer(asker), data_request)
        session.commit()
        drain(app)
        rows = [tuple(row) for row in session.execute(told.order_by(OutgoingEmail.id))]
        session.commit()
        return rows  # type: ignore[return-value]

    assert confirm() == [(official.email, MailState.SENT)]
    data_request.official_id = None
    assert confirm()[1:] == [(MAILBOX, MailState.SENT)]


def test_nobody_is_told_of_an_own_act_nor_of_what_is_no_longer_theirs(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    both = make.official(unit)
    data_request = make.request(Status.PUBLISHED, unit=unit, asker=both, official_id=both.id)
    take("confirm_delivery", session, make, make.viewer(both), data_request)
    session.commit()
    drain(app)
    assert session.scalars(select(OutgoingEmail)).all() == []
    asker, official = make.person(), make.official(unit)
    others = make.request(Status.PUBLISHED, unit=unit, asker=asker, official_id=official.id)
    take("confirm_delivery", session, make, make.viewer(asker), others)
    session.commit()
    Worker(app).tell()
    others.unit = make.unit("park")
    session.commit()
    drain(app)
    assert [mail.state for mail in session.scalars(select(OutgoingEmail))] == [MailState.CANCELLED]


# Working from the mail.


def links_in(session: Session, to: str) -> list[str]:
    """The addresses of the acts in the last mail to `to`."""
    wanted = select(OutgoingEmail).where(OutgoingEmail.recipient == to).order_by(OutgoingEmail.id.desc())
    mail = session.scalars(wanted).first()
    assert mail is not None
    assert mail.context == {}, "what opens something is wiped when the mail has gone"
    source = re.sub(r"=\r\n", "", mail.sent_copy or "").partition("text/html")[0]
    session.commit()
    return re.findall(r"(?:Ta hand om den|Inte v=C3=A5r|Beh=C3=B6ver mer tid): http://127.0.0.1:5000(\S+)", source)


def test_who_has_taken_it_gets_links_for_it_and_a_mailbox_pages_to_log_in_to(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    official = make.official(unit, email="a@prov.example")
    mine, nobodys = (answered(session, make, unit, title, day(24)) for title in ("Min", "Ingens"))
    take_request(session, make.viewer(official), mine, version=None)
    reminded(app, session)
    taken, later = links_in(session, official.email)
    assert re.fullmatch(r"/work/[0-9a-f]{40}", taken)
    assert re.fullmatch(r"/work/[0-9a-f]{40}", later)
    acts = session.scalars(select(WorkLink.act).where(WorkLink.request_id == mine.id).order_by(WorkLink.id)).all()
    assert acts == [WorkAct.NOT_OURS, WorkAct.MORE_TIME], "it is taken already"
    assert links_in(session, MAILBOX) == [f"/requests/{nobodys.id}/{page}" for page in ("take", "assign", "move-date")]


def test_a_mailbox_with_an_account_works_from_the_mail(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    official = make.official(unit, email=MAILBOX)
    data_request = make.request(Status.RECEIVED, unit=make.unit("park"), asker=make.person(), next_on=day(30))
    colleague = make.official(data_request.unit)
    assign_request(session, make.viewer(colleague), data_request, version=None, unit=unit)
    reminded(app, session)
    assert len(links_in(session, MAILBOX)) == 3
    assert {link.person_id for link in session.scalars(select(WorkLink))} == {official.id}
    clock.move_to(datetime(2026, 11, 25, 7, 0, tzinfo=UTC))
    assert (MAILBOX, "Svara senast måndag: " + data_request.title) in reminded(app, session)
    assert len(links_in(session, MAILBOX)) == 3


def test_the_coordinator_gets_no_links_to_answer_with(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    answered(session, make, unit, "Sen", day(2))
    reminded(app, session)
    assert links_in(session, COORDINATOR) == []


# What is assigned.


def assigned(session: Session, make: Factory, unit: Unit, *titles: str) -> list[DataRequest]:
    """Requests that a coordinator has just given to the unit."""
    coordinator = make.viewer(session.scalars(select(Person).where(Person.email == COORDINATOR)).one())
    made = [make.request(title=title, next_on=make.workday(9)) for title in titles]
    for data_request in made:
        assign_request(session, coordinator, data_request, version=None, unit=unit)
    session.commit()
    return made


def told_at_once(app: Flask, session: Session) -> list[str]:
    """Whom mails of what is new went to so far."""
    drain(app)
    wanted = select(OutgoingEmail.recipient).where(OutgoingEmail.template == "new_for_unit")
    found = list(session.scalars(wanted.order_by(OutgoingEmail.id)))
    session.commit()
    return found


def test_the_first_of_a_day_is_told_at_once_and_the_others_in_one_mail_next_morning(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    official = make.official(unit)
    assert reminded(app, session) == []  # this morning's are written
    _, _, _, taken = assigned(session, make, unit, "Första", "Andra", "Tredje", "Tagen")
    assert told_at_once(app, session) == [MAILBOX]
    take_request(session, make.viewer(official), taken, version=None)
    assert reminded(app, session) == []
    clock.move_to(MONDAY + timedelta(days=1))
    told = [(MAILBOX, "Ny till er, svara senast 4 december: Andra, och en till")]
    assert [(to, subject.replace("\xa0", " ")) for to, subject in reminded(app, session)] == told
    clock.move_to(MONDAY + timedelta(days=2))
    assigned(session, make, unit, "Fjärde")
    assert told_at_once(app, session) == [MAILBOX, MAILBOX]
    clock.move_to(MONDAY + timedelta(days=3))
    assert [to for to, _ in reminded(app, session) if to == MAILBOX] == [MAILBOX]


def test_who_gets_it_passed_on_the_same_day_hears_of_it(
    app: Flask, make: Factory, session: Session, unit: Unit, clock: time_machine.Traveller
) -> None:
    other = make.unit("park", mailbox="park@halmstad.example")
    assert reminded(app, session) == []
    first, second = assigned(session, make, unit, "Första", "Andra")
    told_at_once(app, session)
    coordinator = make.viewer(session.scalars(select(Person).where(Person.email == COORDINATOR)).one())
    assigned(session, make, other, "Parkens egen")
    assert told_at_once(app, session) == [MAILBOX, other.mailbox]
    for data_request in (first, second):
        assign_request(session, coordinator, data_request, version=None, unit=other)
    session.commit()
    # The first was told of today, so the morning would not tell it again: the park hears of it now.
    assert told_at_once(app, session) == [MAILBOX, other.mailbox, other.mailbox]
    clock.move_to(MONDAY + timedelta(days=1))
    ((to, subject),) = reminded(app, session)
    assert (to, "Andra" in subject) == (other.mailbox, True)


@pytest.mark.parametrize(
    ("values", "is_taken", "on", "since"),
    [
        ({"assigned_at": CAME}, False, day(26), day(19)),
        ({"assigned_at": CAME}, False, day(27), None),
        ({"assigned_at": CAME}, True, day(24), None),
        ({"assigned_at": None}, False, day(24), None),
        ({"assigned_at": CAME, "latest_answer_at": CAME}, False, day(24), None),
        ({"assigned_at": CAME, "waiting_on": WaitingOn.REQUESTER}, False, day(24), None),
    ],
)
def test_how_long_it_is_new(values: dict[str, object], is_taken: bool, on: date, since: date | None) -> None:
    assert new_since(_row(**values), "Europe/Stockholm", on, is_taken=is_taken) == since


def test_what_is_new_and_has_no_date_promises_none() -> None:
    assert headline(_row(title="Bänkar"), Stage.NEW, day(23)).text == "New for you: %(title)s"
    assert "answer by" in headline(_row(title="Bänkar", next_on=day(30)), Stage.NEW, day(23)).text
