"""What becomes of a mail that came in: a preview for its writer, or a place among those that somebody looks at.

Nothing that came by mail is published here. Who wrote it is decided by two things together: the address it came to,
which was given to one person about one request, and the sender. A robot gets no answer, and nobody gets one who may not
have written at all, because a sender is easily forged.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, Unit
from dialogue.accounts.policy import Permission, allows
from dialogue.accounts.queries import find_person, get_viewer
from dialogue.conversation.operations.notices import explain_digest, tell_holder, warn_of_robot
from dialogue.conversation.operations.previews import make_preview
from dialogue.conversation.operations.quarantine import hold
from dialogue.conversation.queries.replies import count_replies, count_unanswered, find_holder
from dialogue.conversation.rules import (
    REPLIES_AN_HOUR,
    UNANSWERED_A_DAY,
    Held,
    takes_replies,
)
from dialogue.core.clock import now
from dialogue.core.db import server_secret
from dialogue.mail.addresses import BounceOf, DigestAnswer, MailboxAnswer, PersonsAnswer, read_local_part
from dialogue.mail.bounces import Report, note_bounce
from dialogue.mail.rules import IncomingState
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.counters import lock_request

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Opened:
    """A mail, read: what of it decides what becomes of it."""

    #: Envelope recipient.
    address: str
    #: The address in From, normalised. Empty when there is none, or several.
    sender: str = ""
    subject: str = ""
    #: What its writer wrote, without quotes, signature, and addresses of ours.
    text: str = ""
    #: All that can be read in it.
    whole: str = ""
    #: The rule by which it is a robot's; empty for a person's.
    robot: str = ""
    #: What it tells of the delivery of a mail of ours.
    report: Report | None = None


@dataclass(frozen=True)
class _Writer:
    """Whose address a mail came to, and who sent it."""

    person: Person | None
    unit: Unit | None = None
    is_sender: bool = False


def handle_mail(session: Session, mail: Opened, locale: str) -> IncomingState:
    """Decide about one mail. `locale` is for mailboxes, which have no language."""
    purpose = read_local_part(server_secret(session), mail.address.rpartition("@")[0])
    match purpose:
        case BounceOf(mail_id):
            return _bounce(session, mail, mail_id)
        case PersonsAnswer(handle, request_id):
            person = find_holder(session, handle)
            writer = _Writer(person, is_sender=person is not None and person.email == mail.sender)
            return _answer(session, mail, request_id, writer, locale)
        case MailboxAnswer(unit_id, request_id):
            return _answer(session, mail, request_id, _of_mailbox(session, mail, unit_id, request_id), locale)
        case DigestAnswer(handle):
            return _explain(session, mail, find_holder(session, handle))
        case None:
            hold(session, mail, Held.MACHINE if mail.robot else Held.NO_ADDRESS)
            return IncomingState.HELD
    assert_never(purpose)


def give_up(session: Session, address: str, reason: str) -> None:
    """Set aside a mail that could not be read, so that the others go on."""
    hold(session, Opened(address, robot=reason), Held.UNREADABLE)


def _bounce(session: Session, mail: Opened, mail_id: int) -> IncomingState:
    if mail.report is not None:
        return IncomingState.BOUNCED if note_bounce(session, mail_id, mail.report) else IncomingState.IGNORED
    if mail.robot:
        return IncomingState.IGNORED
    hold(session, mail, Held.NO_ADDRESS)
    return IncomingState.HELD


def _of_mailbox(session: Session, mail: Opened, unit_id: int, request_id: int) -> _Writer:
    """From the mailbox of a unit, or from somebody who may answer for the request under their own address."""
    unit, data_request = session.get(Unit, unit_id), session.get(DataRequest, request_id)
    person = find_person(session, mail.sender)
    if person is not None and data_request is not None:
        may = allows(get_viewer(session, person), Permission.POST_ANSWER, data_request)
        if may and person.disabled_at is None:
            return _Writer(person, is_sender=True)
    return _Writer(None, unit, is_sender=unit is not None and unit.mailbox.lower() == mail.sender)


def _answer(session: Session, mail: Opened, request_id: int, writer: _Writer, locale: str) -> IncomingState:
    data_request = session.get(DataRequest, request_id)
    if data_request is not None:
        lock_request(session, data_request)
    reason = _why_held(session, mail, data_request, writer)
    if reason is not None:
        hold(session, mail, reason, data_request, writer.person, writer.unit, is_sender=writer.is_sender)
    if data_request is None:
        return IncomingState.HELD
    match reason:
        case None:
            return _preview(session, mail, data_request, writer, locale)
        case Held.OTHER_SENDER:
            tell_holder(session, data_request, writer.person, writer.unit, mail.sender, locale)
        case Held.TOO_MANY:
            warn_of_robot(session, data_request, mail.sender, locale)
    return IncomingState.HELD


def _why_held(session: Session, mail: Opened, data_request: DataRequest | None, writer: _Writer) -> Held | None:
    """Why somebody has to look at the mail; None when its writer may see it as a preview."""
    if mail.robot:
        return Held.MACHINE
    if writer.person is None and writer.unit is None:
        return Held.NO_ADDRESS
    if data_request is None or not takes_replies(data_request):
        return Held.CLOSED
    if not writer.is_sender:
        return Held.OTHER_SENDER
    if not mail.text.strip():
        return Held.EMPTY
    at = now()
    if (
        count_replies(session, data_request.id, mail.sender, at - _HOUR) >= REPLIES_AN_HOUR
        or count_unanswered(session, data_request.id, mail.sender, at - _DAY) >= UNANSWERED_A_DAY
    ):
        return Held.TOO_MANY
    return None


def _preview(session: Session, mail: Opened, data_request: DataRequest, writer: _Writer, locale: str) -> IncomingState:
    if make_preview(session, data_request, writer.person, writer.unit, mail.sender, mail.text, locale):
        return IncomingState.PREVIEWED
    return IncomingState.DUPLICATE


def _explain(session: Session, mail: Opened, person: Person | None) -> IncomingState:
    """Nobody reads what is sent to a digest. Told once a day, and only to the one who got the digest."""
    if mail.robot:
        hold(session, mail, Held.MACHINE, person=person)
        return IncomingState.HELD
    if person is None or person.email != mail.sender:
        hold(session, mail, Held.NO_ADDRESS if person is None else Held.OTHER_SENDER, person=person)
        return IncomingState.HELD
    return IncomingState.EXPLAINED if explain_digest(session, person) else IncomingState.IGNORED
