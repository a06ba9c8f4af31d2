"""A municipality's colours, checked: what is too weak to read, or is more than colours, is refused in words.

A theme is one `:root` block that sets colour tokens of static/css/tokens.css, each as
`light-dark(#light, #dark)` or as one `#colour` for both schemes. Nothing else is let through, so a theme can
neither fetch nor cover anything.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from dialogue.core.language import N_, Sentence

#: WCAG 2.2, 1.4.3 (text) and 1.4.11 (edges of controls, marks, focus).
TEXT = 4.5
EDGE = 3.0

SCHEMES = (Sentence(N_("light")), Sentence(N_("dark")))
_TOKENS_FILE = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ROOT_BLOCK = re.compile(r":root\s*\{([^{}]*)\}")
_DECLARATION = re.compile(r"^(--[a-z0-9-]+)\s*:\s*(.+)$", re.DOTALL)
_HEX = r"#(?:[0-9a-f]{3}|[0-9a-f]{6})"
_COLOUR = re.compile(rf"^(?:({_HEX})|light-dark\(\s*({_HEX})\s*,\s*({_HEX})\s*\))$", re.IGNORECASE)

_PAPER = ("bg", "surface", "surface-2", "accent-soft")
_SOFT = ("ok-soft", "warn-soft", "late-soft", "quiet-soft")


class Pair(NamedTuple):
    """A colour that is seen on another, and how far apart they must be."""

    front: str
    back: str
    least: float


def _pairs() -> Iterator[Pair]:
    for paper in _PAPER:
        for text in ("ink", "ink-2", "accent", "accent-strong"):
            yield Pair(text, paper, TEXT)
        yield Pair("line-strong", paper, EDGE)
        yield Pair("focus", paper, EDGE)
    for soft in _SOFT:
        yield Pair("ink", soft, TEXT)
        yield Pair("focus", soft, EDGE)
    for state in ("ok", "warn", "late", "quiet"):
        for paper in (f"{state}-soft", "bg", "surface"):
            yield Pair(state, paper, TEXT)
    for text, paper in (
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("surface", "ok"),
        ("surface", "late"),
        ("bg", "ink"),
        ("hero-ink", "hero"),
        ("hero-ink-2", "hero"),
        ("on-hero-cta", "hero-cta"),
        ("on-hero-field", "hero-field"),
    ):
        yield Pair(text, paper, TEXT)
    for edge in ("hero-cta", "hero-field", "hero-ink"):
        yield Pair(edge, "hero", EDGE)


#: Every pair of tokens that meets on some page.
PAIRS = tuple(_pairs())


class Theme(NamedTuple):
    """Colours by token name (without the dashes), once a scheme."""

    light: Mapping[str, str]
    dark: Mapping[str, str]


def contrast(one: str, other: str) -> float:
    """How far apart two #colours are, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def check_theme(css: str) -> list[Sentence]:
    """What stops `css` from being a municipality's theme; empty when it may be used as it stands."""
    own, failures = _read(_COMMENT.sub("", css))
    if failures:
        return failures
    house = house_theme()
    return check_contrast(Theme({**house.light, **own.light}, {**house.dark, **own.dark}))


def check_contrast(theme: Theme) -> list[Sentence]:
    """The pairs of `theme` that are too close to each other."""
    return [
        Sentence(
            N_("%(front)s on %(back)s has contrast %(ratio)s in the %(scheme)s scheme; it needs %(least)s."),
            {
                "front": f"--{pair.front}",
                "back": f"--{pair.back}",
                "ratio": f"{ratio:.2f}",
                "scheme": scheme,
                "least": pair.least,
            },
        )
        for scheme, colours in zip(SCHEMES, theme, strict=True)
        for pair in PAIRS
        if (ratio := contrast(colours[pair.front], colours[pair.back])) < pair.least
    ]


@cache
def house_theme() -> Theme:
    """The colours of static/css/tokens.css."""
    blocks = _ROOT_BLOCK.findall(_COMMENT.sub("", _TOKENS_FILE.read_text(encoding="utf-8")))
    colours = dict(_colours(blocks[0]))
    return Theme(
        {name: light for name, (light, _) in colours.items()},
        {name: dark for name, (_, dark) in colours.items()},
    )


def _read(css: str) -> tuple[Theme, list[Sentence]]:
    block = _ROOT_BLOCK.fullmatch(css.strip())
    if not block:
        return Theme({}, {}), [Sentence(N_("A theme is one block, :root { … }, with colours and nothing else."))]
    known = house_theme().light
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    failures = []
    for declaration in filter(None, map(str.strip, block[1].split(";"))):
        match = _DECLARATION.match(declaration)
        name = match[1].removeprefix("--") if match else ""
        colour = _COLOUR.match(match[2].strip()) if match else None
        if not match or name not in known:
            failures.append(
                Sentence(N_("%(text)s is not a colour of the theme."), {"text": declaration.split(":")[0][:60]})
            )
        elif not colour:
            failures.append(
                Sentence(
                    N_("%(name)s must be written #rrggbb or light-dark(#rrggbb, #rrggbb)."),
                    {"name": match[1]},
                )
            )
        else:
            light[name], dark[name] = _both(colour)
    return Theme(light, dark), failures


def _colours(block: str) -> Iterator[tuple[str, tuple[str, str]]]:
    for declaration in block.split(";"):
        match = _DECLARATION.match(declaration.strip())
        colour = _COLOUR.match(match[2].strip()) if match else None
        if match and colour:
            yield match[1].removeprefix("--"), _both(colour)


def _both(colour: re.Match[str]) -> tuple[str, str]:
    single, light, dark = colour.groups()
    return (light or single, dark or single)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (_linear(int(digits[place : place + 2], 16) / 255) for place in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
