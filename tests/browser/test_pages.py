"""Every page, in both languages, narrow and wide, light and dark, for everybody who can see it, by all of axe's rules."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response

from tests.browser.conftest import DESK, PHONE, Site, Visitor, new_context
from tests.browser.places import PLACES, Place, Things

#: What the pages run is covered by other tests; counting would make each page dearer.
pytestmark = pytest.mark.no_cover

NARROW = {"width": 320, "height": 700}

#: What each page is looked at in, opened once in each language. An orthogonal array: every two of language, width and scheme
#: meet, which finds whatever two of them break together at half the price of all eight. One that was seen before, in another
#: state or by another viewer, is opened in one language.
LOOKS = {
    "sv": [(DESK, "light"), (NARROW, "dark")],
    "en": [(DESK, "dark"), (NARROW, "light")],
}

#: Every rule that is on by itself, and one that axe leaves out. Nothing is loaded a second time for their sake.
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}, "preload": False}

#: Axe, with what it does three thousand times on a page done once for each colour: taking a colour's text apart.
AXE = (
    Axe().axe_script
    + """;{
    const colour = axe.commons.color.Color.prototype, parse = colour.parseString, known = new Map();
    colour.parseString = function (text) {
      if (!known.has(text)) known.set(text, parse.call(this, text) && [this.r, this.g, this.b, this.alpha]);
      [this.r, this.g, this.b, this.alpha] = known.get(text);
      return this;
    };
  }"""
)

TARGETS = """() => [...document.querySelectorAll('button, input:not([type=hidden]):not([type=radio]):not([type=checkbox]), select, textarea, nav a')]
  .filter(e => e.checkVisibility({checkVisibilityCSS: true, checkOpacity: true}) && !e.closest('.vh, .skip'))
  .map(e => [e.outerHTML.slice(0, 120), e.getBoundingClientRect().height])
  .filter(([, height]) => height > 1 && height < 43.5)"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def clean(page: Page) -> list[str]:
    """What axe finds on the page as it stands, by all its rules."""
    found = page.evaluate("options => axe.run(options).then(results => results.violations)", RULES)
    return [
        f"{each['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
        for each in found
        for node in each["nodes"]
    ]


def look_at(page: Page, looks: list[tuple[dict[str, int], str]]) -> list[str]:
    """Everything that is wrong with the open page in `looks`."""
    wrong = []
    for size, scheme in looks:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        seen = clean(page)
        if size is NARROW:
            if page.evaluate(SIDEWAYS) > 0:
                seen.append("the page scrolls sideways")
            seen += [f"too low to press, {height} px: {html}" for html, height in page.evaluate(TARGETS)]
        wrong += [f"{size['width']} px, {scheme}: {each}" for each in seen]
    return wrong


@pytest.fixture(scope="session")
def things(site: Site) -> Things:
    return Things(site.app)


@pytest.fixture(scope="session")
def eyes(site: Site, browser: Browser) -> Iterator[Callable[[str, str | None], Page]]:
    """The one page of each viewer: what they look at in turn."""
    pages: dict[str, Page] = {}

    def open_eyes(name: str, email: str | None) -> Page:
        if name not in pages:
            context = new_context(site, browser, email, script=True, reduced_motion="reduce")
            context.add_init_script(AXE)
            pages[name] = context.new_page()
        return pages[name]

    yield open_eyes
    for page in pages.values():
        page.context.close()


def go_to(page: Page, path: str, place: Place, things: Things) -> int:
    """Open `path`, and press there what `place` says; the status of the answer."""
    opened = page.goto(path)
    if place.press:
        button = page.locator(things.press(place))
        if place.spoil:
            field, value = place.spoil
            button.locator("xpath=ancestor::form").locator(field).evaluate("(e, value) => { e.value = value; }", value)
        with page.expect_navigation() as pressed:
            button.click()
        opened = pressed.value
    assert opened
    return opened.status


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_page_is_accessible_everywhere(place: Place, things: Things, eyes: Callable[[str, str | None], Page]) -> None:
    name, email, path = things.address(place)
    page = eyes(name, email)
    turn = PLACES.index(place) % 2
    for prefix, language in (("", "sv"), ("/en", "en"))[turn if place.again else 0 : turn + 1 if place.again else 2]:
        assert go_to(page, prefix + path, place, things) == place.status
        assert "/sign-in" not in page.url or "/sign-in" in path, "the viewer does not see the page"
        # Where everything may be broken, one page speaks both languages.
        assert page.get_attribute("html", "lang") == (language if place.status < 500 else "sv")
        wrong = look_at(page, LOOKS[language])
        assert not wrong, "\n".join((page.url, *wrong))


