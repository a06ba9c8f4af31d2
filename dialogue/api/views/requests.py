"""Version 1: requests, their messages and their events."""

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, request

from dialogue.accounts.access import all_municipalities, chosen_municipality, requires
from dialogue.accounts.policy import NOBODY, Permission
from dialogue.accounts.queries.places import list_places_called
from dialogue.api import queries
from dialogue.api.serialisers import write_event, write_list, write_message, write_request
from dialogue.api.views.answers import answer, base_address
from dialogue.conversation.models import Message
from dialogue.core.clock import today
from dialogue.requests.list_address import read_address
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.queries import lists
from dialogue.requests.queries.one import get_request
from dialogue.requests.queries.pages import read_page
from dialogue.requests.queries.search import MOST_RESULTS, search_requests
from dialogue.requests.queries.tallies import read_tallies
from dialogue.web.addresses import asked_id
from dialogue.web.extensions import db
from dialogue.web.pagination import PAGE_SIZE, decode_cursor, encode_cursor

blueprint = Blueprint("api_requests", __name__, url_prefix="/api/v1/requests")


@blueprint.get("")
@requires(Permission.SEE_PUBLIC_PAGES)
def list_requests() -> Response:
    """Public requests, narrowed and ordered as the list of the site is."""
    municipality = chosen_municipality()
    day = today(municipality.zone if municipality else current_app.config["TIMEZONE"])
    unit, area = request.args.get("unit", ""), request.args.get("area", "")
    places = list_places_called(db.session, unit, area, "sv") if unit or area else []
    address, narrowing = read_address(request.args, all_municipalities(), places)
    beginning = decode_cursor(request.args.get("after"), 3)
    page = read_page(db.session, address, narrowing, day, beginning=beginning, locale="sv", limit=PAGE_SIZE)
    shown = queries.load_requests(db.session, [row.number for row in page.rows])
    onwards = None
    if page.after:
        onwards = f"{base_address()}/api/v1/requests{address.query(after=encode_cursor(*page.after))}"
    if address.q:
        hits = search_requests(db.session, address.q, *lists.narrowed(narrowing, day), limit=MOST_RESULTS)
        return answer(write_list(map(_written, shown), len(hits), onwards))
    kept = read_tallies(db.session, municipality.id if municipality else None).total(narrowing.state)
    counted = address.is_filtered or kept is None
    total = lists.count_requests(db.session, narrowing, day) if counted else kept
    return answer(write_list(map(_written, shown), total or 0, onwards))


@blueprint.get("/<int:number>")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_request(number: int) -> Response:
    """One request."""
    return answer(_written(_public_request(number)))


@blueprint.get("/<int:number>/messages")
@requires(Permission.SEE_PUBLIC_PAGES)
def list_messages(number: int) -> Response:
    """Its conversation, oldest first."""
    _public_request(number)
    rows = queries.list_messages(db.session, number, asked_id("after") or 0, PAGE_SIZE)
    total = queries.count_messages(db.session, number)
    return answer(write_list(map(write_message, rows[:PAGE_SIZE]), total, _next(rows)))


@blueprint.get("/<int:number>/events")
@requires(Permission.SEE_PUBLIC_PAGES)
def list_events(number: int) -> Response:
    """Its way, oldest first."""
    _public_request(number)
    rows = queries.list_events(db.session, number, asked_id("after") or 0, PAGE_SIZE)
    total = queries.count_events(db.session, number)
    return answer(write_list(map(write_event, rows[:PAGE_SIZE]), total, _next(rows)))


def _public_request(number: int) -> DataRequest:
    # A program gets what everybody gets, whoever is signed in in the browser beside it.
    return get_request(db.session, NOBODY, number, Permission.SEE_REQUEST)


def _written(data_request: DataRequest) -> dict[str, object]:
    return write_request(data_request, base_address(), today(data_request.municipality.zone))


def _next(rows: Sequence[Message | RequestEvent]) -> str | None:
    if len(rows) <= PAGE_SIZE:
        return None
    return f"{base_address()}{request.path}?after={rows[PAGE_SIZE - 1].id}"
