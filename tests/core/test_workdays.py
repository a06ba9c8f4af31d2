"""Swedish working days, at the days where a plain Monday-to-Friday count goes wrong."""

from datetime import MAXYEAR, date, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.core.workdays import FAR_YEARS, add_workdays, is_workday, workdays_between

NEAR = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 12, 3), True),  # an ordinary Thursday
        (date(2026, 12, 5), False),  # Saturday
        (date(2026, 12, 6), False),  # Sunday
        (date(2026, 1, 1), False),  # New Year's Day
        (date(2026, 1, 5), True),  # Twelfth Night: offices are open
        (date(2026, 1, 6), False),  # Epiphany
        (date(2026, 4, 2), True),  # Maundy Thursday: offices are open
        (date(2026, 4, 3), False),  # Good Friday
        (date(2026, 4, 6), False),  # Easter Monday
        (date(2026, 5, 1), False),  # First of May
        (date(2026, 5, 14), False),  # Ascension Day
        (date(2026, 5, 15), True),  # the bridge day after it is a working day
        (date(2025, 6, 6), False),  # National Day on a Friday
        (date(2025, 6, 9), True),  # no other day off for a holiday at a weekend
        (date(2026, 6, 19), False),  # Midsummer's Eve, by custom
        (date(2026, 12, 24), False),  # Christmas Eve, by custom
        (date(2026, 12, 25), False),  # Christmas Day
        (date(2026, 12, 31), False),  # New Year's Eve, by custom
        (date(2004, 5, 31), False),  # Whit Monday was a holiday until 2004
        (date(2005, 5, 16), True),  # and is none since
    ],
)
def test_is_workday(day: date, expected: bool) -> None:
    assert is_workday(day) is expected


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 12, 3), 0, date(2026, 12, 3)),  # nothing to add to a working day
        (date(2026, 12, 5), 0, date(2026, 12, 7)),  # from a Saturday on to Monday
        (date(2026, 12, 31), 0, date(2027, 1, 4)),  # into the next year
        (date(2026, 12, 3), 1, date(2026, 12, 4)),  # the day itself does not count
        (date(2026, 12, 4), 1, date(2026, 12, 7)),  # over a weekend
        (date(2026, 12, 5), 1, date(2026, 12, 7)),  # from a Saturday, the first working day after it
        (date(2026, 12, 3), 5, date(2026, 12, 10)),  # the promise of a first answer
        (date(2026, 12, 21), 10, date(2027, 1, 11)),  # over Christmas, New Year and Epiphany
        (date(2026, 12, 3), 600, date(2029, 4, 24)),  # over more than one whole year
    ],
)
def test_add_workdays(start: date, count: int, expected: date) -> None:
    assert add_workdays(start, count) == expected


def test_add_workdays_refuses_a_negative_count() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_workdays(date(2026, 12, 3), -1)


def test_add_workdays_ends_with_the_calendar() -> None:
    with pytest.raises(OverflowError):
        add_workdays(date(MAXYEAR, 12, 31), 1)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 12, 3), date(2026, 12, 3), 0),  # the same day
        (date(2026, 12, 3), date(2026, 12, 4), 1),  # tomorrow
        (date(2026, 12, 4), date(2026, 12, 6), 0),  # only a weekend between
        (date(2026, 12, 4), date(2026, 12, 7), 1),  # Friday to Monday
        (date(2026, 12, 21), date(2027, 1, 11), 10),  # over the turn of the year
        (date(2026, 12, 7), date(2026, 12, 4), -1),  # one working day late
        (date(2026, 12, 6), date(2026, 12, 4), 0),  # late, but no working day has passed
        (date(2027, 1, 11), date(2026, 12, 21), -10),  # the same backwards
    ],
)
def test_workdays_between(start: date, end: date, expected: int) -> None:
    assert workdays_between(start, end) == expected


@given(start=NEAR, count=st.integers(1, 700))
def test_adding_and_counting_agree(start: date, count: int) -> None:
    end = add_workdays(start, count)
    assert is_workday(end)
    assert workdays_between(start, end) == count
    assert workdays_between(start, end - timedelta(days=1)) == count - 1


@given(start=NEAR, end=NEAR)
def test_counting_back_is_the_negative(start: date, end: date) -> None:
    assert workdays_between(end, start) == -workdays_between(start, end)


def test_a_year_mistyped_as_9999_costs_no_more_than_a_hundred_years() -> None:
    start = date(2026, 12, 3)
    began = process_time()
    assert workdays_between(start, date.max) == workdays_between(start, date(2026 + FAR_YEARS, 12, 31))
    assert process_time() - began < 2


def test_counting_is_cheap_once_a_year_is_known() -> None:
    start, end = date(2026, 12, 3), date(2027, 2, 3)
    workdays_between(start, end)
    began = process_time()
    for _ in range(1000):
        workdays_between(start, end)
    assert process_time() - began < 0.1
