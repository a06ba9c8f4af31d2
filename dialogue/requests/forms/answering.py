"""Forms that carry an official answer."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import Optional

from dialogue.catalogue.rules import FORMATS, FREQUENCIES, LICENCES, Format, Frequency, Licence
from dialogue.core.text import clean_text
from dialogue.requests.forms.floor import ANSWER_HINT, ANSWER_LENGTH, DATE_HINT, ActionForm, answer_field, next_on_field
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.closing import Refusal
from dialogue.requests.operations.publishing import Publication
from dialogue.requests.rules import Extent, Ground, Kind
from dialogue.requests.wording.states import EXTENTS, GROUNDS
from dialogue.web.forms import Day, Line, Required, Text, offered, typed


class NextWordForm(ActionForm):
    """Answer and date: for assess, plan and move_date."""

    answer = answer_field()
    next_on = next_on_field(_l("Next update by"))

    def values(self) -> dict[str, Any]:
        """The promised date."""
        return {"next_on": self.next_on.data}


class PlanForm(NextWordForm):
    """A promise to publish."""

    next_on = next_on_field(_l("Published by"))


class MoveDateForm(NextWordForm):
    """Another date, and why."""

    answer = answer_field(_l("Why the date moves"), _l("Say why the date moves"))
    next_on = next_on_field(_l("New date"))
    button = _l("Move the date")


class AskForm(ActionForm):
    """A question to the asker."""

    question = Text(
        _l("Your question"), [Required(_l("Write the question"))], max_length=ANSWER_LENGTH, description=ANSWER_HINT
    )
    next_on = next_on_field(_l("Next update by"), optional=True)
    #: Programs may call the question what every other official text is called.
    answer = HiddenField(filters=[lambda text: clean_text(text or "")])
    button = _l("Ask the question")

    @property
    def text(self) -> str:
        """The question is the answer's text."""
        return self.question.data or ""

    def offer(self, data_request: DataRequest) -> None:
        """Say what happens to the date meanwhile."""
        self.question.data = self.question.data or self.answer.data
        is_formal = data_request.kind is Kind.FORMAL
        self.lead = (
            gettext("The time limit of a formal request keeps running while you wait.")
            if is_formal
            else gettext("The promised date waits until the requester has answered.")
        )

    def values(self) -> dict[str, Any]:
        """A new date, if one was given."""
        return {"next_on": self.next_on.data}


class PublishForm(ActionForm):
    """Where the data is."""

    dataset_url = Line(_l("Link to the data"), [Required(_l("Enter the link to the data"))], max_length=1000)
    title = Line(
        _l("Name of the data"), [Optional()], max_length=200, description=_l("Left empty: the title of the request.")
    )
    licence = RadioField(_l("Licence"), [offered(_l("Choose a licence"))], validate_choice=False)
    format = SelectField(_l("Format"), [offered(_l("Choose a format"))], validate_choice=False)
    update_frequency = SelectField(
        _l("How often it is updated"), [offered(_l("Choose how often the data is updated"))], validate_choice=False
    )
    extent = RadioField(
        _l("How much of what was asked for?"), [offered(_l("Choose all or a part"))], validate_choice=False
    )
    next_on = next_on_field(_l("The rest comes by"), optional=True)
    answer = Text(_l("Your answer"), [Optional()], max_length=ANSWER_LENGTH, description=ANSWER_HINT)
    button = _l("Publish the data")

    def offer(self, data_request: DataRequest) -> None:
        """The vocabularies of the catalogue."""
        nothing = [("", gettext("Choose"))]
        self.licence.choices = [(key.value, gettext(term.label)) for key, term in LICENCES.items()]
        self.format.choices = nothing + [(key.value, gettext(term.label)) for key, term in FORMATS.items()]
        self.update_frequency.choices = nothing + [
            (key.value, gettext(term.label)) for key, term in FREQUENCIES.items()
        ]
        self.extent.choices = [(key.value, gettext(label)) for key, label in EXTENTS.items()]

    def values(self) -> dict[str, Any]:
        """The publication."""
        return {
            "publication": Publication(
                dataset_url=self.dataset_url.data or "",
                title=self.title.data or "",
                licence=Licence(self.licence.data),
                format=Format(self.format.data),
                update_frequency=Frequency(self.update_frequency.data),
                extent=Extent(self.extent.data),
                next_on=self.next_on.data,
            )
        }


class DeclineForm(ActionForm):
    """Why not, and what would change it."""

    ground = SelectField(_l("Reason"), [offered(_l("Choose a reason"))], validate_choice=False)
    explanation = Text(
        _l("Explanation"),
        [Required(_l("Explain why the data cannot be published"))],
        max_length=ANSWER_LENGTH,
        description=_l("This is your answer, and everybody can read it. Say what exists instead, if something does."),
    )
    what_would_change_it = Text(
        _l("What would change it?"), [Required(_l("Say what would change it"))], max_length=2000
    )
    rights_holder = Line(
        _l("Whose rights?"),
        [Optional()],
        max_length=200,
        description=_l("Only when somebody else's rights are the reason, and you know whose."),
    )
    review_on = Day(_l("When will you look at it again?"), [typed(_l("Enter a date"))], description=DATE_HINT)
    button = _l("Decline the request")

    def offer(self, data_request: DataRequest) -> None:
        """The grounds."""
        self.ground.choices = [("", gettext("Choose")), *((key.value, gettext(text)) for key, text in GROUNDS.items())]
        if data_request.kind is Kind.FORMAL:
            self.lead = gettext("This is a formal request. You decline it with the delegation you have.")

    @property
    def text(self) -> str:
        """The explanation is the answer's text."""
        return self.explanation.data or ""

    def values(self) -> dict[str, Any]:
        """The refusal."""
        return {
            "refusal": Refusal(
                ground=Ground(self.ground.data),
                explanation=self.explanation.data or "",
                what_would_change_it=self.what_would_change_it.data or "",
                review_on=self.review_on.data,
                rights_holder=self.rights_holder.data or "",
            )
        }


class RedirectForm(ActionForm):
    """Somebody else has it."""

    redirected_to = Line(
        _l("Who has the data?"),
        [Required(_l("Say who has the data"))],
        max_length=300,
        description=_l("Name the authority or company, with a link if there is one."),
    )
    answer = answer_field()
    button = _l("Refer and close")

    def values(self) -> dict[str, Any]:
        """To whom."""
        return {"redirected_to": self.redirected_to.data or ""}


class AlreadyAvailableForm(ActionForm):
    """It exists."""

    dataset_url = Line(_l("Link to the data"), [Required(_l("Enter the link to the data"))], max_length=1000)
    title = Line(
        _l("Name of the data"), [Optional()], max_length=200, description=_l("Left empty: the title of the request.")
    )
    answer = answer_field()
    button = _l("Show the data and close")

    def values(self) -> dict[str, Any]:
        """Where it is."""
        return {"dataset_url": self.dataset_url.data or "", "title": self.title.data or ""}


class SetAsideForm(ActionForm):
    """It is not about data."""

    answer = answer_field()
    button = _l("Answer and close")
    lead = _l("For requests for a document, complaints and the like. Say in the answer where they belong.")
