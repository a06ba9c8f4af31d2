"""The statistics page and its file."""

import csv
import io

from flask import Blueprint, Response, render_template, request

from dialogue.accounts.access import all_municipalities, requires
from dialogue.accounts.models import Municipality
from dialogue.accounts.policy import Permission
from dialogue.accounts.queries import list_areas
from dialogue.core.clock import today
from dialogue.core.errors import NotFound
from dialogue.requests.wording.states import GROUNDS, OUTCOMES, STATUSES, WORKS
from dialogue.statistics.queries import Figures, get_figures
from dialogue.statistics.rules import ENOUGH_FOR_CHARTS
from dialogue.statistics.tables import STATES, write_cells
from dialogue.web.extensions import db

blueprint = Blueprint("statistics", __name__)


@blueprint.get("/statistics")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_statistics() -> str:
    """How often the municipality is on time, and what requests lead to. The first sentence says it."""
    place = chosen_municipality()
    areas = {area.slug: area for area in list_areas(db.session, place.id)}
    return render_template(
        "statistics/show_statistics.html",
        place=place,
        places=all_municipalities(),
        figures=_figures(place),
        areas=areas,
        states=[(state, _state_label(state)) for state in STATES],
        grounds=GROUNDS,
        works=WORKS,
        enough=ENOUGH_FOR_CHARTS,
    )


@blueprint.get("/statistics.csv")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_table() -> Response:
    """The same figures as a table."""
    place = chosen_municipality()
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(("table", "group", "measure", "value"))
    writer.writerows(write_cells(_figures(place)))
    headers = {"Content-Disposition": f"attachment; filename=statistics-{place.slug}.csv"}
    return Response("\ufeff" + lines.getvalue(), mimetype="text/csv", headers=headers)


def chosen_municipality() -> Municipality:
    """The municipality that the address names, or the first one. Raises NotFound when there is none."""
    places = all_municipalities()
    named = request.args.get("municipality")
    chosen = [place for place in places if place.slug == named] if named else places
    if not chosen:
        raise NotFound
    return chosen[0]


def _figures(place: Municipality) -> Figures:
    return get_figures(db.session, place, today(place.zone))


def _state_label(state: str) -> str:
    status, _, outcome = state.partition(":")
    return next(label for key, label in [*OUTCOMES.items(), *STATUSES.items()] if key == (outcome or status))
