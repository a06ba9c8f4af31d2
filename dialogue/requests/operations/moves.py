"""The one writer of a request's state: guard, change, event, tally. Every verb goes through here."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from dialogue.accounts.policy import Permission, Relation, Viewer, allows, relations
from dialogue.core.clock import now
from dialogue.core.db import upserting
from dialogue.core.errors import Forbidden, InvalidTransition, StaleVersion
from dialogue.core.language import N_
from dialogue.core.wake import want_worker
from dialogue.requests.models import DataRequest, RequestEvent, StatusTally
from dialogue.requests.operations.indexing import index_request
from dialogue.requests.promises import voters_may_confirm
from dialogue.requests.rules import ACTIONS, Action, EventKind, Kind, Outcome, Status


def open_actions(viewer: Viewer, data_request: DataRequest) -> list[Action]:
    """The actions that `viewer` may take on `data_request` now, in the table's order: its buttons."""
    return [action for action in ACTIONS.values() if _why_not(viewer, data_request, action) is None]


def guard(viewer: Viewer, data_request: DataRequest, name: str, version: int | None) -> Action:
    """The row of action `name`, when `viewer` may take it now on the `version` of the request that the form showed.

    Raises Forbidden, StaleVersion, InvalidTransition, in that order: who may not act learns nothing of the state.
    """
    action = ACTIONS[name]
    if not allows(viewer, action.permission, data_request):
        raise Forbidden
    if version is not None and version != data_request.version:
        raise StaleVersion(N_("The request has changed since you opened the page."))
    refusal = _why_not(viewer, data_request, action)
    if refusal is not None:
        raise refusal
    return action


def _why_not(viewer: Viewer, data_request: DataRequest, action: Action) -> Forbidden | InvalidTransition | None:
    if not allows(viewer, action.permission, data_request):
        return Forbidden()
    if data_request.status not in action.sources:
        return InvalidTransition(N_("That cannot be done from where the request stands now."))
    if action.needs_unit and data_request.unit_id is None:
        return InvalidTransition(N_("The request must be assigned to a unit first."))
    if action.name == "take" and data_request.official_id == viewer.person_id:
        return InvalidTransition(N_("You have taken it already."))
    if action.name == "lapse" and data_request.waiting_on is None:
        return InvalidTransition(N_("No question waits for an answer."))
    if (
        action.name == "confirm_delivery"
        and Relation.ASKER not in relations(viewer, data_request)
        and not voters_may_confirm(data_request.published_at, data_request.works, now())
    ):
        return InvalidTransition(N_("Those who voted may say it when the requester has been silent for 30 days."))
    if action.name == "ask" and data_request.asker_id is None:
        return InvalidTransition(N_("Nobody stands behind this request who could answer."))
    if (
        action.name == "reopen"
        and data_request.reopened_by_asker_at is not None
        and not relations(viewer, data_request) & {Relation.COORDINATOR, Relation.SYSTEM}
    ):
        return InvalidTransition(N_("You have reopened the request once. The coordinator can do it again."))
    if (action.name == "hide" and data_request.hidden_at) or (action.name == "show" and not data_request.hidden_at):
        return InvalidTransition(N_("It is already so."))
    if (
        action.name == "decline"
        and data_request.kind is Kind.FORMAL
        and not allows(viewer, Permission.DECIDE_FORMAL_REQUEST, data_request)
    ):
        return Forbidden(N_("A formal request is declined by somebody with delegation to decide."))
    return None


def carry_out(
    session: Session,
    viewer: Viewer,
    data_request: DataRequest,
    action: Action,
    changes: dict[str, Any],
    *,
    details: dict[str, Any] | None = None,
    note: str | None = None,
    message_id: int | None = None,
    unit_id: int | None = None,
) -> RequestEvent:
    """Do what the row `action` says, after its guard: set `changes`, go to its target, append its one event.

    The event keeps what was and what is of `changes`, and of the state where it changed; `details` are facts that it
    alone remembers.
    """
    # Asked before anything changes: who passes a request on acts for the unit that had it.
    actor_role = _capacity(viewer, data_request)
    names = (*changes, *(name for name in ("status", "outcome", "waiting_on") if name not in changes))
    # One UPDATE at the end: halfway there, the request is in no state that the tables allow.
    with session.no_autoflush:
        before = {name: getattr(data_request, name) for name in names}
        for name, value in changes.items():
            setattr(data_request, name, value)
        if action.target is not None:
            move(session, data_request, action.target, action.outcome)
        after = {name: getattr(data_request, name) for name in names}
    told = [name for name in names if name in changes or before[name] != after[name]]
    return record(
        session,
        viewer,
        data_request,
        action.event,
        old={name: before[name] for name in told},
        new={name: after[name] for name in told} | (details or {}),
        note=note,
        message_id=message_id,
        unit_id=unit_id,
        actor_role=actor_role,
    )


