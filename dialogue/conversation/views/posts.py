"""Writing in the conversation, changing what one wrote, and moderation. The thread itself is on the request's page."""

from flask import Blueprint, redirect, render_template, request
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import current_viewer, requires
from dialogue.accounts.operations.proofs import ask_for_proof
from dialogue.accounts.policy import Permission, allows
from dialogue.accounts.rules import ProofPurpose
from dialogue.conversation.forms import FirstPostForm, HidingForm, PostForm
from dialogue.conversation.models import Message
from dialogue.conversation.operations.answers import post_answer
from dialogue.conversation.operations.messages import edit_message, post_message, refuse_closed
from dialogue.conversation.operations.moderation import hide_message, show_message
from dialogue.conversation.operations.writing import check_body
from dialogue.conversation.queries.thread import get_message, list_versions
from dialogue.conversation.rules import MAX_BODY, is_editable
from dialogue.core.clock import now
from dialogue.core.difference import find_changes
from dialogue.core.errors import Forbidden, Gone, InvalidValue
from dialogue.requests.models import DataRequest
from dialogue.requests.queries.one import get_request
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, flash_lookalikes, invalid
from dialogue.web.language import path, request_locale

blueprint = Blueprint("conversation", __name__)


@blueprint.get("/requests/<int:number>/messages")
@requires(Permission.POST_MESSAGE)
def show_thread(number: int) -> Response:
    """Where a reloaded form leads: the conversation on the request's page."""
    return redirect(_thread(get_request(db.session, current_viewer(), number, Permission.SEE_REQUEST)), 303)


@blueprint.post("/requests/<int:number>/messages")
@requires(Permission.POST_MESSAGE)
def post(number: int) -> Response | tuple[str, int]:
    """Put the post of somebody known in the thread; ask anybody else for proof of their address."""
    data_request = get_request(db.session, current_viewer(), number, Permission.POST_MESSAGE, lock=True)
    form = FirstPostForm() if current_viewer().is_anonymous else PostForm()
    try:
        if form.validate():
            return _ask(form, data_request) if isinstance(form, FirstPostForm) else _post(form, data_request)
    except InvalidValue as error:
        form.add_error(error)
    return invalid("conversation/post_message.html", form=form, data_request=data_request, limit=MAX_BODY)


@blueprint.get("/messages/<int:message_id>/edit")
@requires(Permission.EDIT_OWN_MESSAGE)
def show_edit(message_id: int) -> str | Response:
    """The post as it was typed, while its author may still change it."""
    message, data_request = _load(message_id, Permission.EDIT_OWN_MESSAGE)
    if message.author_id != current_viewer().person_id:
        raise Forbidden
    if not is_editable(message.posted_at, message.hidden_at, now()):
        flash_banner(_("A post can be changed for 15 minutes. Write a new one instead."), "info")
        return redirect(_thread(data_request, message.id), 303)
    form = PostForm(formdata=None, body=message.body)
    return render_template("conversation/edit_message.html", form=form, message=message, data_request=data_request)


@blueprint.post("/messages/<int:message_id>/edit")
@requires(Permission.EDIT_OWN_MESSAGE)
def edit(message_id: int) -> Response | tuple[str, int]:
    """Change one's own post; what it said before stays readable."""
    message, data_request = _load(message_id, Permission.EDIT_OWN_MESSAGE)
    if message.author_id != current_viewer().person_id:
        raise Forbidden
    form = PostForm()
    try:
        if form.validate():
            if edit_message(db.session, current_viewer(), data_request, message, form.body.data or ""):
                flash_banner(_("Your post is changed. Everybody can see what it said before."))
                flash_lookalikes(message.body)
            return redirect(_thread(data_request, message.id), 303)
    except InvalidValue as error:
        form.add_error(error)
    return invalid("conversation/edit_message.html", form=form, message=message, data_request=data_request)


