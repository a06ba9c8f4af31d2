"""Mail that was set aside: put there, published as the one whose address it came to, sent to its writer as a preview,
thrown away, and forgotten.
"""

from datetime import datetime
from typing import Protocol

from sqlalchemy import delete
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, Unit
from dialogue.accounts.policy import Permission, Viewer, allows
from dialogue.accounts.queries import get_viewer, list_municipalities
from dialogue.conversation.models import HeldEmail, ReplyPreview
from dialogue.conversation.operations.previews import make_preview
from dialogue.conversation.operations.replies import write_reply
from dialogue.conversation.rules import HELD_FOR, MAX_HELD, MISTAKABLE, PREVIEW_KEPT, Fate, Held, takes_replies
from dialogue.core.clock import now
from dialogue.core.errors import Forbidden, InvalidTransition, InvalidValue
from dialogue.core.language import N_
from dialogue.core.text import clean_line, clean_text
from dialogue.requests.models import DataRequest

MAX_NOTE = 300


class Arrived(Protocol):
    """What is kept of a mail."""

    @property
    def sender(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def whole(self) -> str: ...
    @property
    def robot(self) -> str: ...


def hold(
    session: Session,
    mail: Arrived,
    held: Held,
    data_request: DataRequest | None = None,
    person: Person | None = None,
    unit: Unit | None = None,
    *,
    is_sender: bool = False,
) -> HeldEmail:
    """Set `mail` aside for somebody to look at. `is_sender`: it came from whoever the address was given to."""
    row = HeldEmail(
        municipality_id=data_request.municipality_id if data_request is not None else _only_place(session),
        request_id=data_request.id if data_request is not None else None,
        person_id=person.id if person is not None else None,
        unit_id=unit.id if unit is not None else None,
        held=held,
        rule=clean_line(mail.robot, 200),
        sender=mail.sender[:254],
        subject=clean_line(mail.subject, 200),
        # What may be published is what will be; of anything else, somebody wants to see all.
        body=clean_text(mail.text if held is Held.OTHER_SENDER else mail.whole)[:MAX_HELD],
        reply=clean_text(mail.text)[:MAX_HELD] if is_sender else None,
        received_at=now(),
    )
    session.add(row)
    session.flush()
    return row


def may_publish(mail: HeldEmail) -> bool:
    """Whether somebody may say that a mail is from the one whose address it came to: nothing else is wrong with it."""
    return (
        mail.settled_at is None
        and mail.held is Held.OTHER_SENDER
        and mail.person is not None
        and mail.person.disabled_at is None
        and mail.data_request is not None
        and takes_replies(mail.data_request)
    )


def may_preview(mail: HeldEmail) -> bool:
    """Whether a mail that was taken for a robot's may go to its writer: the address and the sender still agree, so
    nobody hears of it who may not have written it."""
    return (
        mail.settled_at is None
        and mail.held in MISTAKABLE
        and bool(mail.reply and mail.reply.strip())
        and mail.sender == _holder(mail)
        and mail.data_request is not None
        and takes_replies(mail.data_request)
    )


def preview_held(session: Session, viewer: Viewer, mail: HeldEmail, locale: str) -> None:
    """Send a held mail to its writer, who publishes it. `locale` is for mailboxes, which have no language.

    Raises Forbidden, InvalidTransition.
    """
    _settling(viewer, mail)
    if not may_preview(mail) or mail.data_request is None or mail.reply is None:
        raise InvalidTransition(N_("This mail cannot be sent to its writer."))
    if not make_preview(session, mail.data_request, mail.person, mail.unit, mail.sender, mail.reply, locale):
        raise InvalidTransition(N_("The writer has a preview of the same text already."))
    _settle(viewer, mail, Fate.PREVIEWED)


def publish_held(session: Session, viewer: Viewer, mail: HeldEmail) -> None:
    """Put a held mail in the conversation as the person whose address it came to.

    Raises Forbidden, InvalidTransition, InvalidValue for a text that cannot be shown.
    """
    _settling(viewer, mail)
    if not may_publish(mail) or mail.person is None or mail.data_request is None:
        raise InvalidTransition(N_("This mail cannot be published."))
    mail.message_id = write_reply(session, get_viewer(session, mail.person), mail.data_request, mail.body)
    _settle(viewer, mail, Fate.PUBLISHED)


def discard_held(session: Session, viewer: Viewer, mail: HeldEmail, note: str) -> None:
    """Throw a held mail away and keep why. Raises Forbidden, InvalidTransition, InvalidValue without a reason."""
    _settling(viewer, mail)
    note = clean_line(note, MAX_NOTE)
    if not note:
        raise InvalidValue("note", N_("Say why it is thrown away."))
    mail.note = note
    _settle(viewer, mail, Fate.DISCARDED)


def forget_old_mail(session: Session, at: datetime) -> None:
    """Remove what was set aside a month ago, and previews whose page nobody needs any more."""
    session.execute(delete(HeldEmail).where(HeldEmail.received_at < at - HELD_FOR))
    session.execute(delete(ReplyPreview).where(ReplyPreview.expires_at < at - PREVIEW_KEPT))


def _holder(mail: HeldEmail) -> str | None:
    """The address of whom `mail` came to an address of."""
    if mail.person is not None:
        return mail.person.email if mail.person.disabled_at is None else None
    return mail.unit.mailbox.lower() if mail.unit is not None else None


def _settling(viewer: Viewer, mail: HeldEmail) -> None:
    if not allows(viewer, Permission.SETTLE_HELD_MAIL):
        raise Forbidden
    if mail.settled_at is not None:
        raise InvalidTransition(N_("Somebody has dealt with this mail already."))


def _settle(viewer: Viewer, mail: HeldEmail, fate: Fate) -> None:
    mail.fate, mail.settled_at, mail.settled_by_id = fate, now(), viewer.person_id


def _only_place(session: Session) -> int | None:
    places = list_municipalities(session)
    return places[0].id if len(places) == 1 else None
