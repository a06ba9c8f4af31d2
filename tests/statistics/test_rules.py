"""Counting, case by case."""

from datetime import date

import pytest

from dialogue.statistics.rules import (
    Promise,
    first_day_of,
    group_first_answers,
    keep_count,
    last_quarters,
    quarter_of,
    total_kept,
)

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 1, 1), "2026 Q1"),
        (date(2026, 3, 31), "2026 Q1"),
        (date(2026, 4, 1), "2026 Q2"),
        (date(2026, 12, 31), "2026 Q4"),
    ],
)
def test_a_day_belongs_to_a_quarter(day: date, quarter: str) -> None:
    assert quarter_of(day) == quarter
    assert first_day_of(quarter) <= day


def test_the_last_quarters_go_back_over_the_year_s_end() -> None:
    assert last_quarters(date(2026, 2, 3), 3) == ["2025 Q3", "2025 Q4", "2026 Q1"]
    assert len(last_quarters(TODAY)) == 8


@pytest.mark.parametrize(
    ("promised", "answered", "due", "kept"),
    [
        # Word on the very day keeps the promise.
        (date(2026, 11, 20), date(2026, 11, 20), 1, 1),
        # A day late does not.
        (date(2026, 11, 20), date(2026, 11, 21), 1, 0),
        # Passed without word: not kept.
        (date(2026, 11, 20), None, 1, 0),
        # Falls due today, no word yet: not counted.
        (TODAY, None, 0, 0),
        # Falls due later, but word has come.
        (date(2026, 12, 3), date(2026, 11, 19), 1, 1),
    ],
)
def test_a_promise_is_kept_by_word_in_time(promised: date, answered: date | None, due: int, kept: int) -> None:
    total = total_kept([Promise(promised, answered)], date(2025, 11, 23), TODAY)
    assert (total.due, total.kept) == (due, kept)


def test_promises_are_counted_where_they_fall_due() -> None:
    counted = keep_count(
        [Promise(date(2026, 9, 30), date(2026, 10, 2)), Promise(date(2026, 10, 1), date(2026, 10, 1))], TODAY
    )
    assert {quarter: (kept.due, kept.kept, kept.share) for quarter, kept in counted.items()} == {
        "2026 Q3": (1, 0, 0),
        "2026 Q4": (1, 1, 100),
    }


def test_no_promises_have_no_share() -> None:
    assert total_kept([], TODAY, TODAY).share is None


def test_first_answers_fall_into_groups() -> None:
    answers = group_first_answers([0, 5, 6, 10, 11, 20, 21, 300])
    assert answers.groups == (2, 2, 2, 2)
    assert answers.median_days == 10
    assert answers.total == 8
    assert group_first_answers([]).median_days is None
