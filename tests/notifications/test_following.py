"""Following with an address alone: opting in twice, and ending it by one click that a scanner cannot make."""

import re

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from dialogue.accounts.models import Person
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.keys import key_to_choose, key_to_end
from dialogue.notifications.models import Subscription
from dialogue.notifications.operations.following import follow
from dialogue.notifications.queries.targets import target_of
from dialogue.notifications.rules import Cadence
from dialogue.notifications.worker import Worker, drain
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import Status
from dialogue.voting.operations import cast_vote
from tests.factories import Factory
from tests.page import Page
from tests.requests.acts import take

SECRET = "a secret that only tests know, long enough"


def newest(session: Session) -> OutgoingEmail:
    session.expire_all()
    mail = session.scalar(select(OutgoingEmail).order_by(OutgoingEmail.id.desc()))
    assert mail is not None
    return mail


def followed(session: Session, make: Factory) -> tuple[Person, DataRequest]:
    person, data_request = make.person(), make.request(unit=make.unit())
    follow(session, person, target_of(data_request), Cadence.INSTANT, "wording")
    session.commit()
    return person, data_request


def post(app: Flask, session: Session, path: str, data: dict[str, str] | None = None) -> TestResponse:
    """What a mail program posts: no cookie, no form proof."""
    session.commit()
    return app.test_client(use_cookies=False).post(path, data=data)


def test_following_begins_when_the_address_is_proved(page: Page, make: Factory, session: Session) -> None:
    data_request = make.request(unit=make.unit())
    sent = page.submit(f"/requests/{data_request.id}/follow", {"email": "cia@karta.example", "frequency": "weekly"})
    assert sent.location == "/check-email"
    assert session.scalars(select(Subscription)).all() == []
    page.submit(f"/confirm/{newest(session).context['token']}")
    subscription = session.scalars(select(Subscription)).one()
    assert subscription.cadence is Cadence.WEEKLY
    assert "Ett mejl på måndagar" in subscription.wording
    session.refresh(data_request)
    assert (data_request.followers_count, data_request.version) == (1, data_request.version)


def test_somebody_signed_in_follows_at_once_and_stops(page: Page, make: Factory, session: Session) -> None:
    person, data_request = make.person(), make.request(unit=make.unit())
    page.sign_in(make.cookie(person))
    version = data_request.version
    page.post(f"/requests/{data_request.id}/follow", {"frequency": "instant"})
    session.refresh(data_request)
    assert (data_request.followers_count, data_request.version) == (1, version)
    page.post(f"/requests/{data_request.id}/unfollow")
    session.refresh(data_request)
    assert data_request.followers_count == 0


def test_a_bad_address_is_said_in_words(page: Page, make: Factory) -> None:
    data_request = make.request(unit=make.unit())
    refused = page.submit(f"/requests/{data_request.id}/follow", {"email": "cia"}, 422)
    assert "Skriv en e-postadress" in refused.words
    page.submit("/subscribe", {"email": "", "frequency": "weekly"}, 422)


def test_an_area_a_unit_or_everything(page: Page, make: Factory, session: Session) -> None:
    area, unit, person = make.area("trafik"), make.unit("gata"), make.person()
    page.sign_in(make.cookie(person))
    page.submit("/subscribe?area=trafik")
    page.submit("/subscribe?unit=gata", {"frequency": "daily"})
    page.submit("/subscribe", {"frequency": "monthly"})
    rows = session.execute(select(Subscription.target, Subscription.cadence).order_by(Subscription.id)).all()
    assert [tuple(row) for row in rows] == [
        (f"area:{area.id}", Cadence.WEEKLY),
        (f"unit:{unit.id}", Cadence.DAILY),
        (f"everything:{make.the_municipality().id}", Cadence.MONTHLY),
    ]


