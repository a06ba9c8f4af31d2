"""The way of a request in four steps, for the track on its page."""

from datetime import date
from typing import Literal, NamedTuple

from dialogue.requests.models import DataRequest
from dialogue.requests.promises import promised_on
from dialogue.requests.rules import Outcome, Status
from dialogue.requests.wording.states import OUTCOMES, STATUSES
from dialogue.web.language import near_day
from dialogue.web.texts import plain as _

State = Literal["done", "current", "next", "stop"]

_WAY = (Status.RECEIVED, Status.ASSESSING, Status.PLANNED, Status.PUBLISHED)


class Step(NamedTuple):
    """One step: its name, the day that belongs to it in words, and whether it is behind or ahead."""

    label: str
    note: str
    state: State


def track_of(data_request: DataRequest, today: date) -> list[Step]:
    """The steps behind and ahead of `data_request`; one that has ended early ends its track."""
    if data_request.status is Status.CLOSED:
        return _ended(data_request, today)
    at = _WAY.index(data_request.status) if data_request.status in _WAY else -1
    labels = (_(STATUSES[Status.RECEIVED]), _(STATUSES[Status.ASSESSING]), _("Decision"), _(STATUSES[Status.PUBLISHED]))
    states = [_state(index, at) for index in range(len(_WAY))]
    notes = _notes(data_request, today)
    return [Step(*step) for step in zip(labels, notes, states, strict=True)]


def _state(index: int, at: int) -> State:
    if at == len(_WAY) - 1 or index < at:
        return "done"
    return "current" if index == at else "next"


def _notes(data_request: DataRequest, today: date) -> tuple[str, str, str, str]:
    received, assessed, planned, published = (
        near_day(at, today) if at else ""
        for at in (
            data_request.received_at,
            data_request.assessed_at,
            data_request.planned_at,
            data_request.published_at,
        )
    )
    promised = promised_on(data_request)
    # A day that has passed is said above, where it is said to be late.
    by = _("by %(day)s") % {"day": near_day(promised, today)} if promised and promised >= today else ""
    match data_request.status:
        case Status.RECEIVED:
            return received, by, "", ""
        case Status.ASSESSING:
            since = _("since %(day)s") % {"day": assessed} if assessed else ""
            return received, since, by, _("the date comes with the decision")
        case Status.PLANNED:
            return received, assessed, planned, by
    return received, assessed, planned or published, published


def _ended(data_request: DataRequest, today: date) -> list[Step]:
    outcome = data_request.outcome or Outcome.NOT_A_DATA_REQUEST
    behind = (
        (STATUSES[Status.RECEIVED], data_request.received_at),
        (STATUSES[Status.ASSESSING], data_request.assessed_at),
    )
    steps = [Step(_(label), near_day(at, today), "done") for label, at in behind if at]
    closed = near_day(data_request.closed_at, today) if data_request.closed_at else ""
    end: State = "done" if outcome is Outcome.ALREADY_AVAILABLE else "stop"
    return [*steps, Step(_(OUTCOMES[outcome]), closed, end)]
