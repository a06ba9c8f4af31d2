"""How the figures are counted. Pure: facts in, figures out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from dialogue.core.workdays import workdays_between

#: Quarters shown, the present one included.
QUARTERS = 8

#: Fewer requests than this give tables without charts: a bar for one request says nothing.
ENOUGH_FOR_CHARTS = 5

#: Working days to the first answer, upper bounds of the groups.
FIRST_ANSWER_GROUPS = (5, 10, 20)


@dataclass(frozen=True)
class Promise:
    """A date that was promised, and the day on which word came (None: it has not yet)."""

    promised_on: date
    answered_on: date | None


@dataclass
class Kept:
    """Promises that fell due, and how many of them were kept."""

    due: int = 0
    kept: int = 0

    @property
    def share(self) -> int | None:
        """Per cent kept, rounded; None when none fell due."""
        return round(100 * self.kept / self.due) if self.due else None


@dataclass
class Row:
    """The figures of one unit or one area, over the last twelve months."""

    name: str
    received: int = 0
    published: int = 0
    declined: int = 0
    first_answers: list[int] = field(default_factory=list)

    @property
    def median_days(self) -> int | None:
        """Median working days to the first answer; None when there has been none."""
        return round(median(self.first_answers)) if self.first_answers else None


@dataclass(frozen=True)
class FirstAnswers:
    """Working days from receipt to first answer."""

    #: Requests answered within 5, within 10, within 20 working days, and later.
    groups: tuple[int, int, int, int]
    median_days: int | None

    @property
    def total(self) -> int:
        """Requests that got a first answer."""
        return sum(self.groups)


def quarter_of(day: date) -> str:
    """2026 Q4."""
    return f"{day.year} Q{(day.month - 1) // 3 + 1}"


def last_quarters(today: date, count: int = QUARTERS) -> list[str]:
    """The names of the last `count` quarters, oldest first, the present one last."""
    year, quarter = today.year, (today.month - 1) // 3
    places = [divmod(year * 4 + quarter - back, 4) for back in range(count - 1, -1, -1)]
    return [f"{year} Q{index + 1}" for year, index in places]


def first_day_of(quarter: str) -> date:
    """The day on which a quarter named by `quarter_of` begins."""
    year, _, number = quarter.partition(" Q")
    return date(int(year), 3 * int(number) - 2, 1)


def year_before(today: date) -> date:
    """The first day of the last twelve months."""
    return today - timedelta(days=365)


def keep_count(promises: Iterable[Promise], today: date) -> dict[str, Kept]:
    """Promises by the quarter in which they fell due. One that has not fallen due counts when word has come."""
    counted: dict[str, Kept] = {}
    for promise in promises:
        if promise.answered_on is None and promise.promised_on >= today:
            continue
        kept = counted.setdefault(quarter_of(promise.promised_on), Kept())
        kept.due += 1
        kept.kept += promise.answered_on is not None and promise.answered_on <= promise.promised_on
    return counted


def total_kept(promises: Iterable[Promise], since: date, today: date) -> Kept:
    """All promises that fell due from `since` on, as one figure."""
    recent = (promise for promise in promises if promise.promised_on >= since)
    parts = keep_count(recent, today).values()
    return Kept(sum(part.due for part in parts), sum(part.kept for part in parts))


def first_answer_days(received_on: date, answered_on: date) -> int:
    """Working days that a first answer took; the day of receipt is day 0."""
    return workdays_between(received_on, answered_on)


def group_first_answers(days: list[int]) -> FirstAnswers:
    """`days` in groups within 5, 10 and 20 working days and later, with their median."""
    groups = Counter(next((bound for bound in FIRST_ANSWER_GROUPS if taken <= bound), 0) for taken in days)
    five, ten, twenty = (groups[bound] for bound in FIRST_ANSWER_GROUPS)
    return FirstAnswers((five, ten, twenty, groups[0]), round(median(days)) if days else None)
