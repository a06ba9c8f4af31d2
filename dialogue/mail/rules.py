"""How a mail is tried: how long somebody may hold it, how often it is tried again, and who comes first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
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

#: Set aside for somebody to look at. What it takes to write them is kept, until they expire.
KEPT_TO_SEND = frozenset({MailState.REFUSED, MailState.FAILED})
SET_ASIDE = KEPT_TO_SEND | {MailState.EXPIRED}


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


#: After a rest, as many mails may leave at once as a rate brings in this time.
_AT_ONCE = timedelta(seconds=0.5)

#: A rate is never further ahead of the clock than this (or one spacing): a clock that was put back stops no mail.
_MOST_AHEAD = timedelta(minutes=1)


@dataclass(frozen=True)
class Rate:
    """So many mails a second, evenly spaced. Of what has left it remembers one moment, `free_at`: when the mail after
    the last one would come, if they came at even distances."""

    a_second: float

    @property
    def _spacing(self) -> timedelta:
        return timedelta(seconds=1 / self.a_second)

    def opens_at(self, free_at: datetime, at: datetime) -> datetime:
        """From when another mail may leave, seen from `at`."""
        return self._sound(free_at, at) - max(_AT_ONCE - self._spacing, timedelta(0))

    def after(self, free_at: datetime, at: datetime) -> datetime:
        """`free_at` once a mail has left at `at`, whether it was its turn or could not wait."""
        return max(self._sound(free_at, at), at) + self._spacing

    def _sound(self, free_at: datetime, at: datetime) -> datetime:
        return min(free_at, at + max(_MOST_AHEAD, self._spacing))
