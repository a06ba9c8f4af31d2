"""The way of a mail out of the house, one step a function: claimed, begun, and finished or put off.

Whoever claims a mail holds it for a while. The fence grows with every claim, so a worker that slept too long finds that
its steps no longer count. `begun` is committed just before the mail is handed to the server: a crash in between leaves
a mail of which nobody knows whether it went out. It is sent once more with the same Message-ID, because one mail too
many is better than one too few. The functions never commit; the sender does, between them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, and_, bindparam, delete, exists, false, or_, select, true, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from dialogue.core.clock import now
from dialogue.core.wake import want_worker
from dialogue.mail.bounces import stopped_among
from dialogue.mail.models import IS_OPEN, OutgoingEmail, StoppedAddress
from dialogue.mail.pace import NO_RATES, Pace, Rates
from dialogue.mail.queries import can_be_sent
from dialogue.mail.rules import KEPT_TO_SEND, LEASE, OPEN, PAUSES, MailState, Rank


@dataclass(frozen=True)
class Claim:
    """A mail that is ours for a while."""

    id: int
    fence: int
    template: str
    recipient: str
    person_id: int | None
    locale: str
    context: dict[str, Any]
    message_id: str
    attempts: int
    #: It was begun before and nobody knows how it went.
    is_repeat: bool
    created_at: datetime


@dataclass(frozen=True)
class Batch:
    """What a worker got when it asked for mails."""

    mails: list[Claim]
    #: Mails that are put away unsent: expired, stopped, or tried too often.
    closed: int
    #: Mails are due and wait for their turn by the rate; then is the next one.
    held_up_until: datetime | None


def claim(session: Session, limit: int, rates: Rates = NO_RATES) -> Batch:
    """Take up to `limit` mails that are due, the urgent first. What has expired meanwhile is put away.

    What a rate holds up is left alone, so that it is in nobody's way; urgent mails count but never wait.
    """
    at = now()
    pace = Pace(session, rates, at)
    due = IS_OPEN, OutgoingEmail.not_before_at <= at, _free(at)
    ordered = select(OutgoingEmail).order_by(OutgoingEmail.rank, OutgoingEmail.not_before_at, OutgoingEmail.id)
    wanted = ordered.where(*due, or_(OutgoingEmail.rank == Rank.AT_ONCE, _in_turn(pace)))
    # Two workers on PostgreSQL each see the other's rows as locked and take the next ones; SQLite has one writer.
    mails = list(session.scalars(wanted.limit(limit).with_for_update(skip_locked=True)))
    stopped = stopped_among(session, [mail.recipient for mail in mails if mail.rank != Rank.AT_ONCE])
    claims, closed = [], 0
    for mail in mails:
        if _closed(mail, at, is_stopped=mail.recipient in stopped):
            closed += 1
        elif pace.take(mail.recipient, waits=mail.rank != Rank.AT_ONCE):
            mail.fence += 1
            mail.leased_until = at + LEASE
            claims.append(_claim(mail))
    session.flush()
    pace.note()
    opens_at = pace.opens_at if not claims and not closed else None
    if opens_at is not None and session.scalar(select(OutgoingEmail.id).where(*due).limit(1)) is None:
        opens_at = None
    return Batch(claims, closed, opens_at)


def begin(session: Session, mail: Claim) -> bool:
    """Note that `mail` is about to be handed over. False when somebody else has taken it meanwhile."""
    return _step(session, mail, state=MailState.BEGUN, attempts=mail.attempts + 1, leased_until=now() + LEASE)


def finish(
    session: Session, mail: Claim, state: MailState, *, error: str | None = None, copy: str | None = None
) -> bool:
    """Note how it ended. The secrets in the context are wiped, unless the mail is set aside and may be sent once more;
    `copy` is the message, kept in development only."""
    values: dict[str, Any] = {"state": state, "finished_at": now(), "leased_until": None}
    if state not in KEPT_TO_SEND:
        values["context"] = {}
    if error is not None:
        values["last_error"] = error[:500]
    if copy is not None:
        values["sent_copy"] = copy
    return _step(session, mail, **values)


def put_off(session: Session, mail: Claim, until: datetime, error: str, *, outcome_known: bool = True) -> bool:
    """Give `mail` back to be tried again at `until`. It stays begun while nobody knows whether it went out."""
    state = MailState.WAITING if outcome_known else MailState.BEGUN
    return _step(session, mail, state=state, not_before_at=until, leased_until=None, last_error=error[:500])


def put_aside_for_now(session: Session, mail: Claim, until: datetime, error: str) -> bool:
    """Give `mail` back to be tried again at `until`, because it could not even be written. Counts as a try."""
    attempts = mail.attempts + 1
    return _step(session, mail, attempts=attempts, not_before_at=until, leased_until=None, last_error=error[:500])


def give_back(session: Session, mails: Collection[Claim], error: str | None = None) -> None:
    """Give back what was claimed and not begun, at once due again: the worker stops, or the server is away."""
    for mail in mails:
        _step(session, mail, leased_until=None, **({"last_error": error[:500]} if error else {}))


def send_again(session: Session, mail_ids: Collection[int] | None = None) -> int:
    """Put mails that were set aside back among those that wait: `mail_ids`, or all; how many. Those that have expired,
    and those to an address that gets no mail until it is started again, stay where they are.

    They leave as what they were, with their Message-ID: who got one already has it once in the mailbox. Whether they
    may still be sent is looked up then, as for any mail.
    """
    at = now()
    is_stopped = exists().where(StoppedAddress.email == OutgoingEmail.recipient)
    again = (
        update(OutgoingEmail)
        .where(can_be_sent(at), or_(OutgoingEmail.rank == Rank.AT_ONCE, ~is_stopped))
        .where(true() if mail_ids is None else OutgoingEmail.id.in_(mail_ids))
        .values(state=MailState.WAITING, attempts=0, fence=OutgoingEmail.fence + 1, not_before_at=at, finished_at=None)
        .execution_options(synchronize_session=False)
    )
    result = session.execute(again)
    assert isinstance(result, CursorResult)  # noqa: S101 (an UPDATE always gives one)
    want_worker(session)
    return result.rowcount


def let_expire(session: Session, at: datetime) -> None:
    """Wipe the secrets of mails that were set aside and whose time is over: nobody can send them any more."""
    session.execute(
        update(OutgoingEmail)
        .where(OutgoingEmail.state.in_(KEPT_TO_SEND), OutgoingEmail.expires_at <= at)
        .values(state=MailState.EXPIRED, context={})
        .execution_options(synchronize_session=False)
    )


def forget_finished(session: Session, before: datetime) -> None:
    """Remove mails that were finished before a moment: what was sent is no longer anybody's question."""
    session.execute(delete(OutgoingEmail).where(OutgoingEmail.finished_at < before))


