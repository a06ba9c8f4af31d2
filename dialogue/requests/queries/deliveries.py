"""SELECTs of what voters say of published data."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.requests.models import DeliveryWord
from dialogue.requests.rules import Works


def list_words(session: Session, request_id: int) -> dict[str, Works]:
    """What each voice says of the data that a request led to; of several people in one business, the last one."""
    wanted = select(DeliveryWord.voice, DeliveryWord.works).where(DeliveryWord.request_id == request_id)
    return {row.voice: row.works for row in session.execute(wanted.order_by(DeliveryWord.said_at, DeliveryWord.id))}
