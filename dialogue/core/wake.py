"""A note on the session that the worker has something to do once the transaction is committed."""

from sqlalchemy.orm import Session

_KEY = "dialogue_wants_worker"


def want_worker(session: Session) -> None:
    """Ask for the worker to be woken after the commit."""
    session.info[_KEY] = True


def wants_worker(session: Session) -> bool:
    """Whether the worker was asked for since the last call."""
    return bool(session.info.pop(_KEY, False))