def move(session: Session, data_request: DataRequest, target: Status, outcome: Outcome | None = None) -> None:
    """Put `data_request` in `target`, keep the times of its way, the tally and search in step."""
    at = now()
    was_draft = data_request.status is Status.DRAFT
    _tally(session, data_request, -1)
    data_request.status = target
    data_request.outcome = outcome
    setattr(data_request, _REACHED_AT[target], at)
    data_request.waiting_on = None
    data_request.waiting_since_on = data_request.asked_on = None
    _tally(session, data_request, +1)
    if was_draft:
        index_request(session, data_request)


_REACHED_AT = {
    Status.RECEIVED: "received_at",
    Status.ASSESSING: "assessed_at",
    Status.PLANNED: "planned_at",
    Status.PUBLISHED: "published_at",
    Status.CLOSED: "closed_at",
}


def set_hidden(session: Session, data_request: DataRequest, reason: str | None) -> None:
    """Hide `data_request` with `reason`, or show it again (None)."""
    _tally(session, data_request, -1)
    data_request.hidden_at = now() if reason is not None else None
    data_request.hidden_reason = reason
    _tally(session, data_request, +1)
    index_request(session, data_request)


def record(
    session: Session,
    viewer: Viewer,
    data_request: DataRequest,
    kind: EventKind,
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    note: str | None = None,
    message_id: int | None = None,
    unit_id: int | None = None,
    actor_role: str | None = None,
) -> RequestEvent:
    """Append what happened to the request's timeline, which is also the outbox of notifications."""
    at = now()
    event = RequestEvent(
        municipality_id=data_request.municipality_id,
        request_id=data_request.id,
        kind=kind,
        actor_id=viewer.person_id,
        actor_role=actor_role or _capacity(viewer, data_request),
        unit_id=unit_id if unit_id is not None else data_request.unit_id,
        message_id=message_id,
        old=_plain(old or {}),
        new=_plain(new or {}),
        note=note,
        happened_at=at,
    )
    session.add(event)
    _touch(session, data_request, at)
    want_worker(session)
    return event


def _touch(session: Session, data_request: DataRequest, at: datetime) -> None:
    # Without the mapper, so that `version` stays: a post must not make an official's open form stale.
    table = DataRequest.__table__
    session.execute(update(table).where(table.c.id == data_request.id).values(updated_at=at, active_at=at))  # type: ignore[arg-type]
    set_committed_value(data_request, "updated_at", at)
    set_committed_value(data_request, "active_at", at)


def tally_key(data_request: DataRequest) -> str:
    """The name under which a request in this state is counted."""
    if data_request.outcome is not None:
        return f"{data_request.status}:{data_request.outcome}"
    return str(data_request.status)


def count_in_tally(session: Session, municipality_id: int, state: str, change: int) -> None:
    """Let the municipality have `change` more (or fewer) public requests in `state`, a name from `tally_key`."""
    insert = upserting(session)
    statement = insert(StatusTally).values(municipality_id=municipality_id, state=state, requests=max(change, 0))
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["municipality_id", "state"], set_={"requests": StatusTally.requests + change}
        )
    )


def _tally(session: Session, data_request: DataRequest, change: int) -> None:
    if data_request.status is not Status.DRAFT and data_request.hidden_at is None:
        count_in_tally(session, data_request.municipality_id, tally_key(data_request), change)


_CAPACITIES = ("decider", "official", "coordinator", "asker", "voter", "administrator", "colleague", "person")


def _capacity(viewer: Viewer, data_request: DataRequest) -> str:
    if viewer.person_id is None:
        return "system"
    held = {str(relation) for relation in relations(viewer, data_request)}
    return next(capacity for capacity in _CAPACITIES if capacity in held)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _as_json(value) for name, value in values.items()}


def _as_json(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
