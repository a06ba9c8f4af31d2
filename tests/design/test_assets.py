"""What is sent beside the page is small, our own, and fits a strict content security policy."""

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dialogue.web import assets
from dialogue.web.theme import house_theme

ROOT = Path(__file__).resolve().parents[2]
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
# Mails carry their style inside, because mail programs have nothing else.
PAGES = [template for template in TEMPLATES if "emails" not in template.parts]
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_script_is_small() -> None:
    assert sum(len(script.read_bytes()) for script in (ROOT / "static" / "js").glob("*.js")) < 10_000


def test_the_styles_are_small() -> None:
    assert sum(len(style.read_bytes()) for style in STYLES) < 60_000


@pytest.mark.parametrize("style", STYLES, ids=named)
def test_styles_fetch_nothing(style: Path) -> None:
    text = style.read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import|https?:|@font-face", text)


@pytest.mark.parametrize("style", STYLES, ids=named)
def test_styles_keep_to_their_layers(style: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", style.read_text(encoding="utf-8"), flags=re.DOTALL)
    outside = re.sub(r"\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\}", "{}", text)
    assert re.fullmatch(r"\s*(@layer [a-z, ]+;\s*)?(@layer [a-z]+ \{\}\s*)+", outside)


@pytest.mark.parametrize("style", STYLES, ids=named)
def test_colours_are_named_in_the_tokens_only(style: Path) -> None:
    if style.name in ("tokens.css", "preferences.css"):
        return
    assert not re.search(r"#[0-9a-f]{3,6}\b|rgb|hsl", style.read_text(encoding="utf-8"))


def test_browsers_without_light_dark_get_the_light_colours() -> None:
    text = (ROOT / "static" / "css" / "preferences.css").read_text(encoding="utf-8")
    fallback = text[text.index("@supports not") :]
    assert dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6}) !important", fallback)) == house_theme().light


@pytest.mark.parametrize("template", PAGES, ids=named)
def test_templates_hold_no_inline_style_or_script(template: Path) -> None:
    text = COMMENT.sub("", template.read_text(encoding="utf-8"))
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", text, re.IGNORECASE)
    assert not re.search(r"<script(?![^>]*\b(?:src=|type=\"application/ld\+json\"))", text)


@pytest.mark.parametrize("template", PAGES, ids=named)
def test_templates_load_nothing_from_elsewhere(template: Path) -> None:
    assert not re.search(r"(?:src|<link[^>]* href)=\"(?:https?:)?//", template.read_text(encoding="utf-8"))


@pytest.mark.parametrize("component", sorted((ROOT / "templates" / "components").glob("*.html")), ids=named)
def test_components_say_what_they_are_for(component: Path) -> None:
    """A component begins with a comment: purpose, parameters, an example."""
    text = component.read_text(encoding="utf-8")
    assert text.startswith("{#\n")
    macros = re.findall(r"\{% macro ([a-z]\w*)", text)
    head = text[: text.index("#}")]
    assert any(macro in head for macro in macros)


def test_every_component_is_shown_on_the_components_page() -> None:
    page = (ROOT / "templates" / "dev" / "components.html").read_text(encoding="utf-8")
    parts = {"field", "form", "track"}  # seen as parts of the others
    missing = {
        component.stem
        for component in (ROOT / "templates" / "components").glob("*.html")
        if component.stem not in parts and f'"components/{component.name}"' not in page
    }
    assert not missing, f"show them on templates/dev/components.html: {', '.join(sorted(missing))}"


def test_the_style_sheet_holds_every_style_there_is() -> None:
    assert {style.stem for style in STYLES} == {*assets.STYLES, "dev"}


def test_squeezing_changes_no_meaning() -> None:
    css = '.a :is(b, c) {\n  color: var(--ink); /* why */\n}\n\n.d::after { content: " ("; }'
    assert assets.squeezed(css) == '.a :is(b, c){color: var(--ink);}.d::after{content: " (";}'


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_the_style_sheet_is_kept_for_ever_under_its_fingerprint(client: FlaskClient) -> None:
    (address,) = re.findall(r'href="([^"]+dialogue\.css[^"]*)"', client.get("/dev/components").text)
    answer = client.get(address)
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(address, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert "immutable" not in client.get(address.partition("?")[0]).headers.get("Cache-Control", "")


def test_the_style_sheet_is_packed_for_browsers_that_can(client: FlaskClient) -> None:
    plain = client.get("/static/css/dialogue.css")
    packed = client.get("/static/css/dialogue.css", headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < 12_000
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["ETag"] != plain.headers["ETag"]


def test_other_files_are_sent_as_they_are(client: FlaskClient) -> None:
    with client.get("/static/js/dialogue.js") as answer:
        assert answer.data == (ROOT / "static/js/dialogue.js").read_bytes()
    assert client.get("/static/js/none.js").status_code == 404
    assert client.get("/static/../config.py").status_code == 404
