"""Held mail: read safely, published as the one whose address it came to, or thrown away with a reason."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.accounts.policy import NOBODY
from dialogue.accounts.rules import Role
from dialogue.conversation.models import HeldEmail, Message, ReplyPreview
from dialogue.conversation.operations.incoming import Opened
from dialogue.conversation.operations.quarantine import (
    discard_held,
    forget_old_mail,
    hold,
    may_preview,
    preview_held,
    publish_held,
)
from dialogue.conversation.queries.replies import PAGE_OF_HELD
from dialogue.conversation.rules import HELD_FOR, Fate, Held
from dialogue.core.clock import now, today
from dialogue.core.errors import Forbidden, InvalidTransition, InvalidValue
from dialogue.notifications.worker import Worker
from dialogue.privacy.operations import erase_person
from dialogue.privacy.queries import export_person
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import Status
from tests.factories import Factory
from tests.mail.postman import DOMAIN, Postman, address_of, configured
from tests.page import Page


@pytest.fixture(autouse=True)
def open_app(app: Flask) -> Iterator[Flask]:
    with configured(app, MAIL_REPLY_DOMAIN=DOMAIN, MAIL_SENDER=f"dialogue@{DOMAIN}"):
        yield app


@pytest.fixture
def asker(make: Factory) -> Person:
    return make.person("anna@laddkusten.example", make.organisation("Laddkusten AB"))


@pytest.fixture
def data_request(make: Factory, asker: Person) -> DataRequest:
    return make.request(Status.ASSESSING, unit=make.unit("gata"), asker=asker)


@pytest.fixture
def coordinator(make: Factory) -> Person:
    return make.official(make.unit("kansli"), Role.COORDINATOR)


@pytest.fixture
def mail(app: Flask, session: Session, asker: Person, data_request: DataRequest) -> HeldEmail:
    """A mail from another sender than the one whose address it came to."""
    post = Postman(app, session)
    post.bring("anna@privat.example", address_of(app, asker, data_request), "<b>Jag</b> svarar hemifrån.")
    held: HeldEmail = session.scalars(select(HeldEmail)).one()
    return held


def test_the_coordinator_publishes_it_as_its_writer(
    session: Session, page: Page, make: Factory, mail: HeldEmail, asker: Person, coordinator: Person
) -> None:
    page.sign_in(make.cookie(coordinator))
    assert "/quarantine" in page.get("/inbox").links()
    opened = page.get("/quarantine")
    assert "anna@privat.example" in opened.words
    opened = page.get(f"/quarantine/{mail.id}")
    assert "<b>Jag</b> svarar hemifrån." in opened.words
    assert not [element for element in opened.tree.iter("pre") if list(element)]
    page.submit(f"/quarantine/{mail.id}", action=f"/quarantine/{mail.id}/publish")
    (message,) = session.scalars(select(Message))
    assert (message.author_id, message.organisation_id) == (asker.id, asker.organisation_id)
    session.refresh(mail)
    assert (mail.fate, mail.settled_by_id, mail.message_id) == (Fate.PUBLISHED, coordinator.id, message.id)
    assert not page.get(f"/quarantine/{mail.id}").forms()
    assert "anna@privat.example" not in page.get("/quarantine").words
    page.post(f"/quarantine/{mail.id}/publish", status=409)
    page.post(f"/quarantine/{mail.id}/discard", {"note": "Igen"}, status=409)
    assert len(session.scalars(select(Message)).all()) == 1


def test_the_administrator_throws_it_away_with_a_reason(
    session: Session, page: Page, make: Factory, mail: HeldEmail
) -> None:
    page.sign_in(make.cookie(make.official(make.unit("it"), Role.ADMINISTRATOR)))
    discard = f"/quarantine/{mail.id}/discard"
    page.post(discard, {"note": " "}, status=422)
    page.submit(f"/quarantine/{mail.id}", {"note": "Skräp"}, action=discard)
    session.refresh(mail)
    assert (mail.fate, mail.note) == (Fate.DISCARDED, "Skräp")
    assert "Skräp" in page.get(f"/quarantine/{mail.id}").words


@pytest.mark.parametrize("held", [held for held in Held if held is not Held.OTHER_SENDER])
def test_nothing_else_can_be_published(
    session: Session,
    make: Factory,
    page: Page,
    asker: Person,
    data_request: DataRequest,
    coordinator: Person,
    held: Held,
) -> None:
    row = hold(session, Opened("", "x@y.example", "Hej", "Text", "Allt", "regel"), held, data_request, asker)
    session.commit()
    with pytest.raises(InvalidTransition):
        publish_held(session, make.viewer(coordinator), row)
    session.rollback()
    page.sign_in(make.cookie(coordinator))
    assert "Allt" in page.get(f"/quarantine/{row.id}").words
    assert (
        len([form for form in page.get(f"/quarantine/{row.id}").forms() if "publish" in (form.get("action") or "")])
        == 0
    )


AWAY = {"Auto-Submitted": "auto-replied"}


def test_what_was_no_robot_is_published_by_its_writer(
    app: Flask,
    session: Session,
    page: Page,
    make: Factory,
    asker: Person,
    data_request: DataRequest,
    coordinator: Person,
) -> None:
    post = Postman(app, session)
    post.bring(asker.email, address_of(app, asker, data_request), "Ja, var femte minut.\n\n> Hur ofta?", **AWAY)
    row = session.scalars(select(HeldEmail)).one()
    assert (row.held, row.reply) == (Held.MACHINE, "Ja, var femte minut.")
    assert post.mails("reply_preview") == []
    page.sign_in(make.cookie(coordinator))
    page.submit(f"/quarantine/{row.id}", action=f"/quarantine/{row.id}/preview")
    session.refresh(row)
    assert (row.fate, row.settled_by_id, row.message_id) == (Fate.PREVIEWED, coordinator.id, None)
    assert not page.get(f"/quarantine/{row.id}").forms()
    page.post(f"/quarantine/{row.id}/preview", status=409)
    assert session.scalars(select(Message)).all() == []
    preview = session.scalars(select(ReplyPreview)).one()
    assert (preview.person_id, preview.sender, preview.body) == (asker.id, asker.email, "Ja, var femte minut.")
    (mail,) = post.mails("reply_preview")
    assert mail.recipient == asker.email
    session.commit()


def test_a_units_mailbox_gets_it_too(
    app: Flask, session: Session, make: Factory, data_request: DataRequest, coordinator: Person
) -> None:
    unit, post = data_request.unit, Postman(app, session)
    assert unit is not None
    post.bring(unit.mailbox, address_of(app, unit, data_request), "Vi svarar på fredag.", Precedence="bulk")
    row = session.scalars(select(HeldEmail)).one()
    preview_held(session, make.viewer(coordinator), row, "sv")
    preview = session.scalars(select(ReplyPreview)).one()
    assert (preview.unit_id, preview.person_id, preview.sender) == (unit.id, None, unit.mailbox)
    session.commit()


@pytest.mark.parametrize(
    ("case", "may"),
    [
        ("as it came", True),
        ("another sender", False),
        ("nobody we know", False),
        ("another address since", False),
        ("closed account", False),
        ("nothing written", False),
        ("request over", False),
        ("settled", False),
        ("empty", False),
        ("too many", True),
    ],
)
def test_nobody_who_may_not_have_written_it_hears_of_it(
    session: Session, make: Factory, asker: Person, data_request: DataRequest, coordinator: Person, case: str, may: bool
) -> None:
    sender = "x@y.example" if case == "another sender" else asker.email
    text = "" if case == "nothing written" else "Text"
    held = {"too many": Held.TOO_MANY, "empty": Held.EMPTY}.get(case, Held.MACHINE)
    holder = None if case == "nobody we know" else asker
    mail = Opened("", sender, "Hej", text, "Allt", "regel")
    row = hold(session, mail, held, data_request, holder, is_sender=case != "another sender")
    if case == "another address since":
        asker.email = "ny@laddkusten.example"
    elif case == "closed account":
        asker.disabled_at = now()
    elif case == "request over":
        data_request.hidden_at = now()
    elif case == "settled":
        discard_held(session, make.viewer(coordinator), row, "Skräp")
    session.commit()
    assert may_preview(row) is may
    if may:
        preview_held(session, make.viewer(coordinator), row, "sv")
        again = hold(session, mail, held, data_request, holder, is_sender=True)
        with pytest.raises(InvalidTransition, match="same text"):
            preview_held(session, make.viewer(coordinator), again, "sv")
    else:
        with pytest.raises(InvalidTransition):
            preview_held(session, make.viewer(coordinator), row, "sv")
    session.rollback()
    with pytest.raises(Forbidden):
        preview_held(session, make.viewer(asker), row, "sv")
    session.commit()


def test_who_may_not_settle_and_what_cannot_be_settled(
    session: Session, make: Factory, mail: HeldEmail, coordinator: Person
) -> None:
    for viewer in (NOBODY, make.viewer(make.person())):
        with pytest.raises(Forbidden):
            discard_held(session, viewer, mail, "Skräp")
    with pytest.raises(InvalidValue):
        discard_held(session, make.viewer(coordinator), mail, "  ")
    discard_held(session, make.viewer(coordinator), mail, "Skräp")
    with pytest.raises(InvalidTransition):
        publish_held(session, make.viewer(coordinator), mail)


def test_a_text_that_cannot_be_published_says_why(
    app: Flask, session: Session, page: Page, make: Factory, coordinator: Person
) -> None:
    unit = make.unit("vatten")
    official = make.official(unit)
    late = make.request(Status.ASSESSING, unit=unit, next_on=today("Europe/Stockholm") - timedelta(days=1))
    Postman(app, session).bring("x@privat.example", address_of(app, official, late), "Svar")
    row = session.scalars(select(HeldEmail)).one()
    page.sign_in(make.cookie(coordinator))
    page.post(f"/quarantine/{row.id}/publish", status=422)
    session.refresh(row)
    assert row.fate is None


def test_a_long_quarantine_is_read_page_by_page(
    session: Session, page: Page, make: Factory, data_request: DataRequest, coordinator: Person
) -> None:
    for number in range(PAGE_OF_HELD + 1):
        hold(session, Opened("", subject=f"Mejl {number}."), Held.EMPTY, data_request)
    session.commit()
    page.sign_in(make.cookie(coordinator))
    first = page.get("/quarantine")
    assert "Mejl 0." not in first.words
    (more,) = [link for link in first.links() if "before=" in link]
    assert "Mejl 0." in page.get(more).words


def test_after_a_month_it_is_gone(
    app: Flask, session: Session, mail: HeldEmail, asker: Person, data_request: DataRequest
) -> None:
    Postman(app, session).bring(asker.email, address_of(app, asker, data_request), "Hej")
    forget_old_mail(session, now() + HELD_FOR - timedelta(minutes=1))
    assert session.scalars(select(HeldEmail)).all()
    session.commit()
    with time_machine.travel(now() + timedelta(days=40)):
        Worker(app).keep_house()
    session.expire_all()
    assert session.scalars(select(HeldEmail)).all() == session.scalars(select(ReplyPreview)).all() == []


def test_personal_data_goes_with_the_account(
    app: Flask,
    session: Session,
    make: Factory,
    mail: HeldEmail,
    asker: Person,
    data_request: DataRequest,
    coordinator: Person,
) -> None:
    Postman(app, session).bring(asker.email, address_of(app, asker, data_request), "Hej")
    data = export_person(session, asker)
    assert [row["body"] for row in data["reply_preview"]] == ["Hej"]
    assert "token_hash" not in data["reply_preview"][0]
    assert data["held_for"] == [{"id": mail.id}]  # what somebody else wrote is theirs
    discard_held(session, make.viewer(coordinator), mail, "Skräp")
    session.commit()
    erase_person(session, asker)
    erase_person(session, coordinator)
    session.commit()
    session.refresh(mail)
    assert (mail.person_id, mail.settled_by_id) == (None, None)
    sender = make.person("anna@privat.example")
    assert export_person(session, sender)["held_email"]
    erase_person(session, sender)
    session.commit()
    assert session.scalars(select(HeldEmail)).all() == session.scalars(select(ReplyPreview)).all() == []
