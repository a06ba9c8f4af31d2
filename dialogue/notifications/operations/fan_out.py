"""From what happened to the mails that tell of it: one a person and event, however many reasons there are.

Each call tells some and says where to go on; the event is marked in the transaction of the last ones. A worker that is
killed in between starts over, and the unique key of each mail keeps it from being written twice.
"""

from collections.abc import Collection, Iterator
from datetime import time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Unit
from dialogue.core.clock import local_day, now, today
from dialogue.core.db import upserting
from dialogue.mail.compose import NewEmail, queue_emails
from dialogue.mail.queries import was_queued_since
from dialogue.notifications.models import Reminder
from dialogue.notifications.operations.work_links import Links, make_links
from dialogue.notifications.periods import starts_on
from dialogue.notifications.queries.duty import read_duty
from dialogue.notifications.queries.reasons import author_id, may_be_told, wants_own_at_once
from dialogue.notifications.queries.recipients import (
    Recipient,
    find_recipient,
    list_coordinators,
    list_crowd,
    lock_unprocessed,
)
from dialogue.notifications.reminders import Stage
from dialogue.notifications.rules import MAILS, NOTICE_LASTS, RECEIPTS, TOLD_AT_A_TIME, WORKED_FROM, told_at_once
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.rules import Audience, EventKind


def fan_out(session: Session, event_id: int, after: int, locale: str, searches: Collection[int] = ()) -> int | None:
    """Queue the mails of one event for up to TOLD_AT_A_TIME people with ids above `after`.

    Returns where to go on, or None when everybody is told. `locale` is for mailboxes, which have no language;
    `searches` are the saved ones that find the request (looked up before, because that takes longer than a write may).
    """
    event = lock_unprocessed(session, event_id)
    if event is None:
        return None
    audiences = told_at_once(event.kind)
    data_request = session.get_one(DataRequest, event.request_id)
    if event.happened_at + NOTICE_LASTS <= now() or not (audiences and may_be_told(event.kind, data_request)):
        event.fanned_out_at = now()
        return None
    mails = []
    if after == 0:
        mails += [_mail(event, recipient) for recipient in _own_matter(session, event, data_request, audiences)]
        mails += _to_mailboxes(session, event, data_request, audiences, locale)
    crowd = list_crowd(session, event, data_request, audiences, after=after, limit=TOLD_AT_A_TIME, searches=searches)
    found = {"searches": list(searches)} if searches else None
    mails += [_mail(event, recipient, found) for recipient in crowd]
    queue_emails(session, mails)
    if len(crowd) == TOLD_AT_A_TIME:
        return crowd[-1].person_id
    event.fanned_out_at = now()
    return None


def _own_matter(
    session: Session, event: RequestEvent, data_request: DataRequest, audiences: frozenset[Audience]
) -> Iterator[Recipient]:
    """Who asked, and who wrote what was hidden: told apart from the crowd, and never of an own act."""
    people = {}
    if Audience.ASKER in audiences:
        people[data_request.asker_id] = Audience.ASKER
    if Audience.AUTHOR in audiences:
        people[author_id(session, event, data_request)] = Audience.AUTHOR
    for person_id, audience in people.items():
        recipient = find_recipient(session, person_id, audience)
        if recipient is None or (person_id == event.actor_id and event.kind not in RECEIPTS):
            continue
        if audience is Audience.AUTHOR or wants_own_at_once(session, recipient.person_id, event, data_request):
            yield recipient


def _to_mailboxes(
    session: Session, event: RequestEvent, data_request: DataRequest, audiences: frozenset[Audience], locale: str
) -> Iterator[NewEmail]:
    """Who has taken the request, else the unit that has it; where none has it, those who hand requests out."""
    if Audience.UNIT not in audiences:
        return
    if data_request.unit_id is not None:
        unit = session.get_one(Unit, data_request.unit_id)
        duty = read_duty(session, data_request.municipality_id, today(data_request.municipality.zone))
        official = duty.responsible(data_request.official_id, unit.id)
        if official is not None:
            recipient = Recipient(official.person_id, official.address, official.locale, Audience.UNIT)
            if official.person_id != event.actor_id:
                yield _mail(event, recipient, {"unit_id": unit.id})
            return
        if event.kind is EventKind.REQUEST_ASSIGNED and _waits_for_morning(session, data_request, unit):
            return
        links: Links = {}
        owner = duty.official_at(unit.id, unit.mailbox)
        if owner is not None and MAILS[event.kind].for_audience(Audience.UNIT) in WORKED_FROM:
            links = make_links(session, owner.person_id, [(data_request.id, unit.id, data_request.official_id)])
        yield _to_mailbox(event, unit.mailbox, locale, {"unit_id": unit.id, "links": links})
        return
    coordinators = list_coordinators(session, data_request.municipality_id)
    for recipient in coordinators:
        if recipient.person_id != event.actor_id:
            yield _mail(event, recipient)
    contact = data_request.municipality.contact_email
    if not coordinators and contact:
        yield _to_mailbox(event, contact, locale, {})


def _waits_for_morning(session: Session, data_request: DataRequest, unit: Unit) -> bool:
    """Whether the unit has heard of another new request today: the first is told at once, the others in one mail.

    What is told at once is noted as a reminder, so that the morning's mail leaves it out.
    """
    zone = data_request.municipality.zone
    assigned = local_day(data_request.assigned_at or now(), zone)
    template = MAILS[EventKind.REQUEST_ASSIGNED].for_audience(Audience.UNIT)
    of_it = Reminder.request_id == data_request.id, Reminder.stage == Stage.NEW, Reminder.counted_from == assigned
    # A unit that was told of it today has passed it on: the next one is told at once, for once a day it is noted.
    is_noted = session.scalar(select(Reminder.id).where(*of_it)) is not None
    if not is_noted and was_queued_since(session, template, unit.mailbox, starts_on(today(zone), zone, time())):
        return True
    told = upserting(session)(Reminder).values(
        request_id=data_request.id, stage=Stage.NEW, counted_from=assigned, day=assigned
    )
    session.execute(told.on_conflict_do_nothing(index_elements=["request_id", "stage", "counted_from"]))
    return False


def _mail(event: RequestEvent, recipient: Recipient, more: dict[str, Any] | None = None) -> NewEmail:
    return NewEmail(
        template=MAILS[event.kind].for_audience(recipient.audience),
        recipient=recipient.address,
        locale=recipient.locale,
        context={"event_id": event.id, **(more or {})},
        dedupe_key=f"event:{event.id}:p{recipient.person_id}",
        person_id=recipient.person_id,
        expires_at=event.happened_at + NOTICE_LASTS,
    )


def _to_mailbox(event: RequestEvent, mailbox: str, locale: str, more: dict[str, Any]) -> NewEmail:
    return NewEmail(
        template=MAILS[event.kind].for_audience(Audience.UNIT),
        recipient=mailbox,
        locale=locale,
        context={"event_id": event.id, **more},
        dedupe_key=f"event:{event.id}:mailbox",
        expires_at=event.happened_at + NOTICE_LASTS,
    )
