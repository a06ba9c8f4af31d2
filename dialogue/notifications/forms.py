"""Forms for following."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import cast

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import Optional, StopValidation

from dialogue.accounts.queries.places import NamedPlace
from dialogue.core.clock import today
from dialogue.core.text import clean_line
from dialogue.notifications.queries.duty import Colleague
from dialogue.notifications.rules import REST_LASTS, Cadence
from dialogue.notifications.wording import CADENCES, STATES, lately_sentence
from dialogue.requests.list_address import MAX_QUESTION
from dialogue.web.forms import Day, Form, Line, Required, typed, valid_email
from dialogue.web.language import say

#: How often, in the order of the form. Never is no way to begin.
_OFFERED = (Cadence.INSTANT, Cadence.DAILY, Cadence.WEEKLY, Cadence.MONTHLY)


class FollowForm(Form):
    """Where the news goes, and how often."""

    email = Line(
        _l("Email address"),
        [Required(_l("Enter an email address, like name@company.se")), valid_email],
        max_length=254,
    )
    frequency = RadioField(_l("How often?"), default=Cadence.INSTANT.value)

    def __init__(self, *args: object, known_email: str | None = None, **values: object) -> None:
        super().__init__(*args, **values)
        self.frequency.choices = [(cadence.value, gettext(CADENCES[cadence])) for cadence in _OFFERED]
        if known_email is not None and not self.email.data:
            # Somebody signed in need not say who they are.
            self.email.data = known_email
            self.email.raw_data = [known_email]

    @property
    def cadence(self) -> Cadence:
        """How often, as chosen."""
        return Cadence(self.frequency.data)


class SubscribeForm(FollowForm):
    """The same for an area, a unit, a search or everything."""

    #: What the figures on the page that was sent were about.
    shown = HiddenField()
    municipality = SelectField(_l("Municipality"), validators=[Optional()], validate_choice=False)
    q = Line(_l("Words to look for"), [Optional()], max_length=MAX_QUESTION)
    status = SelectField(_l("Status"), validators=[Optional()], default="")
    area = SelectField(_l("Area"), validators=[Optional()], default="")
    unit = SelectField(_l("Unit"), validators=[Optional()], default="")

    def offer(self, places: list[NamedPlace]) -> None:
        """Let an area and a unit of `places` be chosen, and a status."""
        self.areas = {place.slug: place for place in places if not place.is_unit}
        self.units = {place.slug: place for place in places if place.is_unit}
        self.area.choices = [("", gettext("All areas")), *((slug, area.name) for slug, area in self.areas.items())]
        self.unit.choices = [("", gettext("All units")), *((slug, unit.name) for slug, unit in self.units.items())]
        states = [(state.value, gettext(label)) for state, label in STATES.items()]
        self.status.choices = [("", gettext("Whatever its status")), *states]

    def fill(self, values: Mapping[str, str]) -> None:
        """Fill in what the address of a list names; what is not known is left out."""
        self.q.data = clean_line(values.get("q", ""), MAX_QUESTION)
        for field in (self.area, self.unit, self.status):
            given = values.get(field.name, "")
            field.data = given if given in dict(field.choices) else ""

    def say_how_many(self, mails: Mapping[Cadence, float] | None) -> None:
        """Say with each frequency how many `mails` a week it would have meant lately."""
        if mails is not None:
            self.frequency.choices = [
                (cadence.value, f"{gettext(CADENCES[cadence])}: {say(lately_sentence(mails[cadence]))}")
                for cadence in _OFFERED
            ]


class AbsenceForm(Form):
    """From when to when one is away, and who stands in."""

    first_on = Day(_l("First day away"), [typed(_l("Enter a date"))])
    last_on = Day(_l("Last day away"), [typed(_l("Enter a date"))])
    stand_in = SelectField(_l("Who stands in?"), validators=[Optional()], default="")

    def offer(self, colleagues: list[Colleague]) -> "AbsenceForm":
        """Let one of `colleagues` be chosen, or nobody."""
        self.stand_in.choices = [("", gettext("Nobody: the unit's mailbox"))]
        self.stand_in.choices += [(str(each.person_id), each.name or each.address) for each in colleagues]
        return self

    @property
    def period(self) -> tuple[date, date]:
        """The first and the last day, once the form is valid."""
        return cast(date, self.first_on.data), cast(date, self.last_on.data)


class PauseForm(Form):
    """Until when mail rests."""

    until = Day(_l("Send nothing before"), [typed(_l("Enter a date"))])

    def validate_until(self, field: Day) -> None:
        """A day that is near enough to be remembered."""
        first = today(current_app.config["TIMEZONE"]) + timedelta(days=1)
        if field.data and not first <= field.data <= first + REST_LASTS:
            raise StopValidation(gettext("Choose a day from tomorrow on, at most a year ahead"))


class PreviewForm(Form):
    """Whose digests are shown."""

    email = Line(
        _l("Email address"),
        [Required(_l("Enter an email address, like name@company.se")), valid_email],
        max_length=254,
    )
