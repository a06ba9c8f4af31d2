"""What somebody would get next: digests, the Monday mail, today's reminders. Nothing is sent and nothing marked.

Each is written by what the worker writes it with. They carry no keys and no links to work from, so that they can be
shown to others than their reader.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any

from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality, Person
from dialogue.core.clock import now, today
from dialogue.core.workdays import is_workday
from dialogue.mail.compose import Letter
from dialogue.mail.outbox import Claim
from dialogue.notifications.contents import SETTLED_AFTER
from dialogue.notifications.letters.digests import digest_letter
from dialogue.notifications.letters.reminders import letter_of
from dialogue.notifications.letters.weeks import week_letter
from dialogue.notifications.models import Reminder
from dialogue.notifications.operations.digests import context_of
from dialogue.notifications.operations.gathering import gather
from dialogue.notifications.operations.reminders import bundle_up, list_due
from dialogue.notifications.operations.weeks import context_of_week, plan_weeks
from dialogue.notifications.periods import newest_period
from dialogue.notifications.queries.digests import Reader, last_settled_event
from dialogue.notifications.queries.duty import read_duty
from dialogue.notifications.queries.reminders import list_told
from dialogue.notifications.queries.weeks import list_week_readers
from dialogue.notifications.rules import GATHERED


@dataclass(frozen=True)
class Preview:
    """One mail that somebody would get."""

    #: A cadence, "week" or "reminder".
    name: str
    template: str
    letter: Letter


def preview_mails(session: Session, person: Person, municipality: Municipality, starts: time) -> Iterator[Preview]:
    """What `person` would get from `municipality` now, of each kind that has something to tell.

    `starts` is when digests and reminders are due.
    """
    yield from _digests(session, person, municipality, starts)
    yield from _week(session, person, municipality)
    yield from _reminder(session, person, municipality)


def _digests(session: Session, person: Person, municipality: Municipality, starts: time) -> Iterator[Preview]:
    at = now()
    reader = Reader(person.id, person.email, person.locale)
    up_to = last_settled_event(session, at - SETTLED_AFTER)
    for cadence in GATHERED:
        first_on = newest_period(cadence, at, municipality.zone, starts).first_on
        (gathered,) = gather(session, municipality.id, cadence, [reader], up_to, first_on)
        mail = _claim(person, "digest", context_of(municipality.id, cadence, first_on, gathered))
        letter = digest_letter(session, mail, has_keys=False) if gathered.event_ids else None
        if letter is not None:
            yield Preview(cadence.value, "digest", letter)


def _week(session: Session, person: Person, municipality: Municipality) -> Iterator[Preview]:
    readers = list_week_readers(session, municipality.id, now(), None) & {person.id}
    for _, week in plan_weeks(session, municipality, readers, today(municipality.zone)):
        mail = _claim(person, "week", context_of_week(municipality.id, week, {}))
        letter = week_letter(session, mail, has_keys=False) if week else None
        if letter is not None:
            yield Preview("week", "week", letter)


def _reminder(session: Session, person: Person, municipality: Municipality) -> Iterator[Preview]:
    day = today(municipality.zone)
    if not is_workday(day):
        return
    duty = read_duty(session, municipality.id, day)
    due = list_due(session, municipality, day, duty)
    told = list_told(session, {each.row.id for each in due}, day)
    fresh = ((each, 0) for each in due if (each.row.id, each.stage, each.counted_from) not in told)
    for bundle in bundle_up(fresh, duty, municipality):
        if bundle.reached.address != person.email:
            continue
        reminders = [
            Reminder(request_id=each.row.id, stage=each.stage, counted_from=each.counted_from, day=day)
            for each, _ in bundle.listed
        ]
        letter = letter_of(session, _claim(person, "reminder", bundle.context(municipality.id, {})), reminders)
        if letter is not None:
            yield Preview("reminder", "reminder", letter)


def _claim(person: Person, template: str, context: dict[str, Any]) -> Claim:
    return Claim(0, 0, template, person.email, person.id, person.locale, context, "preview", 0, False, now())
