"""What one can subscribe to: a request, an area, a unit, a search, everything, or one's own requests."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from dialogue.accounts.models import Area, Municipality, Unit
from dialogue.core.db import read_id
from dialogue.notifications.models import SavedSearch
from dialogue.notifications.rules import Scope
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import Status


@dataclass(frozen=True)
class Target:
    """One thing to follow."""

    scope: Scope
    number: int
    municipality: Municipality
    name_sv: str
    name_en: str
    data_request: DataRequest | None = None

    @property
    def key(self) -> str:
        """The target in one word: "request:12"."""
        return f"{self.scope}:{self.number}"

    def name(self, locale: str) -> str:
        """A title, or the name of an area, a unit, a search or a municipality."""
        return self.name_en if locale == "en" else self.name_sv


def find_target(session: Session, key: str) -> Target | None:
    """What `key` ("request:12") names, as long as it can be seen."""
    target = find_any_target(session, key)
    data_request = target.data_request if target else None
    if data_request is not None and (data_request.status is Status.DRAFT or data_request.hidden_at is not None):
        return None
    return target


def find_any_target(session: Session, key: str) -> Target | None:
    """What `key` names, hidden or not: ending one's mail is always open."""
    scope, _, digits = key.partition(":")
    number = read_id(digits)
    if number is None:
        return None
    match scope:
        case Scope.REQUEST:
            data_request = session.get(DataRequest, number)
            return target_of(data_request) if data_request else None
        case Scope.AREA:
            area = session.get(Area, number)
            place = session.get(Municipality, area.municipality_id) if area else None
            return Target(Scope.AREA, number, place, area.name_sv, area.name_en) if area and place else None
        case Scope.UNIT:
            unit = session.get(Unit, number)
            return Target(Scope.UNIT, number, unit.municipality, unit.name, unit.name) if unit else None
        case Scope.SEARCH:
            search = session.get(SavedSearch, number)
            return search_target(session, search) if search else None
        case Scope.EVERYTHING | Scope.OWN | Scope.YOUR_TURN:
            place = session.get(Municipality, number)
            return Target(Scope(scope), number, place, place.name, place.name) if place else None
    return None


def search_target(session: Session, search: SavedSearch) -> Target:
    """A saved search as something to follow."""
    place = session.get_one(Municipality, search.municipality_id)
    return Target(Scope.SEARCH, search.id, place, search.name_sv, search.name_en)


def target_of(data_request: DataRequest) -> Target:
    """A request as something to follow."""
    title = data_request.title
    return Target(Scope.REQUEST, data_request.id, data_request.municipality, title, title, data_request)
