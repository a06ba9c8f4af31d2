"""Declined requests whose day for a new look has come: taken up again, as the page says."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.queries import list_municipalities
from dialogue.core.clock import today
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.closing import reopen_for_review
from dialogue.requests.rules import Outcome

#: Requests taken up in one transaction.
AT_A_TIME = 100


def reopen_for_reviews(session: Session) -> int:
    """Take up what is due and has not been taken up yet. Returns how much that was."""
    due = list(_due(session))
    for data_request in due:
        reopen_for_review(session, data_request)
    return len(due)


def _due(session: Session) -> Iterator[DataRequest]:
    """A request that is taken up has no such day any more, so none is taken up twice."""
    for municipality in list_municipalities(session):
        wanted = (
            select(DataRequest)
            .where(
                DataRequest.municipality_id == municipality.id,
                DataRequest.outcome == Outcome.DECLINED,
                DataRequest.review_on <= today(municipality.zone),
                DataRequest.hidden_at.is_(None),
            )
            .order_by(DataRequest.id)
            .limit(AT_A_TIME)
            .with_for_update(of=DataRequest, skip_locked=True)
        )
        yield from session.scalars(wanted)
