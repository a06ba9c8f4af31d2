"""What waits for a proved address: sent again, sent elsewhere, expired, used, by link or code, and done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from dialogue.accounts.models import EmailProof, Person, SignInSession
from dialogue.accounts.operations.housekeeping import purge_expired
from dialogue.accounts.operations.proofs import (
    CODES_PER_IP,
    MAILS_PER_ADDRESS,
    MAILS_PER_ADDRESS_A_DAY,
    ask_for_proof,
    change_address,
    send_again,
    try_code,
    use_proof,
)
from dialogue.accounts.rules import CODE_TRIES, ProofPurpose
from dialogue.core.clock import now
from dialogue.core.errors import InvalidTransition, RateLimited
from dialogue.core.limits import RateCount
from dialogue.mail.models import MailState, OutgoingEmail
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.rules import EventKind, Status
from tests.accounts.mailbox import count_mails, newest_mail
from tests.factories import Factory
from tests.page import Page
from tests.races import sessions_of, side_by_side
from tests.requests.test_file_request import FILLED

ANNA = FILLED["email"]
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def token_of(session: Session, to: str = "") -> str:
    return str(newest_mail(session, to).context["token"])


@pytest.fixture
def filed(page: Page, make: Factory) -> None:
    """A request that waits for Anna's address."""
    make.municipality()
    page.submit("/requests/new", FILLED)


@pytest.mark.usefixtures("filed")
def test_a_mail_can_be_sent_again_and_former_links_go_on_working(page: Page, session: Session) -> None:
    first = newest_mail(session)
    sent = page.submit("/check-email", action="/check-email/again")
    assert f"Vi har skickat ett nytt mejl till {ANNA}" in page.follow(sent).words
    second = newest_mail(session)
    assert second.context["token"] != first.context["token"]
    assert "inte koden" in page.submit("/check-email", {"code": first.context["code"]}, 422).words
    page.submit(f"/confirm/{first.context['token']}")
    assert session.scalars(select(DataRequest.status)).one() is Status.RECEIVED
    for token in (first.context["token"], second.context["token"]):
        used = page.get(f"/confirm/{token}")
        assert used.h1 == "Redan bekräftat"
        assert any("/requests/" in link for link in used.links())
    page.post(f"/confirm/{second.context['token']}/again", status=409)
    assert count_mails(session, "confirm_request") == 2


@pytest.mark.usefixtures("filed")
def test_a_wrong_address_is_corrected_and_nothing_else_typed_again(page: Page, session: Session) -> None:
    wrong = newest_mail(session)
    token = wrong.context["token"]
    refused = page.submit("/check-email", {"email": "anna@"}, 422, action="/check-email/address")
    assert refused.title.startswith("Fel: ")
    assert 'value="anna@"' in refused.text
    page.submit("/check-email", {"email": "Anna@Right.example"}, action="/check-email/address")
    assert "anna@right.example" in page.get("/check-email").words
    # Whoever owns the wrong address gets no mail, and can do nothing with one that got away.
    session.refresh(wrong)
    assert wrong.state is MailState.CANCELLED
    page.get(f"/confirm/{token}", 404)
    page.submit(f"/confirm/{token_of(session)}")
    data_request = session.scalars(select(DataRequest)).one()
    assert data_request.status is Status.RECEIVED
    assert data_request.title == FILLED["title"]
    assert session.scalars(select(Person.email)).one() == "anna@right.example"


@pytest.mark.usefixtures("filed")
def test_a_mail_that_has_left_cannot_be_taken_back_but_is_worthless(page: Page, session: Session) -> None:
    wrong = newest_mail(session)
    wrong.state = MailState.SENT
    page.submit("/check-email", {"email": "anna@right.example"}, action="/check-email/address")
    session.refresh(wrong)
    assert wrong.state is MailState.SENT
    page.get(f"/confirm/{wrong.context['token']}", 404)


