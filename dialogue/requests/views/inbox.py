"""The coordinator's inbox: what no unit has yet, with a suggestion; and what is late."""

from flask import Blueprint, current_app, render_template

from dialogue.accounts.access import all_municipalities, current_viewer, requires
from dialogue.accounts.policy import Permission
from dialogue.accounts.queries import list_units_of
from dialogue.accounts.rules import Role
from dialogue.conversation.queries.replies import count_held
from dialogue.conversation.queries.reports import list_open_reports
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
    rows = work.list_unassigned(db.session, mine)
    return render_template(
        "requests/show_inbox.html",
        rows=rows,
        late=work.list_overdue(db.session, mine, overdue(day)),
        units=list_units_of(db.session, mine),
        suggestions=suggest_units(db.session, rows[:SUGGESTED]),
        reports=list_open_reports(db.session, mine),
        report_labels=REPORT_LABELS,
        held=count_held(db.session, current_viewer()),
        steps=STEPS,
        today=day,
    )
