"""The queue's one form: answer, status and next date, with drafts and texts to start from."""

from flask import Blueprint, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import current_viewer, requires
from dialogue.accounts.policy import Permission, Viewer
from dialogue.conversation.operations.answers import answer_with, post_answer
from dialogue.core.errors import InvalidTransition, InvalidValue, StaleVersion
from dialogue.requests.forms.actions import answer_form
from dialogue.requests.forms.queue import NEEDS_MORE, STARTERS, AnswerForm, State
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.operations.drafts import save_draft
from dialogue.requests.queries.one import get_request
from dialogue.requests.views.actions import Answer, acted, conflict, refused, show_form
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner
from dialogue.web.language import path

blueprint = Blueprint("answering", __name__)


@blueprint.get("/requests/<int:number>/answer")
@requires(Permission.POST_ANSWER)
def show_answer(number: int) -> str:
    """The form alone on a page, with the viewer's draft in it."""
    viewer = current_viewer()
    data_request = get_request(db.session, viewer, number, Permission.POST_ANSWER)
    return show_form(answer_form(db.session, viewer, data_request, formdata=None), data_request)


@blueprint.post("/requests/<int:number>/answer")
@requires(Permission.POST_ANSWER)
def answer(number: int) -> Answer:
    """Publish the answer with what was chosen, keep it as a draft, or put a text to start from into it."""
    viewer = current_viewer()
    data_request = get_request(db.session, viewer, number, Permission.POST_ANSWER, lock=True)
    form = answer_form(db.session, viewer, data_request, data=None)
    if request.form.get("template") in STARTERS:
        form.start_from(request.form["template"])
        return show_form(form, data_request)
    if "draft" in request.form:
        return _keep(form, viewer, data_request)
    try:
        return _send(form, viewer, data_request)
    except InvalidValue as error:
        form.add_error(error)
        return refused(form, data_request)
    except (StaleVersion, InvalidTransition) as error:
        return conflict(error, form, viewer, data_request)


def _send(form: AnswerForm, viewer: Viewer, data_request: DataRequest) -> Answer:
    action = form.read_action(data_request) if form.validate() else None
    if action is None:
        return refused(form, data_request)
    if State(form.status.data) in NEEDS_MORE:
        save_draft(db.session, _author(viewer), data_request.id, form.fields())
        flash_banner(_("Your answer is kept as a draft. Fill in the rest here."), "info")
        onwards = path(f"/requests/{data_request.id}/{action.replace('_', '-')}")
        return redirect(f"{onwards}?back={form.back.data}" if form.way_back else onwards, 303)
    return acted(_act(action, form, viewer, data_request), viewer, data_request, form)


def _act(action: str, form: AnswerForm, viewer: Viewer, data_request: DataRequest) -> RequestEvent:
    if not action:
        return post_answer(db.session, viewer, data_request, form.text, version=form.form_version)
    return answer_with(
        db.session,
        viewer,
        data_request,
        action,
        form.text,
        version=form.form_version,
        next_on=form.next_on.data,
    )


def _keep(form: AnswerForm, viewer: Viewer, data_request: DataRequest) -> Response:
    save_draft(db.session, _author(viewer), data_request.id, form.fields())
    flash_banner(_("The draft is saved. Only you see it."), "info")
    return redirect(path(form.way_back or f"/requests/{data_request.id}-{data_request.slug}"), 303)


def _author(viewer: Viewer) -> int:
    assert viewer.person_id is not None  # noqa: S101 (who may answer is signed in)
    return viewer.person_id
