"""What the address of a list says (`/requests?status=planned&sort=due`), and addresses that say it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from dialogue.accounts.models import Municipality
from dialogue.accounts.queries.places import NamedPlace
from dialogue.core.language import N_, Sentence
from dialogue.core.text import clean_line
from dialogue.requests.queries.lists import Narrowing, Sort, State

#: Longest search, and how much of a value that is not known is shown again.
MAX_QUESTION = 200
_MAX_SHOWN = 60

#: What each part of the address is when its value is not known.
_UNKNOWN = {
    "municipality": N_("There is no municipality called “%(value)s” here. All are shown."),
    "status": N_("There is no status called “%(value)s”. All are shown."),
    "unit": N_("There is no unit called “%(value)s”. All are shown."),
    "area": N_("There is no area called “%(value)s”. All are shown."),
    "sort": N_("There is no order called “%(value)s”. The usual order is used."),
}


@dataclass(frozen=True)
class ListAddress:
    """What somebody wants to see. Slugs and names are those of the address; only known ones get here."""

    q: str = ""
    municipality: str = ""
    status: State | None = None
    unit: str = ""
    area: str = ""
    sort: Sort | None = None
    #: Values that were left out because nothing goes by them, in words.
    unknown: tuple[Sentence, ...] = field(default=(), compare=False)

    @property
    def is_filtered(self) -> bool:
        """Whether words, units or areas narrow the list, for which no figures are kept."""
        return bool(self.q or self.unit or self.area)

    @property
    def filing_query(self) -> str:
        """The query of the filing form, with the words that were searched for."""
        given = {name: value for name, value in (("q", self.q), ("municipality", self.municipality)) if value}
        return f"?{urlencode(given)}" if given else ""

    def query(self, **changes: Any) -> str:
        """The address's query with `changes`, and the question mark; empty when nothing is asked for."""
        values = {
            "q": self.q,
            "municipality": self.municipality,
            "status": self.status,
            "unit": self.unit,
            "area": self.area,
            "sort": self.sort,
        } | changes
        given = {name: value for name, value in values.items() if value}
        return f"?{urlencode(given)}" if given else ""


def read_address(
    arguments: Mapping[str, str], municipalities: Iterable[Municipality], places: Iterable[NamedPlace]
) -> tuple[ListAddress, Narrowing]:
    """What `arguments` ask for, and the part of it that narrows. Unknown values are left out and named."""
    known: dict[str, dict[str, Any]] = {
        "municipality": {each.slug: each for each in municipalities},
        "status": {state.value: state for state in State},
        "unit": _by_slug(places, is_unit=True),
        "area": _by_slug(places, is_unit=False),
        "sort": {sort.value: sort for sort in Sort},
    }
    given = {name: arguments.get(name, "") for name in known if arguments.get(name)}
    found = {name: known[name][value] for name, value in given.items() if value in known[name]}
    address = ListAddress(
        q=clean_line(arguments.get("q", ""), MAX_QUESTION),
        municipality=given["municipality"] if "municipality" in found else "",
        status=found.get("status"),
        unit=given["unit"] if "unit" in found else "",
        area=given["area"] if "area" in found else "",
        sort=found.get("sort"),
        unknown=tuple(
            Sentence(_UNKNOWN[name], {"value": clean_line(value, _MAX_SHOWN)})
            for name, value in given.items()
            if name not in found
        ),
    )
    narrowing = Narrowing(
        municipality_id=found["municipality"].id if "municipality" in found else None,
        state=address.status,
        unit_ids=tuple(found.get("unit", ())),
        area_ids=tuple(found.get("area", ())),
    )
    return address, narrowing


def _by_slug(places: Iterable[NamedPlace], *, is_unit: bool) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place in places:
        if place.is_unit == is_unit:
            found.setdefault(place.slug, []).append(place.id)
    return found
