"""The whole life of a data request on one screen.

The guard, the buttons on the page, the event in the timeline, the sentence in the mail and the test matrix are all
read from ACTIONS. Who may do what stands in `accounts/policy.py`; the rows here only name the permission.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from dialogue.accounts.policy import Permission
from dialogue.core.language import N_


class Kind(StrEnum):
    """A wish (önskemål), or a formal request for re-use under lag (2022:818), chapter 5."""

    WISH = "wish"
    FORMAL = "formal"


class Status(StrEnum):
    """Where a request stands. How it ended is its Outcome."""

    DRAFT = "draft"
    RECEIVED = "received"
    ASSESSING = "assessing"
    PLANNED = "planned"
    PUBLISHED = "published"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a closed request ended."""

    ALREADY_AVAILABLE = "already_available"
    DECLINED = "declined"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"
    NOT_A_DATA_REQUEST = "not_a_data_request"


class Ground(StrEnum):
    """Why a request was declined."""

    SECRECY = "secrecy"
    PERSONAL_DATA = "personal_data"
    THIRD_PARTY_RIGHTS = "third_party_rights"
    SECURITY = "security"
    NOT_HELD = "not_held"
    NOT_DIGITAL = "not_digital"
    DISPROPORTIONATE_WORK = "disproportionate_work"
    UNSUITABLE_FORMAT = "unsuitable_format"
    FEE_OR_CONDITION = "fee_or_condition"
    OTHER = "other"


class Extent(StrEnum):
    """How much of what was asked for has been published."""

    FULL = "full"
    PARTIAL = "partial"


