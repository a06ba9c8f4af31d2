"""The form behind a vote."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import Optional

from dialogue.voting.rules import MAX_REASON, REASON_LABELS, ReasonKind
from dialogue.web.forms import Form, Line, Required, Text, valid_email


class ReasonForm(Form):
    """Why one votes. Both parts may be left out."""

    reason_kind = RadioField(_l("Why do you need the data?"), [Optional()])
    reason = Text(_l("In your own words"), [Optional()], max_length=MAX_REASON)

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.reason_kind.choices = [(kind.value, gettext(label)) for kind, label in REASON_LABELS.items()]

    @property
    def kind(self) -> ReasonKind | None:
        """The kind of reason that was chosen."""
        return ReasonKind(self.reason_kind.data) if self.reason_kind.data else None


class VoteForm(ReasonForm):
    """A vote of somebody who is not signed in: whom they speak for, and an address to prove."""

    organisation = Line(_l("Business"), [Optional()], max_length=120)
    email = Line(
        _l("Email address"),
        [Required(_l("Enter an email address, like name@company.se")), valid_email],
        max_length=254,
    )
