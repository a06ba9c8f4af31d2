"""The administrator's pages of the areas."""

from typing import Any

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from dialogue.accounts import queries
from dialogue.accounts.access import requires
from dialogue.accounts.forms.settings import AreaForm
from dialogue.accounts.models import Area, Municipality
from dialogue.accounts.operations.places import add_area, change_area
from dialogue.accounts.policy import Permission
from dialogue.accounts.views.settings import administrated, save
from dialogue.catalogue.rules import THEMES
from dialogue.core.errors import NotFound
from dialogue.web.extensions import db

blueprint = Blueprint("areas", __name__)


@blueprint.get("/settings/<place>/areas")
@requires(Permission.SEE_SETTINGS)
def show_areas(place: str) -> str:
    """Every area, and a form for a new one."""
    return render_template("settings/areas.html", form=AreaForm(formdata=None), **_listed(administrated(place)))


@blueprint.post("/settings/<place>/areas")
@requires(Permission.MANAGE_MUNICIPALITY)
def create_area(place: str) -> Response | tuple[str, int]:
    """A new area."""
    municipality, form = administrated(place), AreaForm()
    return save(
        form,
        lambda: add_area(db.session, municipality, form.values()),
        onwards=f"/settings/{place}/areas",
        template="settings/areas.html",
        shown=lambda: _listed(municipality),
    )


@blueprint.get("/settings/<place>/areas/<area>")
@requires(Permission.SEE_SETTINGS)
def show_area(place: str, area: str) -> str:
    """One area, ready to be changed."""
    municipality = administrated(place)
    found = _area(municipality, area)
    form = AreaForm(formdata=None, obj=found)
    return render_template("settings/area.html", place=municipality, area=found, form=form)


@blueprint.post("/settings/<place>/areas/<area>")
@requires(Permission.MANAGE_MUNICIPALITY)
def edit_area(place: str, area: str) -> Response | tuple[str, int]:
    """Change it."""
    municipality, form = administrated(place), AreaForm()
    found = _area(municipality, area)
    return save(
        form,
        lambda: change_area(found, form.values()),
        onwards=f"/settings/{place}/areas",
        template="settings/area.html",
        shown=lambda: {"place": municipality, "area": found},
    )


def _listed(municipality: Municipality) -> dict[str, Any]:
    return {"place": municipality, "areas": queries.list_areas(db.session, municipality.id), "themes": THEMES}


def _area(municipality: Municipality, slug: str) -> Area:
    area = queries.find_area(db.session, municipality.id, slug)
    if area is None:
        raise NotFound
    return area
