"""What an official does from a link in a mail: a page with one button, and never a sign-in.

The link names one person, one request and one act. It gives nothing that the person's role does not give: that, and
where the request stands, are checked when the page is shown and again when the button is pressed.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import requires
from dialogue.accounts.models import Person
from dialogue.accounts.policy import NOBODY, Permission, Viewer
from dialogue.accounts.queries import get_viewer
from dialogue.conversation.operations.answers import answer_with
from dialogue.core import clock
from dialogue.core.emailaddress import mask
from dialogue.core.errors import (
    DialogueError,
    Forbidden,
    Gone,
    InvalidTransition,
    InvalidValue,
    NotFound,
    SignInNeeded,
    StaleVersion,
)
from dialogue.core.language import N_
from dialogue.notifications.models import WorkLink
from dialogue.notifications.operations.work_links import find_link, use_link
from dialogue.notifications.rules import WorkAct
from dialogue.requests.forms.floor import ActionForm
from dialogue.requests.forms.from_mail import MoreTimeForm, NotOursForm, TakeItForm
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.operations.moves import guard
from dialogue.requests.operations.planning import today_of
from dialogue.requests.operations.routing import assign_request, take_request
from dialogue.requests.promises import suggest_later
from dialogue.requests.queries.one import get_request
from dialogue.requests.rules import Status
from dialogue.requests.wording.events import event_sentence
from dialogue.requests.wording.states import state_sentence
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, invalid
from dialogue.web.language import path, say
from dialogue.web.transaction import give_up

blueprint = Blueprint("from_mail", __name__)

_FORMS: dict[WorkAct, type[TakeItForm | NotOursForm | MoreTimeForm]] = {
    WorkAct.TAKE: TakeItForm,
    WorkAct.NOT_OURS: NotOursForm,
    WorkAct.MORE_TIME: MoreTimeForm,
}


@dataclass(frozen=True)
class _Door:
    """What is behind a link that can still be used."""

    link: WorkLink
    viewer: Viewer
    data_request: DataRequest
    #: The row of ACTIONS that the act stands for, from where the request stands now.
    action: str


@blueprint.get("/work/<token>")
@requires(Permission.USE_WORK_LINK)
def show_link(token: str) -> str:
    """What the button would do; or what became of the link."""
    link = _link(token)
    try:
        door = _open(link)
    except DialogueError as error:
        return render_template("requests/from_mail/closed.html", **_closed(link, error))
    return render_template("requests/from_mail/act.html", **_shown(door, token, _form(door)))


@blueprint.post("/work/<token>")
@requires(Permission.USE_WORK_LINK)
def use(token: str) -> Response | tuple[str, int]:
    """Do it, once."""
    link = _link(token, lock=True)
    try:
        door = _open(link, lock=True)
    except DialogueError as error:
        return invalid("requests/from_mail/closed.html", status=409, **_closed(link, error))
    form = _form(door)
    try:
        guard(door.viewer, door.data_request, door.action, form.form_version)
        if not form.validate():
            return invalid("requests/from_mail/act.html", **_shown(door, token, form))
        event = _act(door, form)
    except InvalidValue as error:
        form.add_error(error)
        return invalid("requests/from_mail/act.html", **_shown(door, token, form))
    except StaleVersion as error:
        return _stale(door, token, form, error)
    use_link(link)
    flash_banner(f"{_('Done.')} {say(event_sentence(event))}.")
    return redirect(path(f"/work/{token}"), 303)


def _stale(door: _Door, token: str, form: ActionForm, error: StaleVersion) -> tuple[str, int]:
    """The same page on what the request says now, with everything typed: the button can be pressed again."""
    give_up(db.session)
    form.version.data = str(door.data_request.version)
    form.form_errors.append(_("%(reason)s Look, and press the button again.", reason=_(error.message)))
    return invalid("requests/from_mail/act.html", status=409, **_shown(door, token, form))


def _link(token: str, *, lock: bool = False) -> WorkLink:
    link = find_link(db.session, token, lock=lock)
    if link is None:
        raise NotFound(N_("The link is not whole. Copy all of it from the mail, or log in."))
    return link


def _open(link: WorkLink, *, lock: bool = False) -> _Door:
    """What is behind the link. Raises DialogueError, saying why it cannot be used."""
    if link.used_at is not None:
        raise InvalidTransition(N_("The link has done its work. It works once."))
    if link.expires_at <= clock.now():
        raise InvalidTransition(N_("The link is too old. Log in to go on."))
    person = db.session.get_one(Person, link.person_id)
    viewer = get_viewer(db.session, person) if person.disabled_at is None else NOBODY
    data_request = _request_of(link, viewer, lock=lock)
    if data_request.unit_id != link.unit_id:
        raise InvalidTransition(_ELSEWHERE)
    door = _Door(link, viewer, data_request, _action(link, data_request))
    guard(viewer, data_request, door.action, None)
    if link.act is WorkAct.MORE_TIME and not _can_wait(data_request):
        raise InvalidTransition(N_("The date cannot be put off any more. Answer the request instead."))
    return door


def _request_of(link: WorkLink, viewer: Viewer, *, lock: bool) -> DataRequest:
    try:
        return get_request(db.session, viewer, link.request_id, _PERMISSIONS[link.act], lock=lock)
    except (Forbidden, SignInNeeded) as error:
        moved = db.session.get_one(DataRequest, link.request_id).unit_id != link.unit_id
        raise Forbidden(_ELSEWHERE if moved else _NOT_YOURS) from error
    except (Gone, NotFound) as error:
        raise Gone(N_("The request is not there any more.")) from error


_ELSEWHERE = N_("The request stands with another unit now.")
_NOT_YOURS = N_("The requests of this unit are no longer yours to answer.")

_PERMISSIONS = {
    WorkAct.TAKE: Permission.TAKE_REQUEST,
    WorkAct.NOT_OURS: Permission.ASSIGN_REQUEST,
    WorkAct.MORE_TIME: Permission.MOVE_DATE,
}


def _action(link: WorkLink, data_request: DataRequest) -> str:
    if link.act is WorkAct.MORE_TIME:
        # Until the first answer there is no date to move: saying when it comes is the first answer.
        return "assess" if data_request.status is Status.RECEIVED else "move_date"
    return "take" if link.act is WorkAct.TAKE else "assign"


def _can_wait(data_request: DataRequest) -> bool:
    days = data_request.municipality.next_word_days
    return suggest_later(data_request, today_of(data_request), days) is not None


def _form(door: _Door) -> TakeItForm | NotOursForm | MoreTimeForm:
    kind = _FORMS[door.link.act]
    return kind(door.action, door.data_request, str(kind.title))


def _act(door: _Door, form: ActionForm) -> RequestEvent:
    session, viewer, data_request, version = db.session, door.viewer, door.data_request, form.form_version
    match door.link.act:
        case WorkAct.TAKE:
            return take_request(session, viewer, data_request, version=version)
        case WorkAct.NOT_OURS:
            return assign_request(session, viewer, data_request, version=version, unit=None, **form.values())
    return answer_with(session, viewer, data_request, door.action, form.text, version=version, **form.values())


def _shown(door: _Door, token: str, form: ActionForm) -> dict[str, Any]:
    data_request = door.data_request
    return {
        "form": form,
        "token": token,
        "data_request": data_request,
        "sentence": state_sentence(data_request, today_of(data_request)),
        "address": mask(db.session.get_one(Person, door.link.person_id).email),
        "taken_by_another": data_request.official_id not in (None, door.link.person_id),
    }


def _closed(link: WorkLink, error: DialogueError) -> dict[str, Any]:
    data_request = db.session.get_one(DataRequest, link.request_id)
    return {
        "is_done": link.used_at is not None,
        "reason": _(error.message) if error.message else "",
        "data_request": data_request if data_request.hidden_at is None else None,
        "sentence": state_sentence(data_request, today_of(data_request)),
    }
