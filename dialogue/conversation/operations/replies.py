"""An answer that came by mail is published by its writer, who has seen it: never by the mail itself."""

from sqlalchemy.orm import Session

from dialogue.accounts.policy import Permission, Viewer, allows
from dialogue.accounts.queries import get_viewer
from dialogue.conversation.models import ReplyPreview
from dialogue.conversation.operations.answers import post_answer
from dialogue.conversation.operations.messages import post_message
from dialogue.core.clock import now
from dialogue.core.errors import Forbidden, InvalidTransition, SignInNeeded
from dialogue.core.language import N_
from dialogue.requests.models import DataRequest


def writer_of(session: Session, viewer: Viewer, preview: ReplyPreview) -> Viewer:
    """As whom `preview` is published. Whoever reads the mailbox of a person is that person; a unit's mailbox has many
    readers, so who publishes from there has logged in. Raises
    SignInNeeded, and Forbidden for whoever does not answer for the request."""
    if preview.person is not None:
        return get_viewer(session, preview.person)
    if viewer.is_anonymous:
        raise SignInNeeded
    if not allows(viewer, Permission.POST_ANSWER, preview.data_request):
        raise Forbidden
    return viewer


def is_open(preview: ReplyPreview) -> bool:
    """Whether `preview` can still be published."""
    closed = preview.person is not None and preview.person.disabled_at is not None
    return preview.published_at is None and preview.expires_at > now() and not closed


def publish_reply(session: Session, viewer: Viewer, preview: ReplyPreview, body: str) -> int:
    """Put `body` in the conversation, for the locked `preview`; the id of the post. Changes no status, whatever has
    happened to the request since the mail was written.

    Raises InvalidTransition when it is over, SignInNeeded, Forbidden, InvalidValue (of `next_on` when the municipality
    owes a date that an answer alone does not give), RateLimited.
    """
    if not is_open(preview):
        raise InvalidTransition(N_("The link is too old, or your post is published already."))
    message_id = write_reply(session, writer_of(session, viewer, preview), preview.data_request, body)
    preview.message_id, preview.published_at = message_id, now()
    preview.body = body
    session.flush()
    return message_id


def write_reply(session: Session, writer: Viewer, data_request: DataRequest, body: str) -> int:
    """A post of `writer`: the unit's answer when they answer for the request, else the business's."""
    if allows(writer, Permission.POST_ANSWER, data_request):
        message_id = post_answer(session, writer, data_request, body, version=None).message_id
        assert message_id is not None  # noqa: S101 (an answer is a message)
        return message_id
    return post_message(session, writer, data_request, body).id
