"""The public list of requests, and the search in it."""

from flask import Blueprint, current_app, render_template, request

from dialogue.accounts.access import all_municipalities, chosen_municipality, current_viewer, requires
from dialogue.accounts.models import Municipality
from dialogue.accounts.policy import Permission
from dialogue.accounts.queries.places import NamedPlace, list_places, list_places_called
from dialogue.core.clock import today
from dialogue.requests.list_address import read_address
from dialogue.requests.queries.pages import read_page
from dialogue.requests.queries.tallies import read_tallies
from dialogue.voting.queries import voted_by
from dialogue.web.extensions import db
from dialogue.web.language import path, request_locale
from dialogue.web.pagination import PAGE_SIZE, decode_cursor, encode_cursor

blueprint = Blueprint("lists", __name__)


@blueprint.get("/requests")
@requires(Permission.SEE_PUBLIC_PAGES)
def list_requests() -> str:
    """Every public request, narrowed and ordered as the address says."""
    municipality = chosen_municipality()
    places = _places(municipality)
    address, narrowing = read_address(request.args, all_municipalities(), places)
    day = today(municipality.zone if municipality else current_app.config["TIMEZONE"])
    page = read_page(
        db.session,
        address,
        narrowing,
        day,
        beginning=decode_cursor(request.args.get("after"), 3),
        locale=request_locale(),
        limit=PAGE_SIZE,
        voted=voted_by(current_viewer().person_id),
    )
    return render_template(
        "requests/list_requests.html",
        address=address,
        chosen=municipality,
        is_first=not request.args.get("after"),
        municipalities=all_municipalities(),
        next_url=path("/requests") + address.query(after=encode_cursor(*page.after)) if page.after else None,
        places=places,
        rows=page.rows,
        tallies=read_tallies(db.session, municipality.id if municipality else None)
        if not address.is_filtered
        else None,
        today=day,
    )


def _places(municipality: Municipality | None) -> list[NamedPlace]:
    if municipality is not None:
        return list_places(db.session, municipality.id, request_locale())
    unit, area = request.args.get("unit", ""), request.args.get("area", "")
    return list_places_called(db.session, unit, area, request_locale()) if unit or area else []
