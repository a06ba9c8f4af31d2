"""The colours: every pair that meets on a page can be told apart, in both schemes and in every theme."""

import pytest

from dialogue.core.language import Sentence
from dialogue.web.theme import PAIRS, SCHEMES, Theme, check_contrast, check_theme, contrast, house_theme, theme_css

LIGHT, DARK = SCHEMES

PLUM = """
:root {
  --accent: light-dark(#8a1f4b, #ffb0cf); --accent-strong: light-dark(#641334, #ffd0e3);
  --accent-soft: light-dark(#f8e6ee, #451228); --on-accent: light-dark(#fff, #3a0a20);
  --hero: #6d1539; --hero-line: #93385f; /* for both */
  --hero-cta: #ffc9dd; --on-hero-cta: #4a0c26; --hero-ink-2: #f6dbe6;
}
"""


def test_the_house_colours_are_strong_enough() -> None:
    assert check_contrast(house_theme()) == []


def test_every_colour_of_the_house_is_checked_or_only_decoration() -> None:
    met = {name for pair in PAIRS for name in (pair.front, pair.back)}
    assert set(house_theme().light) - met == {"line", "hero-line"}


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#fff", "#ffffff", 1.0), ("#767676", "#ffffff", 4.54)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


def test_a_theme_of_other_colours_is_let_in() -> None:
    assert check_theme(PLUM) == []


def test_a_theme_that_is_too_weak_is_refused_and_says_where() -> None:
    (where, *_) = check_theme(":root {\n--accent: light-dark(#6fb7c6, #7ccbd8); }")
    first = where.values["what"]
    assert isinstance(first, Sentence)
    assert where.values["line"] == 2
    assert first.values["front"] == "--accent"
    assert first.values["scheme"] == LIGHT
    assert float(str(first.values["ratio"])) < 4.5


def test_a_theme_weak_in_the_dark_only_is_refused() -> None:
    dark = {**house_theme().dark, "late": "#7a2a20"}
    failures = check_contrast(Theme(house_theme().light, dark))
    assert failures
    assert all(failure.values["scheme"] == DARK for failure in failures)


LIGHT_ONLY = ":root { --accent: #8a1f4b; --accent-strong: #641334; --accent-soft: #f8e6ee; }"
#: As a style sheet says it that begins with the light scheme and ends with the dark.
AFTER = """
:root { color-scheme: light dark; --accent: #8a1f4b; --accent-strong: #641334; --accent-soft: #f8e6ee; --radius: 10px; }
@media (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]) { --accent: #ffb0cf; --accent-strong: #ffd0e3; --accent-soft: #451228; }
}
:root[data-theme="dark"] { color-scheme: dark; --on-accent: #3a0a20; }
"""


def test_a_theme_that_says_nothing_of_the_dark_leaves_it_as_it_is() -> None:
    assert check_theme(LIGHT_ONLY) == []
    assert f"--accent: light-dark(#8a1f4b, {house_theme().dark['accent']});" in theme_css(LIGHT_ONLY)


def test_the_dark_scheme_may_have_blocks_of_its_own() -> None:
    assert check_theme(AFTER) == []
    sheet = theme_css(AFTER)
    assert "--accent: light-dark(#8a1f4b, #ffb0cf);" in sheet
    assert f"--on-accent: light-dark({house_theme().light['on-accent']}, #3a0a20);" in sheet
    assert "radius" not in sheet


def test_the_line_that_is_refused_is_named() -> None:
    css = ":root {\n  /* two\n  lines */ --accent: #8a1f4b;\n  --font: serif; --hero: red\n}\nbody { color: #000 }"
    assert [failure.values["line"] for failure in check_theme(css)] == [4, 4, 6]


@pytest.mark.parametrize(
    "css",
    [
        "",
        "@import url(//example.org/x.css);",
        ":root { --accent: #0b5668 } body { display: none }",
        ":root { --accent: url(//example.org/a.png) }",
        ":root { --accent: red }",
        ":root { --font: Comic Sans MS }",
        ":root { color: #000000 }",
        ":root { --accent: light-dark(#0b5668, }",
        "</style><script>alert(1)</script>",
    ],
)
def test_a_theme_is_colours_and_nothing_else(css: str) -> None:
    assert check_theme(css)
