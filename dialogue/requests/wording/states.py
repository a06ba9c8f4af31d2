"""Every word for a state, a reason or a choice: what a request is called where it stands, and what comes next."""

from datetime import date

from dialogue.accounts.models import Unit
from dialogue.core.language import N_, Phrase, Sentence
from dialogue.requests.models import DataRequest
from dialogue.requests.promises import Described, Step, answer_by, is_overdue, promised_on
from dialogue.requests.rules import LIVE, Extent, Ground, Kind, Outcome, Status, Works

STATUSES: dict[Status, str] = {
    Status.DRAFT: N_("Draft"),
    Status.RECEIVED: N_("Received"),
    Status.ASSESSING: N_("Under review"),
    Status.PLANNED: N_("Planned"),
    Status.PUBLISHED: N_("Published"),
    Status.CLOSED: N_("Closed"),
}

OUTCOMES: dict[Outcome, str] = {
    Outcome.ALREADY_AVAILABLE: N_("Already available"),
    Outcome.DECLINED: N_("Cannot be published"),
    Outcome.REDIRECTED: N_("Referred"),
    Outcome.WITHDRAWN: N_("Withdrawn"),
    Outcome.NOT_A_DATA_REQUEST: N_("Not a data request"),
}

KINDS: dict[Kind, str] = {
    Kind.WISH: N_("Wish"),
    Kind.FORMAL: N_("Formal request for re-use"),
}

GROUNDS: dict[Ground, str] = {
    Ground.SECRECY: N_("Secrecy"),
    Ground.PERSONAL_DATA: N_("Personal data"),
    Ground.THIRD_PARTY_RIGHTS: N_("Somebody else's rights"),
    Ground.SECURITY: N_("Security"),
    Ground.NOT_HELD: N_("The municipality does not have the data"),
    Ground.NOT_DIGITAL: N_("The data is not digital"),
    Ground.DISPROPORTIONATE_WORK: N_("The work would be out of proportion"),
    Ground.UNSUITABLE_FORMAT: N_("The format is not suitable"),
    Ground.FEE_OR_CONDITION: N_("A fee or a condition"),
    Ground.OTHER: N_("Another reason"),
}

EXTENTS: dict[Extent, str] = {
    Extent.FULL: N_("All of it"),
    Extent.PARTIAL: N_("A part of it"),
}

WORKS: dict[Works, str] = {
    Works.YES: N_("Yes, it works"),
    Works.PARTLY: N_("Partly"),
    Works.NO: N_("No"),
}

#: The state of a request as one word, with the key of its mark (templates/components/tag.html).
_LATE = N_("Late update")
_WAITING = N_("Waiting for the requester")
_PARTLY = N_("Partly published")

#: Who speaks where no unit is named. Never a person.
THE_MUNICIPALITY = Sentence(N_("The municipality"))


def status_word(data_request: Described, today: date) -> str:
    """Where the request stands, as a word (msgid). Late and waiting stand before the status they are a mark on."""
    match tag_kind(data_request, today):
        case "overdue":
            return _LATE
        case "waiting":
            return _WAITING
    if data_request.outcome is not None:
        return OUTCOMES[data_request.outcome]
    return _PARTLY if data_request.extent is Extent.PARTIAL else STATUSES[data_request.status]


def tag_kind(data_request: Described, today: date) -> str:
    """The key of the mark beside `status_word`: a status, or declined, overdue, waiting."""
    if is_overdue(data_request, today):
        return "overdue"
    if data_request.waiting_on is not None:
        return "waiting"
    return "declined" if data_request.outcome is Outcome.DECLINED else data_request.status.value


def state_sentence(data_request: DataRequest, today: date) -> Sentence:
    """What a visitor must know first, in one sentence."""
    values = {"unit": unit_name(data_request.unit), "day": promised_on(data_request)}
    if is_overdue(data_request, today):
        return Sentence(_LATE_SENTENCES[data_request.status], values)
    if data_request.waiting_on is not None:
        return Sentence(N_("%(unit)s has asked a question"), values)
    match data_request.status:
        case Status.DRAFT:
            return Sentence(N_("The request is not published yet"))
        case Status.RECEIVED if data_request.unit_id is None:
            return Sentence(N_("The coordinator chooses who answers"))
        case Status.RECEIVED:
            return Sentence(N_("%(unit)s gives a first answer by %(day)s"), values)
        case Status.ASSESSING if data_request.unit_id is None:
            return Sentence(N_("The coordinator chooses who looks into it"))
        case Status.ASSESSING:
            return Sentence(N_("%(unit)s looks into what can be published"), values)
        case Status.PLANNED:
            return Sentence(N_("To be published by %(day)s"), values)
        case Status.PUBLISHED if data_request.extent is Extent.PARTIAL:
            return Sentence(N_("A part of the data is here"))
        case Status.PUBLISHED:
            return Sentence(N_("The data is here"))
    return _ended(data_request)


