"""The spool: a mail is a row, written to disk, before anybody is told that it was taken in.

It is the one durable place of the house, so the copy that is backed up holds it, several machines share it, and the
database itself says that a mail has come before: the key of a row is made of its address and Message-ID. What cannot be
written now is refused for now, and the server that has it tries again. Once handled, a row holds nothing but keys.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from sqlalchemy import LargeBinary, delete, func, select, update
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.core.db import upserting
from dialogue.core.wake import want_worker
from dialogue.mail.incoming.entrance import MAX_BYTES, TooLong, head_of
from dialogue.mail.models import HAS_COME, IncomingEmail
from dialogue.mail.rules import IncomingState

#: How often a mail is tried before a person looks at it, and the pause in between.
TRIES = 3
_PAUSE = timedelta(minutes=1)

#: Bytes read from the spool at once.
_PIECE = 4 * 1024 * 1024

#: The empty envelope sender, as SMTP and Postfix's pipe write it.
NOBODY = frozenset({"", "<>", "MAILER-DAEMON"})

_MESSAGE_ID = re.compile(rb"(?im)^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\r\n]{1,900}>|[^\s<>]{1,900})")


@dataclass(frozen=True)
class Taken:
    """A mail from the spool, to be handled."""

    id: int
    address: str
    #: Envelope sender; empty for what machines send.
    return_path: str
    raw: bytes
    received_at: datetime
    #: It has been tried as often as is sensible, and each try ended in a failure or a crash.
    is_given_up: bool


def take_in(session: Session, raw: bytes, addresses: Sequence[str], return_path: str) -> bool:
    """Write a mail to the spool, once for each of `addresses`. False when all of it has come before.

    Raises TooLong. When the transaction has been committed, the mail may be accepted.
    """
    if len(raw) > MAX_BYTES:
        raise TooLong
    at, is_new = now(), False
    insert = upserting(session)
    nobody = return_path in NOBODY
    for address in addresses or ("",):
        row = insert(IncomingEmail).values(
            message_key=_message_key(raw, address),
            address=address[:254],
            return_path="" if nobody else return_path[:254],
            raw=raw,
            state=IncomingState.WAITING,
            received_at=at,
            not_before_at=at,
        )
        again = row.on_conflict_do_update(
            index_elements=["message_key"], set_={"deliveries": IncomingEmail.deliveries + 1}
        )
        is_new |= session.scalar(again.returning(IncomingEmail.deliveries)) == 1
    want_worker(session)
    return is_new


def list_due(session: Session, limit: int) -> list[int]:
    """Mails that wait to be handled, the oldest first."""
    due = HAS_COME, IncomingEmail.not_before_at <= now()
    return list(session.scalars(select(IncomingEmail.id).where(*due).order_by(IncomingEmail.id).limit(limit)))


def count_waiting(session: Session) -> tuple[int, datetime | None]:
    """How many mails wait to be handled, and since when the first of them."""
    counted = select(func.count(), func.min(IncomingEmail.received_at))
    waiting, oldest = session.execute(counted.where(HAS_COME)).one()
    return waiting, oldest


def has_ever_come(session: Session) -> bool:
    """Whether any mail has come in, as far as that is kept."""
    return session.scalar(select(IncomingEmail.id).limit(1)) is not None


def begin(session: Session, mail_id: int) -> Taken | None:
    """Note that a mail is about to be read; None when somebody else has it. Counted before anything can go wrong."""
    at = now()
    ours = (
        update(IncomingEmail)
        .where(
            IncomingEmail.id == mail_id,
            IncomingEmail.state == IncomingState.WAITING,
            IncomingEmail.not_before_at <= at,
        )
        .values(attempts=IncomingEmail.attempts + 1, not_before_at=at + _PAUSE)
        .execution_options(synchronize_session=False)
    )
    if session.scalar(ours.returning(IncomingEmail.id)) is None:
        return None
    mail = session.get_one(IncomingEmail, mail_id)
    raw = b"".join(_pieces(session, mail_id))
    return Taken(mail.id, mail.address, mail.return_path, raw, mail.received_at, mail.attempts > TRIES)


def settle(session: Session, mail_id: int, state: IncomingState) -> bool:
    """Note what became of a mail, and wipe it. False when somebody else has settled it: then nothing else may count."""
    done = (
        update(IncomingEmail)
        .where(IncomingEmail.id == mail_id, IncomingEmail.state == IncomingState.WAITING)
        .values(state=state, finished_at=now(), raw=None, address="", return_path="")
        .execution_options(synchronize_session=False)
    )
    return session.scalar(done.returning(IncomingEmail.id)) is not None


def forget_settled(session: Session, before: datetime) -> None:
    """Remove the keys of mails that were settled before a moment: no server tries again after that."""
    session.execute(delete(IncomingEmail).where(IncomingEmail.finished_at < before))


def _pieces(session: Session, mail_id: int) -> Iterator[bytes]:
    """The bytes of a mail, some at a time: PostgreSQL sends two letters for each byte, and all at once is too much."""
    start = 1
    while True:
        piece = func.substr(IncomingEmail.raw, start, _PIECE, type_=LargeBinary)
        found = session.scalar(select(piece).where(IncomingEmail.id == mail_id)) or b""
        yield found
        if len(found) < _PIECE:
            return
        start += _PIECE


def _message_key(raw: bytes, address: str) -> str:
    """The same for a mail that comes again: by the same way, or by another one with other line ends and headers."""
    key = hashlib.sha256(address.lower().encode() + b"\n")
    named = _MESSAGE_ID.search(head_of(raw))
    if named is not None:
        key.update(named[1])
        return key.hexdigest()
    start = len(head_of(raw))
    rest = BytesIO(raw)
    rest.seek(start)
    for line in rest:
        key.update(line.rstrip(b"\r\n") + b"\n" if line.strip() else b"")
    return key.hexdigest()
