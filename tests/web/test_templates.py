"""Templates are compiled once for each language, and say what they would say if they were translated on every page."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, g
from flask_babel import force_locale
from jinja2 import DictLoader

from dialogue.app import create_app
from tests.conftest import settings

TEMPLATES = {
    "page.html": """{% from "part.html" import part %}{{ _("Requests") }} {{ part() }} {% include "part.txt" %}""",
    "part.html": """{% macro part() %}{{ pgettext("requests", "Closed") }}, {{ title() }}{% endmacro %}
        {%- macro title() %}<i title="{{ _("vote for %(title)s", title="<A & B>") }}">{% endmacro %}""",
    "part.txt": """{{ ngettext("%(num)s vote", "%(num)s votes", 2) }}{{ "" if _("Requests")|length > 3 }}""",
}
SAID = {
    "sv": 'Förfrågningar Avslutade, <i title="rösta på &lt;A &amp; B&gt;"> 2\xa0röster',
    "en": 'Requests Closed, <i title="vote for &lt;A &amp; B&gt;"> 2 votes',
}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An app with the templates of this test."""
    app = create_app(settings("sqlite://", tmp_path))
    app.jinja_env.loader = DictLoader(TEMPLATES)
    return app


def test_each_language_keeps_its_own(app: Flask) -> None:
    with app.app_context():
        for language, said in [*SAID.items()] * 2:
            with force_locale(language):
                assert app.jinja_env.get_template("page.html").render() == said


def test_a_template_in_a_string_is_translated_where_it_is_shown(app: Flask) -> None:
    with app.app_context():
        template = app.jinja_env.from_string(TEMPLATES["page.html"])
        for language, said in SAID.items():
            with force_locale(language):
                assert template.render() == said


def test_what_is_kept_is_made_once_for_each_language_and_zone(app: Flask) -> None:
    made: list[object] = []
    app.jinja_env.globals["made"] = made.append
    app.jinja_env.loader = DictLoader(
        {
            "row.html": """{% macro row(at) %}{{ made(at) or "" }}{{ _("Requests") }} {{ at|moment }}{% endmacro %}""",
            "list.html": """{% from "row.html" import row %}{{ kept(row, at) }}""",
        }
    )
    at = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)
    said = {
        ("sv", "Europe/Stockholm"): "Förfrågningar 1 juli 2026 14:05",
        ("en", "Europe/Stockholm"): "Requests 1 July 2026 14:05",
        ("sv", "Europe/Helsinki"): "Förfrågningar 1 juli 2026 15:05",
    }
    for (language, zone), text in [*said.items()] * 2:
        with app.app_context(), force_locale(language):
            g.zone = zone
            shown = app.jinja_env.get_template("list.html").render(at=at)
            assert shown.replace("\xa0", " ") == text
    assert len(made) == len(said)
