"""Why somebody is told of an event, looked up at the moment the mail leaves."""

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Area, Unit
from dialogue.conversation.models import Message
from dialogue.core.db import read_rows
from dialogue.notifications.models import SavedSearch, Subscription
from dialogue.notifications.queries.recipients import list_coordinators, targets_of
from dialogue.notifications.queries.rests import is_resting_from
from dialogue.notifications.rules import TALK, Cadence, Reason, Scope, is_optional_to_asker, told_at_once
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.rules import Audience, EventKind
from dialogue.voting.queries import find_own_vote

_SCOPES: dict[Scope, Reason] = {
    Scope.REQUEST: Reason.FOLLOWER,
    Scope.AREA: Reason.AREA,
    Scope.UNIT: Reason.UNIT_FOLLOWER,
    Scope.EVERYTHING: Reason.EVERYTHING,
    Scope.SEARCH: Reason.SEARCH,
}


def find_reason(
    session: Session, person_id: int, event: RequestEvent, data_request: DataRequest, searches: Collection[int] = ()
) -> tuple[Reason, str | None] | None:
    """The strongest reason that still holds, and what may be ended ("request:12"); None when none holds any more.

    `searches` are the saved ones that found the request when the mail was queued.
    """
    audiences = told_at_once(event.kind)
    own = f"{Scope.REQUEST}:{data_request.id}"
    if Audience.ASKER in audiences and data_request.asker_id == person_id:
        if not wants_own_at_once(session, person_id, event, data_request):
            return None
        # What the municipality says to its asker has no one-click end; what others write has.
        return Reason.ASKER, own if event.kind in TALK else None
    held = _subscriptions(session, person_id, [*targets_of(data_request, searches)])
    is_silenced = held.get(own) is Cadence.OFF or is_resting_from(session, person_id, event)
    if Audience.AUTHOR in audiences and author_id(session, event, data_request) == person_id:
        return Reason.AUTHOR, None
    if Audience.UNIT in audiences and data_request.unit_id is None:
        coordinators = list_coordinators(session, data_request.municipality_id)
        if person_id in {coordinator.person_id for coordinator in coordinators}:
            return Reason.COORDINATOR, None
    if is_silenced:
        return None
    if Audience.VOTERS in audiences and find_own_vote(session, person_id, data_request.id) is not None:
        return Reason.VOTER, own
    for target, audience in targets_of(data_request, searches).items():
        if audience in audiences and held.get(target) is Cadence.INSTANT:
            return _SCOPES[Scope(target.partition(":")[0])], target
    return None


def wants_own_at_once(session: Session, person_id: int, event: RequestEvent, data_request: DataRequest) -> bool:
    """Whether the asker is told of `event` now: always of a case notice, of other things as they chose.

    No choice means at once. A choice against this one request, or a pause, goes before the choice for all of them.
    """
    if not is_optional_to_asker(event.kind, data_request.kind):
        return True
    one, every = f"{Scope.REQUEST}:{data_request.id}", f"{Scope.OWN}:{data_request.municipality_id}"
    held = _subscriptions(session, person_id, [one, every])
    if held.get(one) is Cadence.OFF or held.get(every, Cadence.INSTANT) is not Cadence.INSTANT:
        return False
    return not is_resting_from(session, person_id, event)


def may_be_told(kind: EventKind, data_request: DataRequest) -> bool:
    """Whether the request is in sight. When it is hidden, its author is told that, and nobody is told anything else."""
    return data_request.hidden_at is None or kind is EventKind.REQUEST_HIDDEN


def author_id(session: Session, event: RequestEvent, data_request: DataRequest) -> int | None:
    """Who wrote what the event hid or showed: a post, or the request itself."""
    if event.kind in (EventKind.MESSAGE_HIDDEN, EventKind.MESSAGE_SHOWN):
        return session.get_one(Message, event.message_id).author_id
    return data_request.asker_id


def name_of(session: Session, target: str, data_request: DataRequest, locale: str) -> str:
    """What is followed with `target`, in the reader's language: a title, or the name of something broader."""
    scope, _, number = target.partition(":")
    if scope == Scope.AREA:
        area = session.get_one(Area, int(number))
        return area.name_en if locale == "en" else area.name_sv
    if scope == Scope.UNIT:
        return session.get_one(Unit, int(number)).name
    if scope == Scope.SEARCH:
        search = session.get_one(SavedSearch, int(number))
        return search.name_en if locale == "en" else search.name_sv
    return data_request.municipality.name if scope == Scope.EVERYTHING else data_request.title


# Put together once, because it is asked for every mail.
_HELD = select(Subscription.target, Subscription.cadence).where(
    Subscription.person_id == bindparam("person_id"), Subscription.target.in_(bindparam("targets", expanding=True))
)


def _subscriptions(session: Session, person_id: int, targets: Collection[str]) -> dict[str, Cadence]:
    rows = read_rows(session, _HELD, {"person_id": person_id, "targets": list(targets)})
    return {row.target: row.cadence for row in rows}
