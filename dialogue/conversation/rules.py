"""When one may write, how much, how often, and how long one may change it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from dialogue.core.language import N_
from dialogue.core.limits import Limit
from dialogue.requests.rules import PUBLIC, Outcome, Status

#: Longest post, in characters.
MAX_BODY = 5000

#: How long authors may change what they wrote.
EDIT_WINDOW = timedelta(minutes=15)

#: Posts of one person. Who came within a day is a newcomer: fewer posts, and few links.
POSTS_PER_HOUR = Limit("posts", 20, timedelta(hours=1))
EDITS_PER_HOUR = Limit("edits", 20, timedelta(hours=1))
NEWCOMER_FOR = timedelta(days=1)
NEWCOMER_POSTS = Limit("newcomer-posts", 10, timedelta(days=1))
NEWCOMER_LINKS = 2

#: Posts that stand first and last on the page of a long conversation, and posts a page when all are asked for.
ENDS_SHOWN = 10
PAGE_OF_POSTS = 200


#: Longest report, in characters, and reports from one network.
MAX_REPORT = 1000
REPORTS_PER_NETWORK = Limit("reports", 10, timedelta(hours=1))


class ReportKind(StrEnum):
    """What is wrong with a post or a request."""

    PERSONAL_DATA = "personal_data"
    ABUSE = "abuse"
    CONFIDENTIAL = "confidential"
    ADVERTISING = "advertising"
    ERROR = "error"
    OTHER = "other"


REPORT_LABELS: dict[ReportKind, str] = {
    ReportKind.PERSONAL_DATA: N_("It contains personal data"),
    ReportKind.ABUSE: N_("It is insulting or threatening"),
    ReportKind.CONFIDENTIAL: N_("It gives away a business secret"),
    ReportKind.ADVERTISING: N_("It is advertising"),
    ReportKind.ERROR: N_("Something is wrong on the page"),
    ReportKind.OTHER: N_("Something else"),
}

#: How long a preview of an answer by mail waits for its writer, and how long its page says what became of it.
PREVIEW_LASTS = timedelta(days=7)
PREVIEW_KEPT = timedelta(days=30)

#: Answers by mail of one sender about one request: in an hour, and in a day without a yes to any. More is a robot's.
REPLIES_AN_HOUR = 3
UNANSWERED_A_DAY = 3

#: The same text from the same sender about the same request is one answer for so long: servers try again for days.
SAME_TEXT_FOR = timedelta(days=7)

#: How long a mail that was set aside is kept, and how much of it.
HELD_FOR = timedelta(days=30)
MAX_HELD = 20_000


class Held(StrEnum):
    """Why a mail was set aside for somebody to look at."""

    #: A robot wrote it: an out-of-office note, a list, a report.
    MACHINE = "machine"
    #: It came to no address that was given to anybody who is here, or to one that was guessed.
    NO_ADDRESS = "no_address"
    OTHER_SENDER = "other_sender"
    CLOSED = "closed"
    TOO_MANY = "too_many"
    EMPTY = "empty"
    #: Reading it failed each time.
    UNREADABLE = "unreadable"


#: A person may have written it all the same.
MISTAKABLE = frozenset({Held.MACHINE, Held.TOO_MANY})


class Fate(StrEnum):
    """What somebody did with a mail that was set aside."""

    PUBLISHED = "published"
    #: It was no robot: its writer got the preview.
    PREVIEWED = "previewed"
    DISCARDED = "discarded"


class Discussed(Protocol):
    """What must be known of a request to tell whether it takes posts."""

    @property
    def status(self) -> Status: ...
    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def hidden_at(self) -> datetime | None: ...


def takes_posts(data_request: Discussed) -> bool:
    """People go on talking about a request that has ended, but not about one that was withdrawn or hidden."""
    return (
        data_request.status in PUBLIC
        and data_request.outcome is not Outcome.WITHDRAWN
        and data_request.hidden_at is None
    )


def takes_replies(data_request: Discussed) -> bool:
    """Whether mails about a request can be answered: a closed one is over for who only reads mail."""
    return takes_posts(data_request) and data_request.status is not Status.CLOSED


def is_editable(posted_at: datetime, hidden_at: datetime | None, at: datetime) -> bool:
    """Whether the author may still change a post."""
    return hidden_at is None and at - posted_at < EDIT_WINDOW
