"""Whether something that happened is news to somebody: by which ways they are told of it, and by which one. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from dialogue.notifications.rules import (
    GATHERED,
    Cadence,
    Scope,
    is_optional_to_asker,
    told_at_once,
    told_in_digest,
)
from dialogue.requests.rules import Audience, EventKind, Kind


class Told(NamedTuple):
    """An event with what decides whom it concerns."""

    event_id: int
    kind: EventKind
    actor_id: int | None
    happened_at: datetime
    request_id: int
    request_kind: Kind
    municipality_id: int
    area_id: int | None
    unit_id: int | None
    asker_id: int | None


class Choice(NamedTuple):
    """One subscription, as a digest reads it."""

    person_id: int
    target: str
    cadence: Cadence
    told_up_to: int


class Way(NamedTuple):
    """One way in which somebody is told of an event, and the last event that they have been told of by it."""

    cadence: Cadence
    told_up_to: int


@dataclass(frozen=True)
class Rest:
    """A pause: what would have been told at once after `after_event_id` and before `until` was not."""

    after_event_id: int
    since: datetime
    until: datetime

    def covers(self, told: Told) -> bool:
        """Whether `told` happened while mail rested."""
        return told.event_id > self.after_event_id and told.happened_at < self.until


#: Nothing has been told by a way that was never chosen, as the asker's and the voter's.
_ALWAYS = 0


def ways(
    told: Told,
    person_id: int,
    own: Mapping[str, Choice],
    targets: Mapping[str, Audience],
    *,
    has_voted: bool,
) -> list[Way]:
    """All the ways in which the person is told of `told`; `targets` are what it can be followed by (`targets_of`).

    None for an own act, and for a request they want nothing about. Who asked has one way, and so has who voted.
    """
    silence = own.get(f"{Scope.REQUEST}:{told.request_id}")
    if told.actor_id == person_id or (silence is not None and silence.cadence is Cadence.OFF):
        return []
    at_once = told_at_once(told.kind)
    if Audience.ASKER in at_once and told.asker_id == person_id:
        if not is_optional_to_asker(told.kind, told.request_kind):
            return []
        choice = own.get(f"{Scope.OWN}:{told.municipality_id}")
        found = [Way(choice.cadence, choice.told_up_to) if choice else Way(Cadence.INSTANT, _ALWAYS)]
    elif Audience.VOTERS in at_once and has_voted:
        found = [Way(Cadence.INSTANT, _ALWAYS)]
    else:
        found = _followed(told, own, targets)
    return [way for way in found if way.cadence is not Cadence.OFF and told.event_id > way.told_up_to]


def _followed(told: Told, own: Mapping[str, Choice], targets: Mapping[str, Audience]) -> list[Way]:
    at_once, in_digest = told_at_once(told.kind), told_in_digest(told.kind)
    held = [(own[target], audience) for target, audience in targets.items() if target in own]
    return [
        Way(choice.cadence, choice.told_up_to)
        for choice, audience in held
        if audience in (at_once if choice.cadence is Cadence.INSTANT else in_digest)
    ]


def targets_of(told: Told, searches: Collection[int]) -> dict[str, Audience]:
    """Everything by which one can follow what happened, with the audience one belongs to then.

    `searches` are the saved ones that find its request.
    """
    targets = {
        f"{Scope.REQUEST}:{told.request_id}": Audience.FOLLOWERS,
        f"{Scope.EVERYTHING}:{told.municipality_id}": Audience.AREA,
    }
    for scope, number in ((Scope.AREA, told.area_id), (Scope.UNIT, told.unit_id)):
        if number is not None:
            targets[f"{scope}:{number}"] = Audience.AREA
    return targets | {f"{Scope.SEARCH}:{number}": Audience.AREA for number in searches}


def is_for_digest(found: list[Way], cadence: Cadence) -> bool:
    """Whether the digest of `cadence` is the one that tells it: the most eager way does, and only that one."""
    return bool(found) and min([way.cadence for way in found], key=_EAGERNESS.index) is cadence


def is_for_return(found: list[Way], told: Told, rest: Rest) -> bool:
    """Whether the one digest after a pause tells it: what was to be gathered, and what would have come at once."""
    return any(way.cadence in GATHERED or rest.covers(told) for way in found)


_EAGERNESS = (Cadence.INSTANT, *GATHERED)
