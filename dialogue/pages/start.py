"""The start page: one question, and what others have asked for."""

from datetime import date, datetime, timedelta

from flask import Blueprint, current_app, render_template, request

from dialogue.accounts.access import all_municipalities, chosen_municipality, current_viewer, requires
from dialogue.accounts.models import Municipality
from dialogue.accounts.policy import Permission
from dialogue.core.clock import local_day, now
from dialogue.requests.list_address import read_address
from dialogue.requests.queries.lists import Sort, list_requests
from dialogue.requests.queries.published import list_newest_data
from dialogue.requests.queries.tallies import read_tallies
from dialogue.statistics.queries import Headline, get_headline
from dialogue.voting.queries import voted_by
from dialogue.web.extensions import db
from dialogue.web.language import request_locale

blueprint = Blueprint("start", __name__)

#: Rows of the list, and datasets beside it.
_ROWS, _DATASETS = 6, 3

#: How long the figures of a process are shown before they are worked out again.
FIGURES_LAST = timedelta(minutes=5)
FIGURES_KEY = "dialogue.headline"


@blueprint.get("/")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_start() -> str:
    """The question, how it goes so far, and the beginning of the list."""
    municipality = chosen_municipality()
    zone = municipality.zone if municipality else current_app.config["TIMEZONE"]
    municipality_id = municipality.id if municipality else None
    address, narrowing = read_address(request.args, all_municipalities(), ())
    sort, at = address.sort or Sort.VOTES, now()
    day = local_day(at, zone)
    rows = list_requests(
        db.session,
        narrowing,
        sort,
        today=day,
        locale=request_locale(),
        voted=voted_by(current_viewer().person_id),
        limit=_ROWS,
    )
    return render_template(
        "pages/show_start.html",
        address=address,
        chosen=municipality,
        data=list_newest_data(db.session, municipality_id, _DATASETS),
        municipalities=all_municipalities(),
        headline=_headline(municipality, at, day),
        rows=rows,
        sort=sort,
        tallies=read_tallies(db.session, municipality_id),
        today=day,
    )


def _headline(municipality: Municipality | None, at: datetime, day: date) -> Headline:
    """The figures, worked out by each process every few minutes: nobody notices, and the page stays quick."""
    if municipality is None:
        return Headline()
    kept: dict[int, tuple[datetime, Headline]] = current_app.extensions.setdefault(FIGURES_KEY, {})
    made_at, headline = kept.get(municipality.id, (None, Headline()))
    if made_at is None or not made_at <= at < made_at + FIGURES_LAST:
        headline = get_headline(db.session, municipality, day)
        kept[municipality.id] = (at, headline)
    return headline
