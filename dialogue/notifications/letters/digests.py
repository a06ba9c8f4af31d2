"""The mail that gathers what happened in a day, a week or a month."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality, Person
from dialogue.conversation.models import Message
from dialogue.core.clock import local_day, today
from dialogue.core.language import N_, Sentence
from dialogue.core.markdown import excerpt
from dialogue.mail.addresses import DigestAnswer
from dialogue.mail.compose import Letter, MailingList
from dialogue.mail.outbox import Claim
from dialogue.notifications.contents import SECTIONS, Section
from dialogue.notifications.letters.frame import choices_path, find_reader, letter, stop_path
from dialogue.notifications.queries.wanted import list_unwanted
from dialogue.notifications.rules import Cadence
from dialogue.notifications.wording import (
    SECTION_HEADINGS,
    SECTION_NEWS,
    SECTION_NEWS_OF_WEEK,
    STOP_DIGEST,
    WHY_DIGEST,
    WHY_RETURN,
)
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.promises import promised_on
from dialogue.requests.rules import LIVE
from dialogue.requests.wording.events import event_sentence
from dialogue.requests.wording.states import status_word
from dialogue.voting.queries import find_own_vote

#: Characters of a whole item.
BRIEF = 200

_HINT = N_("Decided by %(day)s, few have voted. Vote if you need the data too.")


@dataclass(frozen=True)
class Entry:
    """One item: what happened to one request."""

    section: Section
    happened_on: date
    title: str
    path: str
    status: str
    sentence: Sentence
    excerpt: str


def digest_letter(session: Session, mail: Claim, *, has_keys: bool = True) -> Letter | None:
    """What the digest tells that may still be told. None when nothing of it may, or it was ended meanwhile.

    Without keys it can be shown to others than its reader: it ends and changes nothing.
    """
    person = find_reader(session, mail)
    if person is None:
        return None
    municipality = session.get_one(Municipality, mail.context["municipality_id"])
    cadence = Cadence(mail.context["cadence"]) if mail.context["cadence"] else None
    event_ids = mail.context["event_ids"]
    unwanted = list_unwanted(session, person.id, municipality, cadence, event_ids, mail.created_at)
    entries = list_entries(session, municipality, [each for each in event_ids if each not in unwanted])
    if not entries:
        return None
    close = list(_close_entries(session, person, municipality, mail.context.get("close_ids", ())))
    return _letter(session, person, municipality, cadence, mail.context, entries, close, has_keys=has_keys)


def _close_entries(
    session: Session, person: Person, municipality: Municipality, request_ids: Sequence[int]
) -> Iterator[Entry]:
    """Requests whose decision is near, as long as it is and the person has not voted."""
    for request_id in request_ids:
        data_request = session.get(DataRequest, request_id)
        if data_request is None or data_request.hidden_at is not None or data_request.status not in LIVE:
            continue
        by = promised_on(data_request)
        if by is None or find_own_vote(session, person.id, request_id) is not None:
            continue
        yield Entry(
            section=Section.SOON,
            happened_on=today(municipality.zone),
            title=data_request.title,
            path=f"/requests/{data_request.id}-{data_request.slug}",
            status=status_word(data_request, today(municipality.zone)),
            sentence=Sentence(_HINT, {"day": by}),
            excerpt="",
        )


def list_entries(session: Session, municipality: Municipality, event_ids: Sequence[int]) -> list[Entry]:
    """The items behind `event_ids`, in that order, without what is hidden by now."""
    wanted = (
        select(RequestEvent, DataRequest)
        .join(DataRequest, DataRequest.id == RequestEvent.request_id)
        .where(RequestEvent.id.in_(event_ids), DataRequest.hidden_at.is_(None))
    )
    rows = {event.id: (event, data_request) for event, data_request in session.execute(wanted)}
    written = [event.message_id for event, _ in rows.values() if event.message_id is not None]
    messages = {message.id: message for message in session.scalars(select(Message).where(Message.id.in_(written)))}
    entries = [_entry(municipality, *rows[each], messages) for each in event_ids if each in rows]
    return [entry for entry in entries if entry is not None]


def _entry(
    municipality: Municipality, event: RequestEvent, data_request: DataRequest, messages: dict[int, Message]
) -> Entry | None:
    message = messages.get(event.message_id or 0)
    section = SECTIONS[event.kind]
    if message is not None and message.hidden_at is not None and section is Section.TALK:
        return None
    words = message.body if message is not None and message.hidden_at is None else ""
    if section is Section.NEW:
        words = data_request.need
    return Entry(
        section=section,
        happened_on=local_day(event.happened_at, municipality.zone),
        title=data_request.title,
        path=f"/requests/{data_request.id}-{data_request.slug}",
        status=status_word(data_request, today(municipality.zone)),
        sentence=event_sentence(event),
        excerpt=excerpt(words, BRIEF) if words else "",
    )


def _letter(
    session: Session,
    person: Person,
    municipality: Municipality,
    cadence: Cadence | None,
    context: dict[str, Any],
    entries: list[Entry],
    close: list[Entry],
    *,
    has_keys: bool,
) -> Letter:
    first_on = date.fromisoformat(context["first_on"])
    strongest = entries[0]
    count = len(entries) + context["left_out"]
    shown = [*entries, *close]
    usual = _begins(cadence, first_on)
    since = min([usual, *(entry.happened_on for entry in entries)])
    values = {
        "cadence": cadence,
        "week": (first_on - timedelta(days=1)).isocalendar().week,
        "strongest": Sentence(SECTION_NEWS[strongest.section], {"title": strongest.title}),
        "strongest_of_week": Sentence(SECTION_NEWS_OF_WEEK[strongest.section], {"title": strongest.title}),
        "others": count - 1,
        "count": count,
        "left_out": context["left_out"],
        "brief": BRIEF,
        # After a stop of the service it reaches further back than one period, and says so.
        "since": since,
        "covers_more": cadence is not None and since < usual,
        "sections": [
            {"heading": SECTION_HEADINGS[section], "entries": [entry for entry in shown if entry.section is section]}
            for section in Section
            if any(entry.section is section for entry in shown)
        ],
    }
    why = Sentence(WHY_DIGEST[cadence] if cadence else WHY_RETURN)
    if not has_keys:
        return letter(municipality, why, values)
    choices = choices_path(session, person)
    if cadence is None:
        return letter(municipality, why, values, choices_path=choices)
    path = stop_path(session, person, f"{cadence}:{municipality.id}")
    return letter(
        municipality,
        why,
        values,
        mailing_list=MailingList(
            key=f"{cadence}-{municipality.slug}",
            name=f"Dialogue, {municipality.name}",
            stop_path=path,
            mailbox=municipality.contact_email,
        ),
        stop=Sentence(STOP_DIGEST[cadence]),
        stop_path=path,
        choices_path=choices,
        answer=DigestAnswer(person.mail_handle),
    )


def _begins(cadence: Cadence | None, first_on: date) -> date:
    """The day on which the time begins that the digest due on `first_on` covers as a rule."""
    match cadence:
        case Cadence.DAILY:
            return first_on - timedelta(days=1)
        case Cadence.WEEKLY:
            return first_on - timedelta(days=7)
        case Cadence.MONTHLY:
            return (first_on - timedelta(days=1)).replace(day=1)
    return first_on
