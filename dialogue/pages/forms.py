"""The example forms of the page that shows every component; development only."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # not in types-wtforms yet
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput

from dialogue.web.forms import Form, Line, Required, Text, valid_email

_PLACES = [
    SelectChoice("roads", "Gata och trafik"),
    SelectChoice("building", "Bygg och bo"),
    SelectChoice("business", "Näringsliv"),
]
_STEPS = [
    SelectChoice("assess", "Utreds fortfarande"),
    SelectChoice("plan", "Planerad: vi publicerar"),
    SelectChoice("publish", "Publicerad"),
    SelectChoice("decline", "Kan inte publiceras"),
]


class SampleForm(Form):
    """One field of each kind. Labels are examples in Swedish, not texts of the site."""

    title = Line("Vilken data behöver ni?", [Required("Skriv några ord som namnger datan")], max_length=120)
    body = Text("Ditt inlägg", [Required("Skriv vad datan ska användas till")], max_length=2000)
    answer = Text("Ditt svar", [Required("Skriv ett svar")], max_length=4000)
    status = RadioField("Var står förfrågan nu?", [Required("Välj var förfrågan står")], choices=_STEPS)
    unit = SelectField("Enhet", choices=_PLACES, default="roads")
    next_on = DateField("Nästa besked senast", [Required("Skriv ett datum, till exempel 2026-12-04")])
    areas = SelectMultipleField("Områden", [Optional()], choices=_PLACES, option_widget=CheckboxInput())
    agree = BooleanField("Visa företagets namn", [Required("Kryssa i rutan")])
    organisation = Line("Företag", [Optional()], max_length=120)
    email = Line(
        _l("Email address"), [Required(_l("Enter an email address, like name@company.se")), valid_email], max_length=254
    )


def sample_form(name: str, *, refused: bool = False) -> SampleForm:
    """An empty example form, or one that was sent empty. `name` keeps the ids on the page apart."""
    form = SampleForm(formdata=None, id_prefix=name)
    if refused:
        form.validate()
    return form
