"""A form that could not be taken is shown in the words of its own page: labels and choices, no names of the code."""

from collections.abc import Iterator

import pytest
from flask import Flask
from wtforms.fields.core import UnboundField

from dialogue.pages.choices import CHOICES
from dialogue.pages.forms import SampleForm
from dialogue.web.forms import Form
from dialogue.web.typed import _LABELS, _UNSEEN, in_words
from tests.factories import Factory
from tests.page import Page

#: Choices that are rows of the database, known by the words of their addresses.
PLACES = {"about", "unit", "area", "municipality", "parent"}


def forms(form: type[Form] = Form) -> Iterator[type[Form]]:
    for below in form.__subclasses__():
        if below is not SampleForm:
            yield below
        yield from forms(below)


def fields() -> set[tuple[str, str]]:
    """Name and kind of every field of every form."""
    return {
        (name, field.field_class.__name__)
        for form in forms()
        for name, field in ((name, getattr(form, name)) for name in dir(form))
        if isinstance(field, UnboundField)
    }


def test_every_field_has_a_label_or_is_not_shown(app: Flask) -> None:
    assert {name for name, _ in fields()} <= _LABELS.keys() | _UNSEEN


def test_every_choice_has_a_name(app: Flask) -> None:
    chosen = {name for name, kind in fields() if kind in ("RadioField", "SelectField", "BooleanField")}
    assert chosen - PLACES - _UNSEEN <= CHOICES.keys()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (("kind", "formal"), ("Typ av förfrågan", "Begäran om vidareutnyttjande")),
        (("licence", "cc0"), ("Licens", "CC0, fri att använda till allt")),
        (("status", "declined"), ("Var står förfrågan nu?", "Kan inte publiceras")),
        (("frequency-12", "weekly"), ("Hur ofta?", "En gång i veckan, på måndagar")),
        (("kind", "something else"), ("Typ av förfrågan", "something else")),
        (("made_up", "x"), ("made up", "x")),
        (("back", "queue"), None),
        (("answer", "  "), None),
    ],
)
def test_a_field_in_words(app: Flask, sent: tuple[str, str], said: tuple[str, str] | None) -> None:
    with app.test_request_context("/"):
        assert in_words([sent]) == ([said] if said else [])


def test_an_expired_form_is_shown_in_words(page: Page, make: Factory) -> None:
    make.municipality()
    filed = {"title": "Laddplatser", "kind": "formal", "update_frequency": "DAILY", "csrf_token": "old"}
    again = page.post("/requests/new", filed, 403)
    assert "Typ av förfråganBegäran om vidareutnyttjande" in again.words
    assert "Varje dag" in again.words
    assert "DAILY" not in again.words
