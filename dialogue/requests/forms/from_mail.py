"""Forms behind the links in an official's mail: as little to fill in as there can be, and one button."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from dialogue.requests.forms.answering import MoveDateForm
from dialogue.requests.forms.floor import ActionForm, reason_field
from dialogue.requests.forms.steering import TakeForm
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.planning import today_of
from dialogue.requests.promises import suggest_later


class TakeItForm(TakeForm):
    """Nothing to fill in."""

    title = _l("Take the request")


class NotOursForm(ActionForm):
    """Why, for the coordinator who finds the right unit."""

    title = _l("Back to the coordinator")
    lead = _l("The coordinator finds the right unit. The requester is told.")
    reason = reason_field(
        _l("Why is it not yours?"),
        _l("Say why it is not yours"),
        _l("For instance who has the data. Everybody can read it."),
    )
    button = _l("Send it back to the coordinator")

    def values(self) -> dict[str, Any]:
        """Why."""
        return {"note": self.reason.data or ""}


class MoreTimeForm(MoveDateForm):
    """A later date and a reason, both filled in and both open to change."""

    title = _l("I need more time")
    button = _l("Publish the new date")

    def offer(self, data_request: DataRequest) -> None:
        """Suggest a date and a reason, unless something was sent."""
        if self.next_on.raw_data is None:
            days = data_request.municipality.next_word_days
            self.next_on.data = suggest_later(data_request, today_of(data_request), days)
            self.answer.data = gettext("We need more time to look into this, and tell you more by the new date.")
