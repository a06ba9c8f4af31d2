"""How many working days a unit usually needs to its first answer."""

from statistics import median_low

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Unit
from dialogue.core.clock import local_day
from dialogue.core.workdays import workdays_between
from dialogue.requests.models import DataRequest

#: The newest first answers that count: what a unit did years ago says little about today.
NEWEST = 30


def refresh_usual_answer(session: Session, unit: Unit) -> None:
    """Work out `unit.usual_answer_days` again. Call when the unit has given a first answer."""
    session.flush()
    answered = session.execute(
        select(DataRequest.received_at, DataRequest.first_answered_at)
        .where(DataRequest.unit_id == unit.id, DataRequest.first_answered_at.is_not(None))
        .order_by(DataRequest.first_answered_at.desc())
        .limit(NEWEST)
    )
    zone = unit.municipality.zone
    days = [workdays_between(local_day(start, zone), local_day(end, zone)) for start, end in answered if start and end]
    unit.usual_answer_days = median_low(days) if days else None
