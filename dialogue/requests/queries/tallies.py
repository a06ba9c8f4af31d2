"""How many public requests there are in each state. Kept as they change: no page counts."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from dialogue.core.db import read_rows
from dialogue.requests.models import StatusTally
from dialogue.requests.queries.lists import State
from dialogue.requests.rules import Outcome

_OF_ALL = select(StatusTally.state, func.sum(StatusTally.requests)).group_by(StatusTally.state)
_OF_ONE = select(StatusTally.state, StatusTally.requests).where(
    StatusTally.municipality_id == bindparam("municipality_id")
)


@dataclass(frozen=True)
class Tallies:
    """How many public requests there are in each state. What is late is told by the calendar, not kept."""

    received: int = 0
    assessing: int = 0
    planned: int = 0
    published: int = 0
    #: Every ending, and those among them that cannot be published.
    closed: int = 0
    declined: int = 0

    @property
    def all(self) -> int:
        """All public requests."""
        return self.received + self.assessing + self.planned + self.published + self.closed

    def total(self, state: State | None) -> int | None:
        """All public requests in `state`, or altogether; None for what no figure is kept of."""
        return self.all if state is None else getattr(self, state.value, None)


def read_tallies(session: Session, municipality_id: int | None) -> Tallies:
    """The figures as they are kept, of one municipality or of all."""
    counted = _OF_ALL if municipality_id is None else _OF_ONE
    found: Counter[str] = Counter()
    for state, requests in read_rows(session, counted, {"municipality_id": municipality_id}):
        status, _, outcome = state.partition(":")
        found[status] += int(requests)
        if outcome == Outcome.DECLINED:
            found[Outcome.DECLINED.value] += int(requests)
    return Tallies(**found)
