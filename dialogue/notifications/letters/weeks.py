"""The Monday mail to somebody who works with requests."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality
from dialogue.accounts.rules import Role
from dialogue.core.clock import now, today
from dialogue.core.language import Sentence
from dialogue.mail.compose import Letter
from dialogue.mail.outbox import Claim
from dialogue.notifications.letters.acts import Act, acts_on
from dialogue.notifications.letters.frame import choices_path, find_reader, letter, mailing_list, stop_path
from dialogue.notifications.queries.duty import read_duty
from dialogue.notifications.queries.subscriptions import find_subscription
from dialogue.notifications.queries.weeks import list_of_week, week_of
from dialogue.notifications.reminders import WeekPart
from dialogue.notifications.rules import Cadence, Scope
from dialogue.notifications.wording import STOP_WEEK, WEEK_HEADINGS, WHY_WEEK
from dialogue.requests.models import DataRequest
from dialogue.requests.promises import next_step
from dialogue.requests.wording.states import STEPS, promise, status_word


@dataclass(frozen=True)
class Entry:
    """One request in the mail."""

    part: WeekPart
    title: str
    path: str
    status: str
    promise: Sentence | None
    step: str
    acts: list[Act]


def week_letter(session: Session, mail: Claim, *, has_keys: bool = True) -> Letter | None:
    """What waits by now. None when all of it is done, or the reader wants no such mail or has the work no longer.

    Without keys it can be shown to others than its reader: it ends and changes nothing.
    """
    municipality = session.get_one(Municipality, mail.context["municipality_id"])
    day = today(municipality.zone)
    duty = read_duty(session, municipality.id, day)
    person = find_reader(session, mail)
    colleague = duty.colleagues.get(person.id) if person else None
    target = f"{Scope.YOUR_TURN}:{municipality.id}"
    choice = find_subscription(session, person.id, target) if person else None
    if person is None or colleague is None or (choice is not None and choice.cadence is Cadence.OFF):
        return None
    rows = list_of_week(session, municipality, day, now(), duty)
    parts = {row.id: part for row, part in week_of(colleague, rows, municipality, day, duty)}
    entries = _list_entries(session, mail, parts, municipality)
    if not entries:
        return None
    left_out = mail.context["left_out"]
    path = stop_path(session, person, target) if has_keys else None
    return letter(
        municipality,
        Sentence(WHY_WEEK, {"name": municipality.name}),
        {
            "counts": {
                part.value: sum(entry.part is part for entry in entries) + left_out[part.value] for part in WeekPart
            },
            "sections": [
                {"heading": WEEK_HEADINGS[part], "entries": [entry for entry in entries if entry.part is part]}
                for part in WeekPart
                if any(entry.part is part for entry in entries)
            ],
            "left_out": sum(left_out.values()),
            "answers": any(role in colleague.reach for role in (Role.OFFICIAL, Role.DECIDER)),
        },
        mailing_list=mailing_list(municipality, target, "Dialogue", path) if path else None,
        stop=Sentence(STOP_WEEK) if path else None,
        stop_path=path,
        choices_path=choices_path(session, person) if has_keys else None,
    )


def _list_entries(session: Session, mail: Claim, parts: dict[int, WeekPart], municipality: Municipality) -> list[Entry]:
    day, links = today(municipality.zone), mail.context["links"]
    numbers = [number for number in mail.context["request_ids"] if number in parts]
    found = {each.id: each for each in session.scalars(select(DataRequest).where(DataRequest.id.in_(numbers)))}
    order = list(WeekPart)
    return [
        Entry(
            part=parts[number],
            title=found[number].title,
            path=f"/requests/{number}-{found[number].slug}",
            status=status_word(found[number], day),
            promise=promise(found[number], day),
            step=STEPS[next_step(found[number], day)],
            acts=acts_on(number, found[number].status, links) if str(number) in links else [],
        )
        for number in sorted(numbers, key=lambda number: order.index(parts[number]))
    ]
