"""What somebody subscribes to."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Area, Municipality, Person, RoleGrant, Unit
from dialogue.notifications.models import SavedSearch, Subscription
from dialogue.notifications.rules import Cadence, Scope
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.rules import LIVE, Status
from dialogue.voting.models import Vote

#: People who follow a request. Who is told of it for another reason, and has said no to that, is not one of them.
FOLLOWERS: ColumnElement[int] = (
    select(func.count())
    .where(Subscription.request_id == DataRequest.id, Subscription.cadence != Cadence.OFF)
    .correlate(DataRequest)
    .scalar_subquery()
)


def find_subscription(session: Session, person_id: int, target: str) -> Subscription | None:
    """The person's choice about `target` ("request:12"), ended ones too."""
    wanted = select(Subscription).where(Subscription.person_id == person_id, Subscription.target == target)
    return session.scalar(wanted)


def list_subscriptions(session: Session, person_id: int) -> list[Subscription]:
    """Everything the person is told of but their own work, the newest choice first."""
    wanted = select(Subscription).where(
        Subscription.person_id == person_id,
        Subscription.cadence != Cadence.OFF,
        Subscription.scope != Scope.YOUR_TURN,
    )
    return list(session.scalars(wanted.order_by(Subscription.id.desc())))


def list_followed_ids(session: Session, person_id: int, request_ids: list[int]) -> set[int]:
    """Those of `request_ids` that the person follows."""
    wanted = select(Subscription.request_id).where(
        Subscription.person_id == person_id,
        Subscription.cadence != Cadence.OFF,
        Subscription.request_id.in_(request_ids),
    )
    return {request_id for request_id in session.scalars(wanted) if request_id is not None}


def find_owner(session: Session, handle: str) -> Person | None:
    """The person that keys with `handle` belong to, unless the account is closed."""
    wanted = select(Person).where(Person.mail_handle == handle, Person.disabled_at.is_(None))
    return session.scalar(wanted)


def find_reader_of(session: Session, person_id: int, municipality_id: int) -> Person | None:
    """The person, if they work for a municipality or have ever chosen to be told something of it."""
    chose = exists().where(Subscription.person_id == person_id, Subscription.municipality_id == municipality_id)
    works = exists().where(
        RoleGrant.person_id == person_id, RoleGrant.unit_id == Unit.id, Unit.municipality_id == municipality_id
    )
    return session.scalar(select(Person).where(Person.id == person_id, Person.disabled_at.is_(None), chose | works))


def latest_event_id(session: Session) -> int:
    """Where the present begins: nothing up to here is told to a new subscriber."""
    return session.scalar(select(func.max(RequestEvent.id))) or 0


@dataclass(frozen=True)
class Listed:
    """One subscription as its owner sees it."""

    id: int
    target: str
    scope: Scope
    cadence: Cadence
    name_sv: str
    name_en: str
    #: The municipality, for sites that speak for several.
    place: str
    request_id: int | None

    def name(self, locale: str) -> str:
        """A title, or the name of an area, a unit, a search or a municipality."""
        return self.name_en if locale == "en" else self.name_sv


def list_listed(session: Session, person_id: int) -> list[Listed]:
    """Everything the person chose to be told of but their own requests and work, broad things first, with its name.

    What is hidden is left out.
    """
    wanted = (
        select(
            Subscription,
            func.coalesce(DataRequest.title, Area.name_sv, Unit.name, SavedSearch.name_sv, Municipality.name),
            func.coalesce(DataRequest.title, Area.name_en, Unit.name, SavedSearch.name_en, Municipality.name),
            Municipality.name,
        )
        .join(Municipality, Municipality.id == Subscription.municipality_id)
        .outerjoin(DataRequest, DataRequest.id == Subscription.request_id)
        .outerjoin(Area, Area.id == Subscription.area_id)
        .outerjoin(Unit, Unit.id == Subscription.unit_id)
        .outerjoin(SavedSearch, SavedSearch.id == Subscription.search_id)
        .where(
            Subscription.person_id == person_id,
            Subscription.cadence != Cadence.OFF,
            Subscription.scope.not_in((Scope.OWN, Scope.YOUR_TURN)),
            DataRequest.hidden_at.is_(None),
        )
        .order_by(Subscription.request_id.is_not(None), Subscription.id.desc())
    )
    return [
        Listed(row.id, row.target, row.scope, row.cadence, name_sv, name_en, place, row.request_id)
        for row, name_sv, name_en, place in session.execute(wanted)
    ]


@dataclass(frozen=True)
class OwnChoice:
    """How often somebody is told of their own requests in a municipality."""

    target: str
    place: str
    cadence: Cadence


def list_own_choices(session: Session, person_id: int) -> list[OwnChoice]:
    """The municipalities that the person has asked for data. No choice made means at once."""
    chosen = and_(
        Subscription.municipality_id == Municipality.id,
        Subscription.person_id == person_id,
        Subscription.scope == Scope.OWN,
    )
    asked = exists().where(
        DataRequest.municipality_id == Municipality.id,
        DataRequest.asker_id == person_id,
        DataRequest.status != Status.DRAFT,
    )
    wanted = select(Municipality.id, Municipality.name, Subscription.cadence).outerjoin(Subscription, chosen)
    rows = session.execute(wanted.where(asked).order_by(Municipality.name))
    return [OwnChoice(f"{Scope.OWN}:{row[0]}", row[1], row[2] or Cadence.INSTANT) for row in rows]


def list_voted_for(session: Session, person_id: int, limit: int | None) -> list[tuple[int, str]]:
    """Requests that the person is told of for having voted, and has made no choice about: number and title."""
    chosen = exists().where(Subscription.person_id == person_id, Subscription.request_id == DataRequest.id)
    wanted = (
        select(DataRequest.id, DataRequest.title)
        .join(Vote, Vote.request_id == DataRequest.id)
        .where(Vote.person_id == person_id, DataRequest.hidden_at.is_(None), ~chosen)
        .where(DataRequest.asker_id.is_distinct_from(person_id), DataRequest.status.in_(LIVE))
        .order_by(Vote.id.desc())
        .limit(limit)
    )
    return [(row.id, row.title) for row in session.execute(wanted)]
