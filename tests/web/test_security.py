"""What is not believed: foreign names of the site, forms of other sites, sessions from somewhere else."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import Config
from dialogue.accounts.models import Person
from dialogue.app import create_app
from dialogue.mail.models import OutgoingEmail
from tests.accounts.mailbox import newest_mail
from tests.conftest import settings
from tests.factories import Factory
from tests.page import Page

ANNA = "anna@laddkusten.example"
TYPED = {"name": "Anna", "locale": "sv"}


def count_mails(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(OutgoingEmail)) or 0


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "a@evil.example", ""])
def test_a_foreign_host_is_refused(page: Page, make: Factory, session: Session, host: str) -> None:
    make.municipality()
    proof = page.csrf_token()
    for method, path in (("GET", "/"), ("GET", "//requests"), ("POST", "/sign-in"), ("GET", "/account")):
        answer = page.client.open(
            path, method=method, headers={"Host": host}, data={"email": ANNA, "csrf_token": proof}
        )
        assert answer.status_code == 400
        assert "evil.example" not in answer.headers.get("Location", "")
    assert count_mails(session) == 0


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-URL", "X-Rewrite-URL"])
def test_forwarded_hosts_lead_nowhere(page: Page, make: Factory, header: str) -> None:
    make.municipality()
    value = "host=evil.example" if header == "Forwarded" else "evil.example"
    for path in ("/account", "/settings", "/requests/1"):
        answer = page.client.get(path, headers={header: value})
        assert "evil.example" not in answer.headers.get("Location", "") + answer.text


@pytest.mark.parametrize(
    ("base", "host", "hosts"),
    [
        ("https://dialogue.example", "", ["dialogue.example", "localhost", "127.0.0.1", "[::1]"]),
        ("http://127.0.0.1:5000", "", ["127.0.0.1", "localhost", "[::1]"]),
        ("http://[::1]:5000", "", ["[::1]", "localhost", "127.0.0.1"]),
        # Development that is shown to the network on purpose.
        ("", "0.0.0.0", None),  # noqa: S104 (only compared)
    ],
)
def test_the_names_of_the_site(tmp_path: Path, base: str, host: str, hosts: list[str] | None) -> None:
    environ = {"DIALOGUE_VAR": str(tmp_path), "HOST": host} | ({"DIALOGUE_BASE_URL": base} if base else {})
    config = Config(environ)
    assert hosts == config.TRUSTED_HOSTS


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://localhost.evil.example"},
    ],
)
def test_a_form_of_another_site_is_refused_even_with_a_proof(
    page: Page, make: Factory, session: Session, headers: dict[str, str]
) -> None:
    page.sign_in(make.cookie(make.person(ANNA)))
    refused = page.post("/account/edit", TYPED, 403, headers=headers)
    assert "från en annan webbplats" in refused.words
    assert "Skicka igen" not in refused.words  # no button: it was never ours
    assert session.scalars(select(Person.name)).one() is None
    for mine in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {"Origin": "null"}):
        page.post("/account/edit", TYPED, headers=mine)


def test_the_proof_of_another_browser_is_worth_nothing(page: Page, app: Flask, make: Factory, session: Session) -> None:
    page.sign_in(make.cookie(make.person(ANNA)))
    stranger = Page(app, session)
    page.post("/account/edit", TYPED | {"csrf_token": stranger.csrf_token()}, 403)
    assert session.scalars(select(Person.name)).one() is None


def test_a_planted_session_is_worthless(page: Page, app: Flask, make: Factory, session: Session) -> None:
    """Somebody makes the victim's browser use their own cookie before it signs in; then it is worth nothing to them."""
    make.municipality()
    attacker = Page(app, session)
    attacker.get("/sign-in")
    attacker.csrf_token()
    planted = attacker.client.get_cookie("dialogue")
    assert planted is not None
    page.client.set_cookie("dialogue", planted.value)
    page.submit("/sign-in", {"email": ANNA})
    page.submit(f"/confirm/{newest_mail(session).context['token']}")
    page.get("/account")
    attacker.get("/account", 302)
    now_held = page.client.get_cookie("dialogue")
    assert now_held is not None
    assert now_held.value != planted.value
    # A proof from before no longer fits either.
    with attacker.client.session_transaction() as old, page.client.session_transaction() as new:
        assert old["csrf_token"] != new.get("csrf_token")


@pytest.mark.parametrize("planted", [{"_user_id": "1"}, {"_user_id": "0" * 40}, {"_user_id": None}, {"person": 1}])
def test_values_in_a_cookie_make_nobody_of_one(page: Page, make: Factory, planted: dict[str, object]) -> None:
    make.person(ANNA)
    with page.client.session_transaction() as cookie:
        cookie.update(planted)
    page.get("/account", 302)


def test_a_cookie_with_another_signature_is_nothing(page: Page, make: Factory) -> None:
    page.sign_in(make.cookie(make.person(ANNA)))
    held = page.client.get_cookie("dialogue")
    assert held is not None
    page.client.set_cookie("dialogue", held.value[:-2] + ("xx" if held.value[-2:] != "xx" else "yy"))
    page.get("/account", 302)


def test_the_cookie_keeps_to_itself(page: Page, make: Factory) -> None:
    make.municipality()
    answer = page.client.post("/sign-in", data={"email": ANNA, "csrf_token": page.csrf_token()})
    held = answer.headers["Set-Cookie"]
    assert "HttpOnly" in held
    assert "SameSite=Lax" in held
    assert "Path=/" in held
    assert "Domain" not in held


def test_behind_https_the_cookie_is_secure(tmp_path: Path) -> None:
    config = settings("sqlite://", tmp_path, MODE="production", BASE_URL="https://dialogue.example")
    app = create_app(config)
    assert app.config["SESSION_COOKIE_SECURE"] is True
    answer = app.test_client().get("/health/live", headers={"Host": "dialogue.example"})
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_a_page_for_everybody_sets_no_cookie(page: Page, make: Factory) -> None:
    make.municipality()
    page.sign_in(make.cookie(make.person(ANNA)))
    for path in ("/accessibility", "/requests.atom"):
        assert "Set-Cookie" not in page.client.get(path).headers
