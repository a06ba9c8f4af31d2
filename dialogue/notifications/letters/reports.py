"""The mail that tells coordinators of a report."""

from sqlalchemy.orm import Session

from dialogue.conversation.models import Report
from dialogue.conversation.rules import REPORT_LABELS
from dialogue.core.language import Sentence
from dialogue.mail.compose import Letter
from dialogue.mail.outbox import Claim
from dialogue.notifications.letters.frame import find_reader, letter
from dialogue.notifications.queries.recipients import list_coordinators
from dialogue.notifications.rules import Reason
from dialogue.notifications.wording import WHY
from dialogue.requests.models import DataRequest


def report_letter(session: Session, mail: Claim) -> Letter | None:
    """What was reported and why. None when it has been dealt with, or the reader is no coordinator any more."""
    found = session.get_one(Report, mail.context["report_id"])
    data_request = session.get_one(DataRequest, found.request_id)
    municipality = data_request.municipality
    if found.settled_at is not None:
        return None
    reason = Reason.CONTACT
    if mail.person_id is not None:
        reason = Reason.COORDINATOR
        person = find_reader(session, mail)
        coordinators = {each.person_id for each in list_coordinators(session, municipality.id)}
        if person is None or person.id not in coordinators:
            return None
    return letter(
        municipality,
        Sentence(WHY[reason], {"name": municipality.name}),
        {
            "number": data_request.id,
            "title": data_request.title,
            "post": found.message_id is not None,
            "kind": REPORT_LABELS[found.kind],
            "words": found.words,
        },
    )
