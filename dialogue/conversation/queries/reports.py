"""SELECTs of what people have reported."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.conversation.models import Message, Report
from dialogue.conversation.rules import ReportKind
from dialogue.core.db import MAX_ID
from dialogue.core.errors import NotFound
from dialogue.core.text import slugify
from dialogue.requests.models import DataRequest

#: Reports on one page; what is dealt with leaves it.
MOST_REPORTS = 50


class OpenReport(NamedTuple):
    """A report that nobody has dealt with yet."""

    id: int
    kind: ReportKind
    words: str
    reported_at: datetime
    request_id: int
    title: str
    message_id: int | None
    body: str | None

    @property
    def address(self) -> str:
        """Where the reported thing stands."""
        post = f"?after={self.message_id - 1}#message-{self.message_id}" if self.message_id else ""
        return f"/requests/{self.request_id}-{slugify(self.title)}{post}"


def list_open_reports(session: Session, municipality_ids: Collection[int]) -> list[OpenReport]:
    """Reports that wait for the coordinators of the municipalities, the oldest first."""
    wanted = (
        select(
            Report.id, Report.kind, Report.words, Report.reported_at,
            DataRequest.id, DataRequest.title, Report.message_id, Message.body,
        )
        .join(DataRequest, DataRequest.id == Report.request_id)
        .outerjoin(Message, Message.id == Report.message_id)
        .where(Report.settled_at.is_(None), DataRequest.municipality_id.in_(municipality_ids))
        .order_by(Report.id)
        .limit(MOST_REPORTS)
    )  # fmt: skip
    return [OpenReport(*row) for row in session.execute(wanted)]


def has_untold_reports(session: Session) -> bool:
    """Whether there is a report that no coordinator was told of yet."""
    return session.scalar(select(Report.id).where(Report.told_at.is_(None)).limit(1)) is not None


def list_untold_reports(session: Session, limit: int) -> list[Report]:
    """Reports that no coordinator was told of yet, ours until the transaction ends."""
    wanted = select(Report).where(Report.told_at.is_(None)).order_by(Report.id).limit(limit)
    return list(session.scalars(wanted.with_for_update(of=Report, skip_locked=True)))


def get_report(session: Session, report_id: int) -> Report:
    """The report with that id. Raises NotFound. Whether its request may be moderated is the caller's to check."""
    found = session.get(Report, report_id) if report_id <= MAX_ID else None
    if found is None:
        raise NotFound
    return found
