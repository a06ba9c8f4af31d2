"""Asking those who have long not been heard of whether they still want their mail, once, and then letting it rest.

What counts as being heard of is something done by hand: a sign-in, a form that was sent, a button behind a link in a
mail. That a page was opened does not count: GET never writes, and mail scanners open every link.
"""

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.core.clock import now
from dialogue.mail.compose import queue_email
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.models import Digest, MailRest, Subscription
from dialogue.notifications.operations.resting import rest_mail
from dialogue.notifications.rules import ANSWER_WAITED, SILENT_AFTER, Cadence

#: People asked or left alone in one transaction.
AT_A_TIME = 100


def ask_the_silent(session: Session) -> int:
    """Ask some who get mail and were not heard of for SILENT_AFTER. Returns how many."""
    at = now()
    got_digest = exists().where(Digest.person_id == Person.id, Digest.items > 0, Digest.built_at > Person.alive_at)
    got_notice = exists().where(
        OutgoingEmail.person_id == Person.id,
        OutgoingEmail.state == MailState.SENT,
        OutgoingEmail.created_at > Person.alive_at,
    )
    wanted = _followers().where(
        Person.asked_at.is_(None), Person.alive_at <= at - SILENT_AFTER, or_(got_digest, got_notice)
    )
    people = session.scalars(wanted.with_for_update(of=Person, skip_locked=True)).all()
    for person in people:
        person.asked_at = at
        queue_email(
            session,
            template="still_there",
            recipient=person.email,
            locale=person.locale,
            context={"rests_at": (at + ANSWER_WAITED).isoformat()},
            dedupe_key=f"still:{person.id}:{person.alive_at:%Y-%m-%dT%H:%M:%S}",
            person_id=person.id,
            expires_at=at + ANSWER_WAITED,
        )
    return len(people)


def rest_the_silent(session: Session) -> int:
    """Let the mail of some rest who were asked and have not answered within ANSWER_WAITED. Returns how many."""
    people = session.scalars(_followers().where(Person.asked_at <= now() - ANSWER_WAITED)).all()
    for person in people:
        rest_mail(session, person, None)
    return len(people)


def _followers() -> Select[Person]:
    """People with mail that may be turned down and does not rest, the longest unheard of first."""
    return (
        select(Person)
        .where(Person.disabled_at.is_(None), _follows(), ~_rests())
        .order_by(Person.alive_at, Person.id)
        .limit(AT_A_TIME)
    )


def _follows() -> ColumnElement[bool]:
    return exists().where(Subscription.person_id == Person.id, Subscription.cadence != Cadence.OFF)


def _rests() -> ColumnElement[bool]:
    return exists().where(MailRest.person_id == Person.id, MailRest.caught_up_at.is_(None))
