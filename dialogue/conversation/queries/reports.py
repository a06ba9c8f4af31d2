"""SELECTs of what people have reported."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from dialogue.accounts.policy import Viewer
from dialogue.accounts.rules import Role
from dialogue.conversation.models import Message, Report
from dialogue.conversation.queries.replies import counting_held
from dialogue.conversation.rules import ReportKind
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


class ToModerate(NamedTuple):
    """What people have reported, the oldest first, and how many mails are held."""

    reports: list[OpenReport]
    held: int


def list_to_moderate(session: Session, viewer: Viewer) -> ToModerate:
    """What waits for a coordinator to look at it, in one statement."""
    open_reports = (
        select(
            Report.id, Report.kind, Report.words, Report.reported_at,
            DataRequest.id, DataRequest.title, Report.message_id, Message.body,
        )
        .join(DataRequest, DataRequest.id == Report.request_id)
        .outerjoin(Message, Message.id == Report.message_id)
        .where(Report.settled_at.is_(None), DataRequest.municipality_id.in_(viewer.municipality_ids(Role.COORDINATOR)))
        .order_by(Report.id)
        .limit(MOST_REPORTS)
        .subquery()
    )  # fmt: skip
    counted = select(counting_held(viewer).label("held")).subquery()
    # The count is there also when nothing is reported: then it stands alone in one row.
    wanted = select(counted.c.held, open_reports).outerjoin_from(counted, open_reports, true())
    rows = session.execute(wanted.order_by(open_reports.c.id)).all()
    return ToModerate([OpenReport(*report) for _, *report in rows if report[0] is not None], rows[0].held)


def has_untold_reports(session: Session) -> bool:
    """Whether there is a report that no coordinator was told of yet."""
    return session.scalar(select(Report.id).where(Report.told_at.is_(None)).limit(1)) is not None


def list_untold_reports(session: Session, limit: int) -> list[Report]:
    """Reports that no coordinator was told of yet, ours until the transaction ends."""
    wanted = select(Report).where(Report.told_at.is_(None)).order_by(Report.id).limit(limit)
    return list(session.scalars(wanted.with_for_update(of=Report, skip_locked=True)))


def get_report(session: Session, report_id: int) -> Report:
    """The report with that id. Raises NotFound. Whether its request may be moderated is the caller's to check."""
    found = session.get(Report, report_id)
    if found is None:
        raise NotFound
    return found
