"""One page of the public list, whatever was asked for: in an order, or by how well it answers a question."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from dialogue.requests.list_address import ListAddress
from dialogue.requests.queries.listed import ListedRequest
from dialogue.requests.queries.lists import (
    Narrowing,
    Sort,
    list_requests,
    list_requests_by_number,
    narrowed,
    read_place,
)
from dialogue.requests.queries.search import MOST_RESULTS, Hit, search_requests

#: The order of a search when none is chosen: first what answers best.
BEST_MATCH = "match"

#: Where a page begins, as it travels in an address: the order's name and two values of the last row before.
Beginning = Sequence[str | int | float | None]


class ListPage(NamedTuple):
    """Rows, and where the next page begins (None on the last one)."""

    rows: list[ListedRequest]
    after: Beginning | None


def read_page(
    session: Session,
    address: ListAddress,
    narrowing: Narrowing,
    day: date,
    *,
    beginning: Beginning | None,
    locale: str,
    limit: int,
    voted: ColumnElement[bool] | None = None,
) -> ListPage:
    """The page of `limit` rows that `address` asks for. A beginning that does not fit starts over."""
    beginning = beginning or ("", None, None)
    if address.q and not address.sort:
        return _matching(session, address.q, narrowing, day, beginning, locale, limit, voted)
    sort, among = address.sort or Sort.VOTES, None
    if address.q:
        hits = search_requests(session, address.q, *narrowed(narrowing, day), limit=MOST_RESULTS)
        among = [hit.request_id for hit in hits]
    found = list_requests(
        session,
        narrowing,
        sort,
        today=day,
        locale=locale,
        after=read_place(sort, *beginning[1:]) if beginning[0] == sort.value else None,
        among=among,
        voted=voted,
        limit=limit + 1,
    )
    rows = found[:limit]
    return ListPage(rows, (sort.value, *rows[-1].place.as_values()) if len(found) > limit else None)


def _matching(
    session: Session,
    question: str,
    narrowing: Narrowing,
    day: date,
    beginning: Beginning,
    locale: str,
    limit: int,
    voted: ColumnElement[bool] | None,
) -> ListPage:
    _, score, number = beginning
    after = Hit(score, number) if beginning[0] == BEST_MATCH and type(score) is int and type(number) is int else None
    found = search_requests(session, question, *narrowed(narrowing, day), limit=limit + 1, after=after)
    hits = found[:limit]
    rows = list_requests_by_number(session, [hit.request_id for hit in hits], locale=locale, voted=voted)
    return ListPage(rows, (BEST_MATCH, hits[-1].score, hits[-1].request_id) if len(found) > limit else None)
