"""The official's queue: what is to be done, grouped by promise; what waits for others; what is done."""

from datetime import date, timedelta

from flask import Blueprint, current_app, render_template

from dialogue.accounts.access import all_municipalities, current_viewer, requires
from dialogue.accounts.policy import Permission, allows
from dialogue.accounts.rules import Role
from dialogue.core.clock import now, today
from dialogue.core.errors import DialogueError
from dialogue.requests.forms.actions import answer_form
from dialogue.requests.forms.queue import AnswerForm
from dialogue.requests.models import DataRequest
from dialogue.requests.queries import work
from dialogue.requests.queries.one import get_request
from dialogue.requests.queries.promptness import read_promptness
from dialogue.requests.wording.states import STEP_BUTTONS, STEPS
from dialogue.web.addresses import asked_id
from dialogue.web.extensions import db

blueprint = Blueprint("queue", __name__)

#: The figures beside the queue tell of so many days.
_MONTH = timedelta(days=30)


@blueprint.get("/queue")
@requires(Permission.SEE_QUEUE)
def show_queue() -> str:
    """What waits for the viewer, the nearest promise first; `open` names the request whose answer is written here."""
    units = _units()
    rows, day = work.list_to_do(db.session, units), _today()
    opened, form = _opened()
    return _page(
        "to_do",
        day,
        groups=work.group_by_promise(rows, day),
        next_on=min((row.promised_on for row in rows if row.promised_on and row.promised_on > day), default=None),
        answered_by_me=current_viewer().unit_ids(Role.OFFICIAL),
        opened=opened,
        form=form,
    )


@blueprint.get("/queue/waiting")
@requires(Permission.SEE_QUEUE)
def show_waiting() -> str:
    """What waits for those who asked."""
    return _page("waiting", _today(), rows=work.list_waiting(db.session, _units()))


@blueprint.get("/queue/done")
@requires(Permission.SEE_QUEUE)
def show_done() -> str:
    """What is published or closed."""
    return _page("done", _today(), rows=work.list_done(db.session, _units()))


def _page(part: str, day: date, **values: object) -> str:
    units = _units()
    return render_template(
        "requests/show_queue.html",
        part=part,
        today=day,
        steps=STEPS,
        buttons=STEP_BUTTONS,
        figures=work.count_work(db.session, units),
        me=current_viewer().person_id,
        month=read_promptness(db.session, units, now() - _MONTH, _zone()),
        **values,
    )


def _units() -> frozenset[int]:
    return current_viewer().unit_ids(Role.OFFICIAL, Role.DECIDER)


def _zone() -> str:
    mine = current_viewer().municipality_ids()
    zones = [place.zone for place in all_municipalities() if place.id in mine]
    return zones[0] if zones else str(current_app.config["TIMEZONE"])


def _today() -> date:
    return today(_zone())


def _opened() -> tuple[DataRequest | None, AnswerForm | None]:
    """The request that the address opens, when the viewer may answer it."""
    number, viewer = asked_id("open"), current_viewer()
    if number is None:
        return None, None
    try:
        data_request = get_request(db.session, viewer, number, Permission.POST_ANSWER)
    except DialogueError:
        return None, None
    if not allows(viewer, Permission.POST_ANSWER, data_request):
        return None, None
    return data_request, answer_form(db.session, viewer, data_request, formdata=None)
