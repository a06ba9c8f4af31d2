"""The figures as plain tables: what the page shows, what the CSV holds and what the API says are these same rows."""

from collections.abc import Iterator

from dialogue.requests.rules import Outcome, Status
from dialogue.statistics.queries import Figures

#: States in the order of a request's way, as StatusTally names them.
STATES = (
    Status.RECEIVED.value,
    Status.ASSESSING.value,
    Status.PLANNED.value,
    Status.PUBLISHED.value,
    *(f"{Status.CLOSED}:{outcome}" for outcome in Outcome),
)

#: (table, group, measure, value)
Cell = tuple[str, str, str, int | None]


def write_cells(figures: Figures) -> Iterator[Cell]:
    """Every figure as one row, for files."""
    for quarter, received, published in figures.flow:
        yield "requests_by_quarter", quarter, "received", received
        yield "requests_by_quarter", quarter, "published", published
    for quarter, kept in figures.promises:
        yield "promises_by_quarter", quarter, "due", kept.due
        yield "promises_by_quarter", quarter, "kept", kept.kept
    for group, number in zip(("5", "10", "20", "more"), figures.first_answers.groups, strict=True):
        yield "working_days_to_first_answer", group, "requests", number
    yield "working_days_to_first_answer", "all", "median", figures.first_answers.median_days
    for state in STATES:
        yield "requests_by_state", state, "requests", figures.states.get(state, 0)
    for ground, number in figures.grounds.items():
        yield "declined_by_ground", ground.value, "requests", number
    for table, rows in (("units", figures.units), ("areas", figures.areas)):
        for row in rows:
            yield table, row.name, "received", row.received
            yield table, row.name, "published", row.published
            yield table, row.name, "declined", row.declined
            yield table, row.name, "median_working_days_to_first_answer", row.median_days
