"""Text that would do something if it ever became markup: in a real browser, nothing happens."""

import re
import threading
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Enum, String, select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from dialogue.accounts.models import KeptForm
from dialogue.conversation.models import Message
from dialogue.core.db import Base
from dialogue.core.markdown import render
from dialogue.core.text import clean_text
from dialogue.requests.models import AnswerDraft
from dialogue.web.extensions import db
from tests.browser.conftest import DESK, Site, Visitor, new_context, press
from tests.conftest import dispose, migrated_app
from tests.test_hostile_fields import STRINGS
from tests.test_statements import Town, pages

SCRIPT = "<script>window.ran=1;alert(1)</script>"
IMAGE = '"><img src=x onerror="window.ran=1;alert(1)">'
EMAIL = "hostile@prov.example"
ATOM = "{http://www.w3.org/2005/Atom}"

#: Tells the console of everything that the policy refuses, beside what Chromium says itself.
REPORT = "addEventListener('securitypolicyviolation', e => console.error('refused', e.violatedDirective, e.blockedURI))"


class Watch:
    """Everything that happens on a page and should not."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.seen: list[str] = []
        page.add_init_script(REPORT)
        page.on("dialog", lambda dialog: (self.seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: self.seen.append(str(error)))
        page.on("console", lambda said: self.seen.append(said.text) if said.type == "error" else None)
        page.on("request", lambda sent: self.seen.append(sent.url) if re.search(r"/x$", sent.url) else None)

    def check(self, *shown: str) -> None:
        """The page shows these words as text, and nothing has happened on it."""
        text = self.page.inner_text("body")
        for words in shown:
            assert words in text, f"{words} is not on {self.page.url}"
        assert self.page.evaluate("() => window.ran") is None
        assert not self.page.locator("main script, main img[src=x]").count()
        assert not self.seen, self.seen


def test_hostile_words_are_words_on_every_page_and_in_the_feed(site: Site, visit: Visitor) -> None:
    page = visit(script=True, viewport=DESK)
    watch = Watch(page)
    title, need, organisation = f"Rubrik {SCRIPT}", f"Behov {SCRIPT} {IMAGE}", f"Firma {IMAGE}"
    page.goto("/requests/new")
    page.fill("[name=title]", title)
    page.fill("[name=need]", need)
    page.fill("[name=organisation]", organisation)
    page.fill("[name=email]", EMAIL)
    press(page.locator("main form button[type=submit]").last)
    expect(page).to_have_url(f"{site.address}/check-email")
    page.goto(site.link_in_mail(EMAIL))
    watch.check(title, need, organisation)
    press(page.get_by_role("button", name="Publicera"))
    expect(page.locator("h1")).to_have_text(title)
    watch.check(need, organisation)
    address = page.url.partition("?")[0]
    number = re.search(r"/requests/(\d+)", address)
    assert number

    message = f"Inlägg {SCRIPT} {IMAGE}"
    page.fill("form[action$='/messages'] [name=body]", message)
    press(page.locator("form[action$='/messages'] button[type=submit]").last)
    expect(page.locator(".msg").last).to_contain_text(message)
    watch.check(title, need, organisation, message)
    for path in ("/requests", f"/requests?q={SCRIPT}", f"/requests/{number[1]}/vote"):
        page.goto(path)
        watch.check(SCRIPT)
    # A refused form gives back what was typed.
    page.goto("/requests/new")
    page.fill("[name=title]", IMAGE)
    press(page.locator("main form button[type=submit]").last)
    assert page.title().startswith("Fel: ")
    assert page.input_value("[name=title]") == IMAGE
    assert not [each for each in watch.seen if "422" not in each], watch.seen

    # A feed's reader has no policy of ours, so nothing is given to it as markup.
    told = 0
    for feed in ("/requests.atom", f"/requests/{number[1]}.atom"):
        feed_tree = ElementTree.fromstring(page.request.get(feed).text())  # noqa: S314 - our own site's answer
        for part in feed_tree.iter():
            assert part.get("type") not in ("html", "xhtml")
            told += part.tag == f"{ATOM}title" and (part.text or "").endswith(SCRIPT)
    assert told, "the feeds do not tell of the request"


#: Columns that hold what people wrote, whatever table they are in.
WRITTEN = frozenset(
    {
        "administrative_court", "benefit", "body", "court_of_appeal", "device", "example_url", "explanation", "format",
        "hidden_reason", "latest_answer", "name", "name_en", "name_sv", "need", "note", "purpose", "question", "reason",
        "redirected_to", "rights_holder", "source", "subject", "title", "url", "use_note", "what_would_change_it",
        "wording", "words",
    }
)  # fmt: skip
MARKUP = [SCRIPT, IMAGE, *(clean_text(each) for each in STRINGS if "<" in each or "javascript" in each.lower())]
LONGEST = 8000

#: What would make a page do something: handlers, and addresses that are programs. Also scripts and frames of others.
ALIVE = """() => [...document.querySelectorAll('*')].filter(e =>
  [...e.attributes].some(a => a.name.startsWith('on')
    || ['href', 'src', 'action', 'formaction', 'srcdoc', 'xlink:href'].includes(a.name) && /^\\s*(javascript|data):/i.test(a.value))
  || e.matches('script:not([src^="/static/"]):not([type="application/ld+json"]), object, embed, base, main iframe:not([src^="/"])')
).map(e => e.outerHTML.slice(0, 200))"""


class Writer:
    """Fills whatever people can write with text that would do something if it ever became markup."""

    def __init__(self) -> None:
        self.strings, self.written = cycle(MARKUP), set[str]()

    def text(self, room: int) -> str:
        """As many of the strings as there is room for, the next first; too long ones are cut."""
        taken: list[str] = []
        while not taken or (len(taken) < len(MARKUP) and len("\n\n".join(taken)) < room // 2):
            taken.append(next(self.strings))
        text = "\n\n".join(taken)[:room]
        self.written.update(each for each in taken if each in text)
        return text

    def fill(self, session: Session) -> None:
        """Every such column of every row."""
        for mapper in Base.registry.mappers:
            texts = {
                column.name: column.type.length or LONGEST
                for column in mapper.columns
                if column.name in WRITTEN and isinstance(column.type, String) and not isinstance(column.type, Enum)
            }
            for row in session.scalars(select(mapper.class_)) if texts else ():
                for name, room in texts.items():
                    setattr(
                        row,
                        name,
                        ("https://x.example/" if name in ("url", "example_url") else "") + self.text(room - 18),
                    )
                if isinstance(row, Message):
                    row.body_html = render(row.body)
        for draft in session.scalars(select(AnswerDraft)):
            draft.fields = {"answer": self.text(LONGEST)}
        for form in session.scalars(select(KeptForm)):
            form.fields = [["name", SCRIPT], ["reason", IMAGE]]
        session.commit()


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[tuple[Site, Town]]:
    """A site of its own, with many of everything that people write."""
    app = migrated_app(f"sqlite:///{tmp_path / 'site.sqlite3'}", tmp_path)
    with app.app_context():
        session = db.sessionmaker()
    with session:
        town, writer = Town(app, session), Writer()
        writer.fill(session)
        assert set(MARKUP) == writer.written
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Site(app, f"http://127.0.0.1:{server.port}"), town
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
    dispose(app)


def _worth_opening(site: Site, town: Town, who: str) -> Iterator[str]:
    """Every page once, about two of each kind; the page of each request, and of one also for those who see more of it."""
    for rule in pages(site.app):
        addresses = [address for address in town.addresses(rule) if "?" not in address]
        if rule.endpoint != "requests.show_request":
            yield from addresses[:2]
        elif "slug" in rule.arguments:
            yield from addresses if who == "anonymous" else (f"{addresses[2]}?{who}",)


def test_nothing_that_is_kept_runs_on_any_page(hostile: tuple[Site, Town], browser: Browser) -> None:
    """Also without the policy that would stop it."""
    site, town = hostile
    seen: set[str] = set()
    for who in ("anonymous", "asker", "official", "coordinator", "administrator"):
        plain = town.page(who)
        held = plain.client.get_cookie(site.app.config["SESSION_COOKIE_NAME"])
        assert held is not None
        context = new_context(site, browser, None, script=True, bypass_csp=True)
        context.add_cookies([{"name": held.key, "value": held.value, "url": site.address}])
        page = context.new_page()
        watch = Watch(page)
        for address in _worth_opening(site, town, who):
            if address in seen:
                continue
            with plain.client.get(address) as answer:
                shows = answer.mimetype == "text/html" and answer.status_code == 200 and "&lt;" in answer.text
            if shows:
                seen.add(address)
                page.goto(address)
                assert not page.evaluate(ALIVE), f"{address} for {who}"
                assert not watch.seen, f"{address} for {who}: {watch.seen}"
        assert page.evaluate("() => window.ran") is None
        context.close()
    assert len(seen) > 50, seen
