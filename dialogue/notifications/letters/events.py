"""Mails that tell what happened to a request. One function for all of them: the folders say it differently."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from dialogue.accounts.models import Unit
from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import FORMATS, FREQUENCIES, LICENCES, Format, Frequency, Licence
from dialogue.conversation.models import Message
from dialogue.core.clock import today
from dialogue.core.language import Sentence
from dialogue.mail.compose import Letter
from dialogue.mail.outbox import Claim
from dialogue.notifications.letters.acts import acts_on
from dialogue.notifications.letters.frame import (
    answer_about,
    choices_path,
    find_reader,
    letter,
    mailing_list,
    stop_path,
)
from dialogue.notifications.queries.duty import read_duty
from dialogue.notifications.queries.reasons import find_reason, may_be_told, name_of
from dialogue.notifications.rules import OWN_MATTER, Reason
from dialogue.notifications.wording import STOP, WHY
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.promises import answer_by, promised_on
from dialogue.requests.rules import LIVE, EventKind, Ground
from dialogue.requests.wording.events import event_sentence
from dialogue.requests.wording.states import GROUNDS, due_label, status_word

#: Events that are nothing but somebody's words: without them there is nothing to tell.
_WORDS = frozenset(
    {EventKind.ANSWER_POSTED, EventKind.MESSAGE_POSTED, EventKind.QUESTION_ASKED, EventKind.QUESTION_ANSWERED}
)


def event_letter(session: Session, mail: Claim) -> Letter | None:
    """What happened, as it may be told to this recipient now."""
    event = session.get(RequestEvent, mail.context["event_id"])
    if event is None:
        return None
    data_request = session.get_one(DataRequest, event.request_id)
    message = session.get(Message, event.message_id) if event.message_id is not None else None
    if not (may_be_told(event.kind, data_request) and _still_holds(event, data_request, message)):
        return None
    values = _values(session, mail.locale, event, data_request, message)
    if mail.person_id is None:
        return _to_mailbox(session, mail, data_request, values)
    if "unit_id" in mail.context:
        return _to_official(session, mail, data_request, values)
    return _to_person(session, mail, event, data_request, values)


def _still_holds(event: RequestEvent, data_request: DataRequest, message: Message | None) -> bool:
    """Whether what happened still is so: nothing hidden leaves, and nothing is told that was undone."""
    match event.kind:
        case EventKind.REQUEST_HIDDEN:
            return data_request.hidden_at is not None
        case EventKind.MESSAGE_HIDDEN:
            return message is not None and message.hidden_at is not None
        case kind if kind in _WORDS or kind is EventKind.MESSAGE_SHOWN:
            return message is not None and message.hidden_at is None
    return True


def _to_mailbox(session: Session, mail: Claim, data_request: DataRequest, values: dict[str, Any]) -> Letter | None:
    """To the unit's own mailbox while it has the request, or to the municipality's while no unit has it."""
    unit_id = mail.context.get("unit_id")
    if data_request.unit_id != unit_id:
        return None
    municipality = data_request.municipality
    unit = session.get_one(Unit, unit_id) if unit_id is not None else None
    reason = Reason.UNIT if unit else Reason.CONTACT
    why = Sentence(WHY[reason], {"name": unit.name if unit else municipality.name})
    if unit is not None and data_request.status in LIVE:
        values["acts_on_it"] = acts_on(data_request.id, data_request.status, mail.context.get("links", {}))
    return letter(municipality, why, {"reason": reason.value, **values}, answer=answer_about(data_request, unit))


def _to_official(session: Session, mail: Claim, data_request: DataRequest, values: dict[str, Any]) -> Letter | None:
    """To who had taken the request, or stood in, while it stands with their unit."""
    person, municipality = find_reader(session, mail), data_request.municipality
    colleagues = read_duty(session, municipality.id, today(municipality.zone)).colleagues
    if person is None or data_request.unit_id != mail.context["unit_id"]:
        return None
    if person.id not in colleagues or not colleagues[person.id].answers_for(data_request.unit_id):
        return None
    why = Sentence(WHY[Reason.OFFICIAL], {"name": municipality.name})
    # To the templates it is the unit's own matter, whoever in the unit reads it.
    answer = answer_about(data_request, person)
    return letter(municipality, why, {"reason": Reason.UNIT.value, **values}, answer=answer)


def _to_person(
    session: Session, mail: Claim, event: RequestEvent, data_request: DataRequest, values: dict[str, Any]
) -> Letter | None:
    person = find_reader(session, mail)
    searches = mail.context.get("searches", ())
    found = find_reason(session, person.id, event, data_request, searches) if person else None
    if person is None or found is None:
        return None
    reason, ends = found
    municipality = data_request.municipality
    values = {"reason": reason.value, **values}
    answer = answer_about(data_request, person)
    if reason is Reason.ASKER:
        values["asked_by"] = None
    if ends is None:
        why = Sentence(WHY[reason], {"name": municipality.name})
        choices = None if reason is Reason.COORDINATOR else choices_path(session, person)
        return letter(municipality, why, values, unit=data_request.unit, choices_path=choices, answer=answer)
    name = name_of(session, ends, data_request, mail.locale)
    path = stop_path(session, person, ends)
    return letter(
        municipality,
        Sentence(WHY[reason], {"name": name}),
        values,
        unit=data_request.unit,
        mailing_list=None if reason in OWN_MATTER else mailing_list(municipality, ends, name, path),
        stop=Sentence(STOP[reason], {"name": name}),
        stop_path=path,
        choices_path=choices_path(session, person),
        answer=answer,
    )


def _values(
    session: Session, locale: str, event: RequestEvent, data_request: DataRequest, message: Message | None
) -> dict[str, Any]:
    """What the templates may say."""
    now_on = today(data_request.municipality.zone)
    path = f"/requests/{data_request.id}-{data_request.slug}"
    shown = message if message is not None and message.hidden_at is None else None
    return {
        "happened": event_sentence(event),
        "acts_on_it": [],
        "told_of_post": event.kind in (EventKind.MESSAGE_HIDDEN, EventKind.MESSAGE_SHOWN),
        "number": data_request.id,
        "title": data_request.title,
        "asked_by": data_request.organisation.name if data_request.organisation else None,
        "unit": (data_request.unit or data_request.municipality).name,
        "has_unit": data_request.unit is not None,
        "acted": (event.unit or data_request.municipality).name,
        "kind": data_request.kind.value,
        "path": path,
        "answer": _quoted(shown, data_request) if shown else None,
        "answer_path": f"{path}#message-{shown.id}" if shown else path,
        "status": status_word(data_request, now_on),
        "due": due_label(data_request, now_on),
        "next_on": promised_on(data_request),
        "answer_by": answer_by(data_request, None),
        "told": {name: _fact(value) for name, value in event.new.items()},
        "note": event.note,
        "need": data_request.need,
        "purpose": data_request.purpose,
        "frequency": _frequency(data_request.update_frequency),
        "datasets": [_dataset(dataset) for dataset in data_request.datasets],
        "extent": data_request.extent.value if data_request.extent else None,
        **_refusal(data_request),
    }


def _quoted(message: Message, data_request: DataRequest) -> dict[str, Any]:
    """Somebody's words, whole: the municipality's as the unit, a person's as the business."""
    by: str | None
    if message.is_official:
        by = (message.unit or data_request.municipality).name
    else:
        by = message.organisation.name if message.organisation else None
    return {"by": by, "text": message.body, "official": message.is_official}


def _dataset(dataset: Dataset) -> dict[str, str]:
    return {
        "title": dataset.title,
        "url": dataset.url,
        "format": "" if dataset.format is Format.OTHER else FORMATS[dataset.format].label,
        "licence": "" if dataset.licence is Licence.OTHER else LICENCES[dataset.licence].label,
        "frequency": _frequency(dataset.update_frequency),
    }


def _frequency(frequency: Frequency) -> str:
    return "" if frequency is Frequency.UNKNOWN else FREQUENCIES[frequency].label


def _refusal(data_request: DataRequest) -> dict[str, Any]:
    return {
        "ground": GROUNDS[Ground(data_request.ground)] if data_request.ground else None,
        "explanation": data_request.explanation,
        "what_would_change_it": data_request.what_would_change_it,
        "review_on": data_request.review_on,
        "rights_holder": data_request.rights_holder,
        "redirected_to": data_request.redirected_to,
    }


def _fact(value: Any) -> Any:
    """A value that the event kept; dates were written as text."""
    if isinstance(value, str) and len(value) == len("2026-11-23"):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value
