"""What somebody's next digests would say, with nothing sent and nothing marked."""

from collections.abc import Iterator
from datetime import time

from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality, Person
from dialogue.core.clock import now
from dialogue.mail.compose import Letter
from dialogue.mail.outbox import Claim
from dialogue.notifications.contents import SETTLED_AFTER
from dialogue.notifications.letters.digests import digest_letter
from dialogue.notifications.operations.digests import context_of
from dialogue.notifications.operations.gathering import gather
from dialogue.notifications.periods import newest_period
from dialogue.notifications.queries.digests import Reader, last_settled_event
from dialogue.notifications.rules import GATHERED, Cadence


def preview_digests(
    session: Session, person: Person, municipality: Municipality, starts: time
) -> Iterator[tuple[Cadence, Letter]]:
    """The digests of `municipality` that `person` would get now, for each cadence that has something to tell."""
    at = now()
    reader = Reader(person.id, person.email, person.locale)
    up_to = last_settled_event(session, at - SETTLED_AFTER)
    for cadence in GATHERED:
        first_on = newest_period(cadence, at, municipality.zone, starts).first_on
        (gathered,) = gather(session, municipality.id, cadence, [reader], up_to, first_on)
        context = context_of(municipality.id, cadence, first_on, gathered)
        mail = Claim(0, 0, "digest", person.email, person.id, person.locale, context, "preview", 0, False, at)
        letter = digest_letter(session, mail, has_keys=False) if gathered.event_ids else None
        if letter is not None:
            yield cadence, letter
