"""SELECTs of what one person has asked for."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.requests.models import DataRequest

#: Rows a page on one's own page.
OWN_ROWS = 10


def list_own_requests(session: Session, person_id: int, *, before: int | None = None) -> list[DataRequest]:
    """The newest requests of a person, older than number `before`; one more than a page when there is a next one."""
    wanted = select(DataRequest).where(DataRequest.asker_id == person_id).order_by(DataRequest.id.desc())
    if before is not None:
        wanted = wanted.where(DataRequest.id < before)
    return list(session.scalars(wanted.limit(OWN_ROWS + 1)))
