"""Beginning, changing and ending what somebody is told of."""

from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.core.clock import now
from dialogue.core.errors import InvalidTransition
from dialogue.core.language import N_
from dialogue.notifications.models import Subscription
from dialogue.notifications.queries.searches import count_searches
from dialogue.notifications.queries.subscriptions import (
    FOLLOWERS,
    find_subscription,
    latest_event_id,
    list_own_choices,
    list_subscriptions,
    list_voted_for,
)
from dialogue.notifications.queries.targets import Target, find_any_target
from dialogue.notifications.queries.weeks import list_work_places
from dialogue.notifications.rules import MOST_SEARCHES, Cadence, Scope
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.counters import lock_request, set_counter


def follow(session: Session, person: Person, target: Target, cadence: Cadence, wording: str) -> bool:
    """Tell `person` of `target` as often as `cadence` says, from now on. False when that is so already.

    The address is proved. `wording` is what the person agreed to, as it was shown. Raises InvalidTransition for more
    saved searches than one person may have.
    """
    if target.scope is Scope.SEARCH and count_searches(session, person.id) >= MOST_SEARCHES:
        raise InvalidTransition(N_("You have as many saved searches as there is room for. End one of them first."))
    _lock(session, target.data_request)
    subscription = find_subscription(session, person.id, target.key)
    if subscription is not None and subscription.cadence is cadence:
        return False
    if subscription is None:
        subscription = _begin(session, person, target)
    elif subscription.cadence in (Cadence.OFF, Cadence.INSTANT):
        # Nothing that happened before is told; what a digest has not told of yet, the next one will.
        subscription.told_up_to = latest_event_id(session)
    _set(subscription, cadence)
    subscription.wording, subscription.confirmed_at = wording, now()
    _count(session, target.data_request)
    return True


def change_cadence(session: Session, subscription: Subscription, cadence: Cadence) -> bool:
    """Tell as often as `cadence` says, or never again. False when that is so already."""
    if subscription.cadence is cadence:
        return False
    data_request = _request_of(session, subscription)
    _lock(session, data_request)
    if subscription.cadence in (Cadence.OFF, Cadence.INSTANT):
        subscription.told_up_to = latest_event_id(session)
    _set(subscription, cadence)
    _count(session, data_request)
    return True


def stop(session: Session, person: Person, target: Target) -> bool:
    """Tell `person` nothing more of `target`. False when that is so already.

    Who is told for another reason, as one who has voted, gets a row that says no: the choice counts for every reason.
    """
    subscription = find_subscription(session, person.id, target.key)
    if subscription is not None:
        return change_cadence(session, subscription, Cadence.OFF)
    _lock(session, target.data_request)
    _set(_begin(session, person, target), Cadence.OFF)
    session.flush()
    return True


def stop_gathered(session: Session, person: Person, municipality_id: int, cadence: Cadence) -> int:
    """End everything that comes in one digest. Returns how much that was."""
    ended = [
        change_cadence(session, subscription, Cadence.OFF)
        for subscription in list_subscriptions(session, person.id)
        if subscription.cadence is cadence and subscription.municipality_id == municipality_id
    ]
    return len(ended)


def stop_all(session: Session, person: Person) -> int:
    """End everything that can be ended, what one is told of as asker and voter too. Returns how much that was."""
    ended = sum(change_cadence(session, row, Cadence.OFF) for row in list_subscriptions(session, person.id))
    own = [choice.target for choice in list_own_choices(session, person.id)]
    voted = [f"{Scope.REQUEST}:{number}" for number, _ in list_voted_for(session, person.id, None)]
    for key in (*own, *voted):
        target = find_any_target(session, key)
        ended += target is not None and stop(session, person, target)
    for place in list_work_places(session, person.id):
        ended += want_work(session, person, place.municipality_id, wanted=False)
    return ended


def want_work(session: Session, person: Person, municipality_id: int, *, wanted: bool) -> bool:
    """Let the Monday mail about one's work come, or not. False when that is so already.

    It comes to who has not said anything; only a change leaves a row.
    """
    target = find_any_target(session, f"{Scope.YOUR_TURN}:{municipality_id}")
    if target is None:
        return False
    choice = find_subscription(session, person.id, target.key)
    if not wanted:
        return stop(session, person, target)
    return choice is not None and change_cadence(session, choice, Cadence.WEEKLY)


def choose_own(session: Session, person: Person, target: Target, cadence: Cadence, wording: str) -> None:
    """Tell `person` of their own requests in a municipality as often as `cadence` says. At once needs no row."""
    if cadence is Cadence.OFF:
        stop(session, person, target)
    elif cadence is not Cadence.INSTANT or find_subscription(session, person.id, target.key) is not None:
        follow(session, person, target, cadence, wording)


def count_followers(session: Session, data_request: DataRequest) -> None:
    """Write how many follow the locked request."""
    set_counter(session, data_request, "followers_count", FOLLOWERS)


def _begin(session: Session, person: Person, target: Target) -> Subscription:
    subscription = Subscription(
        person_id=person.id,
        municipality_id=target.municipality.id,
        scope=target.scope,
        target=target.key,
        wording="",
        confirmed_at=now(),
        told_up_to=latest_event_id(session),
        request_id=target.number if target.scope is Scope.REQUEST else None,
        area_id=target.number if target.scope is Scope.AREA else None,
        unit_id=target.number if target.scope is Scope.UNIT else None,
        search_id=target.number if target.scope is Scope.SEARCH else None,
    )
    session.add(subscription)
    return subscription


def _set(subscription: Subscription, cadence: Cadence) -> None:
    subscription.cadence = cadence
    subscription.ended_at = now() if cadence is Cadence.OFF else None


def _request_of(session: Session, subscription: Subscription) -> DataRequest | None:
    return session.get(DataRequest, subscription.request_id) if subscription.request_id is not None else None


def _lock(session: Session, data_request: DataRequest | None) -> None:
    if data_request is not None:
        lock_request(session, data_request)


def _count(session: Session, data_request: DataRequest | None) -> None:
    session.flush()
    if data_request is not None:
        count_followers(session, data_request)
