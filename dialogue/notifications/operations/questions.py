"""Questions that the one who asked for data has not answered: reminded of twice, then not waited for any longer."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality
from dialogue.core.clock import local_day, now, today
from dialogue.mail.compose import queue_email
from dialogue.notifications.queries.recipients import find_recipient
from dialogue.notifications.rules import NOTICE_LASTS
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.closing import close_unanswered
from dialogue.requests.operations.planning import go_on_without_answer, note_reminder
from dialogue.requests.promises import Patience, patience
from dialogue.requests.rules import Audience, WaitingOn
from dialogue.voting.queries import find_earliest_other_vote

#: Requests dealt with in one transaction.
AT_A_TIME = 100


def tend_questions(session: Session) -> int:
    """Do what is due with open questions and not done yet. Returns with how many something was done."""
    waiting = (
        select(DataRequest, Municipality.zone)
        .join(Municipality, Municipality.id == DataRequest.municipality_id)
        .where(
            DataRequest.waiting_on == WaitingOn.REQUESTER,
            DataRequest.asked_on.is_not(None),
            DataRequest.hidden_at.is_(None),
        )
        .order_by(DataRequest.asked_on)
    )
    due = [row.id for row, zone in session.execute(waiting) if _due(row, zone) is not None]
    return sum(_tend(session, request_id) for request_id in due[:AT_A_TIME])


def _due(data_request: DataRequest, zone: str) -> Patience | None:
    reminded = data_request.reminded_at
    return patience(data_request, local_day(reminded, zone) if reminded else None, today(zone))


def _tend(session: Session, request_id: int) -> bool:
    """Look again with the row locked: it may have been answered meanwhile, or another worker was quicker."""
    wanted = select(DataRequest).where(DataRequest.id == request_id).execution_options(populate_existing=True)
    data_request = session.scalar(wanted.with_for_update(of=DataRequest, skip_locked=True))
    due = _due(data_request, data_request.municipality.zone) if data_request is not None else None
    if data_request is None or due is None:
        return False
    if due is Patience.REMIND:
        _remind(session, data_request)
    elif find_earliest_other_vote(session, data_request) is None:
        close_unanswered(session, data_request)
    else:
        go_on_without_answer(session, data_request)
    return True


def _remind(session: Session, data_request: DataRequest) -> None:
    note_reminder(session, data_request)
    recipient = find_recipient(session, data_request.asker_id, Audience.ASKER)
    if recipient is None:
        return
    at = now()
    queue_email(
        session,
        template="question_reminder",
        recipient=recipient.address,
        locale=recipient.locale,
        context={"request_id": data_request.id, "asked_on": str(data_request.asked_on)},
        dedupe_key=f"question:{data_request.id}:{local_day(at, data_request.municipality.zone)}",
        person_id=recipient.person_id,
        expires_at=at + NOTICE_LASTS,
    )