class Works(StrEnum):
    """What the asker says of the published data."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class WaitingOn(StrEnum):
    """Whose turn it is when it is not the municipality's. Pauses a wish's promise, never a formal clock."""

    REQUESTER = "requester"


class EventKind(StrEnum):
    """What can happen to a request, in the past tense."""

    REQUEST_IMPORTED = "request_imported"
    REQUEST_CONFIRMED = "request_confirmed"
    REQUEST_ASSIGNED = "request_assigned"
    REQUEST_TAKEN = "request_taken"
    REQUEST_ASSESSED = "request_assessed"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    QUESTION_LAPSED = "question_lapsed"
    REQUEST_PLANNED = "request_planned"
    DATE_MOVED = "date_moved"
    REQUEST_PUBLISHED = "request_published"
    DELIVERY_CONFIRMED = "delivery_confirmed"
    REQUEST_DECLINED = "request_declined"
    REQUEST_REDIRECTED = "request_redirected"
    REQUEST_ALREADY_AVAILABLE = "request_already_available"
    REQUEST_SET_ASIDE = "request_set_aside"
    REQUEST_WITHDRAWN = "request_withdrawn"
    REQUEST_LAPSED = "request_lapsed"
    REQUEST_PASSED_ON = "request_passed_on"
    REQUEST_REOPENED = "request_reopened"
    REQUEST_RECLASSIFIED = "request_reclassified"
    REQUEST_HIDDEN = "request_hidden"
    REQUEST_SHOWN = "request_shown"
    ANSWER_POSTED = "answer_posted"
    MESSAGE_POSTED = "message_posted"
    MESSAGE_HIDDEN = "message_hidden"
    MESSAGE_SHOWN = "message_shown"


class Audience(StrEnum):
    """Who is told of an event. Nobody is told of an own act, and nobody twice."""

    ASKER = "asker"
    VOTERS = "voters"
    FOLLOWERS = "followers"
    UNIT = "unit"
    AUTHOR = "author"
    AREA = "area"


LIVE = frozenset({Status.RECEIVED, Status.ASSESSING, Status.PLANNED})
PUBLIC = LIVE | {Status.PUBLISHED, Status.CLOSED}

_ASKER, _VOTERS, _FOLLOWERS, _UNIT, _AREA = (
    Audience.ASKER,
    Audience.VOTERS,
    Audience.FOLLOWERS,
    Audience.UNIT,
    Audience.AREA,
)
_ALL = frozenset({_ASKER, _VOTERS, _FOLLOWERS})


@dataclass(frozen=True)
class Action:
    """One move in the life of a request: from where, to where, what it demands and whom it tells."""

    name: str
    label: str
    permission: Permission
    sources: frozenset[Status]
    event: EventKind
    target: Status | None = None
    outcome: Outcome | None = None
    #: Form fields that must be filled in.
    requires: tuple[str, ...] = ()
    told_at_once: frozenset[Audience] = frozenset()
    told_in_digest: frozenset[Audience] = frozenset()
    #: True when the request must stand with a unit first.
    needs_unit: bool = False


def _table(*actions: Action) -> dict[str, Action]:
    return {action.name: action for action in actions}


ACTIONS: dict[str, Action] = _table(
    Action(
        "confirm", N_("Publish request"), Permission.CONFIRM_REQUEST,
        frozenset({Status.DRAFT}), EventKind.REQUEST_CONFIRMED, target=Status.RECEIVED,
        told_at_once=frozenset({_ASKER, _UNIT}), told_in_digest=frozenset({_AREA}),
    ),
    Action(
        "assign", N_("Assign"), Permission.ASSIGN_REQUEST,
        LIVE, EventKind.REQUEST_ASSIGNED, requires=("unit",),
        told_at_once=frozenset({_ASKER, _UNIT}),
    ),
    Action(
        "take", N_("Take the request"), Permission.TAKE_REQUEST,
        LIVE, EventKind.REQUEST_TAKEN, needs_unit=True,
    ),
    Action(
        "assess", N_("Give a first answer"), Permission.ASSESS_REQUEST,
        frozenset({Status.RECEIVED}), EventKind.REQUEST_ASSESSED, target=Status.ASSESSING,
        requires=("answer", "next_on"), needs_unit=True,
        told_at_once=frozenset({_ASKER, _VOTERS}), told_in_digest=frozenset({_FOLLOWERS}),
    ),
    Action(
        "ask", N_("Ask the requester"), Permission.ASK_REQUESTER,
        LIVE, EventKind.QUESTION_ASKED, requires=("question",), needs_unit=True,
        told_at_once=frozenset({_ASKER}),
    ),
    Action(
        "plan", N_("Plan the publication"), Permission.PLAN_REQUEST,
        frozenset({Status.RECEIVED, Status.ASSESSING}), EventKind.REQUEST_PLANNED, target=Status.PLANNED,
        requires=("answer", "next_on"), needs_unit=True,
        told_at_once=_ALL, told_in_digest=frozenset({_AREA}),
    ),
    Action(
        "move_date", N_("Move the date"), Permission.MOVE_DATE,
        frozenset({Status.PLANNED, Status.ASSESSING}), EventKind.DATE_MOVED,
        requires=("answer", "next_on"), needs_unit=True,
        told_at_once=frozenset({_ASKER, _FOLLOWERS}),
    ),
    Action(
        "publish", N_("Publish the data"), Permission.PUBLISH_REQUEST,
        LIVE, EventKind.REQUEST_PUBLISHED, target=Status.PUBLISHED,
        requires=("dataset_url", "licence", "format", "update_frequency", "extent"), needs_unit=True,
        told_at_once=_ALL, told_in_digest=frozenset({_AREA}),
    ),
    Action(
        "confirm_delivery", N_("Say if the data works"), Permission.CONFIRM_DELIVERY,
        frozenset({Status.PUBLISHED}), EventKind.DELIVERY_CONFIRMED, requires=("works",),
        told_at_once=frozenset({_UNIT}),
    ),
    Action(
        "decline", N_("Decline the request"), Permission.DECLINE_REQUEST,
        LIVE, EventKind.REQUEST_DECLINED, target=Status.CLOSED, outcome=Outcome.DECLINED,
        requires=("ground", "explanation", "what_would_change_it", "review_on"), needs_unit=True,
        told_at_once=_ALL, told_in_digest=frozenset({_AREA}),
    ),
    Action(
        "redirect", N_("Refer to somebody else"), Permission.REDIRECT_REQUEST,
        LIVE, EventKind.REQUEST_REDIRECTED, target=Status.CLOSED, outcome=Outcome.REDIRECTED,
        requires=("answer", "redirected_to"),
        told_at_once=frozenset({_ASKER, _VOTERS}), told_in_digest=frozenset({_FOLLOWERS}),
    ),
    Action(
        "already_available", N_("Say that the data exists"), Permission.REDIRECT_REQUEST,
        LIVE, EventKind.REQUEST_ALREADY_AVAILABLE, target=Status.CLOSED, outcome=Outcome.ALREADY_AVAILABLE,
        requires=("answer", "dataset_url"),
        told_at_once=frozenset({_ASKER, _VOTERS}), told_in_digest=frozenset({_FOLLOWERS}),
    ),
    Action(
        "not_a_data_request", N_("Say that it is not about data"), Permission.REDIRECT_REQUEST,
        LIVE, EventKind.REQUEST_SET_ASIDE, target=Status.CLOSED, outcome=Outcome.NOT_A_DATA_REQUEST,
        requires=("answer",), told_at_once=frozenset({_ASKER, _VOTERS}), told_in_digest=frozenset({_FOLLOWERS}),
    ),
    Action(
        "withdraw", N_("Withdraw the request"), Permission.WITHDRAW_REQUEST,
        LIVE, EventKind.REQUEST_WITHDRAWN, target=Status.CLOSED, outcome=Outcome.WITHDRAWN,
        told_at_once=frozenset({_VOTERS}), told_in_digest=frozenset({_FOLLOWERS}),
    ),
    Action(
        "lapse", N_("Close for want of an answer"), Permission.LAPSE_REQUEST,
        LIVE, EventKind.REQUEST_LAPSED, target=Status.CLOSED, outcome=Outcome.WITHDRAWN,
        told_at_once=frozenset({_ASKER, _VOTERS}), told_in_digest=frozenset({_FOLLOWERS}),
    ),
    Action(
        "reopen", N_("Reopen the request"), Permission.REOPEN_REQUEST,
        frozenset({Status.CLOSED, Status.PUBLISHED}), EventKind.REQUEST_REOPENED, target=Status.ASSESSING,
        requires=("reason",), told_at_once=_ALL | {_UNIT},
    ),
    Action(
        "reclassify", N_("Change the kind of request"), Permission.RECLASSIFY_REQUEST,
        LIVE, EventKind.REQUEST_RECLASSIFIED, requires=("kind", "reason"), told_at_once=frozenset({_ASKER}),
    ),
    Action(
        "hide", N_("Hide the request"), Permission.HIDE_REQUEST,
        PUBLIC, EventKind.REQUEST_HIDDEN, requires=("reason",), told_at_once=frozenset({Audience.AUTHOR}),
    ),
    Action(
        "show", N_("Show the request again"), Permission.HIDE_REQUEST,
        PUBLIC, EventKind.REQUEST_SHOWN, told_at_once=frozenset({Audience.AUTHOR}),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Telling:
    """Whom an event tells that is not one of the actions above: at once and in the digest."""

    at_once: frozenset[Audience] = field(default_factory=frozenset)
    in_digest: frozenset[Audience] = field(default_factory=frozenset)


#: Whom every kind of event tells. Actions speak for themselves; the conversation's own events stand below.
TELLINGS: dict[EventKind, Telling] = {
    action.event: Telling(action.told_at_once, action.told_in_digest) for action in ACTIONS.values()
} | {
    EventKind.REQUEST_IMPORTED: Telling(),
    EventKind.QUESTION_ANSWERED: Telling(frozenset({_UNIT}), frozenset({_FOLLOWERS})),
    EventKind.QUESTION_LAPSED: Telling(frozenset({_ASKER, _UNIT}), frozenset({_FOLLOWERS})),
    EventKind.REQUEST_PASSED_ON: Telling(frozenset({_ASKER})),
    EventKind.ANSWER_POSTED: Telling(_ALL),
    EventKind.MESSAGE_POSTED: Telling(frozenset({_ASKER}), frozenset({_FOLLOWERS})),
    EventKind.MESSAGE_HIDDEN: Telling(frozenset({Audience.AUTHOR})),
    EventKind.MESSAGE_SHOWN: Telling(frozenset({Audience.AUTHOR})),
}

#: A formal request is decided within four weeks: lag (2022:818) 5 kap. 1 §.
FORMAL_DAYS = 28

#: A draft that nobody confirms is reminded of once and then removed.
DRAFT_REMINDER_AFTER = timedelta(hours=24)
DRAFT_LASTS = timedelta(days=14)
