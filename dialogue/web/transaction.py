"""The write door of web requests: one transaction a request, committed once, here.

A request that only shows something gets a read-only transaction. After a commit that left work for the worker
(`wake_worker_after_commit`), the worker is woken; if that fails the worker finds the work by itself within a minute.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from flask import current_app, request
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from dialogue.core import db as floor
from dialogue.core.errors import StaleVersion
from dialogue.core.language import N_
from dialogue.core.wake import wants_worker
from dialogue.web.extensions import db

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

#: The database is away, locked, or has no connection left for us: nothing was changed, and later it may go well.
AWAY = (OperationalError, NoConnection)

T = TypeVar("T")


def in_transaction(view: Callable[[], T]) -> T:
    """Run `view` in this request's one transaction. Raises StaleVersion when another change came first, or AWAY."""
    session = db.session
    try:
        if request.method in SAFE_METHODS:
            floor.read_only(session)
        answer = view()
        wake = wants_worker(session)
        session.commit()
    except (StaleDataError, IntegrityError) as error:
        give_up(session)
        raise StaleVersion(N_("Somebody else changed this at the same time.")) from error
    except AWAY:
        session.rollback()
        raise
    except BaseException:
        give_up(session)
        raise
    if wake:
        current_app.extensions["dialogue.bell"].ring()
    return answer


def write_apart(write: Callable[[Session], T]) -> T:
    """Commit what `write` does by itself, after the request's own changes are undone: for what outlives a refusal."""
    session = db.session
    session.rollback()
    try:
        result = write(session)
        session.commit()
    except BaseException:
        give_up(session)
        raise
    floor.read_only(session)
    return result


@contextmanager
def command_transaction() -> Iterator[Session]:
    """The write door of commands: one transaction, committed when the block ends well, undone when it does not."""
    session = db.session
    try:
        yield session
        wake = wants_worker(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    if wake:
        current_app.extensions["dialogue.bell"].ring()


def give_up(session: Session) -> None:
    """Undo what this request changed and let it go on reading, for the page that says why."""
    session.rollback()
    floor.read_only(session)
