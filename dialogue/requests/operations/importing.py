"""Taking over requests from elsewhere: each once, however often the file is imported."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Area, Locale, Municipality, Unit
from dialogue.accounts.operations.people import name_organisation
from dialogue.catalogue.operations import get_or_create_dataset
from dialogue.core.clock import now, today
from dialogue.core.text import clean_line
from dialogue.core.workdays import add_workdays
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.operations.indexing import index_requests
from dialogue.requests.operations.moves import count_in_tally, tally_key
from dialogue.requests.rules import LIVE, EventKind, Outcome, Status, WaitingOn
from dialogue.requests.source_rows import SourceRequest, fold_name

_CHUNK = 500


@dataclass(frozen=True)
class Words:
    """What is written where the source says nothing, in the language of the request."""

    no_explanation: dict[Locale, str]
    elsewhere: dict[Locale, str]


@dataclass(frozen=True)
class Imported:
    """How far an import has come: requests that are new here, and those that were here already."""

    new: int = 0
    known: int = 0

    @property
    def total(self) -> int:
        """All that were looked at."""
        return self.new + self.known


def import_requests(
    session: Session,
    municipality: Municipality,
    source: str,
    requests: Sequence[SourceRequest],
    *,
    locale: Locale,
    words: Words,
) -> Iterator[Imported]:
    """Add those of `requests` that are not here yet; yields after some hundred of them how far it has come.

    They have no asker. `source` names where they come from: with a request's own id there, or else with its words, it
    tells whether a request is here already. `locale` is the language of those that do not say theirs.
    """
    places = _Places(session, municipality)
    states: Counter[str] = Counter()
    done = Imported()
    keys = _keys(municipality, source, requests)
    for start in range(0, len(requests), _CHUNK):
        chunk = dict(zip(keys[start : start + _CHUNK], requests[start : start + _CHUNK], strict=True))
        known = set(session.scalars(select(DataRequest.source_key).where(DataRequest.source_key.in_(chunk))))
        new = [
            _row(places, key, source, request, request.locale or locale, words)
            for key, request in chunk.items()
            if key not in known
        ]
        session.add_all(new)
        session.flush()
        called = {key: request.called for key, request in chunk.items()}
        session.add_all(_event(data_request, called[data_request.source_key or ""]) for data_request in new)
        index_requests(session, new)
        session.flush()
        states.update(tally_key(data_request) for data_request in new)
        done = Imported(done.new + len(new), done.known + len(chunk) - len(new))
        session.expunge_all()
        yield done
    for state, count in sorted(states.items()):
        count_in_tally(session, places.id, state, count)


def _keys(municipality: Municipality, source: str, requests: Sequence[SourceRequest]) -> list[str]:
    """What makes each request the same one next time: its id in the source, or else its words and day.

    The state is no part of it: a request that has come further elsewhere is still the same.
    """
    keys = []
    repeats: Counter[str] = Counter()
    for request in requests:
        if request.number:
            identity = f"{source}\n{request.number}"
        else:
            identity = "\n".join((request.title, request.need, str(request.received_on), request.unit))
            repeats[identity] += 1
            identity = f"{identity}\n{repeats[identity]}"
        keys.append(hashlib.sha256(f"{municipality.slug}\n{identity}".encode()).hexdigest())
    return keys


class _Places:
    """Units, areas and organisations by the names that sources give them."""

    def __init__(self, session: Session, municipality: Municipality) -> None:
        self.session = session
        self.id = municipality.id
        self.zone = municipality.zone
        self.first_answer_days = municipality.first_answer_days
        self.next_word_days = municipality.next_word_days
        self.at = now()
        self.today = today(municipality.zone)
        self.units: dict[str, int] = {}
        for unit in session.scalars(select(Unit).where(Unit.municipality_id == self.id, Unit.closed_at.is_(None))):
            self.units |= {fold_name(unit.slug): unit.id, fold_name(unit.name): unit.id}
        self.areas: dict[str, int] = {}
        for area in session.scalars(select(Area).where(Area.municipality_id == self.id)):
            self.areas |= {fold_name(name): area.id for name in (area.slug, area.name_sv, area.name_en)}
        self.organisations: dict[str, int | None] = {}

    def organisation(self, name: str) -> int | None:
        """The business called so, made now if new."""
        if name not in self.organisations:
            organisation = name_organisation(self.session, name)
            self.organisations[name] = organisation.id if organisation else None
        return self.organisations[name]


def _row(places: _Places, key: str, source: str, request: SourceRequest, locale: Locale, words: Words) -> DataRequest:
    at = request.received_at(places.zone) or places.at
    meaning = request.meaning
    unit_id = places.units.get(fold_name(request.unit))
    # A unit that is none of ours is still worth knowing: it is part of where the request comes from.
    origin = source if unit_id is not None or not request.unit else f"{request.unit} ({source})"
    data_request = DataRequest(
        municipality_id=places.id,
        unit_id=unit_id,
        area_id=places.areas.get(fold_name(request.area)),
        organisation_id=places.organisation(request.organisation),
        source=clean_line(origin, 200),
        source_key=key,
        title=request.title,
        need=request.need,
        purpose=request.purpose,
        benefit=request.benefit,
        locale=locale,
        status=meaning.status,
        outcome=meaning.outcome,
        extent=meaning.extent,
        ground=meaning.ground,
        created_at=at,
        updated_at=at,
        active_at=at,
        received_at=at,
    )
    if meaning.status in LIVE:
        _promise(places, data_request, request)
    if meaning.outcome is Outcome.DECLINED:
        data_request.explanation = request.explanation or words.no_explanation[locale]
    if meaning.outcome is Outcome.REDIRECTED:
        data_request.redirected_to = clean_line(request.explanation, 300) or words.elsewhere[locale]
    if request.dataset_url:
        data_request.datasets.append(
            get_or_create_dataset(
                places.session,
                municipality_id=places.id,
                unit_id=unit_id,
                title=request.title,
                url=request.dataset_url,
            )
        )
    return data_request


def _promise(places: _Places, data_request: DataRequest, request: SourceRequest) -> None:
    """The next date: as the source says; else the promise runs from today, and of what is late, from its own day."""
    days = places.first_answer_days if data_request.status is Status.RECEIVED else places.next_word_days
    begun = request.received_on if request.meaning.is_late and request.received_on else places.today
    data_request.next_on = request.next_on or add_workdays(begun, days)
    if request.meaning.waits_for_asker:
        data_request.waiting_on = WaitingOn.REQUESTER
        data_request.waiting_since_on = data_request.asked_on = places.today


def _event(data_request: DataRequest, called: str) -> RequestEvent:
    at = now()
    return RequestEvent(
        municipality_id=data_request.municipality_id,
        request_id=data_request.id,
        kind=EventKind.REQUEST_IMPORTED,
        actor_role="system",
        unit_id=data_request.unit_id,
        old={},
        new={"status": data_request.status.value, "source": data_request.source, "called": called},
        happened_at=at,
        # Nobody asked to be told of what happened elsewhere.
        fanned_out_at=at,
    )
