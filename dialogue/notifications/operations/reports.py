"""Telling the coordinators of what people report, each report once."""

from sqlalchemy.orm import Session

from dialogue.conversation.models import Report
from dialogue.conversation.queries.reports import list_untold_reports
from dialogue.core.clock import now
from dialogue.mail.compose import NewEmail, queue_emails
from dialogue.notifications.queries.recipients import list_coordinators
from dialogue.notifications.rules import NOTICE_LASTS
from dialogue.requests.models import DataRequest

#: Reports told of in one transaction.
AT_A_TIME = 50


def tell_of_reports(session: Session, locale: str) -> int:
    """Queue the mails of some reports, and mark them. Returns of how many. `locale` is for a mailbox without one."""
    waiting = list_untold_reports(session, AT_A_TIME)
    for found in waiting:
        queue_emails(session, _mails(session, found, locale))
        found.told_at = now()
    return len(waiting)


def _mails(session: Session, found: Report, locale: str) -> list[NewEmail]:
    municipality = session.get_one(DataRequest, found.request_id).municipality
    people: list[tuple[str, int | None, str]] = [
        (each.address, each.person_id, each.locale)
        for each in list_coordinators(session, municipality.id)
        if each.person_id != found.person_id
    ]
    if not people and municipality.contact_email:
        people = [(municipality.contact_email, None, locale)]
    return [
        NewEmail(
            template="reported",
            recipient=address,
            locale=language,
            context={"report_id": found.id},
            dedupe_key=f"report:{found.id}:{person_id or 'mailbox'}",
            person_id=person_id,
            expires_at=found.reported_at + NOTICE_LASTS,
        )
        for address, person_id, language in people
    ]
