"""The floor of the forms that act on a request, and the fields that many of them have."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField
from wtforms.validators import Optional

from dialogue.conversation.rules import MAX_BODY
from dialogue.core import clock
from dialogue.core.db import read_id
from dialogue.core.workdays import add_workdays
from dialogue.requests.models import DataRequest
from dialogue.web.forms import Day, Form, Required, Text, typed

ANSWER_LENGTH = MAX_BODY
ANSWER_HINT = _l("Everybody can read it. It is signed by the unit, not by you.")
DATE_HINT = _l("Year-month-day, for example 2026-12-04. Everybody sees the date.")


def answer_field(label: object = _l("Your answer"), message: object = _l("Write the answer")) -> Text:
    """The official answer that goes with an action."""
    return Text(label, [Required(message)], max_length=ANSWER_LENGTH, description=ANSWER_HINT)


def next_on_field(label: object, *, optional: bool = False, hint: object = DATE_HINT) -> Day:
    """The date that the action promises."""
    check = Optional() if optional else typed(_l("Enter a date"))
    return Day(label, [check], description=hint)


def reason_field(label: object, message: object, hint: object = "") -> Text:
    """Why something is done."""
    return Text(label, [Required(message)], max_length=2000, description=hint)


_LISTS = {"queue": "/queue", "inbox": "/inbox"}


class ActionForm(Form):
    """The floor of the forms that act. `version` is the state of the request that its page showed."""

    version = HiddenField()
    #: The list in which the form stands, if it stands in one: where to go afterwards.
    back = HiddenField()

    #: What the button says, and a sentence above the fields.
    button: Any = _l("Publish the answer")
    lead: Any = ""

    def __init__(self, name: str, data_request: DataRequest, title: str, **more: Any) -> None:
        # Many of these forms stand on one page: names are what the contract says, ids are their own.
        super().__init__(id_prefix=name.replace("_", "-"), **more)
        self.action, self.heading = name, title
        if self.version.data is None:
            self.version.data = str(data_request.version)
        today = clock.today(data_request.municipality.zone)
        #: Working days to choose for the next date: (words, ISO date).
        self.suggestions = [
            (gettext("in a week"), add_workdays(today, 5).isoformat()),
            (gettext("in two weeks"), add_workdays(today, 10).isoformat()),
        ]
        self.offer(data_request)

    def offer(self, data_request: DataRequest) -> None:
        """Fill in the choices."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every field, and that the form says which version of the request it was filled in on."""
        is_valid = bool(super().validate(extra_validators))
        if self.form_version is None:
            self.form_errors.append(gettext("The form was not complete. Check what you typed and send it again."))
        return is_valid and self.form_version is not None

    @property
    def form_version(self) -> int | None:
        """The version that came with the form, if it is one."""
        return read_id(self.version.data or "")

    @property
    def way_back(self) -> str | None:
        """Where the form stood; None for the request's own page."""
        return _LISTS.get(self.back.data or "")

    @property
    def text(self) -> str:
        """The official answer, empty when the form carries none."""
        return self["answer"].data or "" if "answer" in self else ""

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Label and text of every field that something was typed into, choices by their names."""
        return [
            (str(field.label.text), " ".join(_called(field, text) for text in field.raw_data or ()))
            for field in self
            if field.name not in ("version", "back") and any(text.strip() for text in field.raw_data or ())
        ]

    def values(self) -> dict[str, Any]:
        """What the verb takes besides the answer."""
        return {}


def _called(field: Field, value: str) -> str:
    words = {str(key): str(label) for key, label in getattr(field, "choices", None) or ()}
    return words.get(value) or value
