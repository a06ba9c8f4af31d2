"""What a program gets to see of a row. Public facts only: nothing here names or reaches a private person.

The field names are a promise (contract of version 1): add, never rename.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from dialogue.accounts.models import Organisation
from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import FORMATS, FREQUENCIES, LICENCES
from dialogue.conversation.models import Message
from dialogue.core import orgnumber
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.promises import is_overdue


def write_request(data_request: DataRequest, base: str, today: date) -> dict[str, Any]:
    """A request. `base` is the site's address, `today` the municipality's day."""
    return {
        "number": data_request.id,
        "url": f"{base}/requests/{data_request.id}-{data_request.slug}",
        "municipality": data_request.municipality.slug,
        "title": data_request.title,
        "need": data_request.need,
        "purpose": data_request.purpose,
        "kind": data_request.kind,
        "status": data_request.status,
        "outcome": data_request.outcome,
        "unit": data_request.unit.name if data_request.unit else None,
        "area": data_request.area.slug if data_request.area else None,
        "theme": data_request.area.theme if data_request.area else None,
        "organisation": public_name(data_request.organisation),
        "update_frequency": FREQUENCIES[data_request.update_frequency].uri,
        "format": data_request.format or None,
        "votes_count": data_request.votes_count,
        "followers_count": data_request.followers_count,
        "messages_count": data_request.messages_count,
        "next_on": _iso(data_request.next_on),
        "due_on": _iso(data_request.due_on),
        "overdue": is_overdue(data_request, today),
        "waiting_on": data_request.waiting_on,
        "moves_count": data_request.moves_count,
        "created_at": _iso(data_request.received_at),
        "updated_at": _iso(data_request.updated_at),
        "published_at": _iso(data_request.published_at),
        "closed_at": _iso(data_request.closed_at),
        "extent": data_request.extent,
        "ground": data_request.ground,
        "explanation": data_request.explanation,
        "what_would_change_it": data_request.what_would_change_it,
        "review_on": _iso(data_request.review_on),
        "redirected_to": data_request.redirected_to,
        "latest_answer": data_request.latest_answer,
        "datasets": [write_dataset(dataset) for dataset in data_request.datasets],
    }


def write_dataset(dataset: Dataset) -> dict[str, Any]:
    """A dataset, with the URIs of DCAT-AP-SE."""
    return {
        "id": dataset.id,
        "title": dataset.title,
        "url": dataset.url,
        "licence": LICENCES[dataset.licence].uri or None,
        "format": FORMATS[dataset.format].uri or dataset.format,
        "update_frequency": FREQUENCIES[dataset.update_frequency].uri,
        "published_at": _iso(dataset.published_at),
    }


def write_message(message: Message) -> dict[str, Any]:
    """A post. A hidden one keeps its place and its reason, never its text."""
    hidden = message.hidden_at is not None
    return {
        "id": message.id,
        "is_official": message.is_official,
        "unit": message.unit.name if message.unit and message.is_official else None,
        "organisation": None if message.is_official else public_name(message.organisation),
        "body": None if hidden else message.body,
        "body_html": None if hidden else message.body_html,
        "hidden_reason": message.hidden_reason if hidden else None,
        "posted_at": _iso(message.posted_at),
        "edited_at": _iso(message.edited_at),
    }


def write_event(event: RequestEvent) -> dict[str, Any]:
    """Something that happened to a request."""
    return {
        "id": event.id,
        "kind": event.kind,
        "unit": event.unit.name if event.unit else None,
        "actor_role": event.actor_role,
        "message_id": event.message_id,
        "old": event.old,
        "new": event.new,
        "happened_at": _iso(event.happened_at),
    }


def public_name(organisation: Organisation | None) -> str | None:
    """The name of a business; a sole trader's is a person's name and stays with us."""
    if organisation is None or (organisation.number and orgnumber.is_personal(organisation.number)):
        return None
    return organisation.name


def write_list(items: Iterable[dict[str, Any]], total: int, next_url: str | None) -> dict[str, Any]:
    """A page of a list."""
    return {"items": list(items), "total": total, "next": next_url}


def _iso(value: date | datetime | None) -> str | None:
    return value.isoformat() if value is not None else None
