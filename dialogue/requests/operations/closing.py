"""Verbs that end a request without new data, and the one that takes it up again."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from dialogue.accounts.policy import SYSTEM, Relation, Viewer, relations
from dialogue.core.clock import now
from dialogue.core.errors import InvalidValue
from dialogue.core.language import N_
from dialogue.core.personnummer import refuse_personal_numbers
from dialogue.core.workdays import add_workdays
from dialogue.requests.models import DataRequest, DeliveryWord, RequestEvent
from dialogue.requests.operations.moves import carry_out, guard, record
from dialogue.requests.operations.planning import today_of
from dialogue.requests.promises import REVIEW_HORIZON
from dialogue.requests.rules import FORMAL_DAYS, Action, EventKind, Ground, Kind, Outcome


@dataclass(frozen=True)
class Refusal:
    """Why the data is not published, and what could change that."""

    ground: Ground
    explanation: str
    what_would_change_it: str
    #: The day on which the municipality looks at it again.
    review_on: date
    #: Whose rights stand in the way, when that is the ground and it is known.
    rights_holder: str = ""


@dataclass(frozen=True)
class Heir:
    """Who takes a request over from an asker who leaves it."""

    person_id: int
    organisation_id: int | None


def decline_request(
    session: Session,
    viewer: Viewer,
    data_request: DataRequest,
    refusal: Refusal,
    *,
    version: int | None,
    message_id: int,
) -> RequestEvent:
    """The data cannot be published. A formal request is declined only by somebody with delegation to decide.

    Raises InvalidValue for a review date that is not ahead, or nothing said of why and what would change it.
    """
    action = guard(viewer, data_request, "decline", version)
    today = today_of(data_request)
    if not refusal.explanation:
        raise InvalidValue("explanation", N_("Explain why the data cannot be published"))
    if not refusal.what_would_change_it:
        raise InvalidValue("what_would_change_it", N_("Say what would change it"))
    refuse_personal_numbers("what_would_change_it", refusal.what_would_change_it)
    if not today < refusal.review_on <= today + REVIEW_HORIZON:
        raise InvalidValue("review_on", N_("Choose a day ahead, within five years"))
    holder = refusal.rights_holder if refusal.ground is Ground.THIRD_PARTY_RIGHTS else ""
    changes: dict[str, Any] = {
        "ground": refusal.ground,
        "explanation": refusal.explanation,
        "what_would_change_it": refusal.what_would_change_it,
        "review_on": refusal.review_on,
        "rights_holder": holder or None,
        "next_on": None,
    }
    return carry_out(session, viewer, data_request, action, changes, message_id=message_id)


def redirect_request(
    session: Session,
    viewer: Viewer,
    data_request: DataRequest,
    *,
    version: int | None,
    message_id: int,
    redirected_to: str,
    unit_id: int | None = None,
) -> RequestEvent:
    """Somebody else has the data: `redirected_to` says who."""
    action = guard(viewer, data_request, "redirect", version)
    if not redirected_to:
        raise InvalidValue("redirected_to", N_("Say who has the data"))
    changes: dict[str, Any] = {"redirected_to": redirected_to, "next_on": None}
    return carry_out(session, viewer, data_request, action, changes, message_id=message_id, unit_id=unit_id)


def set_aside_request(
    session: Session,
    viewer: Viewer,
    data_request: DataRequest,
    *,
    version: int | None,
    message_id: int,
    unit_id: int | None = None,
) -> RequestEvent:
    """It is not about data: a request for a document, a complaint. The answer says where it belongs."""
    action = guard(viewer, data_request, "not_a_data_request", version)
    changes: dict[str, Any] = {"next_on": None}
    return carry_out(session, viewer, data_request, action, changes, message_id=message_id, unit_id=unit_id)


def withdraw_request(
    session: Session, viewer: Viewer, data_request: DataRequest, *, version: int | None, heir: Heir | None
) -> RequestEvent:
    """The asker leaves the request: it ends, unless others have voted for it. Then it lives on with `heir`."""
    action = guard(viewer, data_request, "withdraw", version)
    if heir is None:
        return carry_out(session, viewer, data_request, action, {"next_on": None})
    event = record(
        session,
        viewer,
        data_request,
        EventKind.REQUEST_PASSED_ON,
        old={"organisation_id": data_request.organisation_id},
        new={"organisation_id": heir.organisation_id},
    )
    data_request.asker_id = heir.person_id
    data_request.organisation_id = heir.organisation_id
    return event


def close_unanswered(session: Session, data_request: DataRequest) -> RequestEvent:
    """Nobody answered the municipality's question in time, and nobody else has voted: the request ends."""
    action = guard(SYSTEM, data_request, "lapse", None)
    return carry_out(session, SYSTEM, data_request, action, {"next_on": None})


def reopen_request(
    session: Session, viewer: Viewer, data_request: DataRequest, *, version: int | None, reason: str
) -> RequestEvent:
    """Take the request up again for `reason`: the municipality's promise starts anew.

    The coordinator may; the asker once, with new facts.
    """
    action = guard(viewer, data_request, "reopen", version)
    if not reason:
        raise InvalidValue("reason", N_("Say what is new"))
    refuse_personal_numbers("reason", reason)
    if relations(viewer, data_request) & {Relation.COORDINATOR, Relation.ASKER} == {Relation.ASKER}:
        data_request.reopened_by_asker_at = now()
    return _reopen(session, viewer, data_request, action, reason)


def reopen_for_review(session: Session, data_request: DataRequest) -> RequestEvent:
    """Take a declined request up again on the day that was set for a new look at it. The event itself says why."""
    return _reopen(session, SYSTEM, data_request, guard(SYSTEM, data_request, "reopen", None), None)


def _reopen(
    session: Session, viewer: Viewer, data_request: DataRequest, action: Action, reason: str | None
) -> RequestEvent:
    today = today_of(data_request)
    changes: dict[str, Any] = dict.fromkeys(
        ("ground", "explanation", "what_would_change_it", "review_on", "rights_holder", "redirected_to", "extent",
         "works", "use_note")
    )  # fmt: skip
    changes["next_on"] = add_workdays(today, data_request.municipality.first_answer_days)
    if data_request.kind is Kind.FORMAL:
        changes["due_on"] = today + timedelta(days=FORMAL_DAYS)
    session.execute(delete(DeliveryWord).where(DeliveryWord.request_id == data_request.id))
    if data_request.outcome is Outcome.ALREADY_AVAILABLE:
        # What was pointed to is not what was asked for.
        data_request.datasets = []
    data_request.published_at = data_request.closed_at = data_request.confirmed_at = None
    return carry_out(session, viewer, data_request, action, changes, note=reason)
