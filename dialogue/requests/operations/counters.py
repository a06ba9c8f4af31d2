"""What is counted on a request's own row: votes, followers, messages.

Whoever changes the rows that are counted locks the request first, changes them, and counts again. So the figure is
exact by construction, whatever else happens at the same time. What is counted is said once, in the queries of the
feature that has the rows: VOICES, SHOWN_POSTS, FOLLOWERS. `dialogue verify` reads the same three.
"""

from typing import Literal

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from dialogue.requests.models import DataRequest

Counter = Literal["votes_count", "followers_count", "messages_count"]


def lock_request(session: Session, data_request: DataRequest) -> None:
    """Hold the row until the transaction ends, and see what others left in it.

    PostgreSQL locks the row; a writing transaction on SQLite is alone from its start.
    """
    session.refresh(data_request, with_for_update={"of": DataRequest})


def set_counter(session: Session, data_request: DataRequest, counter: Counter, counted: ColumnElement[int]) -> int:
    """Write `counted` (a scalar subquery about DataRequest.id) to the locked request and return what it came to.

    `version` stays: a vote must not make an official's open form stale.
    """
    table = DataRequest.__table__
    statement = update(DataRequest.__table__).where(table.c.id == data_request.id)  # type: ignore[arg-type]
    count = int(session.execute(statement.values({counter: counted}).returning(table.c[counter])).scalar_one())
    set_committed_value(data_request, counter, count)
    return count
