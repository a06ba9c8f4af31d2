"""The administrator's pages of the units."""

from typing import Any

from flask import Blueprint, redirect, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from dialogue.accounts import queries
from dialogue.accounts.access import requires
from dialogue.accounts.forms.settings import UnitForm
from dialogue.accounts.models import Area, Municipality, Unit
from dialogue.accounts.operations.places import add_unit, change_unit, close_unit, reopen_unit
from dialogue.accounts.policy import Permission
from dialogue.accounts.views.settings import administrated, save
from dialogue.core.errors import NotFound
from dialogue.core.text import slugify
from dialogue.requests.queries.units import count_live_requests
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner
from dialogue.web.language import path

blueprint = Blueprint("units", __name__)


@blueprint.get("/settings/<place>/units")
@requires(Permission.SEE_SETTINGS)
def show_units(place: str) -> str:
    """Every unit under the one it is part of, and a form for a new one."""
    municipality = administrated(place)
    form, _, _ = _offer(UnitForm(formdata=None), municipality)
    return render_template("settings/units.html", form=form, **_listed(municipality))


@blueprint.post("/settings/<place>/units")
@requires(Permission.MANAGE_MUNICIPALITY)
def create_unit(place: str) -> Response | tuple[str, int]:
    """A new unit."""
    municipality = administrated(place)
    form, units, areas = _offer(UnitForm(), municipality)
    slug = form.slug.data or slugify(form.name.data or "")
    return save(
        form,
        lambda: add_unit(db.session, municipality, slug, form.values(units, areas)),
        onwards=f"/settings/{place}/units",
        template="settings/units.html",
        shown=lambda: _listed(municipality),
    )


@blueprint.get("/settings/<place>/units/<unit>")
@requires(Permission.SEE_SETTINGS)
def show_unit(place: str, unit: str) -> str:
    """One unit, ready to be changed."""
    municipality = administrated(place)
    found = _unit(municipality, unit)
    form, units, areas = _offer(UnitForm(formdata=None, obj=found), municipality, but=found)
    form.parent.data = next((other.slug for other in units if other.id == found.parent_id), "")
    form.area.data = next((area.slug for area in areas if area.id == found.area_id), "")
    return render_template("settings/unit.html", form=form, **_shown(municipality, found))


@blueprint.post("/settings/<place>/units/<unit>")
@requires(Permission.MANAGE_MUNICIPALITY)
def edit_unit(place: str, unit: str) -> Response | tuple[str, int]:
    """Change it. Its short name stays, for it stands in addresses that people have kept."""
    municipality = administrated(place)
    found = _unit(municipality, unit)
    form, units, areas = _offer(UnitForm(), municipality, but=found)
    return save(
        form,
        lambda: change_unit(db.session, found, form.values(units, areas)),
        onwards=f"/settings/{place}/units",
        template="settings/unit.html",
        shown=lambda: _shown(municipality, found),
    )


@blueprint.post("/settings/<place>/units/<unit>/close")
@requires(Permission.MANAGE_MUNICIPALITY)
def close(place: str, unit: str) -> Response:
    """Take a unit out of every choice."""
    found = _unit(administrated(place), unit)
    close_unit(found, count_live_requests(db.session, found.id))
    flash_banner(gettext("%(unit)s is closed.", unit=found.name))
    return redirect(path(f"/settings/{place}/units"), 303)


@blueprint.post("/settings/<place>/units/<unit>/reopen")
@requires(Permission.MANAGE_MUNICIPALITY)
def reopen(place: str, unit: str) -> Response:
    """Let it be chosen again."""
    found = _unit(administrated(place), unit)
    reopen_unit(found)
    flash_banner(gettext("%(unit)s is open again.", unit=found.name))
    return redirect(path(f"/settings/{place}/units"), 303)


def _offer(
    form: UnitForm, municipality: Municipality, *, but: Unit | None = None
) -> tuple[UnitForm, list[Unit], list[Area]]:
    """`form` with the units (without `but`) and areas that may be chosen in it."""
    units = [unit for unit in queries.list_units(db.session, municipality.id) if unit is not but]
    areas = queries.list_areas(db.session, municipality.id)
    return form.offer(units, areas), units, areas


def _listed(municipality: Municipality) -> dict[str, Any]:
    units = queries.list_all_units(db.session, municipality.id)
    return {"place": municipality, "units": units, "names": {unit.id: unit.name for unit in units}}


def _shown(municipality: Municipality, unit: Unit) -> dict[str, Any]:
    return {"place": municipality, "unit": unit, "live": count_live_requests(db.session, unit.id)}


def _unit(municipality: Municipality, slug: str) -> Unit:
    unit = queries.find_unit(db.session, municipality.id, slug)
    if unit is None:
        raise NotFound
    return unit
