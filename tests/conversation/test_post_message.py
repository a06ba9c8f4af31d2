"""Writing in the conversation as people do it: known or unknown, changing one's mind, being moderated."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.rules import Role
from dialogue.conversation.models import Message
from dialogue.conversation.operations.messages import post_message
from dialogue.conversation.rules import NEWCOMER_POSTS
from dialogue.core.clock import now
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.moves import move
from dialogue.requests.rules import Outcome, Status
from tests.accounts.mailbox import count_mails, newest_mail
from tests.factories import Factory
from tests.page import Page, fields_of

LANGUAGES = ("", "/en")
ANNA = "anna@laddkusten.example"


def messages(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).order_by(Message.id)))


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_somebody_unknown_writes_by_mail(page: Page, make: Factory, session: Session, prefix: str) -> None:
    data_request = make.request(title="Lediga laddplatser")
    address = f"{prefix}/requests/{data_request.id}/messages"
    sent = page.post(address, {"body": "Vi **också**.", "organisation": "Vindrosens Cykelbud", "email": ANNA})
    assert sent.location == f"{prefix}/check-email"
    assert messages(session) == []
    mail = newest_mail(session)
    assert (mail.template, mail.recipient) == ("confirm_message", ANNA)
    waiting = page.get(f"{prefix}/confirm/{mail.context['token']}")
    assert "<strong>också</strong>" in waiting.text
    assert "Vindrosens Cykelbud" in waiting.words
    assert ANNA not in waiting.words
    confirmed = page.submit(f"{prefix}/confirm/{mail.context['token']}")
    message = messages(session)[0]
    assert confirmed.location == f"{prefix}/requests/{data_request.id}-lediga-laddplatser#message-{message.id}"
    assert message.organisation is not None
    assert message.organisation.name == "Vindrosens Cykelbud"
    used = page.get(f"{prefix}/confirm/{mail.context['token']}")
    assert f"{prefix}/requests/{data_request.id}" in used.links()
    assert len(messages(session)) == 1


def test_a_post_that_waited_too_long_is_not_published(page: Page, make: Factory, session: Session) -> None:
    data_request = make.request()
    page.post(f"/requests/{data_request.id}/messages", {"body": "Hej", "email": ANNA})
    token = newest_mail(session).context["token"]
    move(session, data_request, Status.CLOSED, Outcome.WITHDRAWN)
    session.commit()
    assert "publicerades inte" in page.follow(page.submit(f"/confirm/{token}")).words
    assert messages(session) == []


@pytest.mark.parametrize(
    "typed",
    [{"body": "  "}, {"body": "x" * 5001}, {"body": "Ring 19811228-9874"}, {"body": "Hej", "email": "anna"}],
)
@pytest.mark.parametrize("is_known", [False, True])
def test_a_post_that_cannot_be_taken_is_shown_again(
    page: Page, make: Factory, session: Session, typed: dict[str, str], is_known: bool
) -> None:
    data_request = make.request()
    if is_known:
        page.sign_in(make.cookie(make.person(organisation=make.organisation())))
        typed = typed | ({"body": ""} if "email" in typed else {})
    refused = page.post(
        f"/requests/{data_request.id}/messages", {"organisation": "Bolaget", "email": ANNA} | typed, 422
    )
    assert refused.title.startswith("Fel: ")
    assert typed["body"].strip() in refused.text
    assert messages(session) == []
    assert count_mails(session) == 0


@pytest.mark.usefixtures("stopped_clock")  # no window of a limit ends meanwhile
def test_somebody_known_writes_at_once_until_the_pace_is_too_high(page: Page, make: Factory, session: Session) -> None:
    data_request = make.request()
    page.sign_in(make.cookie(make.person()))
    posted = page.post(f"/requests/{data_request.id}/messages", {"body": "Hej"})
    assert posted.location == f"/requests/{data_request.id}-{data_request.slug}#message-{messages(session)[0].id}"
    for _ in range(NEWCOMER_POSTS.tries - 1):
        page.post(f"/requests/{data_request.id}/messages", {"body": "Hej"})
    refused = page.post(f"/requests/{data_request.id}/messages", {"body": "En till"}, 429)
    assert int(refused.response.headers["Retry-After"]) > 0
    assert "En till" in refused.text
    assert re.search(r"Försök igen om [0-9]+ (minut|timm)", refused.words)
    # One button sends the same again, when the time has come.
    assert fields_of(refused.form("/messages"))["body"] == "En till"
    # A reloaded form is a page too.
    assert page.get(f"/requests/{data_request.id}/messages", 303).location.endswith("#conversation")


def test_a_withdrawn_request_takes_no_posts(page: Page, make: Factory) -> None:
    data_request = make.request(Status.CLOSED, outcome=Outcome.WITHDRAWN)
    refused = page.post(f"/requests/{data_request.id}/messages", {"body": "Hej på er", "email": ANNA}, 409)
    assert "Hej på er" in refused.text


@pytest.fixture
def posted(session: Session, make: Factory) -> tuple[DataRequest, Message]:
    """A request with a post of its asker."""
    unit = make.unit()
    data_request = make.request(unit=unit, asker=make.person("asker@bolag.example"))
    asker = data_request.asker
    assert asker is not None
    message = post_message(session, make.viewer(asker), data_request, "Fel siffra: 12")
    session.commit()
    return data_request, message


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_authors_change_their_post_and_everybody_sees_how(
    page: Page, make: Factory, session: Session, posted: tuple[DataRequest, Message], prefix: str
) -> None:
    data_request, message = posted
    assert data_request.asker is not None
    page.sign_in(make.cookie(data_request.asker))
    page.submit(f"{prefix}/messages/{message.id}/edit", {"body": ""}, 422)
    page.submit(f"{prefix}/messages/{message.id}/edit", {"body": "19811228-9874"}, 422)
    changed = page.submit(f"{prefix}/messages/{message.id}/edit", {"body": "Rätt siffra: 13"})
    assert changed.location.endswith(f"#message-{message.id}")
    same = page.submit(f"{prefix}/messages/{message.id}/edit")
    assert same.location.endswith(f"#message-{message.id}")
    page.client.delete_cookie("dialogue")
    history = page.get(f"{prefix}/messages/{message.id}/history")
    assert "<del>Fel</del><ins>Rätt</ins>" in history.text
    assert "Fel siffra: 12" in history.words


def test_only_the_author_changes_a_post_and_only_for_fifteen_minutes(
    page: Page, make: Factory, session: Session, posted: tuple[DataRequest, Message]
) -> None:
    data_request, message = posted
    assert data_request.asker is not None
    page.sign_in(make.cookie(make.person()))
    page.get(f"/messages/{message.id}/edit", 403)
    page.post(f"/messages/{message.id}/edit", {"body": "Annat"}, 403)
    page.get("/messages/987654/edit", 404)
    page.sign_in(make.cookie(data_request.asker))
    with time_machine.travel(now() + timedelta(minutes=15, seconds=1)):
        assert page.get(f"/messages/{message.id}/edit", 303).location.endswith(f"#message-{message.id}")
        refused = page.post(f"/messages/{message.id}/edit", {"body": "För sent"}, 409)
        assert "För sent" in refused.text
    session.refresh(message)
    assert message.body == "Fel siffra: 12"


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_the_coordinator_hides_with_a_reason_and_shows_again(
    page: Page, make: Factory, session: Session, posted: tuple[DataRequest, Message], prefix: str
) -> None:
    data_request, message = posted
    assert data_request.unit is not None
    assert data_request.asker is not None
    for person in (data_request.asker, make.official(data_request.unit)):
        page.sign_in(make.cookie(person))
        page.get(f"{prefix}/messages/{message.id}/hide", 403)
        page.post(f"{prefix}/messages/{message.id}/hide", {"reason": "Nej"}, 403)
    page.sign_in(make.cookie(make.official(data_request.unit, Role.COORDINATOR)))
    page.submit(f"{prefix}/messages/{message.id}/hide", {"reason": ""}, 422)
    page.submit(f"{prefix}/messages/{message.id}/hide", {"reason": "Innehöll personuppgifter"})
    page.post(f"{prefix}/messages/{message.id}/hide", {"reason": "Igen"}, 409)
    page.get(f"{prefix}/messages/{message.id}/history")
    page.client.delete_cookie("dialogue")
    gone = page.get(f"{prefix}/messages/{message.id}/history", 410)
    assert "Innehöll personuppgifter" in gone.words
    assert "Fel siffra" not in gone.text
    page.sign_in(make.cookie(make.official(data_request.unit, Role.COORDINATOR)))
    page.post(f"{prefix}/messages/{message.id}/show")
    session.refresh(message)
    assert message.hidden_at is None


SLIP = "Mitt nummer är 811228-9873."
ASKED = "811228-9873 ser ut som ett personnummer. Om det är ett, ta bort det: alla kan läsa det du skriver."


def test_a_number_that_only_looks_like_a_personal_one_is_asked_about_and_goes_through(
    page: Page, make: Factory, session: Session
) -> None:
    unit = make.unit("gata")
    data_request = make.request(Status.ASSESSING, unit=unit, asker=make.person())
    address = f"/requests/{data_request.id}"
    page.submit(f"{address}-{data_request.slug}", {"body": SLIP, "email": "anna@prov.example"}, action="/messages")
    token = newest_mail(session).context["token"]
    assert ASKED in page.get(f"/confirm/{token}").words
    posted = page.follow(page.submit(f"/confirm/{token}"))
    assert "Ditt inlägg är publicerat." in posted.words
    assert ASKED not in posted.words  # it has been asked
    again = page.follow(page.post(f"{address}/messages", {"body": f"{SLIP} Igen."}))
    assert ASKED in again.words
    message = session.scalars(select(Message).order_by(Message.id.desc())).first()
    changed = page.submit(f"/messages/{message.id}/edit", {"body": f"{SLIP} En gång till."})
    assert ASKED in page.follow(changed).words
    assert ASKED in page.follow(page.post(f"{address}/vote", {"reason": SLIP})).words
    official = Page(page.app, session)
    official.sign_in(make.cookie(make.official(unit)))
    answered = official.submit(f"{address}/answer", {"answer": SLIP, "status": "unchanged"})
    assert ASKED in official.follow(answered).words
    asked = official.submit(f"{address}/ask", {"question": "Vilket år?"})
    assert "ser ut som" not in official.follow(asked).words
