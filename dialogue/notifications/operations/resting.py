"""Letting one's mail rest for a while, and having it again."""

from datetime import date, time

from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.accounts.queries import list_municipalities
from dialogue.core.clock import now
from dialogue.notifications.models import MailRest
from dialogue.notifications.periods import starts_on
from dialogue.notifications.queries.rests import list_rests
from dialogue.notifications.queries.subscriptions import latest_event_id


def rest_mail(session: Session, person: Person, until: date | None, starts: time = time()) -> None:
    """Send `person` nothing that may be turned down before `until`, in any municipality; without a day until they say.

    The rest ends when that day's digests are due, at `starts`. One that goes on already only gets another end.
    """
    at, cursor = now(), latest_event_id(session)
    rests = {rest.municipality_id: rest for rest in list_rests(session, person.id)}
    for place in list_municipalities(session):
        rest = rests.get(place.id) or MailRest(person_id=person.id, municipality_id=place.id, caught_up_at=at)
        if rest.caught_up_at is not None:
            rest.since_at, rest.after_event_id, rest.caught_up_at = at, cursor, None
        rest.until_at = starts_on(until, place.zone, starts) if until else None
        session.add(rest)
    session.flush()


def wake_mail(session: Session, person: Person) -> bool:
    """Let it come again from now on. False when it does not rest."""
    at = now()
    resting = [rest for rest in list_rests(session, person.id) if is_resting(rest)]
    for rest in resting:
        rest.until_at = at
    return bool(resting)


def is_resting(rest: MailRest) -> bool:
    """Whether the pause goes on."""
    return rest.caught_up_at is None and (rest.until_at is None or rest.until_at > now())
