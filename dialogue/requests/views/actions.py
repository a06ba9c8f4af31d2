"""Acting on a request: one pair of routes per action, driven by ACTIONS and FORMS.

GET shows the action's form alone; POST acts, and leads back to the request with a banner that says what happened and
who is told. Every act checks in this order: right to do it, version, state, fields.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import current_viewer, requires
from dialogue.accounts.models import Unit
from dialogue.accounts.policy import POLICY, Relation, Viewer
from dialogue.accounts.queries import get_unit
from dialogue.conversation.operations.answers import TEXT_FIELDS, VERBS, answer_with
from dialogue.core import clock
from dialogue.core.errors import InvalidTransition, InvalidValue, StaleVersion
from dialogue.requests.forms.actions import FORMS, action_form
from dialogue.requests.forms.floor import ActionForm
from dialogue.requests.forms.steering import UNKNOWN_UNIT
from dialogue.requests.models import AnswerDraft, DataRequest, RequestEvent
from dialogue.requests.operations.closing import Heir, reopen_request, withdraw_request
from dialogue.requests.operations.drafts import discard_draft
from dialogue.requests.operations.moves import guard, open_actions
from dialogue.requests.operations.publishing import confirm_delivery
from dialogue.requests.operations.routing import (
    assign_request,
    hide_request,
    reclassify_request,
    show_request,
    take_request,
)
from dialogue.requests.queries.drafts import find_draft
from dialogue.requests.queries.one import get_request
from dialogue.requests.rules import ACTIONS, TELLINGS
from dialogue.requests.wording.events import TOLD, event_sentence
from dialogue.requests.wording.states import state_sentence, status_word, tag_kind
from dialogue.voting.queries import find_earliest_other_vote, with_vote
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, flash_lookalikes, invalid
from dialogue.web.language import path, say
from dialogue.web.transaction import give_up

blueprint = Blueprint("actions", __name__)

Answer = str | Response | tuple[str, int]


def show_act(name: str, number: int) -> Answer:
    """The form of the action `name`, alone on a page, with what the viewer's draft says already."""
    viewer = _acting(name, number)
    data_request = get_request(db.session, viewer, number, ACTIONS[name].permission)
    guard(viewer, data_request, name, None)
    draft = find_draft(db.session, number, viewer.person_id) if name in VERBS and viewer.person_id else None
    form = action_form(db.session, name, data_request, formdata=None, data=_of_draft(name, draft))
    form.back.data = request.args.get("back")
    return show_form(form, data_request)


def _of_draft(name: str, draft: AnswerDraft | None) -> dict[str, Any] | None:
    return {**draft.fields, TEXT_FIELDS.get(name, "answer"): draft.fields.get("answer", "")} if draft else None


def act(name: str, number: int) -> Answer:
    """Do it, or say on the same page what stands in the way with everything typed kept."""
    viewer = _acting(name, number)
    data_request = get_request(db.session, viewer, number, ACTIONS[name].permission, lock=True)
    form = action_form(db.session, name, data_request)
    try:
        guard(viewer, data_request, name, form.form_version)
        if not form.validate():
            return refused(form, data_request)
        return acted(perform(name, viewer, data_request, form), viewer, data_request, form)
    except InvalidValue as error:
        form.add_error(error)
        return refused(form, data_request)
    except (StaleVersion, InvalidTransition) as error:
        return conflict(error, form, viewer, data_request)


def _acting(name: str, number: int) -> Viewer:
    """Who acts; where votes give a right, it is known whether they have voted."""
    is_for_voters = Relation.VOTER in POLICY[ACTIONS[name].permission]
    return with_vote(db.session, current_viewer(), number) if is_for_voters else current_viewer()


def perform(name: str, viewer: Viewer, data_request: DataRequest, form: ActionForm) -> RequestEvent:
    """Call the verb behind the action `name` with what the form says."""
    values = {"version": form.form_version, **form.values()}
    if name in VERBS:
        return answer_with(db.session, viewer, data_request, name, form.text, **values)
    if name == "assign":
        values["unit"] = _chosen_unit(form, data_request)
    if name == "withdraw":
        vote = find_earliest_other_vote(db.session, data_request)
        values["heir"] = Heir(vote.person_id, vote.organisation_id) if vote else None
    return _STEERING[name](db.session, viewer, data_request, **values)


_STEERING: dict[str, Callable[..., RequestEvent]] = {
    "assign": assign_request,
    "take": take_request,
    "confirm_delivery": confirm_delivery,
    "withdraw": withdraw_request,
    "reopen": reopen_request,
    "reclassify": reclassify_request,
    "hide": hide_request,
    "show": show_request,
}


def _chosen_unit(form: ActionForm, data_request: DataRequest) -> Unit | None:
    slug = form["unit"].data
    return None if slug == UNKNOWN_UNIT else get_unit(db.session, data_request.municipality_id, slug)


def acted(event: RequestEvent, viewer: Viewer, data_request: DataRequest, form: ActionForm) -> Response:
    """Say what happened and who is told, and lead on to where the form stood."""
    if viewer.person_id is not None and event.message_id is not None:
        discard_draft(db.session, viewer.person_id, data_request.id)
    told = TOLD.get(TELLINGS[event.kind].at_once)
    flash_banner(" ".join(filter(None, (_("Done."), f"{say(event_sentence(event))}.", _(told) if told else ""))))
    flash_lookalikes(*(text for _label, text in form.typed))
    return redirect(path(form.way_back or f"/requests/{data_request.id}-{data_request.slug}"), 303)


def show_form(form: ActionForm, data_request: DataRequest) -> str:
    """The page of one form."""
    return render_template("requests/act_on_request.html", form=form, **_standing(data_request))


def refused(form: ActionForm, data_request: DataRequest) -> tuple[str, int]:
    """The page of one form with what is wrong in it."""
    return invalid("requests/act_on_request.html", form=form, **_standing(data_request))


def conflict(
    error: StaleVersion | InvalidTransition, form: ActionForm, viewer: Viewer, data_request: DataRequest
) -> tuple[str, int]:
    """Both texts: what the request says now, and what was typed, to be sent again if the action is still open."""
    give_up(db.session)
    form.version.data = str(data_request.version)
    is_open = form.action == "answer" or form.action in {row.name for row in open_actions(viewer, data_request)}
    return invalid(
        "requests/conflict.html",
        status=409,
        form=form if is_open else None,
        typed=form.typed,
        reason=_(error.message),
        **_standing(data_request),
    )


def _standing(data_request: DataRequest) -> dict[str, Any]:
    today = clock.today(data_request.municipality.zone)
    return {
        "data_request": data_request,
        "sentence": state_sentence(data_request, today),
        "word": status_word(data_request, today),
        "kind": tag_kind(data_request, today),
    }


def _declare(name: str) -> None:
    permission = ACTIONS[name].permission

    @requires(permission)
    def shows(number: int) -> Answer:
        return show_act(name, number)

    @requires(permission)
    def acts(number: int) -> Answer:
        return act(name, number)

    # Programs may spell an action as the table does; pages write addresses with hyphens.
    for spelling in {name.replace("_", "-"), name}:
        rule = f"/requests/<int:number>/{spelling}"
        blueprint.add_url_rule(rule, f"show_{name}", shows, methods=["GET"])
        blueprint.add_url_rule(rule, name, acts, methods=["POST"])


for _name in FORMS:
    _declare(_name)