def test_an_expired_link_keeps_the_text_and_sends_a_new_mail(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    with time_machine.travel(START) as clock:
        page.submit("/requests/new", FILLED)
        token = token_of(session)
        clock.shift(timedelta(days=7, seconds=1))
        expired = page.get(f"/confirm/{token}")
        assert expired.h1 == "Länken har gått ut"
        assert FILLED["need"] in expired.words
        assert page.post(f"/confirm/{token}").location == f"/confirm/{token}"
        page.submit(f"/confirm/{token}", action=f"/confirm/{token}/again")
        assert page.get(f"/confirm/{token}").h1 == "Länken har gått ut"
        page.submit(f"/confirm/{token_of(session)}")
        assert session.scalars(select(DataRequest.status)).one() is Status.RECEIVED


def test_the_code_dies_before_the_link(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    with time_machine.travel(START) as clock:
        page.submit("/requests/new", FILLED)
        mail = newest_mail(session)
        clock.shift(timedelta(minutes=31))
        assert "Använd länken" in page.submit("/check-email", {"code": mail.context["code"]}, 422).words
        page.submit(f"/confirm/{mail.context['token']}")


@pytest.mark.parametrize("token", ["x", "code", "0" * 40, "%2e%2e", "a" * 500, "ÅÄÖ", "'; --"])
def test_a_wrong_link_says_what_to_do(page: Page, make: Factory, token: str) -> None:
    make.municipality()
    for opened in (
        page.get(f"/confirm/{token}", 404),
        page.post(f"/confirm/{token}", status=404),
        page.post(f"/confirm/{token}/again", status=404),
    ):
        assert "Öppna det senaste mejlet" in opened.words


def test_without_a_mail_there_is_nothing_to_check(page: Page, make: Factory) -> None:
    make.municipality()
    assert "väntar inte på något mejl" in page.get("/check-email", 404).words
    page.post("/check-email", {"code": "123456"}, 404)
    page.post("/check-email/again", status=404)
    page.post("/check-email/address", {"email": ANNA}, 404)


@pytest.mark.usefixtures("filed")
def test_a_used_code_leads_to_what_became_of_it(page: Page, session: Session) -> None:
    mail = newest_mail(session)
    led = page.submit("/check-email", {"code": mail.context["code"]})
    assert led.location == "/confirm/code"
    page.submit("/confirm/code")
    assert page.get("/check-email").h1 == "Redan bekräftat"
    assert page.follow(page.post("/check-email", {"code": mail.context["code"]})).h1 == "Redan bekräftat"
    page.post("/check-email/again", status=409)
    page.post("/check-email/address", {"email": "x@prov.example"}, 409)


def test_a_draft_that_is_gone_is_told_of(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    page.submit("/requests/new", FILLED)
    token = token_of(session)
    session.delete(session.scalars(select(DataRequest)).one())
    session.commit()
    assert "har tagits bort" in page.get(f"/confirm/{token}", 404).words
    page.post(f"/confirm/{token}", status=404)


def test_whoever_uses_a_link_acts_as_the_address_that_it_proves(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    other = make.person("other@prov.example")
    page.sign_in(make.cookie(other))
    page.submit("/requests/new", FILLED)
    opened = page.get(f"/confirm/{token_of(session)}")
    assert f"Du är inloggad som other@prov.example. Går du vidare loggas du in som {ANNA}" in opened.words
    page.submit(f"/confirm/{token_of(session)}")
    anna = session.scalars(select(Person).where(Person.email == ANNA)).one()
    assert session.scalars(select(DataRequest.asker_id)).one() == anna.id
    assert ANNA in page.get("/account").words
    # The session from before has ended on the server.
    assert session.scalars(select(SignInSession.person_id)).all() == [anna.id]


def test_signing_in_again_replaces_the_session(page: Page, make: Factory, session: Session) -> None:
    anna = make.person(ANNA)
    old = make.cookie(anna)
    page.sign_in(old)
    made = ask_for_proof(session, ProofPurpose.SIGN_IN, ANNA, {"next": ""}, locale="sv", ip="", template="sign_in")
    session.commit()
    page.submit(f"/confirm/{made.token}")
    assert session.scalar(select(func.count()).select_from(SignInSession)) == 1
    page.get("/account")
    page.sign_in(old)
    page.get("/account", 302)


def test_limits_hold_for_mails_sent_again_too(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    with time_machine.travel(START):
        page.submit("/requests/new", FILLED)
        for _ in range(MAILS_PER_ADDRESS.tries - 1):
            page.post("/check-email/again")
        refused = page.post("/check-email/again", status=429)
        assert int(refused.response.headers["Retry-After"]) > 0
        page.post(f"/confirm/{token_of(session)}/again", status=429)
        assert count_mails(session, "confirm_request") == MAILS_PER_ADDRESS.tries


def test_an_address_gets_so_many_mails_a_day(session: Session, make: Factory) -> None:
    make.municipality()

    def ask() -> None:
        ask_for_proof(session, ProofPurpose.SIGN_IN, ANNA, {"next": ""}, locale="sv", ip="", template="sign_in")

    with time_machine.travel(START.replace(hour=0)) as clock:
        for _ in range(MAILS_PER_ADDRESS_A_DAY.tries):
            ask()
            clock.shift(timedelta(minutes=6))
        with pytest.raises(RateLimited) as refused:
            ask()
    assert refused.value.retry_after > timedelta(hours=12)


def test_codes_are_counted_by_network(session: Session, make: Factory) -> None:
    make.municipality()
    with time_machine.travel(START):
        for number in range(CODES_PER_IP.tries):
            if number % 3 == 0:
                proof = ask_for_proof(
                    session, ProofPurpose.SIGN_IN, f"a{number}@b.se", {}, locale="sv", ip="::2", template="sign_in"
                ).proof
            assert not try_code(session, proof, "wrong", ip="203.0.113.7")
        with pytest.raises(RateLimited):
            try_code(session, proof, "wrong", ip="203.0.113.7")
        assert not try_code(session, proof, "wrong", ip="203.0.113.8")


def test_what_is_done_cannot_be_sent_again(session: Session, make: Factory) -> None:
    make.municipality()
    made = ask_for_proof(session, ProofPurpose.SIGN_IN, ANNA, {}, locale="sv", ip="", template="sign_in")
    assert use_proof(session, made.proof)
    assert not use_proof(session, made.proof)
    session.refresh(made.proof)
    assert not try_code(session, made.proof, made.code, ip="")
    with pytest.raises(InvalidTransition):
        send_again(session, made.proof, ip="")
    with pytest.raises(InvalidTransition):
        change_address(session, made.proof, "b@prov.example", ip="")


def test_only_hashes_are_stored(session: Session, make: Factory) -> None:
    make.municipality()
    made = ask_for_proof(session, ProofPurpose.SIGN_IN, ANNA, {}, locale="sv", ip="", template="sign_in")
    row = session.execute(select(EmailProof.__table__)).mappings().one()
    assert made.token not in str(dict(row))
    assert made.code not in str(row["code_hash"])
    assert not session.scalars(select(RateCount.key).where(RateCount.key.contains(ANNA))).all()


def test_old_proofs_and_counts_are_removed(session: Session, make: Factory) -> None:
    person = make.person(ANNA)
    with time_machine.travel(START) as clock:
        ask_for_proof(session, ProofPurpose.SIGN_IN, ANNA, {}, locale="sv", ip="", template="sign_in")
        make.cookie(person)

        def left() -> tuple[int, ...]:
            purge_expired(session, now())
            session.commit()
            return tuple(
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in (EmailProof, RateCount, SignInSession)
            )

        assert left() == (1, 3, 1)
        clock.shift(timedelta(days=4))
        assert left() == (1, 0, 1)
        clock.shift(timedelta(days=27))
        assert left() == (0, 0, 1)
        clock.shift(timedelta(days=60))
        assert left() == (0, 0, 0)


def test_a_link_clicked_many_times_at_once_acts_once(live_app: Flask) -> None:
    with sessions_of(live_app)() as session:
        Factory(session).municipality()
        page = Page(live_app, session)
        page.submit("/requests/new", FILLED)
        first = token_of(session)
        page.submit("/check-email", action="/check-email/again")
        tokens = [first, token_of(session)] * 4
        proof, cookie = page.csrf_token(), page.client.get_cookie("dialogue")
        assert cookie is not None

        def click(token: str) -> int:
            client = live_app.test_client()
            client.set_cookie("dialogue", cookie.value)
            return client.post(f"/confirm/{token}", data={"csrf_token": proof}).status_code

        session.commit()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(click, tokens))
        assert answers == [303] * 8
        confirmed = select(func.count()).where(RequestEvent.kind == EventKind.REQUEST_CONFIRMED)
        assert session.scalar(confirmed) == 1
        assert session.scalar(select(func.count()).select_from(Person)) == 1
        assert session.scalar(select(func.count()).select_from(SignInSession)) == 1


def test_a_code_is_dead_when_others_have_used_up_its_tries_meanwhile(session: Session, make: Factory) -> None:
    make.municipality()
    made = ask_for_proof(session, ProofPurpose.SIGN_IN, ANNA, {}, locale="sv", ip="", template="sign_in")
    session.commit()
    proof = session.get_one(EmailProof, made.proof.id)
    assert proof.code_tries == 0
    tried = update(EmailProof).values(code_tries=CODE_TRIES).execution_options(synchronize_session=False)
    session.execute(tried)
    assert not try_code(session, proof, made.code, ip="")


def test_codes_tried_at_once_are_all_counted(live_app: Flask) -> None:
    with sessions_of(live_app)() as session:
        Factory(session).municipality()
        made = ask_for_proof(session, ProofPurpose.SIGN_IN, ANNA, {}, locale="sv", ip="", template="sign_in")
        proof_id, code = made.proof.id, made.code
        session.commit()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    def guess(session: Session) -> bool:
        return try_code(session, session.get_one(EmailProof, proof_id), wrong, ip="")

    assert side_by_side(live_app, *[guess] * 8) == [False] * 8
    with sessions_of(live_app)() as session:
        assert not try_code(session, session.get_one(EmailProof, proof_id), code, ip="")


@pytest.mark.usefixtures("stopped_clock")  # no window of a limit ends meanwhile
def test_mails_asked_for_at_once_are_all_counted(live_app: Flask) -> None:
    def ask(session: Session) -> None:
        ask_for_proof(session, ProofPurpose.SIGN_IN, ANNA, {}, locale="sv", ip="", template="sign_in")

    answers = side_by_side(live_app, *[ask] * 12)
    assert answers.count(None) == MAILS_PER_ADDRESS.tries
    assert {type(answer) for answer in answers} == {type(None), RateLimited}
    with sessions_of(live_app)() as session:
        assert session.scalar(select(func.count()).select_from(OutgoingEmail)) == MAILS_PER_ADDRESS.tries
