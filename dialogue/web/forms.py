"""The floor of every form: plain fields with plain messages; proof against forgery is checked before any view runs."""

import re
from collections.abc import Callable
from datetime import date

from flask import flash, render_template
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, Field, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, StopValidation

from dialogue.core import emailaddress
from dialogue.core.errors import InvalidValue
from dialogue.core.language import N_
from dialogue.core.personnummer import find_lookalikes
from dialogue.core.text import clean_line, clean_text
from dialogue.web.extensions import db
from dialogue.web.transaction import give_up


class Form(FlaskForm):
    """A form that is checked on the server alone: the page says what is wrong, in words, never a browser's bubble."""

    class Meta:
        csrf = False  # web/security.check_form_proof has done it, for every route

    def __init__(self, *args: object, id_prefix: str = "", **values: object) -> None:
        """`id_prefix` keeps the ids of several forms on one page apart; the names that are sent stay the same."""
        super().__init__(*args, **values)
        for field in self if id_prefix else ():
            field.id = field.label.field_id = f"{id_prefix}-{field.name}"

    def add_error(self, error: InvalidValue) -> None:
        """Show what the domain refused at the field it came from, or at the first field."""
        field = self._fields.get(error.field) or next(iter(self._fields.values()))
        field.errors = [*field.errors, gettext(error.message, **error.values)]


class Line(StringField):
    """One line of text, cleaned of what cannot be seen."""

    def __init__(
        self, label: object, validators: list[Callable[..., None]], *, max_length: int, **more: object
    ) -> None:
        super().__init__(label, [*validators, Length(max=max_length)], filters=[_line], **more)
        self.max_length = max_length


class Text(TextAreaField):
    """Several lines of text, cleaned of what cannot be seen."""

    def __init__(
        self, label: object, validators: list[Callable[..., None]], *, max_length: int, **more: object
    ) -> None:
        super().__init__(label, [*validators, Length(max=max_length)], filters=[_text], **more)
        self.max_length = max_length


class EmptyField:
    """A field that nothing was typed in yet, for a page that shows the form of another page's view.

    The component macros draw it like the field of a form; the form itself is only built where it is sent to.
    """

    type = "StringField"
    errors: tuple[str, ...] = ()
    description = ""

    def __init__(self, name: str, label: str, *, id: str = "", max_length: int | None = None) -> None:
        self.name, self.id, self.max_length = name, id or name, max_length
        self.label = {"text": label}
        self.flags: dict[str, bool] = {}

    def _value(self) -> str:
        return ""


class Day(DateField):
    """A date typed as year-month-day, and nothing else: 2026-12-04."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; what is no date stays in the field for the page that says so."""
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if typed:
            try:
                self.data = date.fromisoformat(typed) if _ISO_DATE.fullmatch(typed) else date.fromisoformat("")
            except ValueError as error:
                message = gettext("Enter the date as year-month-day, for example 2026-12-04")
                raise ValueError(message) from error

    def _value(self) -> str:
        return " ".join(self.raw_data) if self.raw_data else str(self.data or "")


_ISO_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def typed(message: object) -> Callable[[object, Field], None]:
    """Something must be typed. Unlike Required, leaves alone what was typed and could not be read."""

    def check(form: object, field: Field) -> None:
        if not field.raw_data or not field.raw_data[0].strip():
            raise StopValidation(str(message))

    return check


def offered(message: object) -> Callable[[object, SelectField], None]:
    """One of the field's choices must be chosen (fields with validate_choice=False). `message` says what to do."""

    def check(form: object, field: SelectField) -> None:
        if not field.data or field.data not in dict(field.choices):
            raise StopValidation(str(message))

    return check


class Required(InputRequired):
    """Something must be typed (spaces are nothing). `message` says what to write."""

    def __init__(self, message: object) -> None:
        super().__init__(message)
        self.field_flags = {}  # no `required` attribute: browsers' own bubbles are neither kind nor translated

    def __call__(self, form: object, field: Field) -> None:
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            field.errors = []
            raise StopValidation(str(self.message))


def valid_email(form: object, field: Field) -> None:
    """Normalise the address in `field`, or say how one looks."""
    try:
        field.data = emailaddress.normalise(field.data or "")
    except emailaddress.InvalidEmail as error:
        raise StopValidation(str(_l("Enter an email address, like name@company.se"))) from error


def invalid(template: str, *, status: int = 422, **context: object) -> tuple[str, int]:
    """The same page again with what was typed and what to do about it; nothing of the request is kept."""
    give_up(db.session)
    return render_template(template, page_has_errors=True, **context), status


#: What is said of a number that is not one but looks like one: nothing is stopped.
LOOKALIKE = N_(
    "%(number)s looks like a personal identity number. If it is one, take it out: everybody can read what you write."
)


def flash_banner(text: str, kind: str = "success") -> None:
    """Say `text` (already translated) on the next page. `kind`: success, info or warning."""
    flash(text, kind)


def flash_lookalikes(*texts: str) -> None:
    """Ask on the next page to look again at what looks like a personal identity number in `texts`, if anything does."""
    for number in find_lookalikes(*texts)[:1]:
        flash_banner(gettext(LOOKALIKE, number=number), "warning")


def _line(value: str | None) -> str:
    return clean_line(value or "", 10_000)


def _text(value: str | None) -> str:
    return clean_text(value or "")
