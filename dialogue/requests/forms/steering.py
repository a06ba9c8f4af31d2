"""Forms that move a request without an official answer: whose it is, which kind, and what the asker may do."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.validators import Optional

from dialogue.accounts.models import Unit
from dialogue.core.clock import now
from dialogue.requests.forms.floor import ActionForm, reason_field
from dialogue.requests.models import DataRequest
from dialogue.requests.promises import voters_may_confirm
from dialogue.requests.rules import Kind, Works
from dialogue.requests.wording.states import KINDS, WORKS
from dialogue.web.forms import Line, Text, offered

#: What the coordinator's inbox goes by in the list of units.
UNKNOWN_UNIT = "unknown"


class AssignForm(ActionForm):
    """Whose it is."""

    unit = SelectField(_l("Unit"), [offered(_l("Choose a unit in the list"))], validate_choice=False)
    note = Line(_l("Why"), [Optional()], max_length=300, description=_l("Everybody can read it."))
    button = _l("Assign the request")

    def offer_units(self, units: list[Unit], former_id: int | None) -> None:
        """Every open unit but the one that has it, and the coordinator."""
        self.unit.choices = [("", gettext("Choose"))]
        self.unit.choices += [(unit.slug, unit.name) for unit in units if unit.id != former_id]
        if former_id is not None:
            self.unit.choices.append((UNKNOWN_UNIT, gettext("Do not know: back to the coordinator")))

    def values(self) -> dict[str, Any]:
        """Why. The unit itself is looked up by the view."""
        return {"note": self.note.data or ""}


class TakeForm(ActionForm):
    """Nothing to fill in."""

    button = _l("Take the request")
    lead = _l("You get the mail about it from now on. Your colleagues see that it is taken.")


class ConfirmDeliveryForm(ActionForm):
    """What the asker says of the data."""

    works = RadioField(_l("Does the data work for you?"), [offered(_l("Choose an answer"))], validate_choice=False)
    note = Text(_l("What do you use it for?"), [Optional()], max_length=2000, description=_l("Everybody can read it."))
    button = _l("Send what you think")

    def offer(self, data_request: DataRequest) -> None:
        """Yes, partly, no; and whose word counts when the asker is silent."""
        if voters_may_confirm(data_request.published_at, data_request.works, now()):
            self.lead = gettext(
                "Nobody has said it within 30 days. When three businesses that voted have, their word counts."
            )
        self.works.choices = [(key.value, gettext(label)) for key, label in WORKS.items()]

    def values(self) -> dict[str, Any]:
        """What was said."""
        return {"works": Works(self.works.data), "note": self.note.data or ""}


class WithdrawForm(ActionForm):
    """Nothing to fill in."""

    button = _l("Withdraw the request")
    lead = _l("If others have voted, the request lives on with the one who voted first.")


class ReasonForm(ActionForm):
    """A reason: for reopen and hide."""

    reason = reason_field(_l("What is new?"), _l("Say what is new"), _l("Everybody can read it."))
    button = _l("Reopen the request")

    def values(self) -> dict[str, Any]:
        """Why."""
        return {"reason": self.reason.data or ""}


class HideForm(ReasonForm):
    """Why the public may not see it."""

    reason = reason_field(
        _l("Why is it hidden?"),
        _l("Say why the request is hidden"),
        _l("Shown where the request was, and sent to its author. The text itself is kept."),
    )
    button = _l("Hide the request")


class ReclassifyForm(ReasonForm):
    """Which kind it is instead."""

    kind = RadioField(_l("Kind of request"), [offered(_l("Choose a kind"))], validate_choice=False)
    reason = reason_field(_l("Why does the kind change?"), _l("Say why the kind changes"), _l("The requester is told."))
    button = _l("Change the kind")

    def offer(self, data_request: DataRequest) -> None:
        """The other kind."""
        self.kind.choices = [(key.value, gettext(label)) for key, label in KINDS.items()]

    def values(self) -> dict[str, Any]:
        """The kind and why."""
        return {"kind": Kind(self.kind.data), "reason": self.reason.data or ""}


class ShowForm(ActionForm):
    """Why the public may see it again, if there is something to say."""

    reason = Text(_l("Why is it shown again?"), [Optional()], max_length=2000, description=_l("Sent to its author."))
    button = _l("Show the request again")

    def values(self) -> dict[str, Any]:
        """Why."""
        return {"reason": self.reason.data or ""}
