"""People and the organisations they speak for come into being when an address is proved."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dialogue.accounts import queries
from dialogue.accounts.models import Locale, Organisation, Person
from dialogue.core import orgnumber
from dialogue.core.clock import now
from dialogue.core.db import upserting
from dialogue.core.errors import InvalidValue
from dialogue.core.language import N_
from dialogue.core.text import clean_line


def get_or_create_person(session: Session, email: str, locale: str) -> Person:
    """The person with the normalised address `email`, made now if new. Call only when the address is proved."""
    person = queries.find_person(session, email)
    if person is None:
        # Two mails proved at the same moment make one person.
        insert = upserting(session)(Person).values(email=email, locale=Locale(locale), created_at=now())
        session.execute(insert.on_conflict_do_nothing(index_elements=["email"]))
        person = queries.find_person(session, email)
        assert person is not None  # noqa: S101 (it was there or is there now)
    return person


#: Being alive is noted so seldom that it costs nothing.
ALIVE_NOTED_EVERY = timedelta(days=7)


def note_life(person: Person) -> None:
    """Note that `person` does something by hand: their mail goes on without a question."""
    at = now()
    if person.asked_at is not None or person.alive_at <= at - ALIVE_NOTED_EVERY:
        person.alive_at, person.asked_at = at, None


def name_organisation(session: Session, name: str, number_text: str = "") -> Organisation | None:
    """The organisation called `name` (with `number_text` if given), made now if new; None when no name is given.

    The same number is the same business, whatever it is called. The same name is the same business too, unless both
    have a number and the numbers differ; one that had none gets the number. Raises InvalidValue for a number that
    cannot be one.
    """
    name = clean_line(name, 120)
    if not name:
        return None
    number = parse_number(number_text) if number_text.strip() else None
    name_key = fold_name(name)
    organisation = queries.find_organisation(session, name_key, number)
    if organisation is None and number is not None:
        organisation = _give_number(session, name_key, number)
    if organisation is None:
        insert = upserting(session)(Organisation).values(name=name, name_key=name_key, number=number, created_at=now())
        # Whichever of its two keys somebody else has used in between: it is the same business.
        session.execute(insert.on_conflict_do_nothing())
        organisation = queries.find_organisation(session, name_key, number)
    return organisation


def speak_for(person: Person, organisation: Organisation | None) -> None:
    """Let `person` speak for `organisation` from now on; naming none changes nothing."""
    if organisation is not None:
        person.organisation_id = organisation.id


@dataclass(frozen=True)
class PersonFields:
    """What somebody says about themselves."""

    name: str
    organisation: str
    organisation_number: str
    locale: Locale


def change_person(session: Session, person: Person, fields: PersonFields) -> None:
    """Let `person` be called, speak for and read what `fields` say; no business named means speaking for none.

    Raises InvalidValue for a number that cannot be an organisation number, or that stands alone.
    """
    if fields.organisation_number.strip() and not fields.organisation.strip():
        raise InvalidValue("organisation", N_("Enter the name of the business you speak for"))
    organisation = name_organisation(session, fields.organisation, fields.organisation_number)
    person.organisation_id = organisation.id if organisation else None
    person.name = clean_line(fields.name, 80) or None
    person.locale = fields.locale


def parse_number(text: str) -> str:
    """Ten digits. Raises InvalidValue in words for what cannot be an organisation number."""
    try:
        return orgnumber.parse(text)
    except orgnumber.InvalidOrganisationNumber as error:
        raise InvalidValue(
            "organisation_number", N_("Enter the organisation number with ten digits, like 556677-8899")
        ) from error


def fold_name(name: str) -> str:
    """A business name folded for comparison: case, spacing and full stops do not make another business."""
    return " ".join(name.casefold().replace(".", " ").split())


def _give_number(session: Session, name_key: str, number: str) -> Organisation | None:
    """The business that was known by its name alone, now with its number; None when there is none."""
    nameless = update(Organisation).where(Organisation.name_key == name_key, Organisation.number.is_(None))
    try:
        with session.begin_nested():
            return session.scalar(nameless.values(number=number).returning(Organisation))
    except IntegrityError:
        # Somebody has just registered the number under another name: then that is the business.
        return queries.find_organisation(session, name_key, number)
