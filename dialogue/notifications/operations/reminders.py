"""Writing the reminders of one working day: one mail for each who has anything to hear, whatever it is.

The row of the round lets one of several workers win, and everything else is written in its transaction. What becomes
due later that day waits for the next round, so nobody gets two.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality
from dialogue.core.clock import now, today
from dialogue.core.db import upserting
from dialogue.core.workdays import add_workdays, is_workday
from dialogue.mail.compose import NewEmail, queue_emails
from dialogue.notifications.models import Reminder, ReminderRound
from dialogue.notifications.operations.work_links import Links, make_links
from dialogue.notifications.periods import digest_day
from dialogue.notifications.queries.duty import Duty, read_duty
from dialogue.notifications.queries.reminders import Due, LiveRow, Reached, list_live, recipients_of, what_is_due
from dialogue.notifications.reminders import MAX_LISTED, SOON_DAYS, Stage
from dialogue.notifications.rules import Reason

#: A mail that says "today" is not sent tomorrow.
LASTS = timedelta(hours=14)

#: Rows in one INSERT.
_AT_A_TIME = 500

_REASONS = (Reason.OFFICIAL, Reason.UNIT, Reason.COORDINATOR, Reason.CONTACT)


@dataclass
class Bundle:
    """All that one recipient hears of, the most urgent first, each with the id of its row."""

    reached: Reached
    reminders: list[tuple[Due, int]] = field(default_factory=list)

    @property
    def listed(self) -> list[tuple[Due, int]]:
        """What the mail names."""
        return self.reminders[:MAX_LISTED]

    def context(self, municipality_id: int, links: Links) -> dict[str, Any]:
        """What the mail needs to be written."""
        return {
            "municipality_id": municipality_id,
            "reason": self.reached.reason.value,
            "reminder_ids": [reminder_id for _, reminder_id in self.listed],
            "links": links,
            "left_out": len(self.reminders) - len(self.listed),
        }


def round_of(zone: str, starts: time) -> date | None:
    """The working day whose reminders are due now in `zone`: from `starts` until it ends."""
    day = digest_day(now(), zone, starts)
    return day if day == today(zone) and is_workday(day) else None


def build_reminders(session: Session, municipality: Municipality, day: date, locale: str) -> int:
    """Write the reminders of `day`, unless that is done. Returns how many mails that made.

    `locale` is for mailboxes, which have no language.
    """
    if not _begin_round(session, municipality.id, day):
        return 0
    duty = read_duty(session, municipality.id, day)
    claimed = _claim(session, list_due(session, municipality, day, duty), day)
    bundles = bundle_up(claimed, duty, municipality)
    queue_emails(session, [_mail(session, municipality, day, duty, bundle, locale) for bundle in bundles])
    return len(bundles)


def list_due(session: Session, municipality: Municipality, day: date, duty: Duty) -> list[Due]:
    """All that somebody has to be reminded of on `day`, told before or not."""
    live = list_live(session, municipality.id, add_workdays(day, SOON_DAYS), now(), duty)
    return [each for row in live for each in what_is_due(row, municipality.zone, day, duty)]


def bundle_up(reminders: Iterable[tuple[Due, int]], duty: Duty, municipality: Municipality) -> list[Bundle]:
    """Everything that each recipient hears of, one mail's worth for each."""
    bundles: dict[str, Bundle] = {}
    for each, reminder_id in reminders:
        for reached in recipients_of(each.row, each.stage, duty, municipality):
            bundle = bundles.setdefault(reached.address, Bundle(reached))
            if _REASONS.index(reached.reason) < _REASONS.index(bundle.reached.reason):
                bundle.reached = reached
            bundle.reminders.append((each, reminder_id))
    order = list(Stage)
    for bundle in bundles.values():
        bundle.reminders.sort(key=lambda each: order.index(each[0].stage))
    return list(bundles.values())


def _begin_round(session: Session, municipality_id: int, day: date) -> bool:
    insert = upserting(session)(ReminderRound).values(municipality_id=municipality_id, day=day, built_at=now())
    made = insert.on_conflict_do_nothing(index_elements=["municipality_id", "day"]).returning(ReminderRound.day)
    return session.scalar(made) is not None


def _claim(session: Session, due: list[Due], day: date) -> Iterable[tuple[Due, int]]:
    """Write a row for each; those that stand there already were sent."""
    statement = upserting(session)(Reminder).on_conflict_do_nothing(
        index_elements=["request_id", "stage", "counted_from"]
    )
    for start in range(0, len(due), _AT_A_TIME):
        some = due[start : start + _AT_A_TIME]
        rows = [
            {"request_id": each.row.id, "stage": each.stage, "counted_from": each.counted_from, "day": day}
            for each in some
        ]
        made = session.execute(statement.values(rows).returning(Reminder.id, Reminder.request_id, Reminder.stage))
        ids = {(row.request_id, row.stage): row.id for row in made}
        for each in some:
            if (each.row.id, each.stage) in ids:
                yield each, ids[each.row.id, each.stage]


def _mail(session: Session, municipality: Municipality, day: date, duty: Duty, bundle: Bundle, locale: str) -> NewEmail:
    reached = bundle.reached
    links = _links(session, duty, reached.address, [due.row for due, _ in bundle.listed])
    return NewEmail(
        template="reminder",
        recipient=reached.address,
        locale=reached.locale or locale,
        context=bundle.context(municipality.id, links),
        dedupe_key=f"reminder:{municipality.id}:{day}:{bundle.reminders[0][1]}",
        person_id=reached.person_id,
        expires_at=now() + LASTS,
    )


def _links(session: Session, duty: Duty, address: str, rows: list[LiveRow]) -> Links:
    """Links to work from the mail, where its reader is known: the address is an official's own."""
    links: Links = {}
    for row in rows:
        official = duty.official_at(row.unit_id, address)
        if official is not None and row.unit_id is not None:
            links |= make_links(session, official.person_id, [(row.id, row.unit_id, row.official_id)])
    return links
