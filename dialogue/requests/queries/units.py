"""SELECTs of what stands with a unit."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dialogue.requests.models import DataRequest
from dialogue.requests.rules import LIVE


def count_live_requests(session: Session, unit_id: int) -> int:
    """Requests that a unit has not finished with."""
    wanted = select(func.count()).where(DataRequest.unit_id == unit_id, DataRequest.status.in_(LIVE))
    return session.scalar(wanted) or 0
