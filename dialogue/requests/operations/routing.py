"""Verbs about whose the request is, which kind it is, and whether the public sees it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, Unit
from dialogue.accounts.policy import Viewer
from dialogue.accounts.queries import get_viewer
from dialogue.accounts.rules import Role
from dialogue.core.clock import local_day, now
from dialogue.core.errors import InvalidValue
from dialogue.core.language import N_
from dialogue.core.personnummer import refuse_personal_numbers
from dialogue.core.workdays import add_workdays
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.operations.moves import carry_out, guard, set_hidden
from dialogue.requests.operations.planning import today_of
from dialogue.requests.rules import FORMAL_DAYS, Kind


def assign_request(
    session: Session,
    viewer: Viewer,
    data_request: DataRequest,
    *,
    version: int | None,
    unit: Unit | None,
    note: str = "",
) -> RequestEvent:
    """Give the request to `unit`, or back to the coordinator (None). The unit that had it leaves the page.

    Raises InvalidValue when that is where it stands, or the unit is closed or of another municipality.
    """
    action = guard(viewer, data_request, "assign", version)
    former = data_request.unit
    if (unit.id if unit else None) == data_request.unit_id:
        raise InvalidValue("unit", N_("That is where the request stands already. Choose another unit."))
    if unit is not None and (unit.municipality_id != data_request.municipality_id or unit.closed_at is not None):
        raise InvalidValue("unit", N_("Choose a unit in the list"))
    refuse_personal_numbers("note", note)
    names = {"unit": unit.name if unit else None, "former_unit": former.name if former else None}
    data_request.unit = unit
    data_request.official_id, data_request.assigned_at = None, now()
    return carry_out(
        session,
        viewer,
        data_request,
        action,
        {"unit_id": unit.id if unit else None},
        details=names,
        note=note or None,
    )


def take_request(session: Session, viewer: Viewer, data_request: DataRequest, *, version: int | None) -> RequestEvent:
    """The official answers for the request from now on, and gets its mail instead of the unit's mailbox.

    Also when a colleague had taken it: who may act for the unit may step in for anybody in it.
    """
    action = guard(viewer, data_request, "take", version)
    data_request.official_id = viewer.person_id
    return carry_out(session, viewer, data_request, action, {})


def let_go_out_of_reach(session: Session, person: Person) -> int:
    """Let go of what `person` has taken in units that no role of theirs reaches any more. Returns how much that was."""
    reached = get_viewer(session, person).unit_ids(Role.OFFICIAL)
    taken = session.scalars(select(DataRequest).where(DataRequest.official_id == person.id))
    lost = [data_request for data_request in taken if data_request.unit_id not in reached]
    for data_request in lost:
        data_request.official_id = None
    return len(lost)


def reclassify_request(
    session: Session, viewer: Viewer, data_request: DataRequest, *, version: int | None, kind: Kind, reason: str
) -> RequestEvent:
    """Make a wish of a formal request or the other way round, for a recorded `reason`.

    A formal request is due four weeks after it was received, whenever it came to be called formal.
    """
    action = guard(viewer, data_request, "reclassify", version)
    if kind is data_request.kind:
        raise InvalidValue("kind", N_("The request is of that kind already."))
    if not reason:
        raise InvalidValue("reason", N_("Say why the kind changes"))
    refuse_personal_numbers("reason", reason)
    today, zone = today_of(data_request), data_request.municipality.zone
    next_on, due_on = data_request.next_on, None
    if kind is Kind.FORMAL:
        due_on = local_day(data_request.received_at or now(), zone) + timedelta(days=FORMAL_DAYS)
        next_on = min(next_on or due_on, due_on)
    elif next_on is None:
        next_on = add_workdays(today, data_request.municipality.first_answer_days)
    if data_request.waiting_on:
        # A formal clock did not pause, so the days until now are not given back.
        data_request.waiting_since_on = today
    changes: dict[str, Any] = {"kind": kind, "due_on": due_on, "next_on": next_on}
    return carry_out(session, viewer, data_request, action, changes, note=reason)


def hide_request(
    session: Session, viewer: Viewer, data_request: DataRequest, *, version: int | None, reason: str
) -> RequestEvent:
    """Take the request off the public pages. Its text is kept, and its author is told the `reason`."""
    action = guard(viewer, data_request, "hide", version)
    if not reason:
        raise InvalidValue("reason", N_("Say why the request is hidden"))
    refuse_personal_numbers("reason", reason)
    set_hidden(session, data_request, reason)
    return carry_out(session, viewer, data_request, action, {}, note=reason)


def show_request(
    session: Session, viewer: Viewer, data_request: DataRequest, *, version: int | None, reason: str = ""
) -> RequestEvent:
    """Put a hidden request back on the public pages. Its author is told, with the `reason` if there is one."""
    action = guard(viewer, data_request, "show", version)
    refuse_personal_numbers("reason", reason)
    set_hidden(session, data_request, None)
    return carry_out(session, viewer, data_request, action, {}, note=reason or None)
