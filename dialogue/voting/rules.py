"""When a vote can be cast, and why a business says it needs the data."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from dialogue.core.language import N_
from dialogue.requests.rules import LIVE, Status

#: Longest reason, in characters.
MAX_REASON = 1000


#: In a list the button that takes a vote back stands where the one that cast it stood. A second press so soon after the
#: first one was meant for that.
DOUBLE_PRESS = timedelta(seconds=2)


class ReasonKind(StrEnum):
    """The kind of reason behind a vote."""

    NEW_SERVICE = "new_service"
    SAVES_TIME = "saves_time"
    BETTER_DECISIONS = "better_decisions"
    LEGAL_REQUIREMENT = "legal_requirement"
    OTHER = "other"


REASON_LABELS: dict[ReasonKind, str] = {
    ReasonKind.NEW_SERVICE: N_("New service or product"),
    ReasonKind.SAVES_TIME: N_("Saves time"),
    ReasonKind.BETTER_DECISIONS: N_("Better decisions"),
    ReasonKind.LEGAL_REQUIREMENT: N_("Required by law"),
    ReasonKind.OTHER: N_("Something else"),
}


class Votable(Protocol):
    """What must be known of a request to tell whether it takes votes."""

    @property
    def status(self) -> Status: ...
    @property
    def hidden_at(self) -> datetime | None: ...


def takes_votes(data_request: Votable) -> bool:
    """Votes are cast and taken back while the request is open; after that they stand as they are."""
    return data_request.status in LIVE and data_request.hidden_at is None


def is_double_press(cast_at: datetime, at: datetime) -> bool:
    """Whether who takes a vote back in a list at `at` has only just cast it there."""
    return at - cast_at < DOUBLE_PRESS
