"""The table of the lifecycle, cell by cell: every action × every status × everybody, on both databases."""

import os
import random
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, Unit
from dialogue.accounts.policy import POLICY, SYSTEM, Permission, Relation, Viewer
from dialogue.accounts.rules import Role
from dialogue.conversation.models import Message
from dialogue.conversation.operations.answers import VERBS
from dialogue.core.clock import now
from dialogue.core.errors import Forbidden, InvalidTransition, StaleVersion
from dialogue.requests.models import DataRequest, RequestEvent, StatusTally
from dialogue.requests.operations.moves import guard, open_actions, tally_key
from dialogue.requests.promises import SILENCE
from dialogue.requests.rules import ACTIONS, LIVE, Kind, Outcome, Status
from tests.factories import Factory
from tests.requests.acts import NAMES, take

EVERYBODY = sorted(Relation)

#: Steps of a random walk. More by DIALOGUE_WALK=5000.
STEPS = int(os.environ.get("DIALOGUE_WALK", "120"))


@dataclass
class Place:
    """A municipality with one person in every relation to a request of its unit."""

    unit: Unit
    other: Unit
    people: dict[Relation, Person | None]

    def viewer(self, make: Factory, relation: Relation, voted_for: DataRequest | None = None) -> Viewer:
        if relation is Relation.SYSTEM:
            return SYSTEM
        person = self.people[relation]
        viewer = make.viewer(person) if person else Viewer()
        return replace(viewer, voted_for=frozenset({voted_for.id})) if voted_for else viewer


@pytest.fixture
def place(make: Factory) -> Place:
    unit, other = make.unit("gata"), make.unit("bygg")
    return Place(
        unit,
        other,
        {
            Relation.ANYONE: None,
            Relation.PERSON: make.person(),
            Relation.OUTSIDER: make.official(make.unit(municipality=make.municipality()), Role.COORDINATOR),
            Relation.ASKER: make.person(organisation=make.organisation()),
            Relation.VOTER: make.person(),
            Relation.OFFICIAL: make.official(unit),
            Relation.COLLEAGUE: make.official(other),
            Relation.COORDINATOR: make.official(other, Role.COORDINATOR),
            Relation.DECIDER: make.official(unit, Role.DECIDER),
            Relation.ADMINISTRATOR: make.official(other, Role.ADMINISTRATOR),
        },
    )


def request_in(status: Status, make: Factory, place: Place, **more: Any) -> DataRequest:
    if status is Status.CLOSED:
        more.setdefault("outcome", Outcome.DECLINED)
    return make.request(status, unit=place.unit, asker=place.people[Relation.ASKER], **more)


def rows(session: Session) -> tuple[int, int]:
    return len(session.scalars(select(RequestEvent.id)).all()), len(session.scalars(select(Message.id)).all())


@pytest.mark.parametrize("name", NAMES)
def test_the_table_decides(name: str, session: Session, make: Factory, place: Place) -> None:
    action = ACTIONS[name]
    viewers = {relation: place.viewer(make, relation) for relation in EVERYBODY}
    for status, relation in product(Status, EVERYBODY):
        data_request = request_in(status, make, place)
        if name == "show":
            data_request.hidden_at, data_request.hidden_reason = data_request.created_at, "Personuppgifter."
            session.commit()
        if name == "lapse" and status in LIVE:
            take("ask", session, make, viewers[Relation.OFFICIAL], data_request)
            session.commit()
        if name == "confirm_delivery":
            data_request.published_at = now() - SILENCE
            session.commit()
        viewer = viewers[relation]
        if relation is Relation.VOTER:
            viewer = place.viewer(make, relation, data_request)
        before = {column: getattr(data_request, column) for column in list(data_request.__table__.c.keys())}
        counted = rows(session)
        may = relation in POLICY[action.permission] or Relation.ANYONE in POLICY[action.permission]
        allowed = may and status in action.sources
        assert allowed == (action in open_actions(viewer, data_request)), relation
        if not allowed:
            with pytest.raises(InvalidTransition if may else Forbidden):
                take(name, session, make, viewer, data_request, place.other)
            session.rollback()
            assert before == {column: getattr(data_request, column) for column in before}
            assert rows(session) == counted
            continue
        event = take(name, session, make, viewer, data_request, place.other)
        session.commit()
        assert rows(session) == (counted[0] + 1, counted[1] + (name in VERBS))
        assert event.kind is action.event
        assert event.actor_id == viewer.person_id
        assert event.actor_role == relation
        assert (event.message_id is not None) == (name in VERBS)
        assert data_request.status is (action.target or status)
        assert data_request.outcome is (action.outcome or (before["outcome"] if action.target is None else None))
        # What a voter says makes no open form stale.
        assert (data_request.version > before["version"]) is (relation is not Relation.VOTER)
        assert (event.old.get("status"), event.new.get("status")) == (
            (status, action.target) if action.target and action.target is not status else (None, None)
        )
        for column, value in event.old.items():
            assert value == plain(before[column]), column
        for column, value in event.new.items():
            if column in before:
                assert value == plain(getattr(data_request, column)), column
        if data_request.status in LIVE:
            assert data_request.next_on is not None


def plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


@pytest.mark.parametrize("name", NAMES)
def test_who_may_not_act_learns_nothing_of_the_state(name: str, session: Session, make: Factory, place: Place) -> None:
    data_request = request_in(Status.PLANNED, make, place)
    with pytest.raises(Forbidden):
        guard(place.viewer(make, Relation.PERSON), data_request, name, data_request.version + 5)


