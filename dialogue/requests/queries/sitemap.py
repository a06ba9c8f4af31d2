"""SELECTs for crawlers."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.core.text import slugify
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import Status


def list_public_addresses(session: Session, limit: int) -> list[str]:
    """Local addresses of the newest public requests, at most `limit`."""
    wanted = (
        select(DataRequest.id, DataRequest.title)
        .where(DataRequest.status != Status.DRAFT, DataRequest.hidden_at.is_(None))
        .order_by(DataRequest.id.desc())
        .limit(limit)
    )
    return [f"/requests/{number}-{slugify(title)}" for number, title in session.execute(wanted)]