@pytest.mark.parametrize("path", ["/", "/requests", "/requests/128", "/requests/new", "/statistics"])
def test_nothing_comes_from_elsewhere_and_nothing_is_refused(site: Site, visit: Visitor, path: str) -> None:
    page = visit(script=True, viewport=DESK)
    answers: list[Response] = []
    complaints: list[str] = []
    page.on("response", lambda answer: answers.append(answer))
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path)  # until everything that belongs to it has come
    assert {urlsplit(answer.url).netloc for answer in answers} == {urlsplit(site.address).netloc}
    assert not complaints
    weight = sum(len(answer.body()) for answer in answers if answer.ok)
    assert 5_000 < weight < 100_000, f"{weight} bytes"


@pytest.mark.parametrize("path", ["/", "/requests/128", "/queue"])
def test_the_keyboard_reaches_everything_in_order_and_sees_where_it_is(site: Site, visit: Visitor, path: str) -> None:
    page = visit("gata@halmstad.example" if path == "/queue" else None, script=True, viewport=DESK)
    page.goto(path)
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.classList.contains('skip')"), "the skip link comes first"
    count = page.evaluate(
        "() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex=\"0\"]')]"
        ".filter(e => e.checkVisibility({checkVisibilityCSS: true})).length"
    )
    seen = 1
    for _ in range(count + 5):
        page.keyboard.press("Tab")
        state = page.evaluate(
            "() => { const e = document.activeElement; if (e === document.body) return null;"
            " const s = getComputedStyle(e); return [e.outerHTML.slice(0, 80), parseFloat(s.outlineWidth), s.outlineStyle]; }"
        )
        if state is None:
            break
        seen += 1
        assert state[1] >= 2, f"no ring on {state[0]}"
        assert state[2] != "none", f"no ring on {state[0]}"
    assert seen >= count * 0.8, "the keyboard is trapped or skips"


@pytest.mark.parametrize("path", ["/", "/requests", "/requests/128", "/requests/new"])
def test_spaced_text_forced_colours_and_zoom_lose_nothing(visit: Visitor, path: str) -> None:
    page = visit(script=True, viewport=NARROW, forced_colors="active", reduced_motion="reduce", bypass_csp=True)
    page.goto(path)
    page.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }"
        " p { margin-bottom: 2em !important; }"
    )
    assert page.evaluate(SIDEWAYS) <= 0, "spaced text at 320 px (400 % of 1280) scrolls sideways"
    clipped = page.evaluate(
        "() => [...document.querySelectorAll('main button, main a, main h1, main h2, main p')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflow === 'hidden' && !e.closest('.vh'))"
        ".map(e => e.outerHTML.slice(0, 100))"
    )
    assert not clipped
    moving = page.evaluate("() => document.getAnimations().length")
    assert moving == 0


def test_print_holds_the_whole_thread(visit: Visitor, shots: Path) -> None:
    page = visit(viewport=DESK)
    page.goto("/requests/128")
    page.emulate_media(media="print")
    assert page.locator(".msg").count() == page.locator(".msg:visible").count() > 0
    assert not page.locator("form:visible").count()
    page.pdf(path=str(shots / "request.pdf"))
    assert (shots / "request.pdf").stat().st_size > 5_000


def test_without_style_and_script_it_still_reads(visit: Visitor) -> None:
    page = visit(viewport=PHONE)
    page.route("**/static/**", lambda route: route.abort())
    page.goto("/requests/128")
    assert page.inner_text("h1") == "Lediga laddplatser i realtid"
    assert (
        page.get_by_role("button", name="Rösta på förfrågan")
        .or_(page.get_by_role("link", name="Rösta på förfrågan"))
        .count()
    )
