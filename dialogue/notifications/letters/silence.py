"""The one question to somebody who has long not been heard of."""

from datetime import datetime

from sqlalchemy.orm import Session

from dialogue.accounts.queries import list_municipalities
from dialogue.core.language import N_, Sentence
from dialogue.mail.compose import Letter
from dialogue.mail.outbox import Claim
from dialogue.notifications.letters.frame import choices_path, find_reader, letter
from dialogue.notifications.queries.subscriptions import list_listed

#: Things that are named; the page behind the link has all of them.
_NAMED = 8


def still_there(session: Session, mail: Claim) -> Letter | None:
    """What one gets, and the button that keeps it; pointless once the person was heard of, or ended it all."""
    person = find_reader(session, mail)
    listed = list_listed(session, person.id) if person else []
    if person is None or person.asked_at is None or not listed:
        return None
    places = list_municipalities(session)
    return letter(
        places[0] if len(places) == 1 else None,
        Sentence(N_("You get this because you have not used the mail or the service for half a year.")),
        {
            "names": [each.name(mail.locale) for each in listed[:_NAMED]],
            "more": max(0, len(listed) - _NAMED),
            "keep_path": choices_path(session, person) + "/keep",
            "rests_at": datetime.fromisoformat(mail.context["rests_at"]),
        },
        choices_path=choices_path(session, person),
    )
