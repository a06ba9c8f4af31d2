"""How a mail is tried: how long somebody may hold it, how often it is tried again, and who comes first."""

from datetime import timedelta
from enum import IntEnum, StrEnum


class MailState(StrEnum):
    """Where a mail is on its way out."""

    WAITING = "waiting"
    #: Handed to the server, outcome not known yet. Found so after a crash, it is sent once more, same Message-ID.
    BEGUN = "begun"
    SENT = "sent"
    #: The server said that it will never take it (5xx).
    REFUSED = "refused"
    #: What it would have told must not or need not be told any more.
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    #: Tried as often as is sensible, or it cannot be written. Set aside, with the reason, so that the others go out.
    FAILED = "failed"


OPEN = frozenset({MailState.WAITING, MailState.BEGUN})


class IncomingState(StrEnum):
    """What became of a mail that came in."""

    WAITING = "waiting"
    #: It waits as a preview for its writer's yes.
    PREVIEWED = "previewed"
    #: Somebody looks at it.
    HELD = "held"
    #: It says what another one has said before.
    DUPLICATE = "duplicate"
    #: It told of a mail of ours that did not arrive.
    BOUNCED = "bounced"
    #: Its writer was told once that nobody reads what is sent there.
    EXPLAINED = "explained"
    #: Nothing to do: a robot wrote to where only bounces count.
    IGNORED = "ignored"


class Rank(IntEnum):
    """Who comes first: a code that somebody waits for at the screen is not queued behind ten thousand notices."""

    AT_ONCE = 0
    NOTICE = 1


#: How long a worker may hold a mail before another one takes it over. Longer than the longest hand-off: five steps of
#: the dialogue, each with TIMEOUT_SECONDS.
LEASE = timedelta(minutes=2)

#: How long the mail server may be silent in one step of the dialogue.
TIMEOUT_SECONDS = 20

#: Mails taken at once: few, so that an urgent one waits for few, and a killed worker holds few.
BATCH = 20

#: Pause after each try that the server put off (4xx): about two days in all, then the mail is set aside.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480, 720, 1440))

#: Pause after each time that the server could not be reached at all; the last one repeats.
SERVER_PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300))


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after the `attempts`-th try; None when there is no sense in another."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