_LATE_SENTENCES: dict[Status, str] = {
    Status.RECEIVED: N_("A first answer should have come on %(day)s"),
    Status.ASSESSING: N_("An update should have come on %(day)s"),
    Status.PLANNED: N_("The data should have been published by %(day)s"),
}


def _ended(data_request: DataRequest) -> Sentence:
    match data_request.outcome:
        case Outcome.DECLINED if data_request.ground is not None:
            return Sentence(N_("Cannot be published: %(ground)s"), {"ground": Phrase(GROUNDS[data_request.ground])})
        case Outcome.REDIRECTED:
            return Sentence(N_("Ask %(whom)s instead"), {"whom": data_request.redirected_to})
        case Outcome.ALREADY_AVAILABLE:
            return Sentence(N_("The data is available already"))
        case Outcome.WITHDRAWN:
            return Sentence(N_("The request has been withdrawn"))
    return Sentence(N_("This is not a request for data"))


def state_note(data_request: DataRequest, today: date) -> Sentence | None:
    """What happens now, below the sentence; None when the sentence says it all."""
    unit = {"unit": unit_name(data_request.unit)}
    if is_overdue(data_request, today):
        return Sentence(N_("%(unit)s now gives an answer or a new date. The coordinator sees that it is late."), unit)
    if data_request.waiting_on is not None and data_request.kind is Kind.FORMAL:
        return Sentence(N_("The time limit keeps running meanwhile."))
    if data_request.waiting_on is not None:
        until = answer_by(data_request, None)
        if until is None or until < today:
            return Sentence(N_("The date moves by as many working days as the answer takes."))
        return Sentence(
            N_("The date moves by as many working days as the answer takes. It is waited for until %(day)s."),
            {"day": until},
        )
    if data_request.status is Status.PUBLISHED and data_request.next_on is not None:
        return Sentence(N_("The rest comes by %(day)s."), {"day": data_request.next_on})
    if data_request.status in LIVE and data_request.moves_count == 1:
        return Sentence(N_("The date has been moved once."))
    if data_request.status in LIVE and data_request.moves_count:
        return Sentence(N_("The date has been moved %(count)s times."), {"count": data_request.moves_count})
    return None


def promise(data_request: Described, today: date) -> Sentence | None:
    """What comes next, by when, in a few words; None when no date runs."""
    promised = promised_on(data_request)
    if promised is None:
        return None
    text = _PROMISES[data_request.status] if promised >= today else N_("Was due %(day)s")
    return Sentence(text, {"day": promised})


_PROMISES: dict[Status, str] = {
    Status.RECEIVED: N_("First answer by %(day)s"),
    Status.ASSESSING: N_("Next update by %(day)s"),
    Status.PLANNED: N_("Published by %(day)s"),
}


def due_label(data_request: DataRequest, today: date) -> str:
    """What the date that runs promises (msgid): stands above the date. Empty when no date runs."""
    promised = promised_on(data_request)
    if promised is None:
        return ""
    if promised < today:
        return N_("Should have come")
    if promised == data_request.due_on:
        return N_("Decision by")
    return _DUE_LABELS[data_request.status]


_DUE_LABELS: dict[Status, str] = {
    Status.RECEIVED: N_("First answer by"),
    Status.ASSESSING: N_("Update by"),
    Status.PLANNED: N_("Published by"),
}

#: The next step as a verb, for the queue (msgids).
STEPS: dict[Step, str] = {
    Step.ASSIGN: N_("Choose who answers."),
    Step.GIVE_FIRST_ANSWER: N_("Give a first answer."),
    Step.GIVE_UPDATE: N_("Give an update."),
    Step.GIVE_LATE_UPDATE: N_("Give an update or a new date."),
    Step.DECIDE: N_("Decide on the formal request."),
    Step.PUBLISH: N_("Publish the data you promised."),
    Step.PUBLISH_OR_MOVE: N_("Publish the data or give a new date."),
    Step.AWAIT_REQUESTER: N_("Wait for the requester's answer."),
    Step.NOTHING: N_("Nothing more to do."),
}


#: The same on the button that does it (msgids). Steps that nobody takes from the queue have none.
STEP_BUTTONS: dict[Step, str] = {
    Step.GIVE_FIRST_ANSWER: N_("Answer"),
    Step.GIVE_UPDATE: N_("Give an update"),
    Step.GIVE_LATE_UPDATE: N_("Give an update"),
    Step.DECIDE: N_("Decide"),
    Step.PUBLISH: N_("Connect the data"),
    Step.PUBLISH_OR_MOVE: N_("Answer"),
}


def unit_name(unit: Unit | None) -> str | Sentence:
    """Who speaks: the unit, or the municipality where none is named. Never a person."""
    return unit.name if unit else THE_MUNICIPALITY
