"""Changing what is data about a municipality: itself, its units and its areas."""

from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from dialogue.accounts import queries
from dialogue.accounts.models import Area, Municipality, Unit
from dialogue.core.clock import now
from dialogue.core.errors import InvalidTransition, InvalidValue
from dialogue.core.language import N_
from dialogue.core.text import slugify


def add_municipality(session: Session, slug: str, name: str) -> Municipality:
    """A new municipality. Raises InvalidValue when `slug` is taken or is no word of an address."""
    slug = check_slug(slug)
    if queries.find_municipality(session, slug):
        raise InvalidValue("slug", N_("There is one with the short name %(slug)s already"), slug=slug)
    municipality = Municipality(slug=slug, name=name)
    session.add(municipality)
    session.flush()
    return municipality


@dataclass(frozen=True)
class MunicipalityFields:
    """What the municipality's form says."""

    name: str
    organisation_number: str | None
    contact_email: str | None
    first_answer_days: int
    next_word_days: int
    administrative_court: str | None
    court_of_appeal: str | None
    zone: str
    phase_line: bool
    theme: str | None


def change_municipality(municipality: Municipality, fields: MunicipalityFields) -> None:
    """Change what is said of a municipality. Promises that run already keep their dates."""
    for name, value in asdict(fields).items():
        setattr(municipality, name, value)


@dataclass(frozen=True)
class UnitFields:
    """What a unit's form says."""

    name: str
    mailbox: str
    parent: Unit | None = None
    area_id: int | None = None


def add_unit(session: Session, municipality: Municipality, slug: str, fields: UnitFields) -> Unit:
    """A new unit. Raises InvalidValue when `slug` is taken or is no word of an address."""
    slug = check_slug(slug)
    if queries.find_unit(session, municipality.id, slug):
        raise InvalidValue("slug", N_("There is one with the short name %(slug)s already"), slug=slug)
    unit = Unit(municipality_id=municipality.id, slug=slug)
    session.add(unit)
    _fill(unit, fields)
    session.flush()
    return unit


def change_unit(session: Session, unit: Unit, fields: UnitFields) -> None:
    """Change what a unit is called, where its mail goes and which unit it is part of.

    Raises InvalidValue when it would become a part of itself.
    """
    above = fields.parent
    while above is not None:
        if above.id == unit.id:
            raise InvalidValue("parent", N_("A unit cannot be a part of itself"))
        above = above.parent
    _fill(unit, fields)
    session.flush()


def close_unit(unit: Unit, live_requests: int) -> None:
    """Take `unit` out of every choice. Raises InvalidTransition while requests stand with it."""
    if live_requests:
        raise InvalidTransition(N_("Requests still stand with the unit. Assign them to another unit first."))
    unit.closed_at = now()


def reopen_unit(unit: Unit) -> None:
    """Let `unit` be chosen again."""
    unit.closed_at = None


@dataclass(frozen=True)
class AreaFields:
    """What an area's form says."""

    name_sv: str
    name_en: str
    theme: str


def add_area(session: Session, municipality: Municipality, fields: AreaFields) -> Area:
    """A new area. Raises InvalidValue when there is one by that name."""
    slug = slugify(fields.name_sv)
    if queries.find_area(session, municipality.id, slug):
        raise InvalidValue("name_sv", N_("There is one by that name already"))
    area = Area(municipality_id=municipality.id, slug=slug, **asdict(fields))
    session.add(area)
    session.flush()
    return area


def change_area(area: Area, fields: AreaFields) -> None:
    """Change what an area is called and its theme. Its address stays: people have kept links to it."""
    for name, value in asdict(fields).items():
        setattr(area, name, value)


def check_slug(slug: str) -> str:
    """`slug` when it can stand in an address as it is. Raises InvalidValue."""
    if not slug or slugify(slug) != slug:
        raise InvalidValue("slug", N_("Use small letters a–z, digits and hyphens, like gata-och-trafik"))
    return slug


def _fill(unit: Unit, fields: UnitFields) -> None:
    unit.name, unit.mailbox = fields.name, fields.mailbox
    unit.parent_id = fields.parent.id if fields.parent else None
    unit.area_id = fields.area_id
