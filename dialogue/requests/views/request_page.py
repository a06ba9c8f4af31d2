"""What the page of one request shows, gathered from everywhere with few statements and put in reading order."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import current_app

from dialogue.accounts.models import Person
from dialogue.accounts.policy import Permission, Viewer, allows
from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import FORMATS, FREQUENCIES, LICENCES, Frequency
from dialogue.conversation.queries.thread import Post, Thread, list_thread
from dialogue.conversation.rules import MAX_BODY, is_editable, takes_posts
from dialogue.core.clock import now
from dialogue.core.language import Sentence
from dialogue.core.markdown import render
from dialogue.core.text import shorten
from dialogue.notifications.queries.ties import AUTHOR_HAS_VOTED
from dialogue.requests import promises
from dialogue.requests.models import DataRequest
from dialogue.requests.queries.one import Around
from dialogue.requests.queries.timeline import PastEvent, list_events
from dialogue.requests.rules import Outcome, Status
from dialogue.requests.views.track import track_of
from dialogue.requests.wording import states
from dialogue.requests.wording.events import event_sentence
from dialogue.voting.queries import VoteSummary, summarise_votes
from dialogue.voting.rules import REASON_LABELS, takes_votes
from dialogue.web.extensions import db
from dialogue.web.forms import EmptyField
from dialogue.web.language import path
from dialogue.web.texts import plain as _


class Line(NamedTuple):
    """One line of the conversation: a post, something that happened, or the place where posts are left out."""

    post: Post | None = None
    event: Sentence | None = None
    at: Any = None
    author: str = ""
    role: str = ""
    may_edit: bool = False


class ReplyFields(NamedTuple):
    """The empty fields of the reply form."""

    body: EmptyField
    organisation: EmptyField | None = None
    email: EmptyField | None = None


def gather(
    viewer: Viewer,
    person: Person | None,
    data_request: DataRequest,
    around: Around,
    today: date,
    *,
    whole: bool,
    after: int,
) -> dict[str, Any]:
    """Everything that templates/requests/show_request.html shows, but for the forms of officials."""
    session, number = db.session, data_request.id
    thread = list_thread(session, number, whole=whole, after=after, has_voted=AUTHOR_HAS_VOTED)
    datasets = data_request.datasets if around.has_data else []
    lines = _lines(thread, list_events(session, number), after=after)
    posts = {post.id for post in thread.posts}
    summary = summarise_votes(session, number) if data_request.votes_count else VoteSummary()
    return {
        "data_request": data_request,
        "around": around,
        "today": today,
        **_state(data_request, today),
        "datasets": [(dataset, _facts(dataset)) for dataset in datasets],
        "need": _need(data_request),
        "lines": [_with_author(line, viewer, data_request) for line in lines],
        "thread": thread,
        "whole": whole,
        # Not worth a statement of its own: said when every post is here anyway.
        "answers_count": sum(post.is_official and not post.hidden_at for post in thread.posts)
        if len(thread.posts) == thread.total
        else 0,
        "latest_is_shown": data_request.latest_answer_id in posts,
        "may_moderate": allows(viewer, Permission.HIDE_MESSAGE, data_request),
        "may_vote": takes_votes(data_request) and allows(viewer, Permission.CAST_VOTE, data_request),
        "may_withdraw_vote": takes_votes(data_request) and allows(viewer, Permission.WITHDRAW_VOTE, data_request),
        "reasons": [(_(REASON_LABELS[kind]), count) for kind, count in summary.kinds],
        "written_reasons": summary.written,
        "reply": _reply(viewer) if takes_posts(data_request) else None,
        "reply_limit": MAX_BODY,
        "shown_as": _shown_as(viewer, person, data_request),
        "follow_email": EmptyField("email", _("Email address"), id="follow-email") if viewer.is_anonymous else None,
        "description": shorten(data_request.need, 160),
        "linked_data": _linked_data(data_request, around.organisation, datasets),
    }


def _state(data_request: DataRequest, today: date) -> dict[str, Any]:
    """The state card."""
    declined = data_request.outcome is Outcome.DECLINED
    return {
        "status": states.status_word(data_request, today),
        "kind": states.tag_kind(data_request, today),
        "sentence": states.state_sentence(data_request, today),
        "note": states.state_note(data_request, today),
        "due_label": states.due_label(data_request, today),
        "promised_on": promises.promised_on(data_request),
        "days_left": promises.days_left(data_request, today),
        "steps": track_of(data_request, today),
        "explanation_html": render(data_request.explanation) if declined and data_request.explanation else "",
        "is_published": data_request.status is Status.PUBLISHED,
    }


def _facts(dataset: Dataset) -> list[str]:
    terms = (FORMATS[dataset.format], LICENCES[dataset.licence], FREQUENCIES[dataset.update_frequency])
    return [_(term.label) for term in terms]


def _linked_data(data_request: DataRequest, organisation: str | None, datasets: Sequence[Dataset]) -> dict[str, Any]:
    """The request in the words of schema.org, for search engines."""
    received = data_request.received_at
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "headline": data_request.title,
        "text": data_request.need,
        "url": f"{current_app.config['BASE_URL']}{path(f'/requests/{data_request.id}-{data_request.slug}')}",
        "inLanguage": data_request.locale,
        "datePublished": received.isoformat() if received else None,
        "dateModified": data_request.updated_at.isoformat(),
        "commentCount": data_request.messages_count,
        "interactionStatistic": {
            "@type": "InteractionCounter",
            "interactionType": "https://schema.org/VoteAction",
            "userInteractionCount": data_request.votes_count,
        },
    }
    if organisation:
        described["author"] = {"@type": "Organization", "name": organisation}
    if datasets:
        described["mentions"] = [
            {"@type": "Dataset", "name": data.title, "url": data.url, "license": LICENCES[data.licence].uri or None}
            for data in datasets
        ]
    return described


def _need(data_request: DataRequest) -> list[tuple[str, str]]:
    """What is asked for, in the asker's words, under the questions of the form."""
    often = data_request.update_frequency
    rows = (
        (_("What data?"), data_request.need),
        (_("What will it be used for?"), data_request.purpose),
        (_("How often must it be updated?"), "" if often is Frequency.UNKNOWN else _(FREQUENCIES[often].label)),
        (_("Format"), data_request.format),
        (_("What would it be worth?"), data_request.benefit),
    )
    return [(question, answer) for question, answer in rows if answer]


