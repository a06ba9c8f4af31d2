"""Forms for filing a request."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.fields import SelectField
from wtforms.validators import URL, Optional

from dialogue.catalogue.rules import FREQUENCIES, Frequency
from dialogue.core.tokens import new_token
from dialogue.requests.operations.filing import Filing
from dialogue.requests.rules import Kind
from dialogue.web.forms import Form, Line, Required, Text, valid_email


class FilingForm(Form):
    """What a business asks for. The five fields of the page, and three folded ones."""

    municipality = SelectField(_l("Municipality"), validators=[Optional()], validate_choice=False)
    title = Line(_l("What data do you need?"), [Required(_l("Enter a few words that name the data"))], max_length=120)
    need = Text(_l("Describe the data"), [Required(_l("Describe the data you need"))], max_length=4000)
    purpose = Text(_l("What will it be used for?"), [Optional()], max_length=4000)
    update_frequency = RadioField(_l("How often must it be updated?"), default=Frequency.UNKNOWN.value)
    organisation = Line(
        _l("Business"),
        [Required(_l("Enter the name of the business you speak for"))],
        max_length=120,
    )
    organisation_number = Line(_l("Organisation number"), [Optional()], max_length=20)
    email = Line(
        _l("Email address"),
        [Required(_l("Enter an email address, like name@company.se")), valid_email],
        max_length=254,
    )
    kind = RadioField(_l("Kind of request"), default=Kind.WISH.value)
    format = Line(_l("Format"), [Optional()], max_length=200)
    example_url = Line(
        _l("Link to an example"),
        [Optional(), URL(message=_l("Enter a whole address, like https://example.se/data"))],
        max_length=1000,
    )
    benefit = Text(_l("What would it be worth?"), [Optional()], max_length=2000)
    form_key = HiddenField()

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.update_frequency.choices = [(key.value, gettext(term.label)) for key, term in FREQUENCIES.items()]
        self.kind.choices = [
            (Kind.WISH.value, gettext("Wish")),
            (Kind.FORMAL.value, gettext("Formal request for re-use")),
        ]
        if not self.form_key.data:
            self.form_key.data = new_token()

    def filing(self) -> Filing:
        """What was typed, as the operation takes it."""
        return Filing(
            title=self.title.data or "",
            need=self.need.data or "",
            purpose=self.purpose.data or "",
            update_frequency=Frequency(self.update_frequency.data),
            kind=Kind(self.kind.data),
            format=self.format.data or "",
            example_url=self.example_url.data or "",
            benefit=self.benefit.data or "",
        )
