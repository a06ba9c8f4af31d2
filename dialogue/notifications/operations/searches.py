"""Saving what was searched for, and forgetting what nobody wants to be told of any more."""

from datetime import timedelta

from sqlalchemy import delete, exists
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.notifications.models import SavedSearch, Subscription
from dialogue.notifications.queries.searches import find_search

#: A search waits so long for the mail that confirms the first subscription to it.
UNUSED_KEPT = timedelta(days=30)


def save_search(session: Session, search: SavedSearch) -> SavedSearch:
    """Keep `search`, or give the one that is kept and looks for the same."""
    kept = find_search(session, search.municipality_id, search.key)
    if kept is not None:
        return kept
    session.add(search)
    session.flush()
    return search


def forget_unused_searches(session: Session) -> None:
    """Remove searches that nobody has a subscription to, ended or not, some time after they were saved."""
    used = exists().where(Subscription.search_id == SavedSearch.id)
    session.execute(delete(SavedSearch).where(~used, SavedSearch.created_at < now() - UNUSED_KEPT))
