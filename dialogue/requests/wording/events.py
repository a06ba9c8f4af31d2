"""One sentence per event: for the timeline and for the mail; and the words for who is told."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from dialogue.accounts.policy import Relation
from dialogue.core.language import N_, Phrase, Sentence
from dialogue.requests.rules import Audience, EventKind, Extent, Ground, Kind, Works
from dialogue.requests.wording.states import GROUNDS, KINDS, THE_MUNICIPALITY


class Happened(Protocol):
    """What must be known of an event to say what happened."""

    @property
    def kind(self) -> EventKind: ...
    @property
    def actor_role(self) -> str: ...
    @property
    def unit_name(self) -> str | None: ...
    @property
    def old(self) -> Mapping[str, Any]: ...
    @property
    def new(self) -> Mapping[str, Any]: ...


def event_sentence(event: Happened) -> Sentence:
    """What happened, in one sentence without a full stop: for the timeline and for the mail."""
    new, old = event.new, event.old
    values: dict[str, object] = {
        "unit": event.unit_name or THE_MUNICIPALITY,
        "day": _day(new.get("next_on")),
        "old_day": _day(old.get("next_on")),
        "whom": new.get("redirected_to", ""),
        "source": new.get("source", ""),
        "called": new.get("called", ""),
    }
    if new.get("ground"):
        values["ground"] = Phrase(GROUNDS[Ground(new["ground"])])
    if event.kind is EventKind.REQUEST_RECLASSIFIED:
        values["kind"] = Phrase(KINDS[Kind(new["kind"])])
    return Sentence(_event_text(event), values)


def _event_text(event: Happened) -> str:
    new = event.new
    match event.kind:
        case EventKind.REQUEST_IMPORTED if new.get("called"):
            return N_("Imported from %(source)s, where it was called “%(called)s”")
        case EventKind.REQUEST_ASSIGNED if event.unit_name is None:
            return N_("Sent back to the coordinator")
        case EventKind.REQUEST_PUBLISHED if new.get("extent") == Extent.PARTIAL:
            return N_("%(unit)s published a part of the data")
        case EventKind.DELIVERY_CONFIRMED if event.actor_role == Relation.VOTER and new.get("works"):
            return _AGREED_SENTENCES[Works(new["works"])]
        case EventKind.DELIVERY_CONFIRMED if new.get("said"):
            return _SAID_SENTENCES[Works(new["said"])]
        case EventKind.DELIVERY_CONFIRMED if new.get("works"):
            return _WORKS_SENTENCES[Works(new["works"])]
        case EventKind.QUESTION_LAPSED if new.get("next_on"):
            return N_("No answer to the question came within 30 days. The next date is %(day)s")
        case EventKind.QUESTION_ANSWERED if new.get("next_on"):
            return N_("The requester answered the question. The next date is %(day)s")
        case EventKind.DATE_MOVED if event.old.get("next_on"):
            return N_("%(unit)s moved the date from %(old_day)s to %(day)s")
        case EventKind.REQUEST_REOPENED if event.actor_role == Relation.SYSTEM:
            return N_("The day for a new look has come, and the request is open again")
        case EventKind.REQUEST_REOPENED if event.actor_role == Relation.ASKER:
            return N_("The requester reopened the request with new facts")
        case EventKind.REQUEST_ASSESSED | EventKind.REQUEST_PLANNED if not new.get("next_on"):
            return _SAME_DATE[event.kind]
    return EVENTS[event.kind]


_WORKS_SENTENCES: dict[Works, str] = {
    Works.YES: N_("The requester says that the data works"),
    Works.PARTLY: N_("The requester says that the data works in part"),
    Works.NO: N_("The requester says that the data does not work"),
}

_SAID_SENTENCES: dict[Works, str] = {
    Works.YES: N_("One of those who voted says that the data works"),
    Works.PARTLY: N_("One of those who voted says that the data works in part"),
    Works.NO: N_("One of those who voted says that the data does not work"),
}

_AGREED_SENTENCES: dict[Works, str] = {
    Works.YES: N_("Three of those who voted have answered: the data works"),
    Works.PARTLY: N_("Three of those who voted have answered: the data works in part"),
    Works.NO: N_("Three of those who voted have answered: the data does not work"),
}

_SAME_DATE: dict[EventKind, str] = {
    EventKind.REQUEST_ASSESSED: N_("%(unit)s looks into the request"),
    EventKind.REQUEST_PLANNED: N_("%(unit)s plans to publish the data"),
}

EVENTS: dict[EventKind, str] = {
    EventKind.REQUEST_IMPORTED: N_("Imported from %(source)s"),
    EventKind.REQUEST_CONFIRMED: N_("The municipality received the request"),
    EventKind.REQUEST_ASSIGNED: N_("Assigned to %(unit)s"),
    EventKind.REQUEST_TAKEN: N_("Somebody at %(unit)s has taken the request"),
    EventKind.REQUEST_ASSESSED: N_("%(unit)s looks into the request and gives an update by %(day)s"),
    EventKind.QUESTION_ASKED: N_("%(unit)s asked the requester a question"),
    EventKind.QUESTION_ANSWERED: N_("The requester answered the question"),
    EventKind.QUESTION_LAPSED: N_("No answer to the question came within 30 days"),
    EventKind.REQUEST_PLANNED: N_("%(unit)s plans to publish the data by %(day)s"),
    EventKind.DATE_MOVED: N_("%(unit)s set the date to %(day)s"),
    EventKind.REQUEST_PUBLISHED: N_("%(unit)s published the data"),
    EventKind.DELIVERY_CONFIRMED: N_("The requester wrote about the data"),
    EventKind.REQUEST_DECLINED: N_("%(unit)s cannot publish the data: %(ground)s"),
    EventKind.REQUEST_REDIRECTED: N_("%(unit)s refers to %(whom)s"),
    EventKind.REQUEST_ALREADY_AVAILABLE: N_("%(unit)s says that the data is available already"),
    EventKind.REQUEST_SET_ASIDE: N_("%(unit)s says that this is not a request for data"),
    EventKind.REQUEST_WITHDRAWN: N_("The requester withdrew the request"),
    EventKind.REQUEST_LAPSED: N_("No answer to the question came within 30 days, so the request was closed"),
    EventKind.REQUEST_PASSED_ON: N_("The requester left the request, and another voter took it over"),
    EventKind.REQUEST_REOPENED: N_("The coordinator reopened the request"),
    EventKind.REQUEST_RECLASSIFIED: N_("%(unit)s changed the kind of request to: %(kind)s"),
    EventKind.REQUEST_HIDDEN: N_("The municipality hid the request"),
    EventKind.REQUEST_SHOWN: N_("The municipality showed the request again"),
    EventKind.ANSWER_POSTED: N_("%(unit)s answered"),
    EventKind.MESSAGE_POSTED: N_("A new post in the conversation"),
    EventKind.MESSAGE_HIDDEN: N_("The municipality hid a post"),
    EventKind.MESSAGE_SHOWN: N_("The municipality showed a post again"),
}


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


#: Who is told at once, for the line after an act (msgids). Audiences that are not named here go unmentioned.
TOLD: dict[frozenset[Audience], str] = {
    frozenset(): "",
    frozenset({Audience.ASKER}): N_("The requester is told by mail."),
    frozenset({Audience.ASKER, Audience.UNIT}): N_("The requester and the unit are told by mail."),
    frozenset({Audience.ASKER, Audience.VOTERS}): N_("The requester and those who voted are told by mail."),
    frozenset({Audience.ASKER, Audience.FOLLOWERS}): N_("The requester and those who follow are told by mail."),
    frozenset({Audience.ASKER, Audience.VOTERS, Audience.FOLLOWERS}): N_(
        "The requester, those who voted and those who follow are told by mail."
    ),
    frozenset({Audience.ASKER, Audience.VOTERS, Audience.FOLLOWERS, Audience.UNIT}): N_(
        "The requester, the unit, those who voted and those who follow are told by mail."
    ),
    frozenset({Audience.UNIT}): N_("The unit is told by mail."),
    frozenset({Audience.VOTERS}): N_("Those who voted are told by mail."),
    frozenset({Audience.AUTHOR}): N_("The author is told by mail."),
}
