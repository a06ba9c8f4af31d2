"""Which requests saved searches find, by the index that the list itself searches."""

from collections.abc import Collection, Iterator
from datetime import date

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from dialogue.core.clock import today
from dialogue.core.search.stems import may_be_alike
from dialogue.core.search.words import words_of
from dialogue.notifications.models import SavedSearch, Subscription
from dialogue.notifications.rules import Cadence, Scope, told_at_once
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.models.search import SearchDocument
from dialogue.requests.queries.lists import Narrowing, State, narrowed
from dialogue.requests.queries.search import find_among
from dialogue.requests.rules import Audience


def conditions_of(search: SavedSearch, day: date) -> Iterator[ColumnElement[bool]]:
    """The filters of a saved search."""
    return narrowed(
        Narrowing(
            municipality_id=search.municipality_id,
            state=State(search.state) if search.state else None,
            unit_ids=(search.unit_id,) if search.unit_id else (),
            area_ids=(search.area_id,) if search.area_id else (),
        ),
        day,
    )


def find_saved(
    session: Session, search_ids: Collection[int], request_ids: Collection[int], day: date
) -> dict[int, set[int]]:
    """For each of `request_ids` that is found, by which of `search_ids`."""
    found_by: dict[int, set[int]] = {}
    if not (search_ids and request_ids):
        return found_by
    for search in session.scalars(select(SavedSearch).where(SavedSearch.id.in_(search_ids)).order_by(SavedSearch.id)):
        for request_id in find_among(session, search.question, request_ids, *conditions_of(search, day)):
            found_by.setdefault(request_id, set()).add(search.id)
    return found_by


def find_searches(session: Session, event_id: int) -> list[int]:
    """Saved searches that find the request of an event, and that somebody wants to be told of at once.

    None for what tells no subscriber. A glance at the words leaves out nearly all before the index is asked.
    """
    event = session.get_one(RequestEvent, event_id)
    if Audience.AREA not in told_at_once(event.kind):
        return []
    data_request = session.get_one(DataRequest, event.request_id)
    day = today(data_request.municipality.zone)
    wanted_at_once = exists().where(Subscription.search_id == SavedSearch.id, Subscription.cadence == Cadence.INSTANT)
    wanted = select(SavedSearch.id, SavedSearch.question).where(
        SavedSearch.municipality_id == data_request.municipality_id,
        SavedSearch.unit_id.is_(None) | (SavedSearch.unit_id == data_request.unit_id),
        SavedSearch.area_id.is_(None) | (SavedSearch.area_id == data_request.area_id),
        wanted_at_once,
    )
    document = session.get(SearchDocument, data_request.id)
    words = list(document.words) if document else []
    likely = [
        row.id
        for row in session.execute(wanted)
        if not row.question or any(may_be_alike(asked, word) for asked in words_of(row.question) for word in words)
    ]
    return sorted(find_saved(session, likely, [data_request.id], day).get(data_request.id, ()))


def find_search(session: Session, municipality_id: int, key: str) -> SavedSearch | None:
    """The saved search of a municipality with these filters in one word."""
    return session.scalar(
        select(SavedSearch).where(SavedSearch.municipality_id == municipality_id, SavedSearch.key == key)
    )


def count_searches(session: Session, person_id: int) -> int:
    """How many saved searches a person is told of."""
    held = select(Subscription.id).where(
        Subscription.person_id == person_id, Subscription.scope == Scope.SEARCH, Subscription.cadence != Cadence.OFF
    )
    return len(session.scalars(held).all())
