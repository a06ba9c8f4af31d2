"""The page of one request."""

from dataclasses import replace

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from dialogue.accounts.access import all_municipalities, current_person, current_viewer, requires
from dialogue.accounts.policy import Permission
from dialogue.core import clock
from dialogue.notifications.queries.ties import READER_FOLLOWS, READER_HAS_VOTED
from dialogue.requests.forms.actions import action_forms
from dialogue.requests.queries.one import get_with_surroundings
from dialogue.requests.views.notes import note_panel
from dialogue.requests.views.request_page import gather
from dialogue.web.addresses import asked_id
from dialogue.web.extensions import db
from dialogue.web.language import path

blueprint = Blueprint("requests", __name__)


@blueprint.get("/requests/<int:number>")
@blueprint.get("/requests/<int:number>-<slug>")
@requires(Permission.SEE_REQUEST)
def show_request(number: int, slug: str | None = None) -> str | Response:
    """The request; a number alone or an old title's words lead to the right address."""
    viewer = current_viewer()
    all_municipalities()  # so that the request finds its own among them
    ties = (READER_HAS_VOTED, READER_FOLLOWS)
    data_request, around = get_with_surroundings(db.session, viewer, number, Permission.SEE_REQUEST, ties=ties)
    if slug != data_request.slug:
        query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
        return redirect(path(f"/requests/{number}-{data_request.slug}") + query, 301)
    zone = g.zone = data_request.municipality.zone
    after = asked_id("after") or 0
    whole = bool(after) or "all" in request.args
    page = gather(viewer, current_person(), data_request, around, clock.today(zone), whole=whole, after=after)
    if around.has_voted:
        viewer = replace(viewer, voted_for=frozenset({number}))
    forms = action_forms(db.session, viewer, data_request, around.draft) if not viewer.is_anonymous else {}
    notes = note_panel(viewer, data_request)
    return render_template("requests/show_request.html", **page, **notes, action_forms=forms)
