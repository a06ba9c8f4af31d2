"""How soon and how reliably units have answered lately, for the officials who answer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median_low

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.core.clock import local_day
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.rules import EventKind

#: As many answers are looked at, the newest ones: the cost never grows.
NEWEST = 400

_ANSWERS = frozenset(
    {
        EventKind.REQUEST_ASSESSED,
        EventKind.REQUEST_PLANNED,
        EventKind.DATE_MOVED,
        EventKind.REQUEST_PUBLISHED,
        EventKind.REQUEST_DECLINED,
        EventKind.REQUEST_REDIRECTED,
        EventKind.REQUEST_ALREADY_AVAILABLE,
        EventKind.REQUEST_SET_ASIDE,
    }
)


@dataclass(frozen=True)
class Promptness:
    """What units have done lately."""

    #: Answers to a promised day, and those of them that came on it or before.
    promised: int
    kept: int
    published: int
    #: Calendar days from receipt to first answer, in the middle of all.
    first_answer_days: int | None


def read_promptness(session: Session, unit_ids: Collection[int], since: datetime, zone: str) -> Promptness:
    """Figures over the answers that the units have given after `since`; days are counted in `zone`."""
    rows = session.execute(
        select(
            RequestEvent.request_id,
            RequestEvent.kind,
            RequestEvent.happened_at,
            RequestEvent.old,
            DataRequest.received_at,
            DataRequest.first_answered_at,
        )
        .join(DataRequest, DataRequest.id == RequestEvent.request_id)
        .where(
            RequestEvent.happened_at >= since,
            RequestEvent.kind.in_(_ANSWERS),
            RequestEvent.unit_id.in_(unit_ids),
        )
        .order_by(RequestEvent.happened_at.desc())
        .limit(NEWEST)
    ).all()
    first_answers = {
        row.request_id: (local_day(row.first_answered_at, zone) - local_day(row.received_at, zone)).days
        for row in rows
        if row.received_at and row.first_answered_at and row.first_answered_at >= since
    }
    kept = [
        local_day(row.happened_at, zone) <= date.fromisoformat(row.old["next_on"])
        for row in rows
        if row.old.get("next_on")
    ]
    return Promptness(
        promised=len(kept),
        kept=sum(kept),
        published=sum(row.kind is EventKind.REQUEST_PUBLISHED for row in rows),
        first_answer_days=median_low(first_answers.values()) if first_answers else None,
    )
