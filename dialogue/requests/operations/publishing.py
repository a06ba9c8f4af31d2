"""Verbs that end with data: published now, or found to be available already; and what the asker says of it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from dialogue.accounts.policy import Relation, Viewer, relations
from dialogue.accounts.rules import voice_of
from dialogue.catalogue.models import Dataset
from dialogue.catalogue.operations import get_or_create_dataset
from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.core.clock import now
from dialogue.core.db import upserting
from dialogue.core.errors import InvalidTransition
from dialogue.core.language import N_
from dialogue.core.personnummer import refuse_personal_numbers
from dialogue.requests.models import DataRequest, DeliveryWord, RequestEvent
from dialogue.requests.operations.moves import carry_out, guard
from dialogue.requests.operations.planning import check_publication
from dialogue.requests.promises import agreed
from dialogue.requests.queries.deliveries import list_words
from dialogue.requests.rules import Action, Extent, Works


@dataclass(frozen=True)
class Publication:
    """Where the data is and how it is kept."""

    dataset_url: str
    licence: Licence
    format: Format
    update_frequency: Frequency
    extent: Extent
    #: The dataset's name; the request's title when nothing is given.
    title: str = ""
    #: When the rest comes, if only a part is published.
    next_on: date | None = None


def publish_request(
    session: Session,
    viewer: Viewer,
    data_request: DataRequest,
    publication: Publication,
    *,
    version: int | None,
    message_id: int | None = None,
) -> RequestEvent:
    """The data is out: put it into the catalogue and tie it to the request.

    Raises InvalidValue for an address that is not one of the web, or a date of the rest that cannot be.
    """
    action = guard(viewer, data_request, "publish", version)
    next_on = None
    if publication.extent is Extent.PARTIAL and publication.next_on is not None:
        next_on = check_publication(data_request, publication.next_on)
    dataset = get_or_create_dataset(
        session,
        municipality_id=data_request.municipality_id,
        unit_id=data_request.unit_id,
        title=publication.title or data_request.title,
        url=publication.dataset_url,
        licence=publication.licence,
        format=publication.format,
        update_frequency=publication.update_frequency,
    )
    changes: dict[str, Any] = {"extent": publication.extent, "next_on": next_on}
    details = _tie(session, data_request, dataset)
    return carry_out(session, viewer, data_request, action, changes, details=details, message_id=message_id)


def say_already_available(
    session: Session,
    viewer: Viewer,
    data_request: DataRequest,
    *,
    version: int | None,
    message_id: int,
    dataset_url: str,
    title: str = "",
    unit_id: int | None = None,
) -> RequestEvent:
    """The data was there all the time, at `dataset_url`. Raises InvalidValue for an address that is none."""
    action = guard(viewer, data_request, "already_available", version)
    dataset = get_or_create_dataset(
        session,
        municipality_id=data_request.municipality_id,
        unit_id=data_request.unit_id,
        title=title or data_request.title,
        url=dataset_url,
    )
    details = _tie(session, data_request, dataset)
    changes: dict[str, Any] = {"next_on": None}
    return carry_out(
        session,
        viewer,
        data_request,
        action,
        changes,
        details=details,
        message_id=message_id,
        unit_id=unit_id,
    )


def confirm_delivery(
    session: Session, viewer: Viewer, data_request: DataRequest, *, version: int | None, works: Works, note: str = ""
) -> RequestEvent:
    """The asker says if the data works, and what it is used for. Said again in other words, the last word counts.

    Those who voted may say it when the asker has been silent for long: then three voices count as much.
    """
    action = guard(viewer, data_request, "confirm_delivery", version)
    refuse_personal_numbers("note", note)
    if Relation.ASKER not in relations(viewer, data_request):
        return _note_word(session, viewer, data_request, action, works, note)
    if data_request.works is works and (data_request.use_note or "") == note:
        raise InvalidTransition(N_("You have said so already."))
    changes: dict[str, Any] = {"works": works, "use_note": note or None}
    data_request.confirmed_at = now()
    return carry_out(session, viewer, data_request, action, changes, note=note or None)


def _note_word(
    session: Session, viewer: Viewer, data_request: DataRequest, action: Action, works: Works, note: str
) -> RequestEvent:
    assert viewer.person_id is not None  # noqa: S101 (who voted is somebody)
    voice = voice_of(viewer.organisation_id, viewer.person_id)
    insert = upserting(session)
    values = {"voice": voice, "works": works, "note": note or None, "said_at": now()}
    statement = insert(DeliveryWord).values(request_id=data_request.id, person_id=viewer.person_id, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["request_id", "person_id"], set_=values))
    said = list_words(session, data_request.id)
    found = agreed(said.values())
    changes: dict[str, Any] = {}
    if found is not None:
        changes["works"] = found
        data_request.confirmed_at = now()
    details = {"said": works.value, "voices": len(said)}
    return carry_out(session, viewer, data_request, action, changes, details=details, note=note or None)


def _tie(session: Session, data_request: DataRequest, dataset: Dataset) -> dict[str, Any]:
    with session.no_autoflush:
        if dataset not in data_request.datasets:
            data_request.datasets.append(dataset)
    return {"dataset_id": dataset.id, "dataset_url": dataset.url, "dataset_title": dataset.title}
