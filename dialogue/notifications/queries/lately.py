"""How many mails a subscription would have meant lately: said before somebody begins one that may be many."""

from collections.abc import Sequence
from datetime import date, time, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality
from dialogue.core.clock import now, today
from dialogue.notifications.models import SavedSearch
from dialogue.notifications.periods import digest_day
from dialogue.notifications.queries.searches import conditions_of
from dialogue.notifications.queries.targets import Target
from dialogue.notifications.rules import Cadence, Scope, told_at_once, told_in_digest
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.queries.search import MOST_RESULTS, search_requests
from dialogue.requests.rules import Audience, EventKind

#: How far back it is counted, and how much of it is read.
WEEKS = 8
MOST_EVENTS = 4_000

_AT_ONCE = [kind for kind in EventKind if Audience.AREA in told_at_once(kind)]
_GATHERED = [kind for kind in EventKind if Audience.AREA in told_in_digest(kind)]


def count_lately(
    session: Session, target: Target, search: SavedSearch | None, starts: time
) -> dict[Cadence, float] | None:
    """Mails a week in the last WEEKS weeks, for each cadence; None for a single request, which is never many.

    `search` is the one that `target` names. Reads at most MOST_EVENTS events: what is more is simply many.
    """
    where = _where(session, target, search)
    if where is None:
        return None
    since = now() - timedelta(weeks=WEEKS)
    happened = (
        select(RequestEvent.happened_at, RequestEvent.kind)
        .join(DataRequest, DataRequest.id == RequestEvent.request_id)
        .where(
            RequestEvent.happened_at >= since,
            RequestEvent.municipality_id == target.municipality.id,
            RequestEvent.kind.in_({*_AT_ONCE, *_GATHERED}),
            DataRequest.hidden_at.is_(None),
            *where,
        )
        .order_by(RequestEvent.happened_at.desc())
        .limit(MOST_EVENTS)
    )
    rows = session.execute(happened).all()
    days = {digest_day(row.happened_at, target.municipality.zone, starts) for row in rows if row.kind in _GATHERED}
    mails = {
        Cadence.INSTANT: sum(row.kind in _AT_ONCE for row in rows),
        Cadence.DAILY: len(days),
        Cadence.WEEKLY: len({_monday(day) for day in days}),
        Cadence.MONTHLY: len({day.replace(day=1) for day in days}),
    }
    return {cadence: number / WEEKS for cadence, number in mails.items()}


def _where(session: Session, target: Target, search: SavedSearch | None) -> Sequence[ColumnElement[bool]] | None:
    match target.scope:
        case Scope.AREA:
            return [DataRequest.area_id == target.number]
        case Scope.UNIT:
            return [DataRequest.unit_id == target.number]
        case Scope.EVERYTHING:
            return []
        case Scope.SEARCH if search is not None:
            return _found(session, target.municipality, search)
    return None


def _found(session: Session, municipality: Municipality, search: SavedSearch) -> Sequence[ColumnElement[bool]]:
    where = list(conditions_of(search, today(municipality.zone)))
    if search.question:
        hits = search_requests(session, search.question, *where, limit=MOST_RESULTS)
        where.append(DataRequest.id.in_([hit.request_id for hit in hits]))
    return where


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
