"""The administrator's forms: the municipality, its units, areas and officials."""

from collections.abc import Iterable
from zoneinfo import available_timezones

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # not in types-wtforms yet
from wtforms.validators import NumberRange, Optional, StopValidation

from dialogue.accounts.models import Area, Municipality, Unit
from dialogue.accounts.operations.places import AreaFields, MunicipalityFields, UnitFields
from dialogue.accounts.rules import Role
from dialogue.accounts.wording import ROLES
from dialogue.catalogue.rules import THEMES
from dialogue.core import orgnumber
from dialogue.web.forms import Form, Line, Required, Text, valid_email
from dialogue.web.language import say
from dialogue.web.theme import check_theme

_EMAIL = _l("Enter an email address, like name@company.se")
_DAYS = _l("Enter a number of working days, from 1 to 60")


def _email_or_none(form: object, field: Field) -> None:
    if field.data:
        valid_email(form, field)


def _organisation_number(form: object, field: Field) -> None:
    if not field.data:
        return
    try:
        field.data = orgnumber.display(orgnumber.parse(field.data))
    except orgnumber.InvalidOrganisationNumber as error:
        raise StopValidation(gettext("Enter the organisation number with ten digits, like 556677-8899")) from error


def _zone(form: object, field: Field) -> None:
    if field.data not in available_timezones():
        raise StopValidation(gettext("Enter a time zone, like Europe/Stockholm"))


def _theme(form: object, field: Field) -> None:
    if field.data:
        field.errors = [say(failure) for failure in check_theme(field.data)]
        if field.errors:
            raise StopValidation()


class MunicipalityForm(Form):
    """What the pages and mails say of the municipality, and what it promises."""

    name = Line(_l("Name"), [Required(_l("Enter the name of the municipality"))], max_length=120)
    organisation_number = Line(_l("Organisation number"), [_organisation_number], max_length=20)
    contact_email = Line(_l("Contact mailbox"), [_email_or_none], max_length=254)
    first_answer_days = IntegerField(
        _l("Working days to the first answer"), [NumberRange(min=1, max=60, message=_DAYS)]
    )
    next_word_days = IntegerField(
        _l("Most working days to the next update"), [NumberRange(min=1, max=60, message=_DAYS)]
    )
    administrative_court = Line(_l("Administrative court"), [Optional()], max_length=120)
    court_of_appeal = Line(_l("Administrative court of appeal"), [Optional()], max_length=120)
    zone = Line(_l("Time zone"), [_zone], max_length=60)
    phase_line = BooleanField(_l("Say on every page that the service is new"))
    theme = Text(_l("Colours"), [_theme], max_length=8000)

    @classmethod
    def about(cls, municipality: Municipality) -> "MunicipalityForm":
        """The form as it is filled in for `municipality`."""
        form = cls(formdata=None, obj=municipality)
        if municipality.organisation_number:
            form.organisation_number.data = orgnumber.display(municipality.organisation_number)
        return form

    def values(self) -> MunicipalityFields:
        """What was typed, as the operation takes it."""
        return MunicipalityFields(
            name=self.name.data or "",
            organisation_number=(self.organisation_number.data or "").replace("-", "") or None,
            contact_email=self.contact_email.data or None,
            first_answer_days=self.first_answer_days.data or 0,
            next_word_days=self.next_word_days.data or 0,
            administrative_court=self.administrative_court.data or None,
            court_of_appeal=self.court_of_appeal.data or None,
            zone=self.zone.data or "",
            phase_line=bool(self.phase_line.data),
            theme=self.theme.data or None,
        )


class UnitForm(Form):
    """A unit: its name, its mailbox and where it belongs."""

    name = Line(_l("Name"), [Required(_l("Enter the name of the unit"))], max_length=120)
    slug = Line(_l("Short name in addresses"), [Optional()], max_length=60)
    mailbox = Line(_l("Mailbox"), [Required(_EMAIL), valid_email], max_length=254)
    parent = SelectField(_l("Part of"), validators=[Optional()])
    area = SelectField(_l("Area"), validators=[Optional()])

    def offer(self, units: Iterable[Unit], areas: Iterable[Area]) -> "UnitForm":
        """Let parent and area be chosen among these."""
        nothing = SelectChoice("", gettext("Not chosen"))
        self.parent.choices = [nothing, *(SelectChoice(unit.slug, unit.name) for unit in units)]
        self.area.choices = [nothing, *(SelectChoice(area.slug, area.name_sv) for area in areas)]
        return self

    def values(self, units: Iterable[Unit], areas: Iterable[Area]) -> UnitFields:
        """What was typed, as the operation takes it."""
        parents = [unit for unit in units if unit.slug == self.parent.data]
        chosen = [area.id for area in areas if area.slug == self.area.data]
        return UnitFields(
            name=self.name.data or "",
            mailbox=self.mailbox.data or "",
            parent=parents[0] if parents else None,
            area_id=chosen[0] if chosen else None,
        )


class AreaForm(Form):
    """An area in both languages, tied to one of the EU's themes."""

    name_sv = Line(_l("Name in Swedish"), [Required(_l("Enter the name in Swedish"))], max_length=80)
    name_en = Line(_l("Name in English"), [Required(_l("Enter the name in English"))], max_length=80)
    theme = SelectField(_l("Theme in the data portals"))

    def __init__(self, *args: object, **values: object) -> None:
        super().__init__(*args, **values)
        self.theme.choices = [SelectChoice(theme.value, gettext(term.label)) for theme, term in THEMES.items()]

    def values(self) -> AreaFields:
        """What was typed, as the operation takes it."""
        return AreaFields(self.name_sv.data or "", self.name_en.data or "", self.theme.data)


class OfficialForm(Form):
    """Who is to work here, where and as what."""

    email = Line(_l("Email address"), [Required(_EMAIL), valid_email], max_length=254)
    unit = SelectField(_l("Unit"))
    role = RadioField(_l("Role"), default=Role.OFFICIAL.value)

    def offer(self, units: Iterable[Unit]) -> "OfficialForm":
        """Let the unit be chosen among these."""
        self.unit.choices = [SelectChoice(unit.slug, unit.name) for unit in units]
        self.role.choices = [SelectChoice(role.value, gettext(word)) for role, word in ROLES.items()]
        return self