def _free(at: datetime) -> ColumnElement[bool]:
    # Nobody holds a mail for longer than LEASE: the clock was put back, and who held it may be gone.
    return or_(
        OutgoingEmail.leased_until.is_(None), OutgoingEmail.leased_until < at, OutgoingEmail.leased_until > at + LEASE
    )


# Past the object mapper, and put together once: there are two steps for every mail. While the fence is ours, nobody
# else changes the row, so what was claimed is what stands there.
_TABLE: Any = OutgoingEmail.__table__
_OURS = update(_TABLE).where(
    _TABLE.c.id == bindparam("mail_id"), _TABLE.c.fence == bindparam("mail_fence"), _TABLE.c.state.in_(OPEN)
)


def _step(session: Session, mail: Claim, **values: Any) -> bool:
    session.flush()
    result = session.connection().execute(_OURS, {"mail_id": mail.id, "mail_fence": mail.fence, **values})
    assert isinstance(result, CursorResult)  # noqa: S101 (an UPDATE always gives one)
    return result.rowcount == 1


def _in_turn(pace: Pace) -> ColumnElement[bool]:
    """Mails that no rate holds up."""
    held_up = (OutgoingEmail.recipient.endswith(f"@{domain}", autoescape=True) for domain in pace.domains_held_up)
    return and_(true() if pace.is_open else false(), *(~each for each in held_up))


def _closed(mail: OutgoingEmail, at: datetime, *, is_stopped: bool) -> bool:
    """Put `mail` away if there is no sense in sending it; whether there was none."""
    if mail.expires_at is not None and mail.expires_at <= at:
        mail.state = MailState.EXPIRED
    elif mail.attempts > len(PAUSES):
        # Each try ended in a crash: not again, or this mail stops all the others.
        mail.state = MailState.FAILED
    elif mail.rank != Rank.AT_ONCE and is_stopped:
        mail.state, mail.last_error = MailState.CANCELLED, "mail to this address does not arrive"
    else:
        return False
    mail.fence += 1
    mail.finished_at, mail.leased_until = at, None
    if mail.state not in KEPT_TO_SEND:
        mail.context = {}
    return True


def _claim(mail: OutgoingEmail) -> Claim:
    return Claim(
        id=mail.id,
        fence=mail.fence,
        template=mail.template,
        recipient=mail.recipient,
        person_id=mail.person_id,
        locale=mail.locale,
        context=mail.context,
        message_id=mail.message_id,
        attempts=mail.attempts,
        is_repeat=mail.state is MailState.BEGUN,
        created_at=mail.created_at,
    )
