"""Units and areas by their names, as lists are narrowed by them."""

from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Executable, bindparam, literal, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Area, Unit
from dialogue.core.db import read_rows
from dialogue.core.text import swedish_order


class NamedPlace(NamedTuple):
    """A unit or an area, as lists name it."""

    is_unit: bool
    id: int
    slug: str
    name_sv: str
    name_en: str
    #: In the reader's language.
    name: str


def list_places(session: Session, municipality_id: int, locale: str) -> list[NamedPlace]:
    """The open units of a municipality, then its areas, each by name. One statement."""
    return _read_places(session, _OF_MUNICIPALITY, {"municipality_id": municipality_id}, locale)


def list_places_called(session: Session, unit_slug: str, area_slug: str, locale: str) -> list[NamedPlace]:
    """The open units and the areas that go by these slugs, in any municipality."""
    return _read_places(session, _CALLED, {"unit_slug": unit_slug, "area_slug": area_slug}, locale)


def _read_places(session: Session, wanted: Executable, values: dict[str, Any], locale: str) -> list[NamedPlace]:
    rows = read_rows(session, wanted, values)
    found = (NamedPlace._make((*row, row.name_en if locale == "en" else row.name_sv)) for row in rows)
    return sorted(found, key=lambda place: (not place.is_unit, swedish_order(place.name)))


def _places(of_unit: ColumnElement[bool], of_area: ColumnElement[bool]) -> Executable:
    name_sv, name_en = Unit.name.label("name_sv"), Unit.name.label("name_en")
    units = select(literal(True), Unit.id, Unit.slug, name_sv, name_en).where(of_unit, Unit.closed_at.is_(None))
    return units.union_all(select(literal(False), Area.id, Area.slug, Area.name_sv, Area.name_en).where(of_area))


# Put together once: every list page reads them.
_HERE: BindParameter[int] = bindparam("municipality_id")
_OF_MUNICIPALITY = _places(Unit.municipality_id == _HERE, Area.municipality_id == _HERE)
_CALLED = _places(Unit.slug == bindparam("unit_slug"), Area.slug == bindparam("area_slug"))
