"""Every SELECT behind the figures. Read-only; what is hidden or not confirmed is not counted."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, String, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from dialogue.accounts.models import Area, Municipality, Unit
from dialogue.core.clock import local_day
from dialogue.core.db import read_rows
from dialogue.core.text import slugify
from dialogue.requests.models import DataRequest, RequestEvent, StatusTally
from dialogue.requests.rules import LIVE, EventKind, Ground, Outcome, Status, Works
from dialogue.statistics.rules import (
    FirstAnswers,
    Kept,
    Promise,
    Row,
    first_answer_days,
    first_day_of,
    group_first_answers,
    keep_count,
    last_quarters,
    quarter_of,
    total_kept,
    year_before,
)

#: Events by which the municipality gives word, and so keeps or misses the date that was promised.
WORD_GIVEN = (
    EventKind.REQUEST_ASSESSED,
    EventKind.QUESTION_ASKED,
    EventKind.REQUEST_PLANNED,
    EventKind.DATE_MOVED,
    EventKind.REQUEST_PUBLISHED,
    EventKind.REQUEST_DECLINED,
    EventKind.REQUEST_REDIRECTED,
    EventKind.REQUEST_ALREADY_AVAILABLE,
    EventKind.REQUEST_SET_ASIDE,
)

#: Most wanted requests shown.
MOST_WANTED = 10


@dataclass(frozen=True)
class Wanted:
    """A request that is not published yet and that many have voted for."""

    number: int
    title: str
    votes: int

    @property
    def slug(self) -> str:
        """The readable part of its address."""
        return slugify(self.title)


@dataclass(frozen=True)
class Use:
    """What a business says of published data."""

    number: int
    title: str
    works: Works
    note: str


class Fact(NamedTuple):
    """What the figures need to know of one request."""

    unit: str | None
    area: str | None
    status: Status
    outcome: Outcome | None
    received_on: date
    published_on: date | None
    #: Working days to the first answer, if there has been one.
    first_answer_days: int | None


@dataclass(frozen=True)
class Figures:
    """Everything on the statistics page, in its order."""

    counted_on: date
    total: int
    kept: Kept
    #: (quarter, received, published), oldest first.
    flow: list[tuple[str, int, int]]
    #: (quarter, promises kept and due), oldest first.
    promises: list[tuple[str, Kept]]
    first_answers: FirstAnswers
    #: Requests by state ("assessing", "closed:declined").
    states: dict[str, int]
    grounds: dict[Ground, int]
    units: list[Row]
    areas: list[Row]
    wanted: list[Wanted]
    uses: list[Use]


@dataclass(frozen=True)
class Headline:
    """The two figures that stand where people come in: the same as on the page of all figures."""

    kept: Kept = field(default_factory=Kept)
    first_answer_days: int | None = None


def get_headline(session: Session, municipality: Municipality, today: date) -> Headline:
    """How reliably and how soon a municipality answers, over the last twelve months."""
    since = year_before(today)
    promises = _promises(session, municipality, since)
    days = _days(_facts(session, municipality, since), since)
    return Headline(total_kept(promises, since, today), group_first_answers(days).median_days)


def get_figures(session: Session, municipality: Municipality, today: date) -> Figures:
    """The figures of one municipality as they are `today`."""
    quarters = last_quarters(today)
    since, last_year = first_day_of(quarters[0]), year_before(today)
    promises = _promises(session, municipality, since)
    facts = _facts(session, municipality, since)
    states, grounds = _tallies(session, municipality.id)
    by_quarter = keep_count(promises, today)
    return Figures(
        counted_on=today,
        total=sum(states.values()),
        kept=total_kept(promises, last_year, today),
        flow=_flow(facts, quarters),
        promises=[(quarter, by_quarter.get(quarter, Kept())) for quarter in quarters],
        first_answers=group_first_answers(_days(facts, last_year)),
        states=states,
        grounds=grounds,
        units=_rows(facts, last_year, lambda fact: fact.unit),
        areas=_rows(facts, last_year, lambda fact: fact.area),
        wanted=_wanted(session, municipality.id),
        uses=_uses(session, municipality.id),
    )


def _shown(wanted: Select[*tuple[Any, ...]], municipality_id: int) -> Select[*tuple[Any, ...]]:
    return wanted.where(
        DataRequest.municipality_id == municipality_id,
        DataRequest.status != Status.DRAFT,
        DataRequest.hidden_at.is_(None),
    )


def _start_of(day: date) -> datetime:
    # A day's margin: the zone decides which day a moment belongs to, and it decides afterwards.
    return datetime.combine(day, time(), UTC) - timedelta(days=1)


def _facts(session: Session, municipality: Municipality, since: date) -> list[Fact]:
    """Every request that came or was published from `since` on."""
    wanted = (
        select(
            Unit.name,
            Area.slug,
            DataRequest.status,
            DataRequest.outcome,
            DataRequest.received_at,
            DataRequest.published_at,
            DataRequest.first_answered_at,
        )
        .outerjoin(Unit, Unit.id == DataRequest.unit_id)
        .outerjoin(Area, Area.id == DataRequest.area_id)
        .where(or_(DataRequest.received_at >= _start_of(since), DataRequest.published_at >= _start_of(since)))
    )
    zone, facts = municipality.zone, []
    for unit, area, status, outcome, came, out, answered in read_rows(session, _shown(wanted, municipality.id)):
        received_on, published_on = local_day(came, zone), local_day(out, zone) if out else None
        days = first_answer_days(received_on, local_day(answered, zone)) if answered else None
        facts.append(Fact(unit, area, status, outcome, received_on, published_on, days))
    return facts


def _flow(facts: list[Fact], quarters: list[str]) -> list[tuple[str, int, int]]:
    received = Counter(quarter_of(fact.received_on) for fact in facts)
    published = Counter(quarter_of(fact.published_on) for fact in facts if fact.published_on)
    return [(quarter, received[quarter], published[quarter]) for quarter in quarters]


def _days(facts: list[Fact], since: date) -> list[int]:
    """Working days to the first answer to each request that came from `since` on."""
    return [
        fact.first_answer_days for fact in facts if fact.received_on >= since and fact.first_answer_days is not None
    ]


def _rows(facts: list[Fact], since: date, group_of: Callable[[Fact], str | None]) -> list[Row]:
    """What came from `since` on, in groups by unit or area."""
    rows: dict[str, Row] = {}
    for fact in facts:
        name = group_of(fact)
        if name is None or fact.received_on < since:
            continue
        row = rows.setdefault(name, Row(name))
        row.received += 1
        row.published += fact.status is Status.PUBLISHED
        row.declined += fact.outcome is Outcome.DECLINED
        if fact.first_answer_days is not None:
            row.first_answers.append(fact.first_answer_days)
    return sorted(rows.values(), key=lambda row: row.name)


def _promises(session: Session, municipality: Municipality, since: date) -> list[Promise]:
    """Dates that were promised, each with the day on which word came; the open ones last."""
    answered = (
        select(RequestEvent.happened_at, RequestEvent.old["next_on"].as_string())
        .join(DataRequest, DataRequest.id == RequestEvent.request_id)
        .where(RequestEvent.kind.in_(WORD_GIVEN), RequestEvent.happened_at >= _start_of(since))
    )
    pending = select(null(), cast(DataRequest.next_on, String)).where(
        DataRequest.status.in_(LIVE), DataRequest.next_on >= since, DataRequest.waiting_on.is_(None)
    )
    rows = read_rows(session, union_all(*(_shown(wanted, municipality.id) for wanted in (answered, pending))))
    return [
        Promise(date.fromisoformat(promised), local_day(at, municipality.zone) if at else None)
        for at, promised in rows
        if promised
    ]


def _tallies(session: Session, municipality_id: int) -> tuple[dict[str, int], dict[Ground, int]]:
    """Requests by state, and declined ones by ground, the commonest first."""
    states = select(literal("state"), StatusTally.state, StatusTally.requests).where(
        StatusTally.municipality_id == municipality_id, StatusTally.requests > 0
    )
    grounds = (
        select(literal("ground"), cast(DataRequest.ground, String), func.count())
        .where(DataRequest.outcome == Outcome.DECLINED)
        .group_by(DataRequest.ground)
    )
    rows = read_rows(session, union_all(states, _shown(grounds, municipality_id)))
    counted = sorted((-number, ground) for kind, ground, number in rows if kind == "ground")
    return (
        {state: number for kind, state, number in rows if kind == "state"},
        {Ground(ground): -number for number, ground in counted},
    )


def _wanted(session: Session, municipality_id: int) -> list[Wanted]:
    wanted = (
        select(DataRequest.id, DataRequest.title, DataRequest.votes_count)
        .where(DataRequest.status.in_(LIVE), DataRequest.votes_count > 0)
        .order_by(DataRequest.votes_count.desc(), DataRequest.id.desc())
        .limit(MOST_WANTED)
    )
    return [Wanted(*row) for row in session.execute(_shown(wanted, municipality_id))]


def _uses(session: Session, municipality_id: int) -> list[Use]:
    wanted = (
        select(DataRequest.id, DataRequest.title, DataRequest.works, DataRequest.use_note)
        .where(DataRequest.works.is_not(None))
        .order_by(DataRequest.confirmed_at.desc())
        .limit(MOST_WANTED)
    )
    rows = session.execute(_shown(wanted, municipality_id))
    return [Use(number, title, works, note or "") for number, title, works, note in rows]
