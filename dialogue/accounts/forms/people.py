"""Forms of people: signing in, proving an address, and saying who one is."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # not in types-wtforms yet
from wtforms.validators import Optional

from dialogue.accounts.models import Locale, Person
from dialogue.accounts.operations.people import PersonFields
from dialogue.core import orgnumber
from dialogue.web.forms import Form, Line, Required, valid_email

_EMAIL = _l("Enter an email address, like name@company.se")


class SignInForm(Form):
    """The address to send a link and a code to."""

    email = Line(_l("Email address"), [Required(_EMAIL), valid_email], max_length=254)
    next = HiddenField()


class CodeForm(Form):
    """The code in the mail, typed or pasted."""

    code = Line(_l("Code"), [Required(_l("Enter the six digits in the mail"))], max_length=20)


class AddressForm(Form):
    """Another address for a mail that was sent to the wrong one."""

    email = Line(_l("The right email address"), [Required(_EMAIL), valid_email], max_length=254)


class PersonForm(Form):
    """Who one is, and for which business one speaks."""

    name = Line(_l("Your name"), [Optional()], max_length=80)
    organisation = Line(_l("Business"), [Optional()], max_length=120)
    organisation_number = Line(_l("Organisation number"), [Optional()], max_length=20)
    locale = RadioField(
        _l("Language of your mails"),
        choices=[SelectChoice(Locale.SV.value, "Svenska"), SelectChoice(Locale.EN.value, "English")],
    )

    @classmethod
    def about(cls, person: Person) -> "PersonForm":
        """The form as it is filled in for `person`. A sole trader's number stays out of it."""
        organisation = person.organisation
        number = organisation.number if organisation else None
        is_shown = number is not None and not orgnumber.is_personal(number)
        return cls(
            formdata=None,
            name=person.name,
            organisation=organisation.name if organisation else "",
            organisation_number=orgnumber.display(number) if number and is_shown else "",
            locale=person.locale.value,
        )

    def values(self) -> PersonFields:
        """What was typed, as the operation takes it."""
        return PersonFields(
            name=self.name.data or "",
            organisation=self.organisation.data or "",
            organisation_number=self.organisation_number.data or "",
            locale=Locale(self.locale.data),
        )


class DeleteAccountForm(Form):
    """The one box between an account and its end."""

    sure = BooleanField(
        _l("I want to delete my account"), [Required(_l("Tick the box if you want to delete your account"))]
    )
