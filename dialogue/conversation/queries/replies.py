"""SELECTs of what came by mail."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session, joinedload

from dialogue.accounts.models import Person
from dialogue.accounts.policy import Viewer
from dialogue.accounts.rules import Role
from dialogue.conversation.models import HeldEmail, ReplyPreview
from dialogue.core.errors import NotFound
from dialogue.core.language import N_
from dialogue.core.tokens import hash_token

#: Mails on one page of the quarantine.
PAGE_OF_HELD = 50


def find_preview(session: Session, token: str, *, lock: bool = False) -> ReplyPreview:
    """The preview behind `token`, used and expired ones too (their page says so). Raises NotFound."""
    wanted = select(ReplyPreview).where(ReplyPreview.token_hash == hash_token(token))
    preview = session.scalar(wanted.with_for_update(of=ReplyPreview) if lock else wanted)
    if preview is None:
        raise NotFound(
            N_("The link is not whole, or its answer has been removed. Write it in the conversation instead.")
        )
    return preview


def find_same_text(
    session: Session, request_id: int, sender: str, text_hash: str, since: datetime
) -> ReplyPreview | None:
    """The answer of the same words by the same sender about the same request."""
    wanted = select(ReplyPreview).where(*_by(request_id, sender, since), ReplyPreview.text_hash == text_hash)
    return session.scalar(wanted.order_by(ReplyPreview.id.desc()).limit(1))


def count_replies(session: Session, request_id: int, sender: str, since: datetime) -> int:
    """How many answers came, those that said the same again too."""
    counted = func.coalesce(func.sum(1 + ReplyPreview.repeats), 0)
    return session.scalar(select(counted).where(*_by(request_id, sender, since))) or 0


def count_unanswered(session: Session, request_id: int, sender: str, since: datetime) -> int:
    """How many answers wait for a yes."""
    waiting = *_by(request_id, sender, since), ReplyPreview.published_at.is_(None)
    return session.scalar(select(func.count(ReplyPreview.id)).where(*waiting)) or 0


def find_holder(session: Session, handle: str) -> Person | None:
    """To whom the addresses with `handle` were given, unless the account is closed."""
    return session.scalar(select(Person).where(Person.mail_handle == handle, Person.disabled_at.is_(None)))


def list_held(session: Session, viewer: Viewer, *, before: int | None = None) -> list[HeldEmail]:
    """Mails that wait for somebody to look at them, the newest first, below the id `before`; one more than a page."""
    wanted = (
        select(HeldEmail)
        .where(HeldEmail.settled_at.is_(None), _reached_by(viewer))
        .options(joinedload(HeldEmail.data_request))
        .order_by(HeldEmail.id.desc())
        .limit(PAGE_OF_HELD + 1)
    )
    if before is not None:
        wanted = wanted.where(HeldEmail.id < before)
    return list(session.scalars(wanted))


def counting_held(viewer: Viewer) -> ScalarSelect[int]:
    """How many mails wait for somebody to look at them, as a part of another SELECT."""
    waiting = select(func.count(HeldEmail.id)).where(HeldEmail.settled_at.is_(None), _reached_by(viewer))
    return waiting.scalar_subquery()


def get_held(session: Session, viewer: Viewer, held_id: int, *, lock: bool = False) -> HeldEmail:
    """One mail that was set aside, settled ones too. Raises NotFound, also for other municipalities' mail."""
    wanted = select(HeldEmail).where(HeldEmail.id == held_id, _reached_by(viewer))
    mail = session.scalar(wanted.with_for_update(of=HeldEmail) if lock else wanted)
    if mail is None:
        raise NotFound
    return mail


def _reached_by(viewer: Viewer) -> ColumnElement[bool]:
    """What names no municipality, where there are several, is for administrators: they run the site together."""
    own: Collection[int] = viewer.municipality_ids(Role.COORDINATOR, Role.ADMINISTRATOR)
    reached = HeldEmail.municipality_id.in_(own)
    return or_(reached, HeldEmail.municipality_id.is_(None)) if viewer.is_administrator else reached


def _by(request_id: int, sender: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    return ReplyPreview.request_id == request_id, ReplyPreview.sender == sender, ReplyPreview.received_at > since