@pytest.mark.parametrize("name", NAMES)
def test_a_stale_form_is_refused_before_the_state_is_looked_at(
    name: str, session: Session, make: Factory, place: Place
) -> None:
    data_request = request_in(Status.PLANNED, make, place)
    relation = next(iter(POLICY[ACTIONS[name].permission]))
    with pytest.raises(StaleVersion):
        guard(place.viewer(make, relation, data_request), data_request, name, data_request.version - 1)


@pytest.mark.parametrize("name", [name for name in NAMES if ACTIONS[name].needs_unit])
def test_no_answer_without_a_unit_that_gives_it(name: str, session: Session, make: Factory, place: Place) -> None:
    data_request = make.request(asker=place.people[Relation.ASKER])
    everything = make.official(place.unit, Role.COORDINATOR)
    viewer = make.viewer(everything)
    refusal = InvalidTransition if Relation.COORDINATOR in POLICY[ACTIONS[name].permission] else Forbidden
    with pytest.raises(refusal):
        take(name, session, make, viewer, data_request)


def test_only_a_decider_declines_a_formal_request(session: Session, make: Factory, place: Place) -> None:
    data_request = request_in(Status.ASSESSING, make, place, kind=Kind.FORMAL)
    official, decider = (place.viewer(make, relation) for relation in (Relation.OFFICIAL, Relation.DECIDER))
    assert ACTIONS["decline"] not in open_actions(official, data_request)
    with pytest.raises(Forbidden, match="delegation"):
        take("decline", session, make, official, data_request)
    session.rollback()
    take("decline", session, make, decider, data_request)
    assert data_request.outcome is Outcome.DECLINED


def test_nobody_is_asked_when_nobody_stands_behind_the_request(session: Session, make: Factory, place: Place) -> None:
    data_request = make.request(Status.ASSESSING, unit=place.unit)
    with pytest.raises(InvalidTransition, match="Nobody stands behind"):
        take("ask", session, make, place.viewer(make, Relation.OFFICIAL), data_request)


def test_the_asker_reopens_once_and_the_coordinator_at_will(session: Session, make: Factory, place: Place) -> None:
    data_request = request_in(Status.CLOSED, make, place)
    asker, coordinator = (place.viewer(make, relation) for relation in (Relation.ASKER, Relation.COORDINATOR))
    decider = place.viewer(make, Relation.DECIDER)
    take("reopen", session, make, asker, data_request)
    take("decline", session, make, decider, data_request)
    with pytest.raises(InvalidTransition, match="once"):
        take("reopen", session, make, asker, data_request)
    session.rollback()
    for _ in range(2):
        data_request = request_in(Status.CLOSED, make, place)
        take("reopen", session, make, coordinator, data_request)


@pytest.mark.parametrize("seed", range(3))
def test_no_walk_leads_out_of_the_table(seed: int, session: Session, make: Factory, place: Place) -> None:
    """A random walk of everybody over one request: what is open succeeds, all else fails and changes nothing."""
    dice = random.Random(seed)
    data_request = request_in(Status.RECEIVED, make, place)
    viewers = {relation: place.viewer(make, relation) for relation in EVERYBODY}
    taken = 0
    for _ in range(STEPS):
        viewer, name = viewers[dice.choice(EVERYBODY)], dice.choice(NAMES)
        if dice.random() < 0.5:
            viewer = viewers[dice.choice([Relation.OFFICIAL, Relation.COORDINATOR])]
            name = dice.choice([action.name for action in open_actions(viewer, data_request)] or NAMES)
        unit = dice.choice([place.unit, place.other, None])
        was_open = ACTIONS[name] in open_actions(viewer, data_request)
        if name == "assign" and (unit.id if unit else None) == data_request.unit_id:
            continue
        events, messages = rows(session)
        status, version = data_request.status, data_request.version
        try:
            take(name, session, make, viewer, data_request, unit)
        except (Forbidden, InvalidTransition):
            session.rollback()
            assert not was_open
            assert rows(session) == (events, messages)
            assert (data_request.status, data_request.version) == (status, version)
            continue
        session.commit()
        taken += 1
        assert was_open
        assert rows(session)[0] == events + 1
        assert_sound(data_request)
        assert_counted_once(session, data_request)
    assert taken > STEPS / 5


def assert_sound(data_request: DataRequest) -> None:
    """What must be true of a request wherever it stands."""
    assert (data_request.status is Status.CLOSED) == (data_request.outcome is not None)
    assert (data_request.next_on is not None) or data_request.status not in LIVE
    assert (data_request.waiting_on is None) == (data_request.waiting_since_on is None)
    assert (data_request.waiting_on is None) == (data_request.asked_on is None)
    assert data_request.waiting_on is None or data_request.status in LIVE
    assert (data_request.outcome is Outcome.DECLINED) == (data_request.ground is not None)
    assert (data_request.due_on is not None) == (data_request.kind is Kind.FORMAL)
    assert (data_request.status is Status.PUBLISHED) == (data_request.extent is not None)
    assert (data_request.hidden_at is None) == (data_request.hidden_reason is None)


def assert_counted_once(session: Session, data_request: DataRequest) -> None:
    session.expire_all()
    kept = {row.state: row.requests for row in session.scalars(select(StatusTally)) if row.requests}
    assert kept == ({} if data_request.hidden_at else {tally_key(data_request): 1})


def test_every_permission_of_an_action_is_granted_to_somebody() -> None:
    assert all(POLICY[action.permission] for action in ACTIONS.values())
    assert Permission.CONFIRM_REQUEST is ACTIONS["confirm"].permission
