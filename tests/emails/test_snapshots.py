"""Every mail in both languages, kept beside this file: a change of words or looks is seen when it is reviewed.

`SNAPSHOTS=write pytest tests/emails` writes them anew.
"""

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import html5lib
import pytest
import time_machine

from dialogue.notifications.letters.table import LETTERS
from dialogue.web.extensions import db
from tests.conftest import dispose, migrated_app
from tests.emails.gathered import tell_digests
from tests.emails.story import Mail, Story
from tests.factories import Factory

KEPT = Path(__file__).parent / "snapshots"
TEMPLATES = Path(__file__).parent.parent.parent / "templates" / "emails"

Mails = dict[str, Mail]


@pytest.fixture(params=["sv", "en"])
def told(request: pytest.FixtureRequest) -> tuple[str, Mails]:
    """One of every mail, in each language."""
    return request.param, told_in(request.param)


@cache
def told_in(locale: str) -> Mails:
    """Kept for whichever test comes next: the order of languages is not ours to say."""
    stories: list[Callable[[Story], Mails]] = [
        lambda story: story.tell() | tell_digests(story),
        # In a house of its own, so that the numbers of its requests stay what they are.
        Story.tell_of_answers,
    ]
    mails: Mails = {}
    for tell in stories:
        with TemporaryDirectory() as folder:
            app = migrated_app(f"sqlite:///{folder}/emails.sqlite3", Path(folder))
            with time_machine.travel("2026-11-23T09:00:00Z", tick=False), app.app_context():
                sessions = db.sessionmaker
                with sessions() as session:
                    mails |= tell(Story(app, session, Factory(session), locale))
            dispose(app)
    return mails


def words(text: str) -> list[str]:
    """The words of a text, without what only lays it out."""
    return re.findall(r"[\wÅÄÖåäö%/:.@#-]+", re.sub(r"(?m)^(- |-+$)", "", text))


def shown(html: str) -> str:
    """What a reader of the HTML part sees, each link followed by its address."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    body = tree.find("body")
    parts: list[str] = []

    def walk(element: object) -> None:
        parts.append(element.text or "")  # type: ignore[attr-defined]
        for child in element:  # type: ignore[attr-defined]
            walk(child)
            if child.tag == "a" and not (child.get("href") or "").startswith("mailto:"):
                address = child.get("href")
                parts.append("" if address == "".join(child.itertext()) else f" {address} ")
            parts.append(" " + (child.tail or ""))

    walk(body)
    return " ".join(parts)


def test_the_snapshots_are_what_is_sent(told: tuple[str, Mails]) -> None:
    locale, mails = told
    for name, mail in mails.items():
        for kind, content in (("txt", f"{mail.subject}\n\n{mail.text}"), ("html", mail.html)):
            file = KEPT / f"{name}.{locale}.{kind}"
            if os.environ.get("SNAPSHOTS") == "write":
                file.write_text(content, encoding="utf-8")
            assert file.read_text(encoding="utf-8") == content, f"{file.name}: look, then SNAPSHOTS=write"


def test_text_and_html_say_the_same(told: tuple[str, Mails]) -> None:
    for mail in told[1].values():
        in_text, in_html = sorted(words(mail.text)), sorted(words(shown(mail.html)))
        strip = str.maketrans("", "", ".:")
        assert [word.translate(strip) for word in in_text if word.translate(strip)] == [
            word.translate(strip) for word in in_html if word.translate(strip)
        ], mail.name


def test_the_html_is_sound_and_fetches_nothing(told: tuple[str, Mails]) -> None:
    locale, mails = told
    for mail in mails.values():
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parse(mail.html)
        assert not parser.errors, f"{mail.name}: {parser.errors[:3]}"
        assert tree.get("lang") == locale
        assert len(list(tree.iter("h1"))) == 1
        assert len([link for link in tree.iter("a") if link.get("class") == "button"]) <= 1
        assert not [element for element in tree.iter() if element.tag in ("img", "script", "link", "iframe", "form")]
        assert "url(" not in mail.html
        assert "@media (prefers-color-scheme: dark)" in mail.html


def test_the_news_comes_first(told: tuple[str, Mails]) -> None:
    for mail in told[1].values():
        heading = "".join(next(html5lib.parse(mail.html, namespaceHTMLElements=False).iter("h1")).itertext())
        assert mail.text.split("\n")[0].replace("\xa0", " ") == heading.replace("\xa0", " ").strip(), mail.name
        assert len(mail.subject) <= 120, mail.name


def test_no_mail_is_left_in_the_other_language(told: tuple[str, Mails]) -> None:
    locale, mails = told
    why = {"sv": ("Du får det här", "Ni får det här"), "en": ("You get this",)}[locale]
    for mail in mails.values():
        assert any(words in mail.text for words in why), mail.name
        assert ("/en/" in mail.text) is (locale == "en" and "http://127.0.0.1:5000" in mail.text), mail.name


def test_links_that_end_mail_stand_only_where_one_may_end_it(told: tuple[str, Mails]) -> None:
    for name, mail in told[1].items():
        is_listed = name in ("answer_to_voter", "answer_to_follower", "partly_published", "declined_to_follower",
                             "redirected_to_follower", "withdrawn", "new_request", "digest",
                             "week", "week_of_coordinator")  # fmt: skip
        assert ("List-Unsubscribe" in mail.message) is is_listed, name
        assert ("/unsubscribe/" in mail.text) is (is_listed or name == "message"), name
        assert mail.message["Auto-Submitted"] == ("auto-replied" if name == "reply_explained" else "auto-generated")
        assert mail.message["Reply-To"]


def test_every_mail_has_a_folder_and_is_told(told: tuple[str, Mails]) -> None:
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
    assert folders == set(LETTERS)
    for folder in sorted(folders):
        assert {path.name for path in (TEMPLATES / folder).iterdir()} == {"subject.txt", "body.txt", "body.html"}
