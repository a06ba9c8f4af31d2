"""The administrator's pages: the municipality itself. Its units, areas and officials have files of their own."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts import queries
from dialogue.accounts.access import all_municipalities, current_viewer, requires
from dialogue.accounts.forms.settings import MunicipalityForm
from dialogue.accounts.models import Municipality
from dialogue.accounts.operations.places import change_municipality
from dialogue.accounts.policy import Permission
from dialogue.accounts.rules import Role
from dialogue.core.errors import InvalidValue
from dialogue.web.extensions import db
from dialogue.web.forms import Form, flash_banner, invalid
from dialogue.web.language import path
from dialogue.web.transaction import give_up

blueprint = Blueprint("settings", __name__)


@blueprint.get("/settings")
@requires(Permission.SEE_SETTINGS)
def show_places() -> str | Response:
    """The municipalities that one administrates; with one, on to it."""
    mine = current_viewer().municipality_ids(Role.ADMINISTRATOR)
    places = [place for place in all_municipalities() if place.id in mine]
    if len(places) == 1:
        return redirect(path(f"/settings/{places[0].slug}"))
    return render_template("settings/places.html", places=places)


@blueprint.get("/settings/<place>")
@requires(Permission.SEE_SETTINGS)
def show_municipality(place: str) -> str:
    """What is said of the municipality and what it promises."""
    municipality = administrated(place)
    return render_template("settings/municipality.html", place=municipality, form=MunicipalityForm.about(municipality))


@blueprint.post("/settings/<place>")
@requires(Permission.MANAGE_MUNICIPALITY)
def edit_municipality(place: str) -> Response | tuple[str, int]:
    """Change it."""
    municipality, form = administrated(place), MunicipalityForm()
    return save(
        form,
        lambda: change_municipality(municipality, form.values()),
        onwards=f"/settings/{place}",
        template="settings/municipality.html",
        shown=lambda: {"place": municipality},
    )


def administrated(place: str) -> Municipality:
    """The municipality `place`, which the viewer administrates. Raises NotFound."""
    return queries.get_administrated(db.session, current_viewer(), place)


def save(
    form: Form, change: Callable[[], object], *, onwards: str, template: str, shown: Callable[[], dict[str, Any]]
) -> Response | tuple[str, int]:
    """Make the `change` and go `onwards`; else show the page again with what is wrong in `form` and what it `shown`."""
    if form.validate():
        try:
            change()
            flash_banner(_("Done. It is saved."))
            return redirect(path(onwards), 303)
        except InvalidValue as error:
            form.add_error(error)
    give_up(db.session)
    return invalid(template, form=form, **shown())