def test_one_click_ends_it_without_cookie_or_form(app: Flask, page: Page, make: Factory, session: Session) -> None:
    person, data_request = followed(session, make)
    address = f"/unsubscribe/{key_to_end(SECRET, person.mail_handle, f'request:{data_request.id}')}"
    for _ in range(10):  # a mail scanner
        assert page.get(address).h1 == "Avsluta de här mejlen?"
        page.client.head(address)
        page.client.options(address)
    session.expire_all()
    assert session.scalars(select(Subscription)).one().cadence is Cadence.INSTANT
    for _ in range(2):
        answer = post(app, session, address, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "Location" not in answer.headers
    session.expire_all()
    assert session.scalars(select(Subscription)).one().cadence is Cadence.OFF
    session.refresh(data_request)
    assert data_request.followers_count == 0


def test_a_broken_key_tells_nothing(app: Flask, page: Page, make: Factory, session: Session) -> None:
    person, data_request = followed(session, make)
    good = key_to_end(SECRET, person.mail_handle, f"request:{data_request.id}")
    wrong = good[:-1] + "9999"
    for key in (wrong, "0" * 48 + "r1", "x", key_to_choose(SECRET, person.mail_handle)):
        answer = post(app, session, f"/unsubscribe/{key}", {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 404
        assert b"@" not in answer.data.partition(b"<main")[2].partition(b"</main")[0]
    page.get(f"/preferences/{good}", 404)
    session.expire_all()
    assert session.scalars(select(Subscription)).one().cadence is Cadence.INSTANT


def test_ending_stops_queued_mail_too(app: Flask, make: Factory, session: Session) -> None:
    person, data_request = followed(session, make)
    official = make.viewer(make.official(data_request.unit))
    take("plan", session, make, official, data_request)
    session.commit()
    worker = Worker(app)
    worker.tell()
    queued = newest(session)
    assert (queued.recipient, queued.state) == (person.email, MailState.WAITING)
    session.commit()
    key = key_to_end(SECRET, person.mail_handle, f"request:{data_request.id}")
    post(app, session, f"/unsubscribe/{key}", {"List-Unsubscribe": "One-Click"})
    drain(app)
    assert newest(session).state is MailState.CANCELLED


def test_mail_to_followers_can_be_ended_and_mail_to_the_asker_is_service(
    app: Flask, make: Factory, session: Session
) -> None:
    person, data_request = followed(session, make)
    data_request.asker_id = make.person().id
    session.commit()
    take("plan", session, make, make.viewer(make.official(data_request.unit)), data_request)
    session.commit()
    drain(app)
    sent = {mail.recipient: mail.sent_copy or "" for mail in session.scalars(select(OutgoingEmail))}
    heads = {recipient: copy.partition("\r\n\r\n")[0] for recipient, copy in sent.items()}
    assert len(heads) == 2
    listed = heads.pop(person.email)
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in listed
    assert re.search(r"List-Unsubscribe: <http://127.0.0.1:5000/unsubscribe/[0-9a-f]{48}r\d+>,\r\n <mailto:", listed)
    assert "Auto-Submitted: auto-generated" in listed
    assert "List-" not in next(iter(heads.values()))


def test_the_page_with_all_choices(page: Page, make: Factory, session: Session) -> None:
    person, data_request = followed(session, make)
    address = f"/preferences/{key_to_choose(SECRET, person.mail_handle)}"
    opened = page.get(address)
    assert data_request.title in opened.words
    assert person.email not in opened.text
    assert len(page.statements) <= 8
    subscription = session.scalars(select(Subscription)).one()
    page.post(address, {f"frequency-{subscription.id}": "monthly", "language": "en"})
    session.expire_all()
    assert (subscription.cadence, session.get_one(Person, person.id).locale) == (Cadence.MONTHLY, "en")
    page.post(address, {"stop": subscription.target})
    session.expire_all()
    assert subscription.cadence is Cadence.OFF
    page.post(address, {"stop_all": "1"})
    assert "Du följer inget just nu." in page.get(address).words


def test_who_voted_ends_it_without_a_subscription(app: Flask, make: Factory, session: Session) -> None:
    person, data_request = make.person(), make.request(Status.ASSESSING, unit=make.unit())
    cast_vote(session, person, data_request)
    session.commit()
    key = key_to_end(SECRET, person.mail_handle, f"request:{data_request.id}")
    post(app, session, f"/unsubscribe/{key}")
    take("plan", session, make, make.viewer(make.official(data_request.unit)), data_request)
    session.commit()
    drain(app)
    assert session.scalars(select(OutgoingEmail).where(OutgoingEmail.recipient == person.email)).all() == []
    session.refresh(data_request)
    assert data_request.followers_count == 0
