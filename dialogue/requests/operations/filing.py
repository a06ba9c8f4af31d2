"""From a form filled in by somebody unknown to a public request."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Locale, Municipality, Person
from dialogue.accounts.operations.people import name_organisation, parse_number, speak_for
from dialogue.accounts.policy import Viewer
from dialogue.catalogue.rules import Frequency
from dialogue.core.clock import local_day, now
from dialogue.core.errors import InvalidTransition
from dialogue.core.language import N_
from dialogue.core.personnummer import refuse_personal_numbers
from dialogue.core.workdays import add_workdays
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.moves import move, record
from dialogue.requests.rules import FORMAL_DAYS, EventKind, Kind, Status


@dataclass(frozen=True)
class Filing:
    """What the form says."""

    title: str
    need: str
    purpose: str
    update_frequency: Frequency
    kind: Kind
    format: str = ""
    example_url: str = ""
    benefit: str = ""


#: What everybody will be able to read.
_PUBLISHED = ("title", "need", "purpose", "format", "benefit")


def file_request(
    session: Session,
    municipality: Municipality,
    filing: Filing,
    *,
    email: str,
    form_key: str,
    locale: str,
    draft_id: int | None = None,
) -> DataRequest:
    """Keep `filing` as a draft until `email` is proved.

    The same form sent twice (`form_key`, or the same words where the form carries none) is one draft: what was changed
    in between is what counts. So is a fresh form that says again what the draft `draft_id` says, which the caller has
    made sure is of the same person: browsers that go back fetch the form anew.

    Raises InvalidValue for a personal number, which nobody may publish.
    """
    _refuse_personal_numbers(filing)
    # A form that is pressed twice may come twice at once: one after the other, or both would make the draft.
    session.execute(select(Municipality.id).where(Municipality.id == municipality.id).with_for_update(key_share=True))
    key = _filing_key(email, form_key or f"{filing.title}\n{filing.need}")
    data_request = session.scalar(select(DataRequest).where(DataRequest.filing_key == key))
    if data_request is None and draft_id is not None:
        data_request = _said_again(session, draft_id, filing)
    at = now()
    if data_request is None:
        data_request = DataRequest(
            municipality_id=municipality.id,
            filing_key=key,
            status=Status.DRAFT,
            locale=Locale(locale),
            created_at=at,
            updated_at=at,
            active_at=at,
            **asdict(filing),
        )
        session.add(data_request)
    elif data_request.status is Status.DRAFT:
        data_request.municipality_id = municipality.id
        revise_draft(data_request, filing)
    session.flush()
    return data_request


def _said_again(session: Session, draft_id: int, filing: Filing) -> DataRequest | None:
    """The draft, when `filing` has its title or its need; whoever changed both asks for something else."""
    draft = session.get(DataRequest, draft_id)
    if draft is None or draft.status is not Status.DRAFT:
        return None
    return draft if filing.title == draft.title or filing.need == draft.need else None


def revise_draft(data_request: DataRequest, filing: Filing) -> None:
    """Change what a draft says. Raises InvalidTransition when it is public already, InvalidValue like filing it."""
    _refuse_personal_numbers(filing)
    if data_request.status is not Status.DRAFT:
        raise InvalidTransition(N_("The request is published already."))
    for name, value in asdict(filing).items():
        setattr(data_request, name, value)
    data_request.updated_at = now()


def proof_payload(data_request: DataRequest, organisation: str, organisation_number: str) -> dict[str, Any]:
    """What must be remembered beside the draft. Raises InvalidValue for an impossible organisation number."""
    if organisation_number.strip():
        parse_number(organisation_number)
    return {
        "request_id": data_request.id,
        "organisation": organisation,
        "organisation_number": organisation_number,
    }


def confirm_request(session: Session, person: Person, data_request: DataRequest, payload: dict[str, Any]) -> None:
    """Publish a draft whose address is proved: `person` asks, the municipality's promise starts to run."""
    if data_request.status is not Status.DRAFT:
        raise InvalidTransition(N_("The request is published already."))
    organisation = name_organisation(session, payload["organisation"], payload["organisation_number"])
    speak_for(person, organisation)
    session.flush()
    data_request.asker_id = person.id
    data_request.organisation_id = person.organisation_id
    today = local_day(now(), data_request.municipality.zone)
    if data_request.kind is Kind.FORMAL:
        # Lag (2022:818) 5 kap. 1 §: four calendar weeks from the day it is received. It never pauses.
        data_request.due_on = data_request.next_on = today + timedelta(days=FORMAL_DAYS)
    else:
        data_request.next_on = add_workdays(today, data_request.municipality.first_answer_days)
    move(session, data_request, Status.RECEIVED)
    asker = Viewer(person_id=person.id, organisation_id=person.organisation_id)
    record(session, asker, data_request, EventKind.REQUEST_CONFIRMED, new={"next_on": data_request.next_on})


def published_texts(data_request: DataRequest) -> list[str]:
    """The words of a request that everybody can read."""
    return [getattr(data_request, name) for name in _PUBLISHED]


def _refuse_personal_numbers(filing: Filing) -> None:
    for name in _PUBLISHED:
        refuse_personal_numbers(name, getattr(filing, name))


def _filing_key(email: str, words: str) -> str:
    return hashlib.sha256(f"{email}\n{words}".encode()).hexdigest()
