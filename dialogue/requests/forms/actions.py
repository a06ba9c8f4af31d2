"""One form per action of the lifecycle, on the request page, on a page of its own and on the page about a conflict.

What an action demands is said by ACTIONS; how the fields look is said by the forms.
"""

from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from dialogue.accounts.policy import Permission, Viewer, allows
from dialogue.accounts.queries import list_units
from dialogue.requests.forms.answering import (
    AlreadyAvailableForm,
    AskForm,
    DeclineForm,
    MoveDateForm,
    NextWordForm,
    PlanForm,
    PublishForm,
    RedirectForm,
    SetAsideForm,
)
from dialogue.requests.forms.floor import ActionForm
from dialogue.requests.forms.queue import AnswerForm
from dialogue.requests.forms.steering import (
    AssignForm,
    ConfirmDeliveryForm,
    HideForm,
    ReasonForm,
    ReclassifyForm,
    ShowForm,
    TakeForm,
    WithdrawForm,
)
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.moves import open_actions
from dialogue.requests.queries.drafts import find_draft
from dialogue.requests.rules import ACTIONS, Status

#: The form of every action that has one. `confirm` is the asker's, on the page behind the mailed link.
FORMS: dict[str, type[ActionForm]] = {
    "assign": AssignForm,
    "take": TakeForm,
    "assess": NextWordForm,
    "ask": AskForm,
    "plan": PlanForm,
    "move_date": MoveDateForm,
    "publish": PublishForm,
    "confirm_delivery": ConfirmDeliveryForm,
    "decline": DeclineForm,
    "redirect": RedirectForm,
    "already_available": AlreadyAvailableForm,
    "not_a_data_request": SetAsideForm,
    "withdraw": WithdrawForm,
    "reopen": ReasonForm,
    "reclassify": ReclassifyForm,
    "hide": HideForm,
    "show": ShowForm,
}


def action_form(session: Session, name: str, data_request: DataRequest, **more: Any) -> ActionForm:
    """The form of the action `name`, filled with what was sent (`formdata=None`: empty; `data`: with these values)."""
    form = FORMS[name](name, data_request, gettext(ACTIONS[name].label), **more)
    if isinstance(form, AssignForm):
        form.offer_units(list_units(session, data_request.municipality_id), data_request.unit_id)
    return form


def answer_form(session: Session, viewer: Viewer, data_request: DataRequest, **more: Any) -> AnswerForm:
    """The form of the queue: answer, status and next date in one, with the viewer's draft in it unless `data` is given.

    Only for those who may Permission.POST_ANSWER.
    """
    if "data" not in more and viewer.person_id is not None:
        draft = find_draft(session, data_request.id, viewer.person_id)
        more["data"] = draft.fields if draft else None
    form = AnswerForm("answer", data_request, gettext("Answer"), **more)
    form.offer_states(data_request.status, {action.name for action in open_actions(viewer, data_request)})
    return form


def action_forms(
    session: Session, viewer: Viewer, data_request: DataRequest, draft: dict[str, Any] | None = None
) -> dict[str, ActionForm]:
    """An empty form for everything that `viewer` may do with `data_request` now, `draft` in that of the answer.

    At most one statement: the units to choose between.
    """
    names = [action.name for action in open_actions(viewer, data_request) if action.name in FORMS]
    forms = {name: action_form(session, name, data_request, formdata=None) for name in names}
    if data_request.status is not Status.DRAFT and allows(viewer, Permission.POST_ANSWER, data_request):
        return {"answer": answer_form(session, viewer, data_request, formdata=None, data=draft), **forms}
    return forms
