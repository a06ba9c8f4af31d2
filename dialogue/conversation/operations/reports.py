"""Reporting a post or a request to those who moderate, and being done with a report."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from dialogue.accounts.policy import Permission, Viewer, allows
from dialogue.conversation.models import Message, Report
from dialogue.conversation.rules import MAX_REPORT, REPORTS_PER_NETWORK, ReportKind
from dialogue.core.clock import now
from dialogue.core.errors import Forbidden, InvalidValue
from dialogue.core.language import N_
from dialogue.core.limits import count_try, network_of
from dialogue.core.text import clean_text
from dialogue.core.wake import want_worker
from dialogue.requests.models import DataRequest


def report(
    session: Session,
    viewer: Viewer,
    data_request: DataRequest,
    message: Message | None,
    kind: ReportKind,
    words: str,
    *,
    ip: str,
) -> Report:
    """Tell the coordinators that something is wrong with a post, or with the request (None). Nothing is hidden by it.

    Raises InvalidValue when too much is written, RateLimited.
    """
    words = clean_text(words)
    if len(words) > MAX_REPORT:
        raise InvalidValue("words", N_("Write at most %(count)s characters"), count=MAX_REPORT)
    at = now()
    count_try(session, REPORTS_PER_NETWORK, network_of(ip), at)
    made = Report(
        request_id=data_request.id,
        message_id=message.id if message else None,
        person_id=viewer.person_id,
        kind=kind,
        words=words,
        reported_at=at,
    )
    session.add(made)
    session.flush()
    want_worker(session)
    return made


def settle_report(session: Session, viewer: Viewer, data_request: DataRequest, found: Report) -> None:
    """Take a report off the coordinator's list: it has been dealt with, or needs nothing."""
    if not allows(viewer, Permission.HIDE_MESSAGE, data_request):
        raise Forbidden
    found.settled_at = found.settled_at or now()


def settle_reports_of(session: Session, message: Message) -> None:
    """Whoever hides a post has dealt with every report of it."""
    open_ones = update(Report).where(Report.message_id == message.id, Report.settled_at.is_(None))
    session.execute(open_ones.values(settled_at=now()))
