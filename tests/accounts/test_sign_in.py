"""Signing in by mail: link or code, single use, the same answer for everybody, and slow to guess."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import EmailProof, Person, SignInSession
from dialogue.accounts.operations.proofs import CODE_TRIES, MAILS_PER_ADDRESS, MAILS_PER_IP
from dialogue.core.limits import network_of
from tests.accounts.mailbox import count_mails, newest_mail
from tests.factories import Factory
from tests.page import Opened, Page

ANNA = "anna@laddkusten.example"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
#: Addresses that lead off-site in one browser or another (PayloadsAllTheThings).
OFF_SITE = Path(__file__).with_name("open_redirects.txt").read_text(encoding="utf-8").splitlines()


def ask(page: Page, email: str = ANNA, next_page: str = "", status: int = 303) -> Opened:
    return page.submit(f"/sign-in?next={next_page}" if next_page else "/sign-in", {"email": email}, status)


def is_signed_in(page: Page) -> bool:
    return any(link.endswith("/account") for link in page.get("/").links())


def test_an_unknown_address_that_is_proved_becomes_a_person(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    assert ask(page).location == "/check-email"
    waiting = page.get("/check-email")
    assert ANNA in waiting.words
    assert session.scalar(select(func.count()).select_from(Person)) == 0
    assert not is_signed_in(page)
    mail = newest_mail(session)
    assert (mail.template, mail.recipient) == ("sign_in", ANNA)
    opened = page.get(f"/confirm/{mail.context['token']}")
    assert opened.h1 == f"Logga in som {ANNA}"
    page.submit(f"/confirm/{mail.context['token']}")
    assert is_signed_in(page)
    assert session.scalars(select(Person.email)).all() == [ANNA]


def test_the_code_signs_in_at_once(page: Page, make: Factory, session: Session) -> None:
    make.person(ANNA)
    ask(page)
    code = newest_mail(session).context["code"]
    page.submit("/check-email", {"code": f" {code[:3]}-{code[3:]} "})
    assert is_signed_in(page)
    assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_a_link_and_its_code_are_used_once(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    ask(page)
    mail = newest_mail(session)
    token, code = mail.context["token"], mail.context["code"]
    for _ in range(10):  # a mail scanner
        page.get(f"/confirm/{token}")
    page.submit(f"/confirm/{token}")
    page.post("/sign-out")
    again = page.post(f"/confirm/{token}")
    assert page.follow(again).h1 == "Redan bekräftat"
    assert not is_signed_in(page)
    with page.client.session_transaction() as cookie:
        cookie["proof_id"] = session.scalars(select(EmailProof.id)).one()
    page.post("/check-email", {"code": code})
    assert not is_signed_in(page)
    assert session.scalar(select(func.count()).select_from(SignInSession)) == 0


def test_a_link_and_its_code_live_for_half_an_hour(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    with time_machine.travel(START) as clock:
        ask(page)
        mail = newest_mail(session)
        clock.shift(timedelta(minutes=30, seconds=1))
        refused = page.submit("/check-email", {"code": mail.context["code"]}, 422)
        assert "Koden gäller inte längre" in refused.words
        assert page.get(f"/confirm/{mail.context['token']}").h1 == "Länken har gått ut"
        page.follow(page.post(f"/confirm/{mail.context['token']}"))
        assert not is_signed_in(page)
        # One button sends a new mail, and only that mail's link works.
        page.submit(
            f"/confirm/{mail.context['token']}",
            action=f"/confirm/{mail.context['token']}/again",
        )
        assert page.get(f"/confirm/{mail.context['token']}").h1 == "Länken har gått ut"
        page.submit(f"/confirm/{newest_mail(session).context['token']}")
        assert is_signed_in(page)


def test_codes_cannot_be_guessed(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    ask(page)
    code = newest_mail(session).context["code"]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(CODE_TRIES):
        refused = page.submit("/check-email", {"code": wrong}, 422)
        assert refused.title.startswith("Fel: ")
    dead = page.submit("/check-email", {"code": code}, 422)
    assert "Koden gäller inte längre" in dead.words
    # The link of the same mail still does: a stranger's guessing locks nobody out.
    page.submit(f"/confirm/{newest_mail(session).context['token']}")
    assert is_signed_in(page)


def test_known_and_unknown_addresses_get_the_same_answer(page: Page, make: Factory, session: Session) -> None:
    unit = make.unit()
    make.official(unit, email="official@prov.example")
    make.person("closed@prov.example", disabled_at=START)
    answers = set()
    for email in ("official@prov.example", "nobody@prov.example", "closed@prov.example"):
        opened = ask(page, email)
        headers = {name: value for name, value in opened.response.headers if name not in ("Set-Cookie", "Date")}
        answers.add((opened.status, opened.text, tuple(sorted(headers.items())), len(page.statements)))
    assert len(answers) == 1
    assert count_mails(session) == 3


def test_the_limit_of_an_address_is_exact(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    with time_machine.travel(START) as clock:
        for _ in range(MAILS_PER_ADDRESS.tries):
            ask(page)
        refused = ask(page, status=429)
        assert 0 < int(refused.response.headers["Retry-After"]) <= 30 * 60
        assert count_mails(session) == MAILS_PER_ADDRESS.tries
        ask(page, "other@laddkusten.example")
        clock.shift(timedelta(minutes=30))
        ask(page)


def test_the_limit_of_a_network_is_exact(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    with time_machine.travel(START):
        token = page.csrf_token()
        for number in range(MAILS_PER_IP.tries):
            page.post("/sign-in", {"email": f"a{number}@prov.example", "csrf_token": token})
        refused = page.post("/sign-in", {"email": "last@prov.example", "csrf_token": token}, 429)
        assert "Retry-After" in refused.response.headers
        # A forwarded header from somebody who is no proxy of ours changes nothing.
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP"):
            page.post("/sign-in", {"email": "x@prov.example"}, 429, headers={header: "203.0.113.9"})
        elsewhere = {"REMOTE_ADDR": "203.0.113.7"}
        page.post("/sign-in", {"email": "last@prov.example", "csrf_token": token}, environ_base=elsewhere)


@pytest.mark.parametrize(
    ("ip", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        # A customer of IPv6 has a whole /64 to send from.
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("not an address", "not an address"),
        ("", ""),
    ],
)
def test_tries_are_counted_by_network(ip: str, network: str) -> None:
    assert network_of(ip) == network


@pytest.mark.parametrize("email", ["", "  ", "anna", "anna@", "anna@laddkusten", "a b@c.se", "x" * 300 + "@c.se"])
def test_a_bad_address_is_refused_in_words(page: Page, make: Factory, session: Session, email: str) -> None:
    make.municipality()
    refused = ask(page, email, status=422)
    assert "Skriv en e-postadress" in refused.words
    assert refused.title.startswith("Fel: ")
    assert count_mails(session) == 0


def test_sign_in_leads_back_to_where_one_was(page: Page, make: Factory, session: Session) -> None:
    data_request = make.request()
    back = f"/en/requests/{data_request.id}-{data_request.slug}?a=1%202"
    ask(page, next_page=back.replace("%", "%25"))
    done = page.submit(f"/confirm/{newest_mail(session).context['token']}")
    assert done.location == back
    # Whoever is signed in already is let through.
    assert page.get(f"/sign-in?next=/requests/{data_request.id}", 302).location == f"/requests/{data_request.id}"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_sign_in_never_leads_off_site(page: Page, make: Factory, session: Session) -> None:
    page.sign_in(make.cookie(make.person(ANNA)))
    for address in OFF_SITE:
        led = page.get("/sign-in", 302, query_string={"next": address}).location
        assert led == "/account", address


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "address", [*OFF_SITE[:3], "https://evil.example/", "/\\evil.example", "/requests/new\r\nX: y"]
)
def test_a_planted_address_is_not_kept_either(page: Page, make: Factory, session: Session, address: str) -> None:
    make.municipality()
    page.post("/sign-in", {"email": ANNA, "next": address})
    assert page.submit(f"/confirm/{newest_mail(session).context['token']}").location == "/account"


def test_signing_out_ends_the_session_on_the_server(page: Page, make: Factory, session: Session) -> None:
    token = make.cookie(make.person(ANNA))
    page.sign_in(token)
    assert is_signed_in(page)
    assert page.post("/sign-out").location == "/"
    assert not is_signed_in(page)
    page.sign_in(token)  # the old cookie, put back
    assert not is_signed_in(page)
    page.post("/sign-out")


def test_somebody_who_is_shut_out_cannot_sign_in(page: Page, make: Factory, session: Session) -> None:
    make.person(ANNA, disabled_at=START)
    ask(page)
    refused = page.submit(f"/confirm/{newest_mail(session).context['token']}", status=403)
    assert "Kontot är stängt" in refused.words
    assert not is_signed_in(page)
