"""Swedish working days: Monday to Friday, less public holidays and the three eves when offices are closed.

The law names the public holidays (lag 1989:253). Midsummer's Eve, Christmas Eve and New Year's Eve are not
among them, but lag (1930:173) treats them like Sundays when a time limit ends, and no office answers on
them.
"""

from bisect import bisect_left, bisect_right
from datetime import MAXYEAR, date
from functools import lru_cache

#: Days further apart than this are counted as if they were this many years apart. A promise never reaches
#: so far, but a year typed as 9999 must not cost seconds.
FAR_YEARS = 100


@lru_cache(maxsize=256)
def _workdays_of(year: int) -> tuple[int, ...]:
    """The ordinals of all working days of `year`, ascending."""
    from holidays.countries.sweden import Sweden  # the package needs half a second: not at app start

    closed = Sweden(years=year, expand=False, categories=("public", "de_facto"), include_sundays=False)
    free = {day.toordinal() for day in closed}
    first = date(year, 1, 1).toordinal()
    last = date(year, 12, 31).toordinal()
    # date.toordinal() counts from Monday 1 January of year 1, so remainders 6 and 0 are Saturday and
    # Sunday.
    return tuple(n for n in range(first, last + 1) if n % 7 not in (6, 0) and n not in free)


def is_workday(day: date) -> bool:
    """Whether offices are open on `day`."""
    workdays = _workdays_of(day.year)
    index = bisect_left(workdays, day.toordinal())
    return index < len(workdays) and workdays[index] == day.toordinal()


def add_workdays(start: date, count: int) -> date:
    """The `count`-th working day after `start`; for 0, `start` itself or else the next working day.

    Raises ValueError for a negative count and OverflowError beyond the calendar's last year.
    """
    if count < 0:
        raise ValueError("count must not be negative")
    year = start.year
    workdays = _workdays_of(year)
    index = bisect_right(workdays, start.toordinal()) + count - 1 if count else bisect_left(workdays, start.toordinal())
    while index >= len(workdays):
        index -= len(workdays)
        year += 1
        if year > MAXYEAR:
            raise OverflowError("no such day in the calendar")
        workdays = _workdays_of(year)
    return date.fromordinal(workdays[index])


def workdays_between(start: date, end: date) -> int:
    """How many working days come after `start`, up to and including `end`.

    Negative when `end` lies before `start`: the working days after `end`, up to and including `start`.
    """
    if end < start:
        return -workdays_between(end, start)
    if end.year - start.year > FAR_YEARS:
        end = date(start.year + FAR_YEARS, 12, 31)
    whole_years = sum(len(_workdays_of(year)) for year in range(start.year, end.year))
    before_start = bisect_right(_workdays_of(start.year), start.toordinal())
    return whole_years + bisect_right(_workdays_of(end.year), end.toordinal()) - before_start
