"""What of a digest its reader has ended since it was built."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality
from dialogue.core.clock import today
from dialogue.notifications.interest import targets_of, ways
from dialogue.notifications.models import Subscription
from dialogue.notifications.queries.digests import list_choices, list_told_of, list_votes
from dialogue.notifications.queries.searches import find_saved
from dialogue.notifications.rules import Cadence, Scope


def list_unwanted(
    session: Session,
    person_id: int,
    municipality: Municipality,
    cadence: Cadence | None,
    event_ids: Sequence[int],
    built_at: datetime,
) -> set[int]:
    """Those of `event_ids` that the person no longer wants to hear of in the digest of `cadence`."""
    ended = select(Subscription.id).where(
        Subscription.person_id == person_id,
        Subscription.municipality_id == municipality.id,
        Subscription.ended_at >= built_at,
    )
    if session.scalars(ended.limit(1)).first() is None:
        return set()
    # What was told up to where no longer matters: it is told here.
    own = {
        choice.target: choice._replace(told_up_to=0) for choice in list_choices(session, municipality.id, [person_id])
    }
    told = list_told_of(session, event_ids)
    requests = {each.request_id for each in told}
    voted = list_votes(session, [person_id], requests)
    saved = [int(target.partition(":")[2]) for target in own if target.startswith(f"{Scope.SEARCH}:")]
    found_by = find_saved(session, saved, requests, today(municipality.zone))
    wanted = {
        each.event_id
        for each in told
        for way in ways(
            each,
            person_id,
            own,
            targets_of(each, found_by.get(each.request_id, ())),
            has_voted=(person_id, each.request_id) in voted,
        )
        if cadence in (None, way.cadence)
    }
    return set(event_ids) - wanted
