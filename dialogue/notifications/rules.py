"""What one can subscribe to, how often one is told, and which mail tells of what."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cache

from dialogue.requests.rules import TELLINGS, Audience, EventKind, Kind


class Scope(StrEnum):
    """What a subscription covers."""

    REQUEST = "request"
    AREA = "area"
    UNIT = "unit"
    EVERYTHING = "everything"
    #: What becomes of one's own requests. No row: told at once; off: told only of what cannot wait or be turned down.
    OWN = "own"
    #: The requests that a search in the list finds, new and changed ones.
    SEARCH = "search"
    #: One's own work for a municipality. No row: a mail on Mondays; off: none.
    YOUR_TURN = "your_turn"


class Cadence(StrEnum):
    """How often a subscriber is told. `off` is a choice that somebody made; no row is none made."""

    INSTANT = "instant"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    OFF = "off"


#: Those that are gathered in one mail, the most eager first.
GATHERED = (Cadence.DAILY, Cadence.WEEKLY, Cadence.MONTHLY)


class Reason(StrEnum):
    """Why somebody is told, the strongest first."""

    ASKER = "asker"
    AUTHOR = "author"
    VOTER = "voter"
    FOLLOWER = "follower"
    AREA = "area"
    UNIT_FOLLOWER = "unit_follower"
    EVERYTHING = "everything"
    SEARCH = "search"
    #: A mailbox of the municipality: of the unit that has the request, or of those who hand requests out.
    UNIT = "unit"
    #: Who has taken the request, or stands in for them.
    OFFICIAL = "official"
    COORDINATOR = "coordinator"
    CONTACT = "contact"


#: To these it is service about their own matter or their work, which they cannot unsubscribe from.
OWN_MATTER = frozenset({Reason.ASKER, Reason.AUTHOR, Reason.UNIT, Reason.OFFICIAL, Reason.COORDINATOR, Reason.CONTACT})


class WorkAct(StrEnum):
    """What an official may do from a link in a mail: each a page with one button."""

    TAKE = "take"
    NOT_OURS = "not_ours"
    MORE_TIME = "more_time"


#: Mails about one event that an official can work from. (Reminders and Monday mails are too.)
WORKED_FROM = frozenset({"new_for_unit"})

#: How long such a link works, and how much longer its page says what became of it.
WORK_LINK_LASTS = timedelta(days=14)
WORK_LINK_KEPT_AFTER = timedelta(days=30)

#: What people write to each other; the municipality's word stands in the other kinds.
TALK = frozenset({EventKind.MESSAGE_POSTED, EventKind.QUESTION_ANSWERED})

#: Nobody is told of an own act, but for this: a receipt.
RECEIPTS = frozenset({EventKind.REQUEST_CONFIRMED})

#: How long a notice is worth sending, counted from what it tells.
NOTICE_LASTS = timedelta(days=14)

#: How many are told in one transaction, so that a request with ten thousand followers stops nobody's writing.
TOLD_AT_A_TIME = 500

#: Whoever was not heard of for so long is asked once whether they still want their mail, and so long is waited then.
SILENT_AFTER = timedelta(days=183)
ANSWER_WAITED = timedelta(days=30)

#: The longest pause with an end. Longer, and one digest afterwards would be history.
REST_LASTS = timedelta(days=365)

#: Saved searches of one person. Each is looked up whenever something happens.
MOST_SEARCHES = 20

#: How long finished mails are kept in the outbox, for questions about what was sent.
MAIL_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Mails:
    """Which mail (folder of templates/emails) tells of one kind of event: to everybody, or to some."""

    name: str
    to: dict[Audience, str] = field(default_factory=dict)

    def for_audience(self, audience: Audience) -> str:
        """The mail that tells `audience`."""
        return self.to.get(audience, self.name)


#: A row for each kind of event that tells anybody.
MAILS: dict[EventKind, Mails] = {
    EventKind.REQUEST_CONFIRMED: Mails("receipt", {Audience.UNIT: "new_for_unit", Audience.AREA: "new_request"}),
    EventKind.REQUEST_ASSIGNED: Mails("assigned", {Audience.UNIT: "new_for_unit"}),
    EventKind.REQUEST_ASSESSED: Mails("answer"),
    EventKind.ANSWER_POSTED: Mails("answer"),
    EventKind.QUESTION_ASKED: Mails("question"),
    EventKind.QUESTION_ANSWERED: Mails("question_answered"),
    EventKind.REQUEST_PLANNED: Mails("planned"),
    EventKind.DATE_MOVED: Mails("date_moved"),
    EventKind.REQUEST_PUBLISHED: Mails("published"),
    EventKind.DELIVERY_CONFIRMED: Mails("delivery_confirmed"),
    EventKind.REQUEST_DECLINED: Mails("declined"),
    EventKind.REQUEST_REDIRECTED: Mails("redirected"),
    EventKind.REQUEST_ALREADY_AVAILABLE: Mails("already_available"),
    EventKind.REQUEST_SET_ASIDE: Mails("set_aside"),
    EventKind.REQUEST_WITHDRAWN: Mails("withdrawn"),
    EventKind.QUESTION_LAPSED: Mails("question_lapsed"),
    EventKind.REQUEST_LAPSED: Mails("lapsed"),
    EventKind.REQUEST_PASSED_ON: Mails("passed_on"),
    EventKind.REQUEST_REOPENED: Mails("reopened"),
    EventKind.REQUEST_RECLASSIFIED: Mails("reclassified"),
    EventKind.REQUEST_HIDDEN: Mails("hidden"),
    EventKind.REQUEST_SHOWN: Mails("shown"),
    EventKind.MESSAGE_POSTED: Mails("message"),
    EventKind.MESSAGE_HIDDEN: Mails("hidden"),
    EventKind.MESSAGE_SHOWN: Mails("shown"),
}


@cache
def told_at_once(kind: EventKind) -> frozenset[Audience]:
    """Whom an event of `kind` tells at once, if they asked for that.

    Who follows and wants to be told at once is told of all that digests tell, but for what people write to each other:
    that would be a mail for every post.
    """
    telling = TELLINGS[kind]
    return telling.at_once if kind in TALK else telling.at_once | telling.in_digest


@cache
def told_in_digest(kind: EventKind) -> frozenset[Audience]:
    """Which subscribers find an event of `kind` in their digest: all that it tells, each as often as they chose."""
    telling = TELLINGS[kind]
    return (telling.at_once | telling.in_digest) & {Audience.FOLLOWERS, Audience.AREA}


#: What the asker of a wish may have gathered or turn down. All other kinds are case notices: a decision, another date,
#: a question, a request that changes hands or kind. Those are service about one's own matter and always come, at once.
_OPTIONAL_TO_ASKER = frozenset(
    {
        EventKind.REQUEST_ASSIGNED,
        EventKind.REQUEST_ASSESSED,
        EventKind.ANSWER_POSTED,
        EventKind.REQUEST_PLANNED,
        EventKind.MESSAGE_POSTED,
    }
)


def is_optional_to_asker(kind: EventKind, request_kind: Kind) -> bool:
    """Whether the asker may choose how often, or not at all, to be told of an event of `kind`.

    Of a formal request every word of the authority is a case notice; what others write is not.
    """
    return kind in TALK if request_kind is Kind.FORMAL else kind in _OPTIONAL_TO_ASKER
