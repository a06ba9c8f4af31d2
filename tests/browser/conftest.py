"""A real site and a real browser: the example municipality, served on loopback, with script off unless a test wants it."""

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from dialogue.accounts.models import Person, RoleGrant, SignInSession
from dialogue.accounts.operations.sign_ins import begin_sign_in
from dialogue.accounts.rules import Role
from dialogue.demo.operations import fill_when_empty
from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.worker import drain
from dialogue.web.extensions import db
from tests.browser.places import break_on_demand
from tests.conftest import dispose, migrated_app

#: Without these, Chromium looks for hosts that tests have no business with.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


#: Milliseconds that nothing ever takes, however busy the machine is.
AGES = 120_000
expect.set_options(timeout=AGES)


class Site:
    """The served example, and what a test may look at behind it."""

    def __init__(self, app: Flask, address: str) -> None:
        self.app = app
        self.address = address

    def session(self) -> Session:
        """A session of the test's own."""
        with self.app.app_context():
            return db.sessionmaker()

    def newest_mail(self, to: str) -> str:
        """The text of the newest mail to `to`, after the worker has done what is due."""
        drain(self.app)
        with self.session() as session:
            wanted = select(OutgoingEmail.sent_copy).where(OutgoingEmail.recipient == to)
            copy = session.scalar(wanted.order_by(OutgoingEmail.id.desc()).limit(1))
        assert copy, f"no mail went to {to}"
        return str(copy)

    def mails_to(self, to: str) -> int:
        """How many mails went to `to`."""
        drain(self.app)
        with self.session() as session:
            return len(list(session.scalars(select(OutgoingEmail.id).where(OutgoingEmail.recipient == to))))

    def link_in_mail(self, to: str) -> str:
        """The link of the newest mail to `to` that proves the address."""
        # Quoted-printable lines end in "=", and "=3D" is a "=".
        text = self.newest_mail(to).replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
        found = re.search(r"https?://[^\s\"<>]+(/confirm/[\w-]+)", text)
        assert found, text[:3000]
        return self.address + found.group(1)

    def code_in_mail(self, to: str) -> str:
        """The six-digit code of the newest mail to `to`."""
        found = re.search(
            r"\b(\d{3}) ?(\d{3})\b", self.newest_mail(to).partition("\r\n\r\n")[2] or self.newest_mail(to)
        )
        assert found
        return found.group(1) + found.group(2)

    def cookie_of(self, email: str) -> str:
        """The secret of a new session of `email`."""
        with self.session() as session:
            person = session.scalars(select(Person).where(Person.email == email)).one()
            token = begin_sign_in(session, person, "browser test").token
            session.commit()
        return token

    def end_sessions(self, email: str) -> None:
        """End every session of `email` on the server, as age or a sign-out elsewhere does."""
        with self.session() as session:
            whose = select(Person.id).where(Person.email == email).scalar_subquery()
            session.execute(delete(SignInSession).where(SignInSession.person_id == whose))
            session.commit()

    def somebody(self, role: Role) -> str:
        """The address of somebody with `role`."""
        with self.session() as session:
            wanted = (
                select(Person.email).join(RoleGrant, RoleGrant.person_id == Person.id).where(RoleGrant.role == role)
            )
            return str(session.scalars(wanted.order_by(Person.id)).first())


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The example, served from its own SQLite database for the whole run."""
    folder = tmp_path_factory.mktemp("site")
    app = migrated_app(f"sqlite:///{folder / 'site.sqlite3'}", folder)
    app.testing = False
    break_on_demand(app)
    with app.app_context():
        fill_when_empty(db.session)
        db.session.commit()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["BASE_URL"] = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Site(app, f"http://127.0.0.1:{server.port}")
    server.shutdown()
    thread.join()
    server.server_close()
    dispose(app)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as found by `make test` (DIALOGUE_TEST_BROWSER) or on the path."""
    found = os.environ.get("DIALOGUE_TEST_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS, timeout=AGES)
        yield browser
        browser.close()


def press(button: Locator) -> None:
    """Press what leads to another page, and wait for that page: a click by itself only begins to go there."""
    with button.page.expect_navigation():
        button.click()


Visitor = Callable[..., Page]


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Visitor]:
    """Opens a visitor's own browser: `visit()`, `visit(email=…)`, `visit(script=True, viewport=DESK)`."""
    contexts: list[BrowserContext] = []

    def open_page(
        email: str | None = None, *, script: bool = False, viewport: dict[str, int] = PHONE, **more: object
    ) -> Page:
        contexts.append(new_context(site, browser, email, script=script, viewport=viewport, **more))
        return contexts[-1].new_page()

    yield open_page
    for context in contexts:
        context.close()


def new_context(
    site: Site,
    browser: Browser,
    email: str | None,
    *,
    script: bool = False,
    viewport: dict[str, int] = DESK,
    **more: object,
) -> BrowserContext:
    """A browser of its own, signed in as `email`."""
    context = browser.new_context(
        viewport=viewport,  # type: ignore[arg-type]
        java_script_enabled=script,
        base_url=site.address,
        locale="sv-SE",
        **more,  # type: ignore[arg-type]
    )
    context.set_default_timeout(AGES)
    if email:
        _sign_in(site, context, email)
    return context


def _sign_in(site: Site, context: BrowserContext, email: str) -> None:
    serializer = site.app.session_interface.get_signing_serializer(site.app)  # type: ignore[attr-defined]
    value = serializer.dumps({"_user_id": site.cookie_of(email), "_fresh": True})
    context.add_cookies([{"name": site.app.config["SESSION_COOKIE_NAME"], "value": value, "url": site.address}])


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where a failing test may leave pictures."""
    return tmp_path
