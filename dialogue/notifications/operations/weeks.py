"""Monday mails: to everybody who works with requests, what is late, to answer, to assign or not taken by anybody.

One row in the table of digests for each person and week, with a mail or, when nothing waits, without one. So one of
several workers wins, and a week that has been written is not written again.
"""

from collections import Counter
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality
from dialogue.core.clock import now, today
from dialogue.core.db import upserting
from dialogue.mail.compose import NewEmail, queue_emails
from dialogue.notifications.models import Digest
from dialogue.notifications.operations.work_links import Links, make_links
from dialogue.notifications.periods import Period
from dialogue.notifications.queries.digests import last_settled_event
from dialogue.notifications.queries.duty import Colleague, read_duty
from dialogue.notifications.queries.reminders import LiveRow
from dialogue.notifications.queries.weeks import list_of_week, list_week_readers, week_of
from dialogue.notifications.reminders import MAX_LISTED, WeekPart

#: Later in the week it is no Monday mail any more, and the next one is near.
WEEK_LASTS = timedelta(days=4)

#: The part of the period's key that tells these from the digests of what somebody follows.
WORK = "work"


def build_weeks(session: Session, municipality: Municipality, period: Period) -> int:
    """Write the Monday mails of the week that `period` is, for those who have none yet. Returns how many."""
    if now() >= period.starts_at + WEEK_LASTS:
        return 0
    key, day = week_key(period), today(municipality.zone)
    readers = list_week_readers(session, municipality.id, period.starts_at, key)
    weeks = plan_weeks(session, municipality, readers, day)
    won = _claim(session, municipality.id, key, {each.person_id: len(week) for each, week in weeks}) if weeks else {}
    mine = [(each, week, won[each.person_id]) for each, week in weeks if each.person_id in won and week]
    queue_emails(session, [_mail(session, municipality, period, *each) for each in mine])
    return len(mine)


def plan_weeks(
    session: Session, municipality: Municipality, readers: Collection[int], day: date
) -> list[tuple[Colleague, list[tuple[LiveRow, WeekPart]]]]:
    """What waits on `day` for those of `readers` who are here."""
    duty = read_duty(session, municipality.id, day)
    here = [each for each in duty.colleagues.values() if each.person_id in readers and each.person_id not in duty.away]
    rows = list_of_week(session, municipality, day, now(), duty) if here else []
    return [(each, week_of(each, rows, municipality, day, duty)) for each in here]


def context_of_week(municipality_id: int, week: list[tuple[LiveRow, WeekPart]], links: Links) -> dict[str, Any]:
    """What the mail needs to be written."""
    left_out = Counter(part for _, part in week[MAX_LISTED:])
    return {
        "municipality_id": municipality_id,
        "request_ids": [row.id for row, _ in week[:MAX_LISTED]],
        "left_out": {part.value: left_out[part] for part in WeekPart},
        "links": links,
    }


def week_key(period: Period) -> str:
    """What the rows of the week are called: "work:2026-W48"."""
    return f"{WORK}:{period.key.partition(':')[2]}"


def _claim(session: Session, municipality_id: int, key: str, items: dict[int, int]) -> dict[int, int]:
    insert = upserting(session)
    statement = insert(Digest).on_conflict_do_nothing(index_elements=["person_id", "municipality_id", "period"])
    settled = last_settled_event(session, now())
    rows = [
        {
            "person_id": person_id,
            "municipality_id": municipality_id,
            "period": key,
            "after_event_id": settled,
            "up_to_event_id": settled,
            "items": count,
            "built_at": now(),
        }
        for person_id, count in items.items()
    ]
    made = session.execute(statement.values(rows).returning(Digest.person_id, Digest.id))
    return {row.person_id: row.id for row in made}


def _mail(
    session: Session,
    municipality: Municipality,
    period: Period,
    colleague: Colleague,
    week: list[tuple[LiveRow, WeekPart]],
    digest_id: int,
) -> NewEmail:
    answered = [
        (row.id, row.unit_id, row.official_id)
        for row, _ in week[:MAX_LISTED]
        if row.unit_id is not None and colleague.answers_for(row.unit_id)
    ]
    return NewEmail(
        template="week",
        recipient=colleague.address,
        locale=colleague.locale,
        context=context_of_week(municipality.id, week, make_links(session, colleague.person_id, answered)),
        dedupe_key=f"digest:{digest_id}",
        person_id=colleague.person_id,
        expires_at=period.starts_at + WEEK_LASTS,
    )
