"""Following said twice, digests ended whole, and events told of once."""

from datetime import timedelta

from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.notifications.contents import Happening, choose_items
from dialogue.notifications.operations.drafts import remind_of_drafts
from dialogue.notifications.operations.fan_out import fan_out
from dialogue.notifications.operations.following import change_cadence, follow, stop, stop_all, stop_gathered
from dialogue.notifications.queries.subscriptions import find_subscription
from dialogue.notifications.queries.targets import Target
from dialogue.notifications.rules import Cadence, Scope
from dialogue.requests.models import RequestEvent
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind, Status
from tests.factories import Factory


def test_of_two_events_in_one_request_the_stronger_is_told() -> None:
    happened = [
        Happening(1, 12, EventKind.REQUEST_PUBLISHED),
        Happening(2, 12, EventKind.REQUEST_ASSESSED),
    ]
    assert choose_items(happened) == ([1], 0)
    assert choose_items(reversed(happened)) == ([1], 0)


def test_following_twice_is_following_once(make: Factory, session: Session) -> None:
    request, person = make.request(), make.person()
    target = Target(Scope.REQUEST, request.id, request.municipality, request.title, request.title, request)
    assert follow(session, person, target, Cadence.INSTANT, "Följ")
    assert not follow(session, person, target, Cadence.INSTANT, "Följ")
    subscription = find_subscription(session, person.id, target.key)
    assert subscription is not None
    assert not change_cadence(session, subscription, Cadence.INSTANT)
    assert stop(session, person, target)
    assert not stop(session, person, target)
    assert follow(session, person, target, Cadence.WEEKLY, "Följ")
    assert stop_all(session, person) == 1


def test_a_digest_is_ended_with_all_that_comes_in_it_and_nothing_else(make: Factory, session: Session) -> None:
    first, second, person = make.request(), make.request(), make.person()
    for request, cadence in ((first, Cadence.WEEKLY), (second, Cadence.INSTANT)):
        target = Target(Scope.REQUEST, request.id, request.municipality, request.title, request.title, request)
        follow(session, person, target, cadence, "Följ")
    session.commit()
    assert stop_gathered(session, person, first.municipality_id, Cadence.WEEKLY) == 1
    session.commit()
    assert (first.followers_count, second.followers_count) == (0, 1)
    assert stop_gathered(session, person, first.municipality_id, Cadence.WEEKLY) == 0


def test_an_event_is_told_of_once(make: Factory, session: Session) -> None:
    request = make.request(unit=make.unit())
    event: RequestEvent = record(session, make.viewer(make.person()), request, EventKind.REQUEST_SHOWN)
    session.commit()
    assert fan_out(session, event.id, 0, "sv") is None
    session.commit()
    assert event.fanned_out_at is not None
    assert fan_out(session, event.id, 0, "sv") is None


def test_a_draft_that_nothing_waits_for_is_passed_over(make: Factory, session: Session) -> None:
    draft = make.request(Status.DRAFT, created_at=now() - timedelta(days=2))
    assert remind_of_drafts(session) == 1
    session.commit()
    assert draft.reminded_at is not None
    assert remind_of_drafts(session) == 0
