"""The page of an answer that came by mail: its writer sees it, may change it, and publishes it by one button.

The link in the mail is enough, because whoever reads the mailbox is the writer; from a unit's mailbox, which several
people read, an official logs in first.
"""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import current_viewer, requires
from dialogue.accounts.policy import Permission, allows
from dialogue.accounts.queries import get_viewer
from dialogue.conversation.forms import PostForm
from dialogue.conversation.models import ReplyPreview
from dialogue.conversation.operations.opening import our_secrets
from dialogue.conversation.operations.replies import is_open, publish_reply, writer_of
from dialogue.conversation.queries.replies import find_preview
from dialogue.conversation.rules import takes_posts
from dialogue.core import markdown
from dialogue.core.errors import InvalidValue
from dialogue.mail.incoming.redacting import redact
from dialogue.requests.operations.drafts import save_draft
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, flash_lookalikes, invalid
from dialogue.web.language import path

blueprint = Blueprint("replies", __name__)

#: Leaves the status where it is, in the form that asks an official for a date.
_ONLY_ANSWER = "unchanged"


@blueprint.get("/reply/<token>")
@requires(Permission.PUBLISH_REPLY)
def show_reply(token: str) -> str:
    """The answer as it will look, and one button."""
    preview = find_preview(db.session, token)
    form = PostForm(formdata=None, body=preview.body)
    return render_template("conversation/publish_reply.html", **_shown(preview, form, token))


@blueprint.post("/reply/<token>")
@requires(Permission.PUBLISH_REPLY)
def publish(token: str) -> Response | tuple[str, int]:
    """Publish it, with what was changed."""
    preview, form = find_preview(db.session, token, lock=True), PostForm()
    data_request = preview.data_request
    if preview.message_id is None and form.validate():
        config = current_app.config
        body = redact(form.body.data or "", our_secrets(config["MAIL_REPLY_DOMAIN"], config["BASE_URL"]))
        try:
            publish_reply(db.session, current_viewer(), preview, body)
        except InvalidValue as error:
            if error.field == "next_on":
                return _ask_for_date(preview, body)
            form.add_error(error)
    if form.errors:
        return invalid("conversation/publish_reply.html", **_shown(preview, form, token))
    flash_banner(_("Your post is published."))
    flash_lookalikes(preview.body)
    return redirect(path(f"/requests/{data_request.id}-{data_request.slug}#message-{preview.message_id}"), 303)


def _ask_for_date(preview: ReplyPreview, body: str) -> Response:
    """An answer owes a date, which a mail does not give: on to the form that asks for it, with the text in it."""
    writer = writer_of(db.session, current_viewer(), preview)
    assert writer.person_id is not None  # noqa: S101 (who owes a date works for the municipality)
    save_draft(db.session, writer.person_id, preview.request_id, {"answer": body, "status": _ONLY_ANSWER})
    flash_banner(_("The date that was promised has passed. Choose a new one; your answer is kept here."), "info")
    return redirect(path(f"/requests/{preview.request_id}/answer"), 303)


def _shown(preview: ReplyPreview, form: PostForm, token: str) -> dict[str, Any]:
    data_request, person = preview.data_request, preview.person
    official = person is None or allows(get_viewer(db.session, person), Permission.POST_ANSWER, data_request)
    business = person.organisation.name if person is not None and person.organisation else None
    return {
        "preview": preview,
        "form": form,
        "token": token,
        "data_request": data_request,
        "official": official,
        "author": (data_request.unit or data_request.municipality).name if official else business,
        "body_html": markdown.render(str(form.body.data or "")),
        "is_open": is_open(preview) and takes_posts(data_request),
        "must_sign_in": person is None and current_viewer().is_anonymous,
    }
