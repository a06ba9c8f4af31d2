"""The promises of promises.py as conditions in SQL, for lists and counts."""

from datetime import date

from sqlalchemy import ColumnElement, and_, or_

from dialogue.requests.models import DataRequest
from dialogue.requests.rules import LIVE, Kind


def overdue(today: date) -> ColumnElement[bool]:
    """Rows that `promises.is_overdue` says yes to. Never NULL, so `~overdue(today)` is all the others."""
    is_formal = DataRequest.kind == Kind.FORMAL
    return and_(
        DataRequest.status.in_(LIVE),
        or_(
            and_(
                DataRequest.next_on.is_not(None),
                DataRequest.next_on < today,
                or_(DataRequest.waiting_on.is_(None), is_formal),
            ),
            and_(is_formal, DataRequest.due_on.is_not(None), DataRequest.due_on < today),
        ),
    )
