"""What each digest tells: a function of who reads, what happened, and what each subscription was told of last."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.notifications.contents import (
    GATHERED_LASTS,
    MAX_CLOSE,
    MAX_ITEMS,
    SECTIONS,
    Happening,
    choose_items,
)
from dialogue.notifications.interest import Choice, Rest, Told, is_for_digest, is_for_return, targets_of, ways
from dialogue.notifications.queries.digests import (
    Close,
    Reader,
    list_choices,
    list_close,
    list_hinted,
    list_told,
    list_votes,
)
from dialogue.notifications.queries.searches import find_saved
from dialogue.notifications.rules import Cadence, Scope
from dialogue.requests.rules import Audience

#: Requests looked at for those that are close to their decision.
_CLOSE_LOOKED_AT = 50


@dataclass(frozen=True)
class Gathered:
    """One digest before it is a mail."""

    reader: Reader
    #: What the reader had chosen then.
    choices: Mapping[str, Choice]
    #: The cursor that it begins after.
    after_event_id: int
    #: The events it tells of, strongest first, and how many requests were left out.
    event_ids: list[int]
    left_out: int
    #: Requests close to their decision and short of votes.
    close_ids: list[int]


@dataclass
class _World:
    """What happened, put together once for many readers."""

    told: list[Told]
    close: list[Close]
    #: Saved searches that find a request, by its number.
    found_by: dict[int, set[int]]
    voted: set[tuple[int, int]]
    hinted: set[tuple[int, int]]
    #: What each event can be followed by.
    targets: dict[int, dict[str, Audience]] = field(default_factory=dict)
    by_target: dict[str, list[Told]] = field(default_factory=lambda: defaultdict(list))
    by_asker: dict[int | None, list[Told]] = field(default_factory=lambda: defaultdict(list))
    #: Whoever is more to any of it than a subscriber.
    involved: set[int | None] = field(default_factory=set)

    def __post_init__(self) -> None:
        for each in self.told:
            self.targets[each.event_id] = targets_of(each, self.found_by.get(each.request_id, ()))
            for target in self.targets[each.event_id]:
                self.by_target[target].append(each)
            self.by_asker[each.asker_id].append(each)
            self.involved |= {each.actor_id, each.asker_id}
        self.involved |= {close.asker_id for close in self.close}
        self.involved |= {person_id for person_id, _ in self.voted | self.hinted}


def gather(
    session: Session,
    municipality_id: int,
    cadence: Cadence | None,
    readers: Sequence[Reader],
    up_to: int,
    day: date,
    rests: Mapping[int, Rest] | None = None,
) -> list[Gathered]:
    """What the digests of `readers` that are due on `day` tell, from where each was told last to the event `up_to`.

    Without a cadence it is the one digest after a pause; `rests` says from when to when each reader's mail rested.
    """
    rests = rests or {}
    own = choices_of(session, municipality_id, readers)
    first = {
        reader.id: min(_cursors(own[reader.id].values(), cadence, rests.get(reader.id)), default=up_to)
        for reader in readers
    }
    world = _look(session, municipality_id, readers, own, min(first.values()), up_to, day, rests)
    known: dict[frozenset[Choice], tuple[list[int], int, list[int]]] = {}
    gathered = []
    for reader in readers:
        mine, rest = own[reader.id], rests.get(reader.id)
        # Most people follow the same few things since the same digest: what they are told is worked out once.
        key = frozenset(choice._replace(person_id=0) for choice in mine.values())
        if reader.id in world.involved or rest is not None:
            contents = _contents(world, reader.id, mine, cadence, rest)
        else:
            if key not in known:
                known[key] = _contents(world, reader.id, mine, cadence, rest)
            contents = known[key]
        gathered.append(Gathered(reader, mine, first[reader.id], *contents))
    return gathered


def choices_of(session: Session, municipality_id: int, readers: Sequence[Reader]) -> dict[int, dict[str, Choice]]:
    """Every choice of `readers` about a municipality, by what it is about."""
    own: dict[int, dict[str, Choice]] = {reader.id: {} for reader in readers}
    for choice in list_choices(session, municipality_id, list(own)):
        own[choice.person_id][choice.target] = choice
    return own


def _cursors(choices: Iterable[Choice], cadence: Cadence | None, rest: Rest | None) -> list[int]:
    if rest is not None:
        told = (choice.told_up_to for choice in choices if choice.cadence not in (Cadence.INSTANT, Cadence.OFF))
        return [rest.after_event_id, *told]
    return [choice.told_up_to for choice in choices if choice.cadence is cadence]


def _look(
    session: Session,
    municipality_id: int,
    readers: Sequence[Reader],
    own: Mapping[int, Mapping[str, Choice]],
    after: int,
    up_to: int,
    day: date,
    rests: Mapping[int, Rest],
) -> _World:
    ids = [reader.id for reader in readers]
    since = min([now(), *(rest.since for rest in rests.values())]) - GATHERED_LASTS
    told = list_told(session, municipality_id, SECTIONS.keys(), after, up_to, since)
    close = list_close(session, municipality_id, day, _CLOSE_LOOKED_AT) if told else []
    close_ids = [each.request_id for each in close]
    happened = {each.request_id for each in told}
    saved = {target for choices in own.values() for target in choices if target.startswith(f"{Scope.SEARCH}:")}
    return _World(
        told=told,
        close=close,
        found_by=find_saved(session, [int(target.partition(":")[2]) for target in saved], happened | {*close_ids}, day),
        voted=list_votes(session, ids, happened | {*close_ids}) if told else set(),
        hinted=list_hinted(session, ids, close_ids) if close else set(),
    )


def _contents(
    world: _World, person_id: int, own: Mapping[str, Choice], cadence: Cadence | None, rest: Rest | None
) -> tuple[list[int], int, list[int]]:
    wanted = []
    for told in _candidates(world, person_id, own, rest):
        found = ways(
            told,
            person_id,
            own,
            world.targets[told.event_id],
            has_voted=(person_id, told.request_id) in world.voted,
        )
        if is_for_return(found, told, rest) if rest else cadence and is_for_digest(found, cadence):
            wanted.append(told)
    event_ids, left_out = choose_items(Happening(each.event_id, each.request_id, each.kind) for each in wanted)
    if not event_ids:
        return [], 0, []
    news = {each.request_id for each in wanted}
    room = min(MAX_CLOSE, MAX_ITEMS - len(event_ids))
    near = [
        close.request_id
        for close in world.close
        if close.request_id not in news and _is_hint(world, close, person_id, own, cadence)
    ]
    return event_ids, left_out, near[:room]


def _candidates(world: _World, person_id: int, own: Mapping[str, Choice], rest: Rest | None) -> list[Told]:
    """What could be news: what happened to things that the person follows, asked for or (after a pause) voted for."""
    found = {told.event_id: told for target in own for told in world.by_target.get(target, ())}
    found |= {told.event_id: told for told in world.by_asker.get(person_id, ())}
    if rest is not None:
        found |= {told.event_id: told for told in world.told if (person_id, told.request_id) in world.voted}
    return list(found.values())


def _is_hint(world: _World, close: Close, person_id: int, own: Mapping[str, Choice], cadence: Cadence | None) -> bool:
    """Whether the person follows it, has neither asked nor voted for it, and was never told that it is close."""
    as_pair = (person_id, close.request_id)
    if close.asker_id == person_id or as_pair in world.voted or as_pair in world.hinted:
        return False
    targets = [
        f"{Scope.REQUEST}:{close.request_id}",
        f"{Scope.EVERYTHING}:{close.municipality_id}",
        f"{Scope.AREA}:{close.area_id}",
        f"{Scope.UNIT}:{close.unit_id}",
        *(f"{Scope.SEARCH}:{number}" for number in world.found_by.get(close.request_id, ())),
    ]
    held = [own[target].cadence for target in targets if target in own]
    if targets[0] in own and held[0] is Cadence.OFF:
        return False
    return any(each is not Cadence.OFF and cadence in (None, each) for each in held)
