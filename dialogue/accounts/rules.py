"""Roles, what an e-mail proof can be for, and how long each lasts."""

from datetime import timedelta
from enum import StrEnum


class Role(StrEnum):
    """What a person does for the municipality, granted per unit."""

    OFFICIAL = "official"
    COORDINATOR = "coordinator"
    DECIDER = "decider"
    ADMINISTRATOR = "administrator"


class ProofPurpose(StrEnum):
    """Acts that wait for an e-mail address to be proved."""

    SIGN_IN = "sign_in"
    CONFIRM_REQUEST = "confirm_request"
    CAST_VOTE = "cast_vote"
    POST_MESSAGE = "post_message"
    SUBSCRIBE = "subscribe"


class ProofState(StrEnum):
    """What can still be done with a proof."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"


def voice_of(organisation_id: int | None, person_id: int) -> str:
    """What is counted where people speak up: their organisation, or the person who speaks for none."""
    return f"o{organisation_id}" if organisation_id is not None else f"p{person_id}"


#: A sign-in mail is dead after half an hour. An act that somebody took the trouble to write waits a week for its link;
#: after that the text is kept for a while longer, and a new mail brings a new link.
SIGN_IN_LASTS = timedelta(minutes=30)
CODE_LASTS = timedelta(minutes=30)
ACT_LASTS = timedelta(days=7)

#: How long an expired or used proof is kept, so that its page can say what became of it and send a new mail.
PROOF_KEPT_AFTER = timedelta(days=30)

#: Wrong codes before the code of a proof is dead (the link still works).
CODE_TRIES = 5

#: How long a device stays signed in.
SESSION_LASTS = timedelta(days=90)
OFFICIAL_SESSION_LASTS = timedelta(days=14)

#: How long a form waits for its author to sign in again: as long as a form may lie open (WTF_CSRF_TIME_LIMIT).
KEPT_FORM_LASTS = timedelta(days=2)
