"""By which ways somebody is told of what happened, and that only one of them tells it: case by case."""

from datetime import UTC, datetime, timedelta

import pytest

from dialogue.notifications.interest import Choice, Rest, Told, Way, is_for_digest, is_for_return, targets_of, ways
from dialogue.notifications.rules import Cadence, is_optional_to_asker
from dialogue.requests.rules import EventKind, Kind

ME = 7
AT = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
PLANNED = Told(
    event_id=10,
    kind=EventKind.REQUEST_PLANNED,
    actor_id=1,
    happened_at=AT,
    request_id=12,
    request_kind=Kind.WISH,
    municipality_id=1,
    area_id=3,
    unit_id=4,
    asker_id=2,
)
INSTANT, DAILY, WEEKLY, MONTHLY, OFF = Cadence


def held(**chosen: Cadence) -> dict[str, Choice]:
    """Choices: area_3=WEEKLY is the area 3 once a week."""
    targets = {name.replace("_", ":"): cadence for name, cadence in chosen.items()}
    return {target: Choice(ME, target, cadence, 0) for target, cadence in targets.items()}


@pytest.mark.parametrize(
    ("changes", "own", "has_voted", "by"),
    [
        # Each thing that can be followed, alone.
        ({}, held(request_12=WEEKLY), False, [WEEKLY]),
        ({}, held(area_3=WEEKLY), False, [WEEKLY]),
        ({}, held(unit_4=INSTANT), False, [INSTANT]),
        ({}, held(everything_1=MONTHLY), False, [MONTHLY]),
        ({}, held(search_9=DAILY), False, [DAILY]),
        # Something else is followed, or nothing.
        ({}, held(area_4=WEEKLY, request_13=INSTANT, search_8=DAILY, everything_2=DAILY), False, []),
        ({}, {}, False, []),
        # Several at once: one event, and the most eager way is the one that tells it.
        ({}, held(area_3=WEEKLY, unit_4=WEEKLY, everything_1=WEEKLY, search_9=WEEKLY), False, [WEEKLY] * 4),
        ({}, held(area_3=MONTHLY, request_12=INSTANT), False, [INSTANT, MONTHLY]),
        # Off is a choice: it goes before all others for its request, and only ends itself elsewhere.
        ({}, held(request_12=OFF, area_3=INSTANT, everything_1=DAILY), True, []),
        ({}, held(area_3=OFF, everything_1=DAILY), False, [DAILY]),
        # Never of an own act, whatever is followed.
        ({"actor_id": ME}, held(request_12=INSTANT, area_3=WEEKLY, everything_1=DAILY, search_9=DAILY), True, []),
        ({"actor_id": ME, "asker_id": ME}, held(own_1=WEEKLY), False, []),
        # Whoever voted is told at once, unless they want nothing of the request.
        ({}, {}, True, [INSTANT]),
        ({}, held(area_3=WEEKLY), True, [INSTANT]),
        # The asker: no choice is at once, off is off, and all else they follow has no say.
        ({"asker_id": ME}, {}, False, [INSTANT]),
        ({"asker_id": ME}, held(area_3=WEEKLY), False, [INSTANT]),
        ({"asker_id": ME}, held(own_1=INSTANT), False, [INSTANT]),
        ({"asker_id": ME}, held(own_1=WEEKLY, area_3=DAILY), False, [WEEKLY]),
        ({"asker_id": ME}, held(own_1=OFF, area_3=DAILY), False, []),
        ({"asker_id": ME}, held(own_2=OFF), False, [INSTANT]),
        # A case notice always comes at once, so no digest repeats it.
        ({"asker_id": ME, "kind": EventKind.REQUEST_DECLINED}, held(own_1=WEEKLY), False, []),
        ({"asker_id": ME, "request_kind": Kind.FORMAL}, held(own_1=WEEKLY), False, []),
        # What does not tell the asker tells them as anybody else who follows.
        ({"asker_id": ME, "kind": EventKind.QUESTION_ANSWERED}, held(request_12=DAILY), False, [DAILY]),
        # What people write is gathered, and comes at once to nobody who only follows.
        ({"kind": EventKind.MESSAGE_POSTED}, held(request_12=INSTANT), False, []),
        ({"kind": EventKind.MESSAGE_POSTED}, held(request_12=WEEKLY, area_3=WEEKLY), False, [WEEKLY]),
        # Nothing of what a way has told already.
        ({"event_id": 0}, held(area_3=WEEKLY), False, []),
        # A request that stands with nobody.
        ({"area_id": None, "unit_id": None}, held(area_3=WEEKLY, unit_4=WEEKLY), False, []),
    ],
)
def test_the_ways_of_an_event(
    changes: dict[str, object], own: dict[str, Choice], has_voted: bool, by: list[Cadence]
) -> None:
    told = PLANNED._replace(**changes)
    found = ways(told, ME, own, targets_of(told, [9]), has_voted=has_voted)
    order = list(Cadence)
    assert sorted((way.cadence for way in found), key=order.index) == by
    told_by = [cadence for cadence in (DAILY, WEEKLY, MONTHLY) if is_for_digest(found, cadence)]
    at_once = bool(by) and by[0] is INSTANT
    assert len(told_by) + at_once == bool(by), "one mail, however many reasons"
    assert told_by == ([] if at_once else by[:1])


@pytest.mark.parametrize(
    ("way", "event_id", "happened", "comes"),
    [
        (Way(INSTANT, 0), 10, timedelta(0), True),
        (Way(INSTANT, 0), 5, timedelta(0), False),  # came at once, before the pause
        (Way(INSTANT, 0), 10, timedelta(days=9), False),  # comes at once again
        (Way(WEEKLY, 0), 5, timedelta(days=9), True),  # no digest has told it, so this one does
    ],
)
def test_the_digest_after_a_pause(way: Way, event_id: int, happened: timedelta, comes: bool) -> None:
    rest = Rest(after_event_id=5, since=AT - timedelta(days=1), until=AT + timedelta(days=5))
    told = PLANNED._replace(event_id=event_id, happened_at=AT + happened)
    assert is_for_return([way], told, rest) is comes
    assert not is_for_return([], told, rest)


@pytest.mark.parametrize(
    ("kind", "wish", "formal"),
    [
        (EventKind.MESSAGE_POSTED, True, True),
        (EventKind.REQUEST_ASSIGNED, True, False),
        (EventKind.REQUEST_ASSESSED, True, False),
        (EventKind.ANSWER_POSTED, True, False),
        (EventKind.REQUEST_PLANNED, True, False),
        *((kind, False, False) for kind in (
            EventKind.REQUEST_CONFIRMED, EventKind.QUESTION_ASKED, EventKind.DATE_MOVED, EventKind.REQUEST_PUBLISHED,
            EventKind.REQUEST_DECLINED, EventKind.REQUEST_REDIRECTED, EventKind.REQUEST_ALREADY_AVAILABLE,
            EventKind.REQUEST_REOPENED, EventKind.REQUEST_RECLASSIFIED, EventKind.REQUEST_PASSED_ON,
            EventKind.REQUEST_HIDDEN, EventKind.REQUEST_SHOWN,
        )),
    ],
)  # fmt: skip
def test_what_an_asker_may_turn_down(kind: EventKind, wish: bool, formal: bool) -> None:
    assert is_optional_to_asker(kind, Kind.WISH) is wish
    assert is_optional_to_asker(kind, Kind.FORMAL) is formal
