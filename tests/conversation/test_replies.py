"""Answers by mail: who may answer, what becomes of the rest, and that only a button publishes."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, Unit
from dialogue.accounts.rules import Role
from dialogue.conversation.models import HeldEmail, Message, ReplyPreview
from dialogue.conversation.rules import Held
from dialogue.core.clock import now, today
from dialogue.mail.addresses import DigestAnswer, PersonsAnswer, local_part
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import IncomingState, MailState
from dialogue.privacy.operations import erase_person
from dialogue.requests.models import AnswerDraft, DataRequest
from dialogue.requests.rules import Outcome, Status
from tests.factories import Factory
from tests.mail.postman import DOMAIN, Postman, address_of, configured
from tests.page import Page

TEXT = "Vi behöver läget varje minut.\n\nDet räcker med CSV."


@pytest.fixture(autouse=True)
def open_app(app: Flask) -> Iterator[Flask]:
    with configured(app, MAIL_REPLY_DOMAIN=DOMAIN, MAIL_SENDER=f"dialogue@{DOMAIN}"):
        yield app


@pytest.fixture
def post(app: Flask, session: Session) -> Postman:
    return Postman(app, session)


@pytest.fixture
def unit(make: Factory) -> Unit:
    return make.unit("gata", mailbox="gata@halmstad.example")


@pytest.fixture
def asker(make: Factory) -> Person:
    return make.person("anna@laddkusten.example", make.organisation("Laddkusten AB"))


@pytest.fixture
def official(make: Factory, unit: Unit) -> Person:
    return make.official(unit, email="olle@halmstad.example")


@pytest.fixture
def data_request(make: Factory, unit: Unit, asker: Person) -> DataRequest:
    return make.request(Status.ASSESSING, unit=unit, asker=asker)


def link_in(mail: object) -> str:
    body = mail.sent_copy.replace("=\r\n", "")  # type: ignore[attr-defined]
    found = re.search(r"/reply/[0-9a-f]+", body)
    assert found
    return found[0]


def messages(session: Session) -> list[Message]:
    session.rollback()
    return list(session.scalars(select(Message).order_by(Message.id)))


def held(session: Session) -> list[HeldEmail]:
    session.rollback()
    return list(session.scalars(select(HeldEmail).order_by(HeldEmail.id)))


def test_a_business_answers_sees_it_and_publishes(
    app: Flask, session: Session, page: Page, post: Postman, asker: Person, data_request: DataRequest
) -> None:
    to = address_of(app, asker, data_request)
    assert post.bring("Anna <Anna@Laddkusten.example>", to, TEXT) is IncomingState.PREVIEWED
    (mail,) = post.mails("reply_preview")
    assert (mail.recipient, mail.state) == (asker.email, MailState.SENT)
    link = link_in(mail)
    assert f'Reply-To: "Dialogue, Provkommun" <{to}>' in mail.sent_copy
    assert messages(session) == []
    opened = page.get(link)
    assert "Vi behöver läget varje minut." in opened.words
    page.submit(link)
    (message,) = messages(session)
    assert (message.body, message.author_id, message.is_official) == (TEXT, asker.id, False)
    assert message.organisation_id == asker.organisation_id
    assert "/requests/" in page.get(link).text
    page.post(link, {"body": "En gång till"})
    assert len(messages(session)) == 1


def test_an_official_answers_as_the_unit_and_may_change_the_text(
    app: Flask, session: Session, page: Page, post: Postman, unit: Unit, official: Person, data_request: DataRequest
) -> None:
    assert post.bring(official.email, address_of(app, official, data_request), TEXT) is IncomingState.PREVIEWED
    (mail,) = post.mails("reply_preview")
    link = link_in(mail)
    assert page.submit(link, {"body": "  "}, status=422).h1
    page.submit(
        link,
        {
            "body": f"Ändrat. Skriv till {address_of(app, official, data_request)} eller http://127.0.0.1:5000/preferences/abc123."
        },
    )
    (message,) = messages(session)
    assert (message.body, message.author_id, message.unit_id) == ("Ändrat. Skriv till eller .", official.id, unit.id)
    assert message.is_official
    session.refresh(data_request)
    assert data_request.status is Status.ASSESSING


def test_from_the_mailbox_of_the_unit_who_publishes_logs_in(
    app: Flask, session: Session, page: Page, post: Postman, make: Factory, unit: Unit, official: Person,
    data_request: DataRequest,
) -> None:  # fmt: skip
    assert post.bring(unit.mailbox, address_of(app, unit, data_request), TEXT) is IncomingState.PREVIEWED
    (mail,) = post.mails("reply_preview")
    assert mail.recipient == unit.mailbox
    link = link_in(mail)
    assert "logga" in page.get(link).words.lower()
    answer = page.post(link, {"body": TEXT})
    assert "/sign-in" in answer.location
    page.sign_in(make.cookie(make.person()))
    page.post(link, {"body": TEXT}, status=403)
    page.sign_in(make.cookie(official))
    page.post(link, {"body": TEXT})
    (message,) = messages(session)
    assert (message.author_id, message.is_official) == (official.id, True)


def test_an_official_answers_the_units_mail_under_their_own_address(
    app: Flask, session: Session, post: Postman, unit: Unit, official: Person, data_request: DataRequest
) -> None:
    assert post.bring(official.email, address_of(app, unit, data_request), TEXT) is IncomingState.PREVIEWED
    (preview,) = session.scalars(select(ReplyPreview))
    assert (preview.person_id, preview.unit_id) == (official.id, None)


def test_a_date_that_is_owed_is_asked_for_with_the_text_kept(
    app: Flask, session: Session, page: Page, post: Postman, make: Factory, unit: Unit, official: Person
) -> None:
    late = make.request(Status.ASSESSING, unit=unit, next_on=today("Europe/Stockholm") - timedelta(days=3))
    post.bring(official.email, address_of(app, official, late), TEXT)
    answer = page.submit(link_in(post.mails("reply_preview")[0]))
    assert answer.location.endswith(f"/requests/{late.id}/answer")
    (draft,) = session.scalars(select(AnswerDraft))
    assert draft.fields["answer"] == TEXT
    session.rollback()
    page.sign_in(make.cookie(official))
    assert "Det räcker med CSV." in page.follow(answer).text
    assert messages(session) == []


def test_the_same_words_count_once_also_under_another_message_id(
    app: Flask, session: Session, post: Postman, asker: Person, data_request: DataRequest
) -> None:
    to = address_of(app, asker, data_request)
    states = [post.bring(asker.email, to, TEXT) for _ in range(2)]
    assert states == [IncomingState.PREVIEWED, IncomingState.DUPLICATE]
    assert len(post.mails("reply_preview")) == 1


@pytest.mark.parametrize("same_words", [False, True])
def test_a_robot_without_any_sign_is_stopped_after_three(
    app: Flask, session: Session, post: Postman, unit: Unit, asker: Person, data_request: DataRequest, same_words: bool
) -> None:
    to = address_of(app, asker, data_request)
    states = [post.bring(asker.email, to, "Tack" if same_words else f"Tack {number}") for number in range(6)]
    assert states[3:] == [IncomingState.HELD] * 3
    assert states.count(IncomingState.PREVIEWED) == (1 if same_words else 3)
    assert [mail.held for mail in held(session)] == [Held.TOO_MANY] * 3
    (warning,) = post.mails("reply_robot")
    assert warning.recipient == unit.mailbox
    assert asker.email in warning.sent_copy
    with time_machine.travel(now() + timedelta(hours=2)):
        expected = IncomingState.PREVIEWED if same_words else IncomingState.HELD  # nobody said yes to the others
        assert post.bring(asker.email, to, "Något annat") is expected
    assert len(post.mails("reply_robot")) == 1


def test_without_a_unit_the_municipality_is_warned(app: Flask, post: Postman, make: Factory, asker: Person) -> None:
    nobodys = make.request(asker=asker)
    for number in range(4):
        post.bring(asker.email, address_of(app, asker, nobodys), f"Tack {number}")
    assert [mail.recipient for mail in post.mails("reply_robot")] == ["dialog@prov.example"]
    make.the_municipality().contact_email = None
    make.session.commit()
    other = make.request(asker=asker)
    for number in range(4):
        post.bring(asker.email, address_of(app, asker, other), f"Tack {number}")
    assert len(post.mails("reply_robot")) == 1


def test_another_sender_is_held_and_the_holder_told_once_a_day(
    app: Flask, session: Session, post: Postman, asker: Person, data_request: DataRequest
) -> None:
    to = address_of(app, asker, data_request)
    for text in ("Jag är Anna.", "Jag är verkligen Anna."):
        assert post.bring("forged@elsewhere.example", to, text) is IncomingState.HELD
    (mail,) = post.mails("reply_held")
    assert mail.recipient == asker.email
    assert "forged@elsewhere.example" in mail.sent_copy
    assert [(row.held, row.person_id, row.body) for row in held(session)] == [
        (Held.OTHER_SENDER, asker.id, "Jag är Anna."),
        (Held.OTHER_SENDER, asker.id, "Jag är verkligen Anna."),
    ]
    assert {row.recipient for name in ("reply_preview", "reply_explained") for row in post.mails(name)} == set()


def test_a_stranger_who_writes_to_the_units_address_is_held(
    app: Flask, session: Session, post: Postman, make: Factory, unit: Unit, data_request: DataRequest
) -> None:
    assert post.bring("forged@elsewhere.example", address_of(app, unit, data_request), TEXT) is IncomingState.HELD
    assert [mail.recipient for mail in post.mails("reply_held")] == [unit.mailbox]
    # Somebody who works elsewhere in the municipality does not answer for the unit either.
    colleague = make.official(make.unit("vatten"))
    assert post.bring(colleague.email, address_of(app, unit, data_request), TEXT) is IncomingState.HELD


@pytest.mark.parametrize("to", ["dialogue", "b" * 40, "postmaster"])
def test_without_a_valid_address_nobody_is_answered(
    app: Flask, session: Session, post: Postman, official: Person, to: str
) -> None:
    assert post.bring(official.email, f"{to}@{DOMAIN}", TEXT) is IncomingState.HELD
    (mail,) = held(session)
    assert (mail.held, mail.person_id, mail.sender) == (Held.NO_ADDRESS, None, official.email)
    assert TEXT in mail.body
    assert post.mails("reply_preview") == post.mails("reply_held") == []


@pytest.mark.parametrize(
    ("status", "values"),
    [
        (Status.CLOSED, {}),
        (Status.CLOSED, {"outcome": Outcome.WITHDRAWN}),
        (Status.RECEIVED, {"hidden_at": now(), "hidden_reason": "Olämpligt"}),
        (Status.DRAFT, {}),
    ],
)
def test_a_request_that_is_over_takes_no_answers(
    app: Flask, session: Session, post: Postman, make: Factory, asker: Person, status: Status, values: dict[str, object]
) -> None:
    over = make.request(status, asker=asker, **values)
    assert post.bring(asker.email, address_of(app, asker, over), TEXT) is IncomingState.HELD
    assert [mail.held for mail in held(session)] == [Held.CLOSED]
    assert post.mails("reply_preview") == []


def test_a_request_that_is_not_there(app: Flask, session: Session, post: Postman, asker: Person) -> None:
    to = local_part(app.config["SECRET_KEY"], PersonsAnswer(asker.mail_handle, 4711))
    assert post.bring(asker.email, f"{to}@{DOMAIN}", TEXT) is IncomingState.HELD
    assert [mail.held for mail in held(session)] == [Held.CLOSED]


def test_a_deleted_account_takes_its_addresses_along(
    app: Flask, session: Session, post: Postman, asker: Person, data_request: DataRequest
) -> None:
    to, email = address_of(app, asker, data_request), asker.email
    erase_person(session, asker)
    session.commit()
    assert post.bring(email, to, TEXT) is IncomingState.HELD
    assert [(mail.held, mail.person_id) for mail in held(session)] == [(Held.NO_ADDRESS, None)]


@pytest.mark.parametrize(
    "headers",
    [{"Auto-Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List-Id": "<x.example>"}, {"Return-Path": ""}],
)
def test_a_robot_that_says_so_is_held_with_the_rule(
    app: Flask, session: Session, post: Postman, asker: Person, data_request: DataRequest, headers: dict[str, str]
) -> None:
    assert (
        post.bring(asker.email, address_of(app, asker, data_request), "Jag är borta.", **headers) is IncomingState.HELD
    )
    (mail,) = held(session)
    assert mail.held is Held.MACHINE
    assert mail.rule
    assert post.bring(asker.email, f"dialogue@{DOMAIN}", "Jag är borta.", **headers) is IncomingState.HELD
    digest = local_part(app.config["SECRET_KEY"], DigestAnswer(asker.mail_handle))
    assert post.bring(asker.email, f"{digest}@{DOMAIN}", "Jag är borta.", **headers) is IncomingState.HELD
    assert {mail.held for mail in held(session)} == {Held.MACHINE}
    assert session.scalars(select(OutgoingEmail)).all() == []


def test_nothing_written_is_held(
    app: Flask, session: Session, post: Postman, asker: Person, data_request: DataRequest
) -> None:
    assert post.bring(asker.email, address_of(app, asker, data_request), "\n\n") is IncomingState.HELD
    assert [mail.held for mail in held(session)] == [Held.EMPTY]


def test_an_answer_to_a_digest_is_explained_once_a_day(
    app: Flask, session: Session, post: Postman, asker: Person
) -> None:
    to = f"{local_part(app.config['SECRET_KEY'], DigestAnswer(asker.mail_handle))}@{DOMAIN}"
    states = [post.bring(asker.email, to, f"Hej {number}") for number in range(2)]
    assert states == [IncomingState.EXPLAINED, IncomingState.IGNORED]
    (mail,) = post.mails("reply_explained")
    assert mail.recipient == asker.email
    assert "Auto-Submitted: auto-replied" in mail.sent_copy
    assert post.bring("forged@elsewhere.example", to, "Hej") is IncomingState.HELD
    erase_person(session, asker)
    session.commit()
    assert post.bring("anna@laddkusten.example", to, "Hej igen") is IncomingState.HELD
    assert [row.held for row in held(session)] == [Held.OTHER_SENDER, Held.NO_ADDRESS]
    with time_machine.travel(now() + timedelta(hours=25)):
        assert post.mails("reply_explained") == []


def test_an_old_link_says_so_and_publishes_nothing(
    app: Flask, session: Session, page: Page, post: Postman, asker: Person, data_request: DataRequest
) -> None:
    post.bring(asker.email, address_of(app, asker, data_request), TEXT)
    link = link_in(post.mails("reply_preview")[0])
    with time_machine.travel(now() + timedelta(days=8)):
        assert "Det räcker med CSV." in page.get(link).text
        page.post(link, {"body": TEXT}, status=409)
    assert messages(session) == []
    page.get("/reply/0123456789", status=404)


def test_a_worker_that_cannot_read_a_mail_goes_on_with_the_others(
    app: Flask, session: Session, post: Postman, asker: Person, data_request: DataRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    to = address_of(app, asker, data_request)
    with monkeypatch.context() as broken:
        broken.setattr("dialogue.notifications.receiving.open_mail", lambda *_: 1 / 0)
        for minutes in range(0, 8, 2):
            with time_machine.travel(now() + timedelta(minutes=minutes)):
                state = post.bring_raw(b"x", to)
    assert state is IncomingState.HELD
    assert [mail.held for mail in held(session)] == [Held.UNREADABLE]
    assert post.bring(asker.email, to, TEXT) is IncomingState.PREVIEWED


def test_two_municipalities_do_not_see_each_others_mail(
    app: Flask, session: Session, page: Page, post: Postman, make: Factory, asker: Person, data_request: DataRequest
) -> None:
    elsewhere = make.municipality("laholm", name="Laholms kommun")
    other = make.official(make.unit(municipality=elsewhere), Role.COORDINATOR)
    administrator = make.official(make.unit(municipality=elsewhere), Role.ADMINISTRATOR)
    post.bring("forged@elsewhere.example", address_of(app, asker, data_request), "Jag är Anna.")
    post.bring("forged@elsewhere.example", f"dialogue@{DOMAIN}", "Till någon.")
    first, second = held(session)
    page.sign_in(make.cookie(other))
    assert "forged@" not in page.get("/quarantine").text
    page.get(f"/quarantine/{first.id}", status=404)
    page.get(f"/quarantine/{second.id}", status=404)
    page.sign_in(make.cookie(administrator))
    page.get(f"/quarantine/{first.id}", status=404)
    assert "Till någon." in page.get(f"/quarantine/{second.id}").text


def test_a_text_that_nobody_may_publish_says_why(
    app: Flask, session: Session, page: Page, post: Postman, asker: Person, data_request: DataRequest
) -> None:
    post.bring(asker.email, address_of(app, asker, data_request), "Jag är 811228-9874.")
    link = link_in(post.mails("reply_preview")[0])
    assert "811228-9874" in page.submit(link, status=422).text
    assert messages(session) == []
