"""Text that would do something if it ever became markup: in a real browser, nothing happens."""

import re
from xml.etree import ElementTree

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, Site, Visitor, press

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