@blueprint.get("/messages/<int:message_id>/history")
@requires(Permission.SEE_REQUEST)
def show_history(message_id: int) -> str:
    """Every version of a post, the newest first, with what each change took out and put in."""
    message, data_request = _load(message_id, Permission.SEE_REQUEST)
    if message.hidden_at and not allows(current_viewer(), Permission.HIDE_MESSAGE, data_request):
        raise Gone(message.hidden_reason or "")
    versions = list_versions(db.session, message_id)
    bodies = [version.body for version in versions] + [message.body]
    times = [message.posted_at] + [version.replaced_at for version in versions]
    changes = [find_changes(old, new) for old, new in zip(["", *bodies], bodies, strict=False)]
    return render_template(
        "conversation/show_history.html",
        message=message,
        data_request=data_request,
        versions=list(zip(times, changes, strict=True))[::-1],
    )


@blueprint.get("/messages/<int:message_id>/hide")
@requires(Permission.HIDE_MESSAGE)
def show_hide(message_id: int) -> str:
    """The post, and why it is to be hidden."""
    message, data_request = _load(message_id, Permission.HIDE_MESSAGE)
    form = HidingForm(formdata=None)
    return render_template("conversation/hide_message.html", form=form, message=message, data_request=data_request)


@blueprint.post("/messages/<int:message_id>/hide")
@requires(Permission.HIDE_MESSAGE)
def hide(message_id: int) -> Response | tuple[str, int]:
    """Put the reason in the place of a post. The text is kept, the author told."""
    message, data_request = _load(message_id, Permission.HIDE_MESSAGE)
    form = HidingForm()
    if not form.validate():
        return invalid("conversation/hide_message.html", form=form, message=message, data_request=data_request)
    hide_message(db.session, current_viewer(), data_request, message, form.reason.data or "")
    flash_banner(_("The post is hidden. Its author is told why."))
    return redirect(_thread(data_request, message.id), 303)


@blueprint.post("/messages/<int:message_id>/show")
@requires(Permission.HIDE_MESSAGE)
def show(message_id: int) -> Response:
    """Put a hidden post back."""
    message, data_request = _load(message_id, Permission.HIDE_MESSAGE)
    show_message(db.session, current_viewer(), data_request, message)
    flash_banner(_("Everybody can read the post again."))
    return redirect(_thread(data_request, message.id), 303)


def _post(form: PostForm, data_request: DataRequest) -> Response:
    viewer, body = current_viewer(), form.body.data or ""
    if allows(viewer, Permission.POST_ANSWER, data_request):
        # Whoever answers for the request speaks as the unit, whatever form it was typed in.
        message_id = post_answer(db.session, viewer, data_request, body, version=None).message_id
    else:
        message_id = post_message(db.session, viewer, data_request, body).id
    flash_banner(_("Your post is published."))
    flash_lookalikes(body)
    return redirect(_thread(data_request, message_id), 303)


def _ask(form: FirstPostForm, data_request: DataRequest) -> Response:
    refuse_closed(data_request)
    made = ask_for_proof(
        db.session,
        ProofPurpose.POST_MESSAGE,
        str(form.email.data),
        {
            "request_id": data_request.id,
            "body": check_body(form.body.data or ""),
            "organisation": form.organisation.data or "",
        },
        locale=request_locale(),
        ip=request.remote_addr or "",
        template="confirm_message",
    )
    cookie["proof_id"] = made.proof.id
    return redirect(path("/check-email"), 303)


def _load(message_id: int, permission: Permission) -> tuple[Message, DataRequest]:
    """A post with its request, when the viewer may see that and has `permission` there."""
    message = get_message(db.session, message_id)
    return message, get_request(db.session, current_viewer(), message.request_id, permission)


def _thread(data_request: DataRequest, message_id: int | None = None) -> str:
    anchor = f"message-{message_id}" if message_id else "conversation"
    return path(f"/requests/{data_request.id}-{data_request.slug}#{anchor}")
