"""The administrator's page about mail: addresses that it does not reach."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts import queries
from dialogue.accounts.access import current_municipality, current_viewer, requires
from dialogue.accounts.models import Municipality
from dialogue.accounts.policy import Permission
from dialogue.core.emailaddress import mask
from dialogue.core.errors import NotFound
from dialogue.mail.bounces import ANY_LIMIT, COUNTED_FOR, HARD_LIMIT, list_stops, start_again
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner
from dialogue.web.language import path

blueprint = Blueprint("stops", __name__)


@dataclass(frozen=True)
class Stop:
    """An address that gets no mail, as the administrator of one municipality may see it."""

    id: int
    email: str
    #: The address of a unit or an official; a private one in part.
    address: str
    stopped_at: datetime
    words: str


@blueprint.get("/settings/<place>/mail")
@requires(Permission.SEE_SETTINGS)
def show_stops(place: str) -> str:
    """Which addresses get no mail, since when and why."""
    municipality = queries.get_administrated(db.session, current_viewer(), place)
    limits = {"hard": HARD_LIMIT, "any": ANY_LIMIT, "days": COUNTED_FOR.days}
    return render_template("settings/mail.html", place=municipality, stops=list(_stops(municipality)), **limits)


@blueprint.post("/settings/<place>/mail/<int:stop_id>/start")
@requires(Permission.MANAGE_MUNICIPALITY)
def start(place: str, stop_id: int) -> Response:
    """Send to an address again."""
    municipality = queries.get_administrated(db.session, current_viewer(), place)
    email = next((stop.email for stop in _stops(municipality) if stop.id == stop_id), None)
    if email is None:
        raise NotFound
    start_again(db.session, email)
    flash_banner(_("Mail goes to the address again."))
    return redirect(path(f"/settings/{place}/mail"), 303)


def _stops(municipality: Municipality) -> Iterator[Stop]:
    """What is the municipality's own, in full; private addresses where nobody else's administrator would see them."""
    own = {unit.mailbox for unit in queries.list_all_units(db.session, municipality.id)}
    own |= {grant.person.email for grant in queries.list_grants(db.session, municipality.id)}
    is_alone = current_municipality() is not None
    for row in list_stops(db.session):
        if row.email in own:
            yield Stop(row.id, row.email, row.email, row.stopped_at, row.words)
        elif is_alone:
            yield Stop(row.id, row.email, mask(row.email), row.stopped_at, "")
