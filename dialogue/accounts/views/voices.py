"""What a proved address lets happen when it is somebody's voice that waits: a vote, or a post in a conversation."""

from typing import Any

from flask_babel import gettext as _

from dialogue.accounts.models import Person
from dialogue.accounts.operations.people import name_organisation, speak_for
from dialogue.accounts.policy import NOBODY, Permission, allows
from dialogue.accounts.queries import get_viewer
from dialogue.conversation.operations.messages import post_message
from dialogue.conversation.rules import takes_posts
from dialogue.core.markdown import render
from dialogue.requests.models import DataRequest
from dialogue.requests.queries.one import get_request
from dialogue.voting.operations import cast_vote
from dialogue.voting.rules import REASON_LABELS, ReasonKind, takes_votes
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner
from dialogue.web.language import path


def show_waiting_vote(payload: dict[str, Any]) -> dict[str, Any]:
    """The vote as it will be counted."""
    kind = payload["reason_kind"]
    return {
        "data_request": get_request(db.session, NOBODY, payload["request_id"], Permission.CAST_VOTE),
        "payload": payload,
        "reason_label": REASON_LABELS[ReasonKind(kind)] if kind else "",
        "public": [payload["reason"]],
    }


def count_waiting_vote(person: Person, payload: dict[str, Any]) -> str:
    """Count the vote, as the business that was named with it."""
    data_request = _speak(person, payload, Permission.CAST_VOTE)
    kind = ReasonKind(payload["reason_kind"]) if payload["reason_kind"] else None
    if not allows(get_viewer(db.session, person), Permission.CAST_VOTE, data_request):
        flash_banner(_("You work for the municipality, so your vote is not counted."), "info")
    elif not takes_votes(data_request):
        flash_banner(_("The request takes no votes any more."), "info")
    elif cast_vote(db.session, person, data_request, kind, payload["reason"]):
        flash_banner(_("Your vote for “%(title)s” is counted.", title=data_request.title))
    else:
        flash_banner(
            _("You have already voted for “%(title)s”. You can take the vote back.", title=data_request.title), "info"
        )
    return path(f"/requests/{data_request.id}-{data_request.slug}")


def show_waiting_message(payload: dict[str, Any]) -> dict[str, Any]:
    """The post as it will look."""
    return {
        "data_request": get_request(db.session, NOBODY, payload["request_id"], Permission.POST_MESSAGE),
        "payload": payload,
        "body_html": render(payload["body"]),
        "public": [payload["body"]],
    }


def post_waiting_message(person: Person, payload: dict[str, Any]) -> str:
    """Put the post in the conversation, as the business that was named with it."""
    data_request = _speak(person, payload, Permission.POST_MESSAGE)
    local = f"/requests/{data_request.id}-{data_request.slug}"
    if not takes_posts(data_request):
        flash_banner(_("The conversation has ended, so your post was not published."), "info")
        return path(local)
    message = post_message(db.session, get_viewer(db.session, person), data_request, payload["body"])
    flash_banner(_("Your post is published."))
    return path(f"{local}#message-{message.id}")


def _speak(person: Person, payload: dict[str, Any], permission: Permission) -> DataRequest:
    data_request = get_request(db.session, NOBODY, payload["request_id"], permission, lock=True)
    speak_for(person, name_organisation(db.session, payload["organisation"]))
    db.session.flush()
    return data_request
