"""Digests for one worker, some people at a time: what they tell is worked out while others may write, then written.

Working it out takes longer than a write may. So nothing is held meanwhile, and whoever has chosen otherwise in between
is left for the next round.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time

from sqlalchemy.orm import Session

from dialogue.accounts.queries import list_municipalities
from dialogue.core.clock import now
from dialogue.core.db import read_only
from dialogue.notifications.contents import WRITTEN_AT_A_TIME
from dialogue.notifications.operations.digests import build_returns, is_return_due, plan_digests, write_digests
from dialogue.notifications.periods import Period, newest_period
from dialogue.notifications.rules import GATHERED, Cadence

#: A municipality, and how often.
_Kind = tuple[int, Cadence]


@dataclass
class Digester:
    """Builds the digests that are due."""

    sessions: Callable[[], Session]
    #: When digests are due, by the municipality's clock.
    due_at: time
    _done: dict[_Kind, str] = field(default_factory=dict, init=False)
    #: The period that is being built, and the last person who was looked at.
    _after: dict[_Kind, tuple[str, int]] = field(default_factory=dict, init=False)

    def gather(self) -> bool:
        """Build some digests; True when there may be more to do at once."""
        with self._reading() as session:
            places = [(place.id, place.zone) for place in list_municipalities(session)]
            returning = {place_id for place_id, _ in places if is_return_due(session, place_id)}
        for place_id, zone in places:
            if place_id in returning:
                # First, so that a digest which is due as well finds that everything has been told.
                with self._writing() as session:
                    build_returns(session, place_id, zone)
                return True
            for cadence in GATHERED:
                period = newest_period(cadence, now(), zone, self.due_at)
                if self._built((place_id, cadence), period):
                    return True
        return False

    def _built(self, each: _Kind, period: Period) -> bool:
        """Build some digests of one kind, or see that all are built: then False."""
        if self._done.get(each) == period.key:
            return False
        key, after = self._after.pop(each, (period.key, 0))
        after = after if key == period.key else 0
        with self._reading() as session:
            plan = plan_digests(session, *each, period, after)
        if plan is None and after == 0:
            self._done[each] = period.key
            return False
        if plan is not None:
            for first in range(0, len(plan.gathered), WRITTEN_AT_A_TIME):
                with self._writing() as session:
                    write_digests(session, plan, plan.gathered[first : first + WRITTEN_AT_A_TIME])
            self._after[each] = (period.key, plan.gathered[-1].reader.id)
        # Behind the last one it goes on from the start: for whoever has chosen otherwise meanwhile.
        return True

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with self.sessions() as session:
            read_only(session)
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self.sessions() as session, session.begin():
            yield session
