"""Version 1: the figures of the statistics page."""

from flask import Blueprint, Response, request

from dialogue.accounts.access import all_municipalities, requires
from dialogue.accounts.policy import Permission
from dialogue.api.views.answers import answer
from dialogue.core.clock import today
from dialogue.core.errors import NotFound
from dialogue.statistics.queries import get_figures
from dialogue.statistics.tables import write_cells
from dialogue.web.extensions import db

blueprint = Blueprint("api_statistics", __name__, url_prefix="/api/v1")


@blueprint.get("/statistics")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_statistics() -> Response:
    """The figures of one municipality: the one that the address names, or the first."""
    named = request.args.get("municipality")
    chosen = [place for place in all_municipalities() if named in (None, place.slug)]
    if not chosen:
        raise NotFound
    figures = get_figures(db.session, chosen[0], today(chosen[0].zone))
    tables: dict[str, dict[str, dict[str, int | None]]] = {}
    for table, group, measure, value in write_cells(figures):
        tables.setdefault(table, {}).setdefault(group, {})[measure] = value
    return answer(
        {
            "municipality": chosen[0].slug,
            "counted_on": figures.counted_on.isoformat(),
            "requests": figures.total,
            "promises_due": figures.kept.due,
            "promises_kept": figures.kept.kept,
            "promises_kept_share": figures.kept.share,
            **tables,
        }
    )
