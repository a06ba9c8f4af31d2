"""Subscribing to more than one request: an area, a unit, a search, or everything in a municipality.

Before it begins, the page says how many mails it would have meant lately: to somebody signed in here, to anybody else
on the page that confirms it.
"""

from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import all_municipalities, current_person, requires
from dialogue.accounts.models import Municipality
from dialogue.accounts.policy import Permission
from dialogue.accounts.queries.places import NamedPlace, list_places
from dialogue.core.clock import now
from dialogue.core.errors import InvalidTransition, NotFound
from dialogue.notifications.forms import SubscribeForm
from dialogue.notifications.models import SavedSearch
from dialogue.notifications.operations.searches import save_search
from dialogue.notifications.queries.lately import count_lately
from dialogue.notifications.queries.targets import Target, search_target
from dialogue.notifications.rules import Cadence, Scope
from dialogue.notifications.views.following import begin, own_email
from dialogue.notifications.wording import STATES
from dialogue.requests.queries.lists import State
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, invalid
from dialogue.web.language import path, request_locale, translate

blueprint = Blueprint("subscribing", __name__)


@dataclass(frozen=True)
class Chosen:
    """What the form asks for: one thing to follow, or a search that is not saved yet."""

    target: Target
    search: SavedSearch | None

    @property
    def key(self) -> str:
        """What the figures on the page are about."""
        return f"{self.target.municipality.id}:{self.search.key}" if self.search else self.target.key


@blueprint.get("/subscribe")
@requires(Permission.SUBSCRIBE)
def show_subscribe() -> str:
    """What, where and how often, filled in as the address says."""
    municipality = _municipality(request.args.get("municipality"))
    form = SubscribeForm(formdata=None, known_email=own_email(), frequency=Cadence.WEEKLY.value)
    _offer(form, municipality)
    form.fill(request.args)
    return _page(form, _chosen(form, municipality))


@blueprint.post("/subscribe")
@requires(Permission.SUBSCRIBE)
def subscribe() -> Response | str | tuple[str, int]:
    """Begin at once for somebody known who has seen the figures; ask anybody else for proof of their address."""
    municipality = _municipality(request.form.get("municipality"))
    form = SubscribeForm(known_email=own_email())
    _offer(form, municipality)
    if not form.validate():
        return invalid("notifications/subscribe.html", form=form)
    chosen = _chosen(form, municipality)
    person = current_person()
    if person is not None and person.email == form.email.data and form.shown.data != chosen.key:
        return _page(form, chosen)
    target = search_target(db.session, save_search(db.session, chosen.search)) if chosen.search else chosen.target
    try:
        return begin(form, target, path("/requests"))
    except InvalidTransition as error:
        flash_banner(_(error.message, **error.values), "warning")
        return redirect(path("/account/mail"), 303)


def _page(form: SubscribeForm, chosen: Chosen) -> str:
    form.shown.data = chosen.key
    form.say_how_many(count_lately(db.session, chosen.target, chosen.search, current_app.config["DIGEST_AT"]))
    return render_template("notifications/subscribe.html", form=form)


def _municipality(slug: str | None) -> Municipality:
    places = all_municipalities()
    chosen = [place for place in places if place.slug == slug] or places
    if not chosen:
        raise NotFound
    return chosen[0]


def _offer(form: SubscribeForm, municipality: Municipality) -> None:
    form.municipality.choices = [(place.slug, place.name) for place in all_municipalities()]
    form.municipality.data = municipality.slug
    form.offer(list_places(db.session, municipality.id, request_locale()))


def _chosen(form: SubscribeForm, municipality: Municipality) -> Chosen:
    unit, area = form.units.get(form.unit.data), form.areas.get(form.area.data)
    question, state = form.q.data or "", State(form.status.data) if form.status.data else None
    if question or state or (unit and area):
        search = _search(municipality, question, state, unit, area)
        return Chosen(Target(Scope.SEARCH, 0, municipality, search.name_sv, search.name_en), search)
    if unit is not None:
        return Chosen(Target(Scope.UNIT, unit.id, municipality, unit.name, unit.name), None)
    if area is not None:
        return Chosen(Target(Scope.AREA, area.id, municipality, area.name_sv, area.name_en), None)
    return Chosen(Target(Scope.EVERYTHING, municipality.id, municipality, municipality.name, municipality.name), None)


def _search(
    municipality: Municipality, question: str, state: State | None, unit: NamedPlace | None, area: NamedPlace | None
) -> SavedSearch:
    names = {}
    for locale, area_name in (("sv", area and area.name_sv), ("en", area and area.name_en)):
        with force_locale(locale):
            parts = [_("“%(words)s”", words=question) if question else "", translate(STATES[state]) if state else ""]
        names[locale] = ", ".join(part for part in (*parts, unit and unit.name, area_name) if part)
    return SavedSearch(
        municipality_id=municipality.id,
        key=f"{state or ''}|{unit.id if unit else ''}|{area.id if area else ''}|{question.casefold()}",
        question=question,
        state=state,
        unit_id=unit.id if unit else None,
        area_id=area.id if area else None,
        name_sv=names["sv"],
        name_en=names["en"],
        created_at=now(),
    )
