"""The coordinator's inbox: what no unit has yet, with a suggestion; and what is late."""

from flask import Blueprint, current_app, render_template

from dialogue.accounts.access import all_municipalities, current_viewer, requires
from dialogue.accounts.policy import Permission
from dialogue.accounts.queries import list_units_of
from dialogue.accounts.rules import Role
from dialogue.conversation.queries.reports import list_to_moderate
from dialogue.conversation.rules import REPORT_LABELS
from dialogue.core.clock import today
from dialogue.requests.queries import work
from dialogue.requests.queries.promises import overdue
from dialogue.requests.queries.suggestions import suggest_units
from dialogue.requests.wording.states import STEPS
from dialogue.web.extensions import db

blueprint = Blueprint("inbox", __name__)

#: Rows that get a suggestion. The oldest come first, and leave the list when they are assigned.
SUGGESTED = 10


@blueprint.get("/inbox")
@requires(Permission.SEE_INBOX)
def show_inbox() -> str:
    """Unassigned requests of the coordinator's municipality, each assigned in one step, and the late ones."""
    mine = current_viewer().municipality_ids(Role.COORDINATOR)
    zones = [place.zone for place in all_municipalities() if place.id in mine]
    day = today(zones[0] if zones else current_app.config["TIMEZONE"])
    rows, late = work.list_to_coordinate(db.session, mine, overdue(day))
    reports, held = list_to_moderate(db.session, current_viewer())
    return render_template(
        "requests/show_inbox.html",
        rows=rows,
        late=late,
        units=list_units_of(db.session, mine),
        suggestions=suggest_units(db.session, rows[:SUGGESTED]),
        reports=reports,
        report_labels=REPORT_LABELS,
        held=held,
        steps=STEPS,
        today=day,
    )
