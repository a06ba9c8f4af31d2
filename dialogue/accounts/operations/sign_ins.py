"""Beginning and ending a session on the server."""

from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from dialogue.accounts import queries
from dialogue.accounts.models import Person, SignInSession
from dialogue.accounts.operations.people import note_life
from dialogue.accounts.rules import OFFICIAL_SESSION_LASTS, SESSION_LASTS
from dialogue.core.clock import now
from dialogue.core.errors import Forbidden, NotFound
from dialogue.core.language import N_
from dialogue.core.tokens import hash_token, new_token


@dataclass(frozen=True)
class Begun:
    """A session that has just begun, with the secret that only the browser may keep."""

    sign_in: SignInSession
    token: str


def begin_sign_in(session: Session, person: Person, device: str, *, replacing: SignInSession | None = None) -> Begun:
    """Sign `person` in on `device` (the browser's own description); the session that it had before ends.

    Raises Forbidden when the person is shut out.
    """
    if person.disabled_at is not None:
        raise Forbidden(N_("This account is closed. Contact the municipality if that is wrong."))
    if replacing is not None:
        session.delete(replacing)
    at, token = now(), new_token()
    is_staff = queries.get_viewer(session, person).is_staff
    sign_in = SignInSession(
        person=person,
        token_hash=hash_token(token),
        device=device[:120],
        created_at=at,
        expires_at=at + (OFFICIAL_SESSION_LASTS if is_staff else SESSION_LASTS),
    )
    session.add(sign_in)
    note_life(person)
    session.flush()
    return Begun(sign_in, token)


def end_sign_in(session: Session, person: Person, sign_in_id: int) -> None:
    """End one of `person`'s sessions. Raises NotFound when it is not theirs."""
    sign_in = session.get(SignInSession, sign_in_id)
    if sign_in is None or sign_in.person_id != person.id:
        raise NotFound
    session.delete(sign_in)


def end_all_sign_ins(session: Session, person_id: int) -> None:
    """End every session of a person: when a role changes, when an account is disabled."""
    session.execute(delete(SignInSession).where(SignInSession.person_id == person_id))


def end_other_sign_ins(session: Session, person: Person, *, but: SignInSession | None) -> None:
    """End every session of `person` but one."""
    others = delete(SignInSession).where(SignInSession.person_id == person.id)
    session.execute(others.where(SignInSession.id != (but.id if but else 0)))
