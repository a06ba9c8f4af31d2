"""What a digest tells, in which order, and how much of it. Pure."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from dialogue.notifications.rules import Cadence
from dialogue.requests.rules import EventKind


class Section(StrEnum):
    """The parts of a digest, in their order: the first item of the first part names the mail."""

    DATA = "data"
    ANSWERS = "answers"
    DECIDED = "decided"
    CLOSED = "closed"
    NEW = "new"
    #: A decision is near and few have voted. Comes with other news, never alone: it is a hint, nothing has happened.
    SOON = "soon"
    TALK = "talk"


#: Where a digest tells of what. A kind that is not named here tells no subscriber.
SECTIONS: dict[EventKind, Section] = {
    EventKind.REQUEST_PUBLISHED: Section.DATA,
    EventKind.REQUEST_ASSIGNED: Section.ANSWERS,
    EventKind.REQUEST_ASSESSED: Section.ANSWERS,
    EventKind.REQUEST_PLANNED: Section.ANSWERS,
    EventKind.DATE_MOVED: Section.ANSWERS,
    EventKind.REQUEST_REOPENED: Section.ANSWERS,
    EventKind.ANSWER_POSTED: Section.ANSWERS,
    EventKind.REQUEST_DECLINED: Section.DECIDED,
    EventKind.REQUEST_REDIRECTED: Section.CLOSED,
    EventKind.REQUEST_ALREADY_AVAILABLE: Section.CLOSED,
    EventKind.REQUEST_SET_ASIDE: Section.CLOSED,
    EventKind.REQUEST_WITHDRAWN: Section.CLOSED,
    EventKind.REQUEST_LAPSED: Section.CLOSED,
    EventKind.REQUEST_CONFIRMED: Section.NEW,
    EventKind.QUESTION_ANSWERED: Section.TALK,
    EventKind.QUESTION_LAPSED: Section.TALK,
    EventKind.MESSAGE_POSTED: Section.TALK,
}
_RANKS = {kind: list(Section).index(section) for kind, section in SECTIONS.items()}

#: Items in one digest, and of them new requests. What is over is counted in one line.
MAX_ITEMS = 12
MAX_NEW = 5

#: What happened longer ago is no news: after a long stop, or when old requests are imported.
GATHERED_LASTS = timedelta(days=45)

#: Close to a decision: the municipality has promised its next word on an assessed wish, or owes its decision on a
#: formal request, within so many days. Short of votes: fewer than this have voted, the number that may speak for a
#: silent asker once data is out. The earliest is told first, two in one digest, each request once ever to a person.
CLOSE_DAYS = 14
FEW_VOTES = 3
MAX_CLOSE = 2

#: How long a digest may wait for the mail server before the next one is near.
DIGEST_LASTS = {
    Cadence.DAILY: timedelta(hours=20),
    Cadence.WEEKLY: timedelta(days=5),
    Cadence.MONTHLY: timedelta(days=20),
}

#: The one digest after a pause need not make way for a next one soon.
RETURN_LASTS = timedelta(days=5)

#: A transaction may commit after one that began later. What is younger than this waits for the next digest.
SETTLED_AFTER = timedelta(minutes=1)

#: For how many people digests are worked out at once: what happened is looked up once for all of them.
GATHERED_AT_A_TIME = 500

#: For how many people digests are written in one transaction.
WRITTEN_AT_A_TIME = 100


class Happening(NamedTuple):
    """An event, as far as it decides whether it is an item of somebody's digest."""

    event_id: int
    request_id: int
    kind: EventKind


def choose_items(happenings: Iterable[Happening]) -> tuple[list[int], int]:
    """The events that a digest tells of, strongest first, and how many requests it leaves out: one item a request."""
    strongest: dict[int, Happening] = {}
    for happening in happenings:
        other = strongest.get(happening.request_id)
        if other is None or _strength(happening) < _strength(other):
            strongest[happening.request_id] = happening
    ordered = sorted(strongest.values(), key=_strength)
    new = [happening for happening in ordered if SECTIONS[happening.kind] is Section.NEW]
    kept = [happening for happening in ordered if happening not in new[MAX_NEW:]][:MAX_ITEMS]
    return [happening.event_id for happening in kept], len(ordered) - len(kept)


def _strength(happening: Happening) -> tuple[int, int]:
    return _RANKS[happening.kind], -happening.event_id
