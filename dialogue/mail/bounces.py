"""Addresses that mail does not reach: counted by the signed return path of each mail, and left alone after a while.

Only what came to the return path of one of our mails counts, so nobody can silence somebody else. Mails that somebody
waits for at the screen still go: a sign-in that arrives is the proof that the address works again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.core.db import upserting
from dialogue.mail.models import Bounce, OutgoingEmail, StoppedAddress

#: So many failures for good, or of any kind, within this time, and an address gets no more mail.
HARD_LIMIT = 2
ANY_LIMIT = 5
COUNTED_FOR = timedelta(days=35)


@dataclass(frozen=True)
class Report:
    """What a mail server says of one mail: it will never arrive there, or not now."""

    is_hard: bool
    #: Its own words, for the administrator.
    words: str = ""


def note_bounce(session: Session, mail_id: int, report: Report) -> bool:
    """Count that the outgoing mail `mail_id` did not arrive. False when there is no such mail any more."""
    email = session.scalar(select(OutgoingEmail.recipient).where(OutgoingEmail.id == mail_id))
    if email is None:
        return False
    at, insert = now(), upserting(session)
    row = insert(Bounce).values(
        mail_id=mail_id, email=email, is_hard=report.is_hard, words=report.words[:300], happened_at=at
    )
    # A server first says "not yet" and then "never": that is one mail and counts once, as the worse of the two.
    worse = {"is_hard": Bounce.is_hard | row.excluded.is_hard, "words": row.excluded.words}
    session.execute(row.on_conflict_do_update(index_elements=["mail_id"], set_=worse))
    hard = func.coalesce(func.sum(case((Bounce.is_hard, 1), else_=0)), 0)
    counted = select(hard, func.count()).where(Bounce.email == email, Bounce.happened_at > at - COUNTED_FOR)
    hard_ones, all_of_them = session.execute(counted).one()
    if hard_ones >= HARD_LIMIT or all_of_them >= ANY_LIMIT:
        stop = insert(StoppedAddress).values(email=email, stopped_at=at, words=report.words[:300])
        session.execute(stop.on_conflict_do_nothing(index_elements=["email"]))
    return True


def find_stop(session: Session, email: str) -> StoppedAddress | None:
    """Since when and why an address gets no mail; None when it does."""
    return session.scalar(select(StoppedAddress).where(StoppedAddress.email == email))


def stopped_among(session: Session, emails: Collection[str]) -> set[str]:
    """Those of `emails` that get no mail."""
    if not emails:
        return set()
    return set(session.scalars(select(StoppedAddress.email).where(StoppedAddress.email.in_(emails))))


def list_stops(session: Session) -> list[StoppedAddress]:
    """Every address that gets no mail, the newest first."""
    return list(session.scalars(select(StoppedAddress).order_by(StoppedAddress.stopped_at.desc(), StoppedAddress.id)))


def start_again(session: Session, email: str) -> None:
    """Send to an address again, with nothing held against it: a mail has arrived, or somebody says that it will."""
    session.execute(delete(Bounce).where(Bounce.email == email))
    session.execute(delete(StoppedAddress).where(StoppedAddress.email == email))


def forget_old_bounces(session: Session, at: datetime) -> None:
    """Remove bounces that count no more. An address that was stopped stays so."""
    session.execute(delete(Bounce).where(Bounce.happened_at < at - COUNTED_FOR))