def _lines(thread: Thread, events: list[PastEvent], *, after: int) -> Iterator[Line]:
    """Posts and events in the order in which they came; events that belong to posts left out are left out too."""
    posts = thread.posts
    first, last = (posts[0].posted_at, posts[-1].posted_at) if posts else (None, None)
    gap = (posts[thread.gap_at - 1].posted_at, posts[thread.gap_at].posted_at) if thread.gap_at else None
    waiting = [
        event
        for event in events
        if not (gap and gap[0] < event.happened_at < gap[1])
        and not (after and first and event.happened_at < first)
        and not (thread.after and last and event.happened_at > last)
    ]
    for index, post in enumerate(posts):
        while waiting and waiting[0].happened_at < post.posted_at:
            yield _event_line(waiting.pop(0))
        if index == thread.gap_at:
            yield Line()
        yield Line(post=post, at=post.posted_at)
    yield from map(_event_line, waiting)


def _event_line(event: PastEvent) -> Line:
    return Line(event=event_sentence(event), at=event.happened_at)


def _with_author(line: Line, viewer: Viewer, data_request: DataRequest) -> Line:
    post = line.post
    if post is None:
        return line
    if post.is_official:
        author, role = post.unit or "", ""
    elif post.unit:
        author, role = post.unit, _("works for the municipality")
    else:
        author = post.organisation or (_("Former user") if post.author_is_gone else _("Private person"))
        role = ""
        if post.author_id is not None and post.author_id == data_request.asker_id:
            role = _("asked the question")
        elif post.author_has_voted:
            role = _("has voted")
    is_own = post.author_id is not None and post.author_id == viewer.person_id
    may_edit = is_own and takes_posts(data_request) and is_editable(post.posted_at, post.hidden_at, now())
    return line._replace(author=author, role=role, may_edit=may_edit)


def _reply(viewer: Viewer) -> ReplyFields:
    body = EmptyField("body", _("Your post"), max_length=MAX_BODY)
    if not viewer.is_anonymous:
        return ReplyFields(body)
    return ReplyFields(body, EmptyField("organisation", _("Business")), EmptyField("email", _("Email address")))


def _shown_as(viewer: Viewer, person: Person | None, data_request: DataRequest) -> str | None:
    """The name that a post of the viewer will carry; None for somebody unknown."""
    if person is None:
        return None
    if data_request.unit and allows(viewer, Permission.POST_ANSWER, data_request):
        return data_request.unit.name
    return person.organisation.name if person.organisation else _("Private person")
