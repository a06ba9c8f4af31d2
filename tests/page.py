"""A browser without script for request tests: it checks every page it opens and fills in forms as people do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from dialogue.web.extensions import db

_WRITES = ("INSERT", "UPDATE", "DELETE")


class Opened:
    """A page as it was answered."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.text = response.get_data(as_text=True)
        self.location = response.headers.get("Location", "")
        self.tree: Element = (
            parse_html(self.text) if response.mimetype == "text/html" and self.text else Element("html")
        )

    @property
    def words(self) -> str:
        """All text on the page, white space folded."""
        return " ".join("".join(self.tree.find("body").itertext()).split())  # type: ignore[union-attr]

    @property
    def title(self) -> str:
        """The page's title."""
        return " ".join((self.tree.findtext("head/title") or "").split())

    @property
    def h1(self) -> str:
        """The page's heading."""
        return " ".join("".join(next(self.tree.iter("h1")).itertext()).split())

    def forms(self) -> list[Element]:
        """Every form of the page."""
        return list(self.tree.iter("form"))

    def form(self, action: str) -> Element:
        """The first form that posts to an address ending in `action`."""
        for form in self.forms():
            if (form.get("action") or "").partition("?")[0].endswith(action):
                return form
        raise AssertionError(f"no form posts to {action}: {[form.get('action') for form in self.forms()]}")

    def links(self) -> list[str]:
        """The address of every link."""
        return [anchor.get("href", "") for anchor in self.tree.iter("a")]


class Page:
    """Opens pages, posts forms, and fails the test when a page is not sound."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app = app
        #: The test's own session: its transaction ends before each request, so that neither waits for the other.
        self.session = session
        self.client: FlaskClient = app.test_client()
        #: SQL statements that the last request made.
        self.statements: list[str] = []

    def get(self, path: str, status: int = 200, **more: Any) -> Opened:
        """Open `path`; GET never writes."""
        with self._watched():
            opened = Opened(self.client.get(path, buffered=True, **more))
        writes = [statement for statement in self.statements if statement.lstrip().upper().startswith(_WRITES)]
        assert not writes, f"GET {path} writes: {writes}"
        return self._checked(opened, path, status)

    def open(self, path: str) -> int:
        """Open `path` whatever it answers, and say what."""
        with self._watched():
            return self.client.get(path, buffered=True).status_code

    def follow(self, opened: Opened, status: int = 200) -> Opened:
        """Go where `opened` leads."""
        assert opened.location, f"no redirect, but {opened.status}: {opened.words[:500]}"
        return self.get(opened.location, status)

    def post(self, path: str, data: dict[str, Any] | None = None, status: int = 303, **more: Any) -> Opened:
        """Post `data` to `path` with a form proof of this browser."""
        with self._watched():
            opened = Opened(
                self.client.post(path, data={"csrf_token": self.csrf_token()} | (data or {}), buffered=True, **more)
            )
        return self._checked(opened, path, status)

    def submit(
        self, path: str, data: dict[str, Any] | None = None, status: int = 303, action: str | None = None
    ) -> Opened:
        """Open `path`, fill `data` into its form that posts to `action` (default: `path`), and send it."""
        opened = self.get(path)
        form = opened.form(action or path.partition("?")[0])
        return self.post(form.get("action") or path, fields_of(form) | (data or {}), status)

    def sign_in(self, token: str) -> None:
        """Be the person whose session has `token` (see `make.cookie`)."""
        with self.client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True

    def csrf_token(self) -> str:
        """A form proof that belongs to this browser's cookie."""
        from flask_wtf.csrf import generate_csrf

        with self.client.session_transaction() as cookie, self.app.test_request_context():
            from flask import session

            session.update(cookie)
            token = str(generate_csrf())
            cookie["csrf_token"] = session["csrf_token"]
        return token

    @contextmanager
    def _watched(self) -> Iterator[None]:
        self.statements = []
        self.session.commit()

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA", "SET TRANSACTION")):
                self.statements.append(statement)

        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", note)

    @staticmethod
    def _checked(opened: Opened, path: str, status: int) -> Opened:
        assert opened.status == status, f"{path} answered {opened.status}, not {status}: {opened.text[:2000]}"
        if opened.response.mimetype == "text/html" and opened.status not in (301, 302, 303, 308):
            check_page(opened.tree, opened.text)
        return opened


def parse_html(text: str) -> Element:
    """The tree of `text`, which must be valid HTML."""
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree: Element = parser.parse(text)
    assert not parser.errors, f"not valid HTML: {parser.errors[:5]}"
    return tree


def check_page(tree: Element, text: str) -> None:
    """One h1, a title, a language, no id twice, a label on every field, nothing inline."""
    assert len(list(tree.iter("h1"))) == 1, "a page has one h1"
    assert (tree.findtext("head/title") or "").strip(), "a page has a title"
    assert tree.get("lang") in ("sv", "en"), "a page says its language"
    ids = [element.get("id") for element in tree.iter() if element.get("id") is not None]
    assert len(ids) == len(set(ids)), f"ids used twice: {sorted({name for name in ids if ids.count(name) > 1})}"
    _check_labels(tree, set(ids))
    for element in tree.iter():
        if isinstance(element.tag, str):
            inline = [name for name in element.attrib if str(name) == "style" or str(name).startswith("on")]
            assert not inline, f"inline {inline} on <{element.tag}>"
            addresses = [element.get(name, "") for name in ("href", "src", "action", "formaction")]
            assert not any("javascript:" in address.lower() for address in addresses), "a javascript: address"


def _check_labels(tree: Element, ids: set[str | None]) -> None:
    labelled = {label.get("for") for label in tree.iter("label")}
    tags = ("input", "select", "textarea")
    wrapped = {field for label in tree.iter("label") for field in label.iter() if field.tag in tags}
    for tag in tags:
        for field in tree.iter(tag):
            if field.get("type") in ("hidden", "submit"):
                continue
            named = field.get("aria-label") or field.get("aria-labelledby")
            assert named or field.get("id") in labelled or field in wrapped, f"no label for {field.get('name')}"
            for name in (field.get("aria-describedby") or "").split():
                assert name in ids, f"{field.get('name')} is described by {name}, which is not there"


def fields_of(form: Element) -> dict[str, Any]:
    """What a browser would send of `form` as it stands."""
    values: dict[str, Any] = {}
    for field in form.iter():
        name, kind = field.get("name"), field.get("type")
        if not name or kind in ("submit", "button"):
            continue
        if field.tag == "input" and (kind not in ("checkbox", "radio") or field.get("checked") is not None):
            values[name] = field.get("value", "on" if kind == "checkbox" else "")
        elif field.tag == "textarea":
            values[name] = (field.text or "").removeprefix("\n")
        elif field.tag == "select":
            options = list(field.iter("option"))
            chosen = [option for option in options if option.get("selected") is not None] or options[:1]
            values[name] = chosen[0].get("value", chosen[0].text or "") if chosen else ""
    return values
