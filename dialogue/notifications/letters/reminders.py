"""The mail that reminds of requests whose date is near or past, or that nobody takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality, Unit
from dialogue.core.clock import today
from dialogue.core.language import N_, Sentence, Weekday
from dialogue.core.workdays import workdays_between
from dialogue.mail.compose import Letter
from dialogue.mail.outbox import Claim
from dialogue.notifications.letters.acts import Act, acts_on
from dialogue.notifications.letters.frame import find_reader, letter
from dialogue.notifications.models import Reminder
from dialogue.notifications.operations.work_links import Links
from dialogue.notifications.queries.duty import Duty, read_duty
from dialogue.notifications.queries.reminders import LiveRow, read_live, recipients_of, waits_since
from dialogue.notifications.reminders import Stage, new_since, stage_of
from dialogue.notifications.rules import Reason
from dialogue.notifications.wording import STAGE_HEADINGS, WHY
from dialogue.requests.models import DataRequest
from dialogue.requests.promises import next_step, promised_on
from dialogue.requests.rules import Status
from dialogue.requests.wording.states import STEPS, promise, status_word

#: To these the requests are not theirs to answer.
_DESK = (Reason.COORDINATOR, Reason.CONTACT)

#: A day nearer than this is called by its name.
_NEAR_DAYS = 7


@dataclass(frozen=True)
class Entry:
    """One request in the mail."""

    number: int
    stage: Stage
    title: str
    path: str
    status: str
    promise: Sentence | None
    step: str
    headline: Sentence
    has_unit: bool
    acts: list[Act]


def reminder_letter(session: Session, mail: Claim) -> Letter | None:
    """What of it still needs this recipient. None when all of it is done, moved, taken by somebody else or hidden."""
    wanted = select(Reminder).where(Reminder.id.in_(mail.context["reminder_ids"]))
    return letter_of(session, mail, session.scalars(wanted.order_by(Reminder.counted_from, Reminder.id)).all())


def letter_of(session: Session, mail: Claim, reminders: Sequence[Reminder]) -> Letter | None:
    """The same of some `reminders`, whether they are in the database yet or not."""
    municipality = session.get_one(Municipality, mail.context["municipality_id"])
    entries = list_entries(session, municipality, mail, reminders)
    if not entries or (mail.person_id is not None and find_reader(session, mail) is None):
        return None
    reason, first = Reason(mail.context["reason"]), entries[0]
    return letter(
        municipality,
        Sentence(WHY[reason], {"name": _where(session, municipality, mail, reason)}),
        {
            "headline": first.headline,
            "others": len(entries) - 1 + mail.context["left_out"],
            "left_out": mail.context["left_out"],
            "sections": [
                {"heading": STAGE_HEADINGS[stage], "entries": [entry for entry in entries if entry.stage is stage]}
                for stage in Stage
                if any(entry.stage is stage for entry in entries)
            ],
            "is_desk": reason in _DESK,
            "alone": first if len(entries) == 1 and not mail.context["left_out"] else None,
        },
    )


def list_entries(
    session: Session, municipality: Municipality, mail: Claim, reminders: Sequence[Reminder]
) -> list[Entry]:
    """The reminders that still hold, by the stage that each has come to by now."""
    day = today(municipality.zone)
    duty = read_duty(session, municipality.id, day)
    numbers = [reminder.request_id for reminder in reminders]
    live = read_live(session, numbers)
    requests = {each.id: each for each in session.scalars(select(DataRequest).where(DataRequest.id.in_(numbers)))}
    links = None if mail.context["reason"] in _DESK else mail.context["links"]
    entries = [
        _entry(requests[reminder.request_id], _stage_now(reminder, live[reminder.request_id], day), day, links)
        for reminder in reminders
        if reminder.request_id in live
        and _holds(reminder, live[reminder.request_id], duty, municipality, mail.recipient)
    ]
    order = list(Stage)
    return sorted(entries, key=lambda entry: order.index(entry.stage))


def _holds(reminder: Reminder, row: LiveRow, duty: Duty, municipality: Municipality, recipient: str) -> bool:
    """Whether the date is still the one it was about, and the recipient still the one to be reminded."""
    counted_from = promised_on(row)
    if reminder.stage is Stage.UNCLAIMED:
        counted_from = waits_since(row, municipality.zone, duty)
    elif reminder.stage is Stage.NEW:
        counted_from = new_since(row, municipality.zone, today(municipality.zone), is_taken=row.official_id is not None)
    reached = {each.address for each in recipients_of(row, reminder.stage, duty, municipality)}
    return counted_from == reminder.counted_from and recipient in reached


def _stage_now(reminder: Reminder, row: LiveRow, day: date) -> Stage:
    # A mail that waited past midnight says what is true when it leaves.
    return reminder.stage if reminder.stage is Stage.UNCLAIMED else stage_of(row, day) or reminder.stage


def _entry(data_request: DataRequest, stage: Stage, day: date, links: Links | None) -> Entry:
    return Entry(
        number=data_request.id,
        stage=stage,
        title=data_request.title,
        path=f"/requests/{data_request.id}-{data_request.slug}",
        status=status_word(data_request, day),
        promise=promise(data_request, day),
        step=STEPS[next_step(data_request, day)],
        headline=headline(data_request, stage, day),
        has_unit=data_request.unit_id is not None,
        acts=acts_on(data_request.id, data_request.status, links) if links is not None else [],
    )


def headline(data_request: DataRequest, stage: Stage, day: date) -> Sentence:
    """What the mail says of one request in its subject."""
    promised = promised_on(data_request)
    values: dict[str, Any] = {"title": data_request.title, "day": promised}
    if promised is not None and 0 <= (promised - day).days < _NEAR_DAYS:
        values["day"] = Weekday(promised)
    if stage is Stage.ESCALATED and promised is not None:
        values["count"] = workdays_between(promised, day)
    if stage is Stage.SOON and data_request.status is Status.PLANNED:
        return Sentence(N_("Publish by %(day)s: %(title)s"), values)
    if stage is Stage.NEW and promised is None:
        return Sentence(N_("New for you: %(title)s"), values)
    return Sentence(_HEADLINES[stage], values)


_HEADLINES: dict[Stage, str] = {
    Stage.SOON: N_("Answer by %(day)s: %(title)s"),
    Stage.NEW: N_("New for you, answer by %(day)s: %(title)s"),
    Stage.TODAY: N_("Today: %(title)s"),
    Stage.LATE: N_("Late since %(day)s: %(title)s"),
    Stage.ESCALATED: N_("%(count)s working days late: %(title)s"),
    Stage.UNCLAIMED: N_("Nobody has taken it: %(title)s"),
}


def _where(session: Session, municipality: Municipality, mail: Claim, reason: Reason) -> str:
    """The unit whose mailbox it is, or the municipality."""
    if reason is not Reason.UNIT:
        return municipality.name
    wanted = select(Unit.name).where(Unit.municipality_id == municipality.id, Unit.mailbox == mail.recipient)
    return session.scalar(wanted.order_by(Unit.id).limit(1)) or municipality.name
