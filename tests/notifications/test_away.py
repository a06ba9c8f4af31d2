"""Being away: the page where it is said, and the stand-in who is told."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import RoleGrant, Unit
from dialogue.accounts.rules import Role
from dialogue.core.clock import today
from dialogue.core.errors import InvalidValue, NotFound
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.models import Absence
from dialogue.notifications.operations.absences import AbsenceFields, add_absence, end_absence
from dialogue.notifications.queries.duty import read_duty
from dialogue.notifications.worker import Worker, drain
from dialogue.privacy.operations import erase_person
from tests.factories import Factory
from tests.page import Page, fields_of

TODAY = date(2026, 11, 23)


def day(number: int) -> date:
    return date(2026, 11, number)


def test_a_period_is_said_and_removed_on_the_page(page: Page, make: Factory, session: Session) -> None:
    unit = make.unit()
    me, colleague = make.official(unit), make.official(unit, name="Kim i växeln")
    stranger, now_on = make.official(make.unit()), today("Europe/Stockholm")
    page.sign_in(make.cookie(me))
    assert "/account/away" in page.get("/account").links()
    opened = page.get("/account/away")
    assert "Kim i växeln" in opened.words
    assert stranger.email not in opened.words
    days = {"first_on": now_on.isoformat(), "last_on": (now_on + timedelta(days=7)).isoformat()}
    done = page.submit("/account/away", {**days, "stand_in": str(colleague.id)})
    shown = page.follow(done)
    assert "Kim i växeln ersätter" in shown.words
    absence = session.scalars(select(Absence)).one()
    assert (absence.person_id, absence.stand_in_id) == (me.id, colleague.id)
    again = page.submit("/account/away", {**days, "stand_in": ""}, 422)
    assert "Du är redan borta då" in again.words
    assert fields_of(again.form("/account/away"))["first_on"] == days["first_on"]
    assert page.submit("/account/away", {"first_on": "", "last_on": "i morgon"}, 422).title.startswith("Fel: ")
    page.submit("/account/away", {**days, "stand_in": str(stranger.id)}, 422)
    page.post(f"/account/away/{absence.id}/end")
    assert session.scalars(select(Absence)).all() == []
    done = page.submit("/account/away", {**days, "stand_in": ""})
    assert "Ingen ersätter" in page.follow(done).words


def test_who_has_no_requests_to_take_has_no_such_page(page: Page, make: Factory) -> None:
    page.sign_in(make.cookie(make.person()))
    assert "/account/away" not in page.get("/account").links()
    page.get("/account/away", 403)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (day(25), day(24), "last_on"),
        (day(20), day(22), "last_on"),
        (day(26), day(30), "first_on"),
        (day(20), day(26), "first_on"),
        (day(27), day(27), "first_on"),
    ],
)
def test_days_that_do_not_fit(session: Session, make: Factory, first: date, last: date, field: str) -> None:
    person = make.official(make.unit())
    add_absence(session, person, AbsenceFields(day(26), day(28)), TODAY)
    with pytest.raises(InvalidValue) as refused:
        add_absence(session, person, AbsenceFields(first, last), TODAY)
    assert refused.value.field == field


def test_only_one_s_own_absence_is_ended(session: Session, make: Factory) -> None:
    unit = make.unit()
    absence = add_absence(session, make.official(unit), AbsenceFields(day(26), day(28)), TODAY)
    for absence_id in (absence.id, 99999):
        with pytest.raises(NotFound):
            end_absence(session, make.official(unit), absence_id)


def test_the_stand_in_is_told_unless_it_was_changed(app: Flask, session: Session, make: Factory) -> None:
    unit, now_on = make.unit(), today("Europe/Stockholm")
    person, colleague = make.official(unit), make.official(unit)
    fields = AbsenceFields(now_on, now_on, colleague)
    add_absence(session, person, fields, now_on)
    session.commit()
    drain(app)
    mail = session.scalars(select(OutgoingEmail)).one()
    assert (mail.recipient, mail.state) == (colleague.email, MailState.SENT)
    absence = session.scalars(select(Absence)).one()
    for spoil in ("removed", "passed", "role"):
        end_absence(session, person, absence.id)
        absence = add_absence(session, person, fields, now_on)
        session.flush()
        if spoil == "removed":
            end_absence(session, person, absence.id)
            absence = add_absence(session, person, AbsenceFields(now_on, now_on), now_on)
        elif spoil == "passed":
            absence.first_on = absence.last_on = now_on - timedelta(days=1)
        else:
            session.query(RoleGrant).where(RoleGrant.person_id == colleague.id).delete()
        session.commit()
        Worker(app).sender.send_batch()
        session.expire_all()
        newest = session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id.desc())).first()
        assert newest is not None
        assert newest.state is MailState.CANCELLED, spoil
        session.commit()


def test_a_deleted_account_stands_in_for_nobody(session: Session, make: Factory) -> None:
    unit = make.unit()
    person, colleague = make.official(unit), make.official(unit)
    absence = add_absence(session, person, AbsenceFields(day(26), day(28), colleague), TODAY)
    session.commit()
    erase_person(session, colleague)
    session.commit()
    session.refresh(absence)
    assert absence.stand_in_id is None
    erase_person(session, person)
    assert session.scalars(select(Absence)).all() == []


def test_a_role_reaches_the_units_below(session: Session, make: Factory) -> None:
    top = make.unit()
    middle: Unit = make.unit(parent_id=top.id)
    bottom: Unit = make.unit(parent_id=middle.id)
    person = make.official(middle)
    session.add(RoleGrant(person_id=person.id, unit_id=top.id, role=Role.COORDINATOR, granted_at=person.created_at))
    session.commit()
    duty = read_duty(session, top.municipality_id, TODAY)
    me = duty.colleagues[person.id]
    assert [me.answers_for(unit.id) for unit in (top, middle, bottom)] == [False, True, True]
    assert not me.answers_for(None)
    assert duty.coordinators() == [me]
    assert duty.responsible(None, bottom.id) is None
    assert duty.responsible(person.id, bottom.id) is me
    assert duty.official_at(bottom.id, person.email) is me
    assert duty.official_at(top.id, person.email) is None
