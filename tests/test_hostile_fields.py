"""Whatever anybody sends, in any field of any form and any part of any address: an answer in words, never a failure.

There are more strings than time to send each to each field. So every request carries another one in each of its fields:
every field gets a share of the strings, all strings are sent several times over, and what reads text is given them all.
Nothing that is sent lasts, so that every form is met as it was.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from html.parser import HTMLParser
from io import BytesIO
from itertools import cycle
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from dialogue.core import emailaddress, markdown, orgnumber, personnummer, text
from dialogue.core.db import MAX_ID, read_id
from dialogue.core.search.words import words_of
from dialogue.web.pagination import decode_cursor
from dialogue.web.theme import check_theme
from tests.mail.incoming.corpus import SHARED
from tests.test_statements import Town

#: What the lists that other people made lack: numbers that no row can have, what is no text, and what breaks a line.
OWN = [
    "2147483648",
    "99999999999999999999", "-1", "²", "١٢٣", "9" * 5000, "1e400", "NaN", "\x00", "\ud800", "\udfff\ud800",
    "\u202eabc", "x" * 20_000, "\n" * 500, "<script>window.ran=1</script>", '"><img src=x onerror="window.ran=1">',
    "{{ 7 * 7 }}", "%(number)s", "%s%n", "%00", "../../etc/passwd", "request:99999999999999999999", "area:²", "unit:",
    "2026-02-30", "9999-12-31", "0001-01-01", "10000-01-01", "WzEsMiwzXQ", "W251bGxd", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5XQ",
    "WyJ2b3RlcyIsOTk5OTk5OTk5OTk5OTk5OTksOTk5OTk5OTk5OTk5OTldCg", "https://x:99999999/", "anna@[",
    "javascript:alert(1)", "http://[::1", "a@" + "b." * 200 + "se", "=cmd|' /C calc'!A0",
]  # fmt: skip


def lists() -> list[str]:
    """Every hostile string there is, each once."""
    found, folder = list(OWN), SHARED.parent / "attack"
    if folder.is_dir():
        found += json.loads((folder / "blns.json").read_text(encoding="utf-8"))
        found += [each["payload"] for each in json.loads((folder / "html-payloads.json").read_text(encoding="utf-8"))]
        for file in sorted(folder.glob("*.txt")):
            found += file.read_text(encoding="utf-8").splitlines()
    return list(dict.fromkeys(found))


STRINGS = lists()

#: What the pages read from the query of their addresses; each page is asked with all of them.
QUERY = (
    "q", "status", "unit", "area", "sort", "after", "before", "votes_before", "open", "municipality", "next", "to",
    "cadence", "message", "back", "v",
)  # fmt: skip

#: What PostgreSQL can neither keep nor look for: sent in every field.
NUL = "a\x00b"

#: What is typed in the other fields while one is hostile, so that the form gets as far as it can.
TYPED = {
    "answer": "Vi ser över det.", "body": "Hej på er.", "dataset_url": "https://data.example/ny",
    "email": "ny@prov.example", "explanation": "Det går inte.", "extent": "full", "format": "csv",
    "frequency": "weekly", "ground": "other", "kind": "wish", "licence": "cc0", "mailbox": "ny@prov.example",
    "name": "Namn", "name_en": "Name", "name_sv": "Namn", "need": "Vi behöver läget för laddplatser i hela kommunen.",
    "next_on": "2099-12-01", "note": "Anteckning", "organisation": "Laddkusten AB", "question": "Vilka platser?",
    "reason": "Det sparar tid.", "reason_kind": "saves_time", "redirected_to": "Region Halland",
    "report_kind": "other", "review_on": "2099-12-01", "role": "official", "slug": "nytt",
    "title": "Lediga laddplatser", "unit": "gata", "update_frequency": "daily", "what_would_change_it": "Pengar",
    "words": "Fel ord",
}  # fmt: skip

#: Forms that stand on no page of the town: their addresses (with what `Hostile.numbers` holds) and fields.
UNSEEN = {
    "actions.confirm_delivery": ("/requests/{number}/confirm-delivery", ("works", "note", "version", "back")),
    "conversation.show": ("/messages/{number}/show", ()),
    "quarantine.preview": ("/quarantine/{held}/preview", ()),
    "proofs.renew_link": ("/confirm/{text}/again", ()),
    "reports.settle": ("/reports/{number}/settle", ()),
    "stops.start": ("/settings/halmstad/mail/{number}/start", ()),
    "units.close": ("/settings/halmstad/units/{text}/close", ()),
    "units.reopen": ("/settings/halmstad/units/{text}/reopen", ()),
}

#: What needs a mail that was sent, and what shows forms that lead nowhere.
NOT_OPENED = ("/dev/mail/", "/dev/components")

#: The beginning of an element, a comment or a declaration: in a page, only as the page's own.
_MARKUP = re.compile("<[a-zA-Z!/][^<]{4}")


class Forms(HTMLParser):
    """The forms of a page that post: to where, with which fields, and what stands in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self.by_id: dict[str, str] = {}
        self.action: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            # A form without an address is sent by buttons that say where to.
            self.action = self.by_id[given.get("id", "")] = given.get("action", "")
            self.found.setdefault(self.action, {})
        elif address := given.get("formaction"):
            self.found.setdefault(address, {})[given.get("name") or "list"] = given.get("value", "")
        elif name := given.get("name"):
            # A field that names its form may stand before it.
            action = f"#{given['form']}" if "form" in given else self.action
            if action is not None:
                self.found.setdefault(action, {})[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.action = None

    def each(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Address and fields of every form."""
        for name, action in self.by_id.items():
            self.found[action] |= self.found.pop(f"#{name}", {})
        yield from ((action, fields) for action, fields in self.found.items() if action)


class Hostile:
    """A town, and everybody in it sending whatever they can think of."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app, self.town = app, Town(app, session)
        session.commit()
        self.routes = app.url_map.bind("localhost")
        # Each engine is sent the strings in another order: what meets what differs, and both get them all.
        self.is_postgresql = "postgresql" in app.config["DATABASE_URL"]
        self.strings = cycle(STRINGS[::-1] if self.is_postgresql else STRINGS)
        self.sent: set[str] = set()
        self.wrong: list[str] = []
        #: Endpoints that post, each with those who did.
        self.posted: dict[str, set[str]] = {}
        self.cookies, self.proofs = {}, {}
        for who in self.town.people:
            page = self.town.page(who)
            self.proofs[who] = page.csrf_token()
            held = page.client.get_cookie("dialogue")
            assert held is not None
            self.cookies[who] = held.value

    def next(self) -> str:
        """Another string."""
        string = next(self.strings)
        self.sent.add(string)
        return string

    def ask(self, who: str, method: str, address: str, sent: Iterable[str] = (), **more: Any) -> str:
        """The text of the answer to `who`, who sent the strings `sent`; what is wrong with it is noted."""
        client = self.app.test_client()
        client.set_cookie("dialogue", self.cookies[who])
        try:
            with client.open(address, method=method, **more) as response:
                status, page, kind = response.status_code, response.get_data(as_text=True), response.mimetype
        except Exception as error:  # what a visitor would see as a failure
            status, page, kind = 500, "", repr(error)
        if status >= 500:
            self.wrong.append(f"{status} for {who}: {method} {address[:300]} {str(more)[:500]}: {kind}")
        raw = [string for string in sent if kind == "text/html" and _MARKUP.search(string) and string in page]
        self.wrong += [f"markup on {address[:300]} for {who}: {string}" for string in raw]
        return page if status < 400 else ""

    def open_all(self, who: str, rule: Rule) -> None:
        """Open every address of a route with hostile queries, then with hostile parts; send the forms that show."""
        addresses = [each.partition("?")[0] for each in self.town.addresses(rule)]
        for address in dict.fromkeys(addresses if rule.rule == "/requests/<int:number>-<slug>" else addresses[:1]):
            query = {name: self.next() for name in QUERY}
            for action, fields in Forms(self.ask(who, "GET", f"{address}?{_query(query)}", query.values())).each():
                self.send_all(who, action, fields)
        if rule.arguments:
            self.ask(who, "GET", re.sub("<[^>]+>", lambda _: quote(_bytes(self.next())[:2000], safe=""), rule.rule))

    def send_all(self, who: str, action: str, fields: dict[str, str]) -> None:
        """Send a form with every field hostile; once also with one hostile field after the other, and out of shape."""
        endpoint = self.routes.match(action.partition("?")[0], method="POST")[0]
        senders = self.posted.setdefault(endpoint, set())
        if who in senders:
            return
        senders.add(who)
        fields.pop("csrf_token", None)
        self.send(who, action, {name: self.next() for name in fields})
        if len(senders) > 1:
            return
        typed = {name: TYPED.get(name, value) for name, value in fields.items()}
        for name in fields:
            self.send(who, action, typed | {name: self.next()})
            if self.is_postgresql:
                self.send(who, action, typed | {name: NUL})
        self.send(who, action, {})
        self.send(who, action, [*typed.items(), *((name, self.next()) for name in fields)])
        self.send(who, action, {name: (BytesIO(_bytes(self.next())), "a\x00.html") for name in fields})
        self.send(who, action, dict.fromkeys(fields, b"\xed\xa0\x80\xff\x00"))

    def send(self, who: str, action: str, values: Any) -> None:
        """Post one form: with a file in it as a browser sends files, otherwise as it sends text."""
        data = MultiDict(values)
        data["csrf_token"] = self.proofs[who]
        strings = [value for value in data.values() if isinstance(value, str)]
        if any(isinstance(value, tuple) for value in data.values()):
            self.ask(who, "POST", action, strings, data=data)
        else:
            body = urlencode([(name, _bytes(value)) for name, value in data.items(multi=True)])
            self.ask(who, "POST", action, strings, data=body, content_type="application/x-www-form-urlencoded")


def _bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _query(values: dict[str, str]) -> str:
    return urlencode({name: _bytes(value)[:2000] for name, value in values.items()})


def test_every_field_takes_every_kind_of_string(app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = Hostile(app, session)

    def undo(session: Session) -> None:
        session.flush()
        session.rollback()

    monkeypatch.setattr(Session, "commit", undo)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    shows = [rule for rule in rules if "GET" in (rule.methods or ()) and not rule.rule.startswith(NOT_OPENED)]
    for who in hostile.town.people:
        for rule in shows:
            hostile.open_all(who, rule)
        for address, names in UNSEEN.values():
            action = address.format(
                number=hostile.town.opened[5].id,
                held=hostile.town.held[0].id,
                text=quote(_bytes(hostile.next())[:99], safe=""),
            )
            hostile.send_all(who, action, dict.fromkeys(names, ""))
    assert not hostile.wrong, "\n".join(hostile.wrong)
    missed = {rule.endpoint for rule in rules if "POST" in (rule.methods or ())} - set(hostile.posted)
    assert not missed, f"no form of {missed} was found: say in UNSEEN where it is"
    assert hostile.sent == set(STRINGS), f"{len(set(STRINGS) - hostile.sent)} strings were never sent"


def test_a_number_that_no_row_can_have_leads_nowhere(app: Flask) -> None:
    client, number = app.test_client(), re.compile("<int:[^>]+>")
    for rule in app.url_map.iter_rules():
        for method in {"GET", "POST"} & set(rule.methods or ()) if number.search(rule.rule) else ():
            for one in (str(MAX_ID + 1), str(2**63), "9" * 5000):
                address = re.sub("<[^>]+>", "x", number.sub(one, rule.rule))
                with client.open(address, method=method) as response:
                    assert response.status_code == 404, f"{method} {address[:100]} answers {response.status}"
    routes = app.url_map.bind("localhost")
    assert routes.match(f"/requests/{MAX_ID}")[1] == {"number": MAX_ID}
    assert routes.match("/requests/128")[1] == {"number": 128}


@pytest.mark.parametrize("address", ["/requests?q=a%00b", "/settings/a%00b", "/requests/1-a%00b", "/en/a?b%00=c"])
def test_an_address_with_a_nul_is_refused(app: Flask, address: str) -> None:
    assert app.test_client().get(address).status_code == 400


@pytest.mark.parametrize(
    "reads",
    [
        text.slugify, text.first_sentence, text.swedish_order, markdown.plain, markdown.excerpt, words_of, read_id,
        personnummer.find_lookalikes, check_theme, lambda string: decode_cursor(string, 3),
    ],
)  # fmt: skip
def test_what_reads_text_reads_every_string(reads: Callable[[str], object]) -> None:
    for string in STRINGS:
        reads(text.clean_text(string))


def test_what_is_cleaned_can_be_stored_and_stays_as_it_is() -> None:
    for string in STRINGS:
        cleaned = text.clean_text(string)
        assert text.clean_text(cleaned) == cleaned
        cleaned.encode()


def test_what_reads_addresses_and_numbers_takes_or_refuses_every_string() -> None:
    for string in STRINGS:
        with suppress(emailaddress.InvalidEmail):
            emailaddress.normalise(string)
        with suppress(orgnumber.InvalidOrganisationNumber):
            orgnumber.parse(string)
