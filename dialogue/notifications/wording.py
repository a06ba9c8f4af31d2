"""Why somebody gets a mail, how to end it, and the words for what and how often."""

from dialogue.core.language import N_, Sentence
from dialogue.notifications.contents import Section
from dialogue.notifications.reminders import Stage, WeekPart
from dialogue.notifications.rules import GATHERED, Cadence, Reason, WorkAct
from dialogue.requests.queries.lists import State

#: The first line of a mail's foot.
WHY: dict[Reason, str] = {
    Reason.ASKER: N_("You get this because you asked for the data."),
    Reason.AUTHOR: N_("You get this because you wrote it."),
    Reason.VOTER: N_("You get this because you voted for the request."),
    Reason.FOLLOWER: N_("You get this because you follow the request."),
    Reason.AREA: N_("You get this because you follow %(name)s."),
    Reason.UNIT_FOLLOWER: N_("You get this because you follow %(name)s."),
    Reason.EVERYTHING: N_("You get this because you follow everything in %(name)s."),
    Reason.SEARCH: N_("You get this because you saved the search %(name)s."),
    Reason.UNIT: N_("You get this because the request stands with %(name)s."),
    Reason.OFFICIAL: N_("You get this because you have taken a request in %(name)s, or stand in for somebody who has."),
    Reason.COORDINATOR: N_("You get this because you are a coordinator in %(name)s."),
    Reason.CONTACT: N_("You get this because %(name)s has named no coordinator."),
}

#: The link below it, for what one may end.
STOP: dict[Reason, str] = {
    Reason.ASKER: N_("No more mail about others' posts"),
    Reason.VOTER: N_("No more mail about this request"),
    Reason.FOLLOWER: N_("Stop following the request"),
    Reason.AREA: N_("Stop following %(name)s"),
    Reason.UNIT_FOLLOWER: N_("Stop following %(name)s"),
    Reason.EVERYTHING: N_("Stop following %(name)s"),
    Reason.SEARCH: N_("End the search %(name)s"),
}

#: How often, as the choice reads.
CADENCES: dict[Cadence, str] = {
    Cadence.INSTANT: N_("At once"),
    Cadence.DAILY: N_("Once a day"),
    Cadence.WEEKLY: N_("Once a week, on Mondays"),
    Cadence.MONTHLY: N_("Once a month"),
    Cadence.OFF: N_("Never"),
}

#: Mails that an administrator can look at before they are sent.
PREVIEWS: dict[str, str] = {
    **{cadence.value: CADENCES[cadence] for cadence in GATHERED},
    "week": N_("Monday mail about one's work"),
    "reminder": N_("Reminders of today"),
}

#: What one agrees to, kept with the subscription.
AGREED: dict[Cadence, str] = {
    Cadence.INSTANT: N_("A mail as soon as the municipality answers or the status changes: %(what)s"),
    Cadence.DAILY: N_("A mail once a day, when something has happened: %(what)s"),
    Cadence.WEEKLY: N_("A mail on Mondays, when something has happened: %(what)s"),
    Cadence.MONTHLY: N_("A mail once a month, when something has happened: %(what)s"),
}

#: Why somebody gets a digest, and the link that ends it.
WHY_DIGEST: dict[Cadence, str] = {
    Cadence.DAILY: N_("You get this once a day because you chose so, and only when something has happened."),
    Cadence.WEEKLY: N_("You get this on Mondays because you chose so, and only when something has happened."),
    Cadence.MONTHLY: N_("You get this once a month because you chose so, and only when something has happened."),
}
WHY_RETURN = N_("You get this because your mail has rested. From now on it comes as usual again.")
STOP_DIGEST: dict[Cadence, str] = {
    Cadence.DAILY: N_("No more daily mail"),
    Cadence.WEEKLY: N_("No more weekly mail"),
    Cadence.MONTHLY: N_("No more monthly mail"),
}

#: The parts of a digest: their headings, and what the subject says of the strongest item.
SECTION_HEADINGS: dict[Section, str] = {
    Section.DATA: N_("New data"),
    Section.ANSWERS: N_("Answers in what you follow"),
    Section.DECIDED: N_("Decided"),
    Section.CLOSED: N_("Closed without new data"),
    Section.NEW: N_("New requests"),
    Section.SOON: N_("Decided soon, with few votes"),
    Section.TALK: N_("New posts"),
}
SECTION_NEWS: dict[Section, str] = {
    Section.DATA: N_("New data: %(title)s"),
    Section.ANSWERS: N_("Answer: %(title)s"),
    Section.DECIDED: N_("Cannot be published: %(title)s"),
    Section.CLOSED: N_("Closed: %(title)s"),
    Section.NEW: N_("New request: %(title)s"),
    Section.TALK: N_("New post: %(title)s"),
}
#: The same in the middle of a sentence, after the number of the week.
SECTION_NEWS_OF_WEEK: dict[Section, str] = {
    Section.DATA: N_("new data, %(title)s"),
    Section.ANSWERS: N_("answer, %(title)s"),
    Section.DECIDED: N_("cannot be published, %(title)s"),
    Section.CLOSED: N_("closed, %(title)s"),
    Section.NEW: N_("new request, %(title)s"),
    Section.TALK: N_("new post, %(title)s"),
}

#: The parts of a reminder.
STAGE_HEADINGS: dict[Stage, str] = {
    Stage.ESCALATED: N_("Five working days late or more"),
    Stage.LATE: N_("Late"),
    Stage.TODAY: N_("Today"),
    Stage.SOON: N_("Soon"),
    Stage.NEW: N_("New for you"),
    Stage.UNCLAIMED: N_("Nobody has taken these"),
}

#: What an official can do from a mail.
WORK_ACTS: dict[WorkAct, str] = {
    WorkAct.TAKE: N_("Take it"),
    WorkAct.NOT_OURS: N_("Not ours"),
    WorkAct.MORE_TIME: N_("Need more time"),
}

#: What the requests of a saved search are narrowed to.
STATES: dict[State, str] = {
    State.RECEIVED: N_("Received"),
    State.ASSESSING: N_("Under review"),
    State.PLANNED: N_("Planned"),
    State.PUBLISHED: N_("Published"),
    State.DECLINED: N_("Cannot be published"),
    State.CLOSED: N_("Closed"),
    State.OVERDUE: N_("Late update"),
}


def lately_sentence(mails: float) -> Sentence:
    """How many mails a week something would have meant lately."""
    if not mails:
        return Sentence(N_("no mail lately"))
    if mails < 1:
        return Sentence(N_("less than one mail a week lately"))
    number = round(mails)
    if number == 1:
        return Sentence(N_("about one mail a week lately"))
    return Sentence(N_("about %(number)s mails a week lately"), {"number": number})


#: The Monday mail about one's work.
WHY_WEEK = N_("You get this on Mondays because you work with requests in %(name)s, and only when something waits.")
STOP_WEEK = N_("No more Monday mail about my work")
WEEK_HEADINGS: dict[WeekPart, str] = {
    WeekPart.ASSIGN: N_("To assign"),
    WeekPart.LATE: N_("Late"),
    WeekPart.ANSWER: N_("To answer this week"),
    WeekPart.UNCLAIMED: N_("Nobody has taken these"),
}
