"""The one form of the official's queue: answer, status and next date together. And texts to start an answer from."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from dialogue.requests.forms.floor import ActionForm, answer_field, next_on_field
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import ACTIONS, Status
from dialogue.web.forms import offered


class State(StrEnum):
    """What the official says of the request in the form of the queue."""

    ASSESSING = "assessing"
    PLANNED = "planned"
    PUBLISHED = "published"
    DECLINED = "declined"
    ALREADY_AVAILABLE = "already_available"
    REDIRECTED = "redirected"
    NOT_A_DATA_REQUEST = "not_a_data_request"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Choice:
    """One of the states to choose: its label, the action that leads there, and where it is the present state."""

    label: Any
    action: str
    present: Status | None = None


CHOICES: dict[State, Choice] = {
    State.ASSESSING: Choice(_l("Under review"), "assess", Status.ASSESSING),
    State.PLANNED: Choice(_l("Planned: we publish by the date"), "plan", Status.PLANNED),
    State.PUBLISHED: Choice(_l("Published"), "publish"),
    State.DECLINED: Choice(_l("Cannot be published"), "decline"),
    State.ALREADY_AVAILABLE: Choice(_l("Available already"), "already_available"),
    State.REDIRECTED: Choice(_l("Somebody else has the data"), "redirect"),
    State.NOT_A_DATA_REQUEST: Choice(_l("Not a data request"), "not_a_data_request"),
    State.UNCHANGED: Choice(_l("Only answer, change nothing"), ""),
}

#: States that need more fields than this form has, or a second look: their own form comes next, with the answer in it.
NEEDS_MORE = frozenset(
    {State.PUBLISHED, State.DECLINED, State.ALREADY_AVAILABLE, State.REDIRECTED, State.NOT_A_DATA_REQUEST}
)


@dataclass(frozen=True)
class Starter:
    """A text to start an answer from; always edited before it is sent."""

    label: Any
    text: Any


STARTERS: dict[str, Starter] = {
    "more_time": Starter(
        _l("I need more time"),
        _l("We need more time, because … You get an update by the date below."),
    ),
    "exists": Starter(_l("The data exists already"), _l("The data is available already. You find it here: …")),
    "purpose": Starter(
        _l("What will it be used for?"),
        _l("To answer well we need to know more. What will you use the data for, and which parts matter most?"),
    ),
    "personal_data": Starter(
        _l("It contains personal data"),
        _l("The data contains personal data, so it cannot be published as it is. We look into a version without it."),
    ),
    "not_held": Starter(
        _l("We do not have it"),
        _l("The municipality does not have this data. As far as we know, … has it."),
    ),
    "rights": Starter(
        _l("Somebody else has the rights"),
        _l("The rights to a part of the data belong to … We ask them and tell you what they say."),
    ),
}


class AnswerForm(ActionForm):
    """Answer, status and next date. No status is chosen beforehand: it would be changed by accident."""

    answer = answer_field()
    status = RadioField(
        _l("Where does the request stand now?"),
        [offered(_l("Choose where the request stands now"))],
        validate_choice=False,
    )
    next_on = next_on_field(
        _l("Next update by"),
        optional=True,
        hint=_l("Needed when the request is under review or planned. Year-month-day, for example 2026-12-04."),
    )

    starters = STARTERS

    def offer_states(self, present: Status, open_names: set[str]) -> None:
        """Offer what may be chosen from `present` by somebody with these open actions."""
        self.status.choices = [
            (state.value, choice.label)
            for state, choice in CHOICES.items()
            if choice.action in open_names or choice.present is present or state is State.UNCHANGED
        ]

    def read_action(self, data_request: DataRequest) -> str | None:
        """The action that was chosen, "" for an answer that changes nothing; None after saying what is wrong."""
        state = State(self.status.data)
        choice = CHOICES[state]
        stays = state is State.UNCHANGED or choice.present is data_request.status
        moves = self.next_on.data is not None and self.next_on.data != data_request.next_on
        if not stays and state not in NEEDS_MORE and self.next_on.data is None:
            self.next_on.errors = [gettext("Enter a date")]
            return None
        if stays and moves and data_request.status not in ACTIONS["move_date"].sources:
            self.next_on.errors = [gettext("Leave the date empty, or choose another status")]
            return None
        if stays:
            return "move_date" if moves else ""
        return choice.action

    def start_from(self, starter: str) -> None:
        """Put a text into the answer, below what has been typed."""
        self.answer.data = "\n\n".join(filter(None, (self.text, str(STARTERS[starter].text))))
        self.answer.raw_data = None

    def fields(self) -> dict[str, Any]:
        """What a draft keeps."""
        typed_day = self.next_on.raw_data[0] if self.next_on.raw_data else ""
        return {"answer": self.text, "status": self.status.data or "", "next_on": typed_day}
