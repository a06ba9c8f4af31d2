"""Building digests, some people at a time.

Everybody who is due gets a row for the period, with a mail or, when nothing happened, without one. The unique key of
the row lets one of several workers win, and a second run find nothing to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from dialogue.core.clock import local_day, now
from dialogue.core.db import upserting
from dialogue.mail.compose import NewEmail, queue_emails
from dialogue.notifications.contents import DIGEST_LASTS, GATHERED_AT_A_TIME, RETURN_LASTS, SETTLED_AFTER
from dialogue.notifications.models import Digest, DigestHint, MailRest, Subscription
from dialogue.notifications.operations.gathering import Gathered, choices_of, gather
from dialogue.notifications.periods import Period
from dialogue.notifications.queries.digests import last_settled_event, list_due_readers
from dialogue.notifications.queries.rests import list_ended_rests
from dialogue.notifications.rules import GATHERED, Cadence


@dataclass(frozen=True)
class Plan:
    """Digests of one period that are worked out and not written yet."""

    municipality_id: int
    cadence: Cadence
    period: Period
    #: The last event that they may tell.
    up_to: int
    #: By the numbers of their readers.
    gathered: list[Gathered]


def plan_digests(
    session: Session, municipality_id: int, cadence: Cadence, period: Period, after: int = 0
) -> Plan | None:
    """Work out the digests of `period` for some people with ids above `after`; None when they all have theirs."""
    readers = list_due_readers(session, municipality_id, cadence, period, after, GATHERED_AT_A_TIME)
    if not readers:
        return None
    up_to = last_settled_event(session, now() - SETTLED_AFTER)
    gathered = gather(session, municipality_id, cadence, readers, up_to, period.first_on)
    return Plan(municipality_id, cadence, period, up_to, gathered)


def write_digests(session: Session, plan: Plan, gathered: Sequence[Gathered]) -> None:
    """Write some digests of `plan`, but for people who have chosen otherwise since it was made: they are due still."""
    choices = choices_of(session, plan.municipality_id, [digest.reader for digest in gathered])
    still = [digest for digest in gathered if choices[digest.reader.id] == digest.choices]
    if not still:
        return
    keys = {digest.reader.id: plan.period.key for digest in still}
    won = _claim(session, plan.municipality_id, keys, still, plan.up_to)
    _move_cursors(session, plan.municipality_id, won, plan.up_to, Subscription.cadence == plan.cadence)
    mine = [digest for digest in still if digest.reader.id in won and digest.event_ids]
    contexts = [context_of(plan.municipality_id, plan.cadence, plan.period.first_on, digest) for digest in mine]
    _queue(session, mine, contexts, won, DIGEST_LASTS[plan.cadence])


def is_return_due(session: Session, municipality_id: int) -> bool:
    """Whether somebody's pause is over and they have not had the one digest afterwards."""
    return bool(list_ended_rests(session, municipality_id, now() - SETTLED_AFTER, 1))


def build_returns(session: Session, municipality_id: int, zone: str) -> int:
    """Build the one digest of some people whose pause is over. Returns for how many."""
    at = now()
    ended = list_ended_rests(session, municipality_id, at - SETTLED_AFTER, GATHERED_AT_A_TIME)
    if not ended:
        return 0
    up_to, readers = last_settled_event(session, at - SETTLED_AFTER), [reader for reader, _ in ended]
    rests = {reader.id: rest for reader, rest in ended}
    gathered = gather(session, municipality_id, None, readers, up_to, local_day(at, zone), rests)
    keys = {person_id: f"return:{rest.until:%Y-%m-%dT%H:%M}" for person_id, rest in rests.items()}
    won = _claim(session, municipality_id, keys, gathered, up_to)
    _move_cursors(session, municipality_id, won, up_to, Subscription.cadence.in_(GATHERED))
    ours = MailRest.person_id.in_(rests.keys()) & (MailRest.municipality_id == municipality_id)
    session.execute(update(MailRest).where(ours).values(caught_up_at=at).execution_options(synchronize_session=False))
    mine = [digest for digest in gathered if digest.reader.id in won and digest.event_ids]
    contexts = [
        context_of(municipality_id, None, local_day(rests[digest.reader.id].since, zone), digest) for digest in mine
    ]
    _queue(session, mine, contexts, won, RETURN_LASTS)
    return len(readers)


def context_of(municipality_id: int, cadence: Cadence | None, first_on: date, digest: Gathered) -> dict[str, Any]:
    """What the mail of a digest needs to know when it is written. After a pause `first_on` is when that began."""
    return {
        "municipality_id": municipality_id,
        "cadence": cadence,
        "first_on": first_on.isoformat(),
        "event_ids": digest.event_ids,
        "close_ids": digest.close_ids,
        "left_out": digest.left_out,
    }


def _move_cursors(
    session: Session, municipality_id: int, won: Mapping[int, int], up_to: int, cadences: ColumnElement[bool]
) -> None:
    session.execute(
        update(Subscription)
        .where(
            Subscription.person_id.in_(won),
            Subscription.municipality_id == municipality_id,
            cadences,
            Subscription.told_up_to < up_to,
        )
        .values(told_up_to=up_to)
        .execution_options(synchronize_session=False)
    )


def _claim(
    session: Session, municipality_id: int, keys: Mapping[int, str], gathered: Sequence[Gathered], up_to: int
) -> dict[int, int]:
    """Write the rows; those that another worker has written already are not ours. Person ids with the rows' ids."""
    insert = upserting(session)
    at = now()
    statement = insert(Digest.__table__).on_conflict_do_nothing(
        index_elements=["person_id", "municipality_id", "period"]
    )
    rows = [
        {
            "person_id": digest.reader.id,
            "municipality_id": municipality_id,
            "period": keys[digest.reader.id],
            "after_event_id": digest.after_event_id,
            "up_to_event_id": up_to,
            "items": len(digest.event_ids) + len(digest.close_ids),
            "built_at": at,
        }
        for digest in gathered
    ]
    made = session.execute(statement.returning(Digest.person_id, Digest.id), rows)
    return {row.person_id: row.id for row in made}


def _queue(
    session: Session,
    gathered: Sequence[Gathered],
    contexts: Sequence[dict[str, Any]],
    won: Mapping[int, int],
    lasts: timedelta,
) -> None:
    """Queue the mails, and remember whom they tell of requests that are close to their decision."""
    at = now()
    mails = [
        NewEmail(
            template="digest",
            recipient=digest.reader.email,
            locale=digest.reader.locale,
            context=context,
            dedupe_key=f"digest:{won[digest.reader.id]}",
            person_id=digest.reader.id,
            expires_at=at + lasts,
        )
        for digest, context in zip(gathered, contexts, strict=True)
    ]
    queue_emails(session, mails)
    hints = [
        {"person_id": digest.reader.id, "request_id": request_id, "hinted_at": at}
        for digest in gathered
        for request_id in digest.close_ids
    ]
    if hints:
        insert = upserting(session)
        session.execute(insert(DigestHint).on_conflict_do_nothing(index_elements=["person_id", "request_id"]), hints)
