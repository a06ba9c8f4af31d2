"""Whoever opens the links of a mail, people or machines, changes nothing; only the button of a page does."""

import re
from collections.abc import Iterator
from email import message_from_string, policy
from email.message import EmailMessage
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dialogue.core.db import Base
from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.letters.table import LETTERS
from dialogue.requests.models import DataRequest
from dialogue.web.extensions import db
from tests.conftest import dispose, migrated_app
from tests.emails.gathered import tell_digests
from tests.emails.story import Story
from tests.factories import Factory
from tests.page import Page, fields_of

#: Links that stand for what their reader may do, without signing in: a page with a button each.
CAPABILITIES = ("/confirm/", "/unsubscribe/", "/preferences/", "/work/", "/requests/drafts/")

LINK = re.compile(r"https?://[^\s\"'<>()]+[^\s\"'<>().,]")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Session]]:
    """A site that has sent one of every mail."""
    folder = tmp_path_factory.mktemp("links")
    app = migrated_app(f"sqlite:///{folder / 'links.sqlite3'}", folder)
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        with app.app_context():
            sessions = db.sessionmaker
        with sessions() as session:
            with app.app_context():
                story = Story(app, session, Factory(session), "sv")
                story.tell()
                tell_digests(story)
                session.commit()
                Story.tell_of_answers(story)
            # The story puts away what it has told, so that its digests stay short. Its readers' links are older.
            session.execute(update(DataRequest).values(hidden_at=None, hidden_reason=None))
            session.commit()
            yield app, session
    dispose(app)


def links_of(app: Flask, session: Session) -> dict[str, set[str]]:
    """The local address of every link in the mails that were sent, by kind of mail."""
    found: dict[str, set[str]] = {}
    sent = session.execute(select(OutgoingEmail.template, OutgoingEmail.sent_copy)).all()
    session.commit()
    for template, copy in sent:
        message = message_from_string(copy or "", policy=policy.default)
        assert isinstance(message, EmailMessage)
        parts = [str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text"]
        texts = [*parts, str(message["List-Unsubscribe"] or "")]
        own = {link for text in texts for link in LINK.findall(text) if link.startswith(app.config["BASE_URL"])}
        found.setdefault(template, set()).update(urlsplit(link)._replace(scheme="", netloc="").geturl() for link in own)
    return found


def rows(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the database."""
    everything = {
        table.name: sorted((tuple(row) for row in session.execute(table.select())), key=repr)
        for table in Base.metadata.sorted_tables
    }
    session.commit()
    return everything


def test_opening_any_link_of_any_mail_changes_nothing(told: tuple[Flask, Session]) -> None:
    app, session = told
    links = links_of(app, session)
    assert links.keys() == set(LETTERS), "a mail is not told"
    assert all(links.values())
    before = rows(session)
    for address in sorted(set().union(*links.values())):
        page = Page(app, session)
        for method in ("HEAD", "OPTIONS", "HEAD"):
            with page.client.open(address, method=method) as answer:
                assert answer.status_code < 400, f"{method} {address}: {answer.status_code}"
        seen = page.client.get(address)
        assert seen.status_code in (200, 302, 303), f"{address}: {seen.status_code}"
        if address.startswith(CAPABILITIES):
            assert seen.status_code == 200, f"{address} wants more than the link"
    assert rows(session) == before


def test_after_that_the_button_behind_each_link_still_works(
    told: tuple[Flask, Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, session = told
    links = set().union(*links_of(app, session).values())
    before = rows(session)

    def undo(session: Session) -> None:
        session.flush()
        session.rollback()

    pressed: dict[str, int] = {}
    for address in sorted(link for link in links if link.startswith(CAPABILITIES)):
        page = Page(app, session)
        form = button_of(page, address)
        with monkeypatch.context() as nothing_lasts:
            page.session.commit()
            proof = page.csrf_token()
            nothing_lasts.setattr(Session, "commit", undo)
            typed = {str(area.get("name")): "Det hör till en annan enhet." for area in form.iter("textarea")}
            data = fields_of(form) | typed | {"csrf_token": proof}
            answer = page.client.post(form.get("action") or address, data=data)
        assert answer.status_code in (200, 303), f"{address}: {answer.status_code} {answer.text[:2000]}"
        kind = address.split("/")[1]
        pressed[kind] = pressed.get(kind, 0) + 1
    assert {"confirm", "unsubscribe", "preferences", "work"} <= pressed.keys()
    assert rows(session) == before


def button_of(page: Page, address: str) -> Element:
    """The form of the page behind `address` that does what the mail offers."""
    opened = page.get(address)
    forms = [form for form in opened.tree.find("body").iter("form") if form.get("method", "get").lower() == "post"]  # type: ignore[union-attr]
    own = [form for form in forms if "sign-out" not in (form.get("action") or "")]
    assert own, f"{address} has no button"
    return own[0]
