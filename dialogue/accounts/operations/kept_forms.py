"""A form that came from somebody who was no longer signed in is kept until they are."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.orm import Session

from dialogue.accounts import queries
from dialogue.accounts.models import KeptForm
from dialogue.core.clock import now
from dialogue.core.limits import Limit, count_try, network_of
from dialogue.core.tokens import hash_token, new_token

#: Forms kept for one network: the table cannot be filled from outside.
KEPT_PER_IP = Limit("kept-form", 30, timedelta(minutes=30))


def keep_form(session: Session, path: str, fields: Iterable[tuple[str, str]], *, ip: str) -> str:
    """Keep `fields` of a form that posts to `path`. Returns the secret that only the browser may hold.

    Raises RateLimited.
    """
    count_try(session, KEPT_PER_IP, network_of(ip), now())
    token = new_token()
    session.add(KeptForm(token_hash=hash_token(token), path=path[:500], fields=[*map(list, fields)], created_at=now()))
    session.flush()
    return token


def drop_kept_form(session: Session, token: str | None) -> None:
    """Throw a kept form away."""
    kept = queries.find_kept_form(session, token, now())
    if kept is not None:
        session.delete(kept)
