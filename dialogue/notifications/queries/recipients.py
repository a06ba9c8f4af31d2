"""Whom an event tells at once."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, RoleGrant, Unit
from dialogue.accounts.rules import Role
from dialogue.notifications.models import Subscription
from dialogue.notifications.queries.rests import rests_from
from dialogue.notifications.rules import Cadence, Scope
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.rules import Audience
from dialogue.voting.models import Vote


@dataclass(frozen=True)
class Recipient:
    """Somebody to tell, and as what."""

    person_id: int
    address: str
    locale: str
    audience: Audience


def list_unprocessed(session: Session, but: Collection[int], limit: int) -> list[int]:
    """Events that nobody was told of yet, the oldest first, without those of `but`."""
    wanted = select(RequestEvent.id).where(RequestEvent.fanned_out_at.is_(None), RequestEvent.id.not_in(but))
    return list(session.scalars(wanted.order_by(RequestEvent.id).limit(limit)))


def lock_unprocessed(session: Session, event_id: int) -> RequestEvent | None:
    """The event, ours until the transaction ends; None when somebody else has it or has told of it."""
    wanted = select(RequestEvent).where(RequestEvent.id == event_id, RequestEvent.fanned_out_at.is_(None))
    return session.scalar(wanted.with_for_update(of=RequestEvent, skip_locked=True))


def targets_of(data_request: DataRequest, searches: Collection[int] = ()) -> dict[str, Audience]:
    """Everything by which one can follow `data_request`, with the audience one belongs to then.

    `searches` are the saved ones that find it.
    """
    return {f"{Scope.REQUEST}:{data_request.id}": Audience.FOLLOWERS} | {
        f"{scope}:{number}": Audience.AREA
        for scope, number in (
            (Scope.AREA, data_request.area_id),
            (Scope.UNIT, data_request.unit_id),
            (Scope.EVERYTHING, data_request.municipality_id),
            *((Scope.SEARCH, search_id) for search_id in searches),
        )
        if number is not None
    }


def list_crowd(
    session: Session,
    event: RequestEvent,
    data_request: DataRequest,
    audiences: frozenset[Audience],
    *,
    after: int,
    limit: int,
    searches: Collection[int] = (),
) -> list[Recipient]:
    """Voters and subscribers among `audiences`, by person id above `after`, each once and as the strongest.

    Not among them: who acted, who asked, who has said that they want nothing about this request, and whose mail rests.
    `searches` are the saved ones that find the request.
    """
    groups = _groups(data_request, audiences, after, searches)
    if not groups:
        return []
    crowd = union_all(*groups).subquery()
    own = f"{Scope.REQUEST}:{data_request.id}"
    silenced = select(Subscription.person_id).where(Subscription.target == own, Subscription.cadence == Cadence.OFF)
    strongest = func.min(crowd.c.strength)
    wanted = (
        select(Person.id, Person.email, Person.locale, strongest)
        .join(crowd, crowd.c.person_id == Person.id)
        .where(
            Person.disabled_at.is_(None),
            Person.id.not_in(silenced),
            Person.id.is_distinct_from(event.actor_id),
            Person.id.is_distinct_from(data_request.asker_id),
            ~rests_from(event, Person.id),
        )
        .group_by(Person.id, Person.email, Person.locale)
        .order_by(Person.id)
        .limit(limit)
    )
    return [Recipient(row[0], row[1], row[2], _CROWD[row[3]]) for row in session.execute(wanted)]


#: The strongest tie first.
_CROWD = (Audience.VOTERS, Audience.FOLLOWERS, Audience.AREA)


def _groups(
    data_request: DataRequest, audiences: frozenset[Audience], after: int, searches: Collection[int]
) -> list[Select[int, int]]:
    groups: list[Select[int, int]] = []
    if Audience.VOTERS in audiences:
        voters = select(Vote.person_id, literal(_CROWD.index(Audience.VOTERS)).label("strength"))
        groups.append(voters.where(Vote.request_id == data_request.id, Vote.person_id > after))
    for target, audience in targets_of(data_request, searches).items():
        if audience in audiences:
            subscribers = select(Subscription.person_id, literal(_CROWD.index(audience)).label("strength"))
            groups.append(
                subscribers.where(
                    Subscription.target == target,
                    Subscription.cadence == Cadence.INSTANT,
                    Subscription.person_id > after,
                )
            )
    return groups


def find_recipient(session: Session, person_id: int | None, audience: Audience) -> Recipient | None:
    """One person as a recipient, unless the account is closed."""
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None or person.disabled_at is not None:
        return None
    return Recipient(person.id, person.email, person.locale, audience)


def list_coordinators(session: Session, municipality_id: int) -> list[Recipient]:
    """Who hands requests out in a municipality."""
    wanted = (
        select(Person.id, Person.email, Person.locale)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(
            RoleGrant.role == Role.COORDINATOR, Unit.municipality_id == municipality_id, Person.disabled_at.is_(None)
        )
        .distinct()
        .order_by(Person.id)
    )
    return [Recipient(*row, Audience.UNIT) for row in session.execute(wanted)]
