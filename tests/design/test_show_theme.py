"""A municipality's own colours reach its pages, and only colours do."""

import re

from tests.factories import Factory
from tests.page import Page

PLUM = ":root { --accent: light-dark(#8a1f4b, #ffb0cf); --accent-strong: light-dark(#641334, #ffd0e3); }"


def test_a_municipality_has_its_own_colours(page: Page, make: Factory) -> None:
    make.municipality("plommon", theme=PLUM)
    (address,) = re.findall(r'href="(/theme/[^"]+)"', page.get("/").text)
    answer = page.get(address)
    assert "--accent: light-dark(#8a1f4b, #ffb0cf);" in answer.text
    assert "/*" not in answer.text  # written anew, whatever else stood there
    assert answer.response.mimetype == "text/css"
    assert "immutable" in answer.response.headers["Cache-Control"]
    assert f'href="{address}"' in page.get("/en/").text


def test_no_theme_no_sheet(page: Page, make: Factory) -> None:
    make.municipality("plommon")
    assert "/theme/" not in page.get("/").text
    page.get("/theme/plommon.css", 404)
    page.get("/theme/ingen.css", 404)


def test_what_is_more_than_colours_is_never_sent(page: Page, make: Factory) -> None:
    make.municipality("plommon", theme="body { display: none }")
    page.get("/theme/plommon.css", 404)
