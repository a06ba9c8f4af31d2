"""A municipality's colours, checked: what is too weak to read, or is more than colours, is refused in words.

A theme is a `:root` block that sets colour tokens of static/css/tokens.css, each as `light-dark(#light, #dark)` or as
one `#colour` for both schemes, and perhaps a block of the dark scheme's own. One that says nothing of the dark leaves
that as it is. What is served is written anew from the colours, so a theme can neither fetch nor cover anything.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
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
_BLOCK = re.compile(
    r"""\s*(?P<media>@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)\s*\{\s*)?
    :root(?P<dark>:not\(\[data-theme="?light"?\]\)|\[data-theme="?dark"?\])?\s*
    \{(?P<body>[^{}]*)\}(?(media)\s*\})\s*""",
    re.VERBOSE,
)
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
    """What stops `css` from being a municipality's theme; empty when it may be used."""
    written = _read(css)
    return written.failures or [
        Sentence(N_("Line %(line)s: %(what)s"), {"line": line, "what": failure}) if line else failure
        for failure in check_contrast(_on_the_house(written))
        for line in [written.lines.get(str(failure.values["front"])) or written.lines.get(str(failure.values["back"]))]
    ]


def theme_css(css: str) -> str:
    """The style sheet of the theme `css`, which `check_theme` lets in."""
    written = _read(css)
    theme = _on_the_house(written)
    lines = (
        f"  {name}: light-dark({theme.light[name[2:]]}, {theme.dark[name[2:]]});" for name in sorted(written.lines)
    )
    return "\n".join((":root {", *lines, "}", ""))


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


@dataclass
class _Written:
    """What a theme says: the colours of each scheme, on which line each was set first, and what is wrong."""

    light: dict[str, str] = field(default_factory=dict)
    dark: dict[str, str] = field(default_factory=dict)
    #: By the name with its dashes.
    lines: dict[str, int] = field(default_factory=dict)
    failures: list[Sentence] = field(default_factory=list)

    def refuse(self, line: int, what: Sentence) -> None:
        self.failures.append(Sentence(N_("Line %(line)s: %(what)s"), {"line": line, "what": what}))


def _on_the_house(written: _Written) -> Theme:
    house = house_theme()
    return Theme({**house.light, **written.light}, {**house.dark, **written.dark})


def _read(css: str) -> _Written:
    # Lines keep their numbers: of a comment, its line breaks stay.
    text = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), css)
    written, for_both, place = _Written(), dict[str, str](), 0
    while (block := _BLOCK.match(text, place)) is not None:
        place = block.end()
        is_dark = bool(block["media"] or block["dark"])
        for line, declaration in _declarations(text, block):
            if _squeezed(declaration) not in _house_rules():
                _read_one(written, for_both, line, declaration, is_dark=is_dark)
    if place < len(text) or not place:
        rest = len(text[:place]) + len(text[place:]) - len(text[place:].lstrip())
        written.refuse(
            text.count("\n", 0, rest) + 1,
            Sentence(N_("A theme is :root { … } with colours, and one more such block for the dark. Nothing else.")),
        )
    if written.dark:
        written.dark = for_both | written.dark
    return written


def _declarations(text: str, block: re.Match[str]) -> Iterator[tuple[int, str]]:
    """Each declaration of a block, with the number of its line."""
    for found in re.finditer(r"[^;]+", block["body"]):
        if declaration := found[0].strip():
            before = block.start("body") + found.start() + found[0].index(declaration)
            yield text.count("\n", 0, before) + 1, declaration


def _read_one(written: _Written, for_both: dict[str, str], line: int, declaration: str, *, is_dark: bool) -> None:
    match = _DECLARATION.match(declaration)
    name = match[1].removeprefix("--") if match else ""
    colour = _COLOUR.match(match[2].strip()) if match else None
    if not match or name not in house_theme().light:
        text = declaration.split(":")[0][:60]
        written.refuse(line, Sentence(N_("%(text)s is not a colour of the theme."), {"text": text}))
    elif not colour:
        wanted = N_("%(name)s must be written #rrggbb or light-dark(#rrggbb, #rrggbb).")
        written.refuse(line, Sentence(wanted, {"name": match[1]}))
    else:
        written.lines.setdefault(match[1], line)
        light, dark = _both(colour)
        if is_dark:
            written.dark[name] = dark
            return
        written.light[name] = light
        (for_both if colour[1] else written.dark)[name] = dark


def _squeezed(declaration: str) -> str:
    return "".join(declaration.split())


@cache
def _house_rules() -> frozenset[str]:
    """What static/css/tokens.css says beside the colours: said again word for word, it changes nothing."""
    (rules,) = _ROOT_BLOCK.findall(_COMMENT.sub("", _TOKENS_FILE.read_text(encoding="utf-8")))
    others = (rule for rule in rules.split(";") if "#" not in rule)
    return frozenset(map(_squeezed, others)) | {"color-scheme:dark"}


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
