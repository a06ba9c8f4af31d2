"""The administrator's page of the people who work for the municipality."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts import queries
from dialogue.accounts.access import current_person, remember_sign_in, requires, signed_in_person
from dialogue.accounts.forms.settings import OfficialForm
from dialogue.accounts.models import Municipality, Person
from dialogue.accounts.operations.people import get_or_create_person
from dialogue.accounts.operations.roles import get_grant, grant_role, revoke_role
from dialogue.accounts.operations.sign_ins import begin_sign_in
from dialogue.accounts.policy import Permission
from dialogue.accounts.rules import Role
from dialogue.accounts.views.settings import administrated
from dialogue.accounts.wording import ROLES
from dialogue.requests.operations.routing import let_go_out_of_reach
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, invalid
from dialogue.web.language import path, request_locale

blueprint = Blueprint("officials", __name__)


@blueprint.get("/settings/<place>/officials")
@requires(Permission.SEE_SETTINGS)
def show_officials(place: str) -> str:
    """Who works here as what, and a form for another."""
    municipality = administrated(place)
    form = OfficialForm(formdata=None).offer(queries.list_units(db.session, municipality.id))
    return render_template("settings/officials.html", form=form, **_shown(municipality))


@blueprint.post("/settings/<place>/officials")
@requires(Permission.MANAGE_MUNICIPALITY)
def add_official(place: str) -> Response | tuple[str, int]:
    """Give somebody a role. They prove their address when they sign in, as everybody does."""
    municipality = administrated(place)
    form = OfficialForm().offer(queries.list_units(db.session, municipality.id))
    if not form.validate():
        return invalid("settings/officials.html", form=form, **_shown(municipality))
    person = get_or_create_person(db.session, str(form.email.data), request_locale())
    unit = queries.get_unit(db.session, municipality.id, form.unit.data)
    if grant_role(db.session, person, unit, Role(form.role.data)):
        flash_banner(_("Done. %(email)s has the role from the next login.", email=person.email))
    else:
        flash_banner(_("%(email)s has that role already.", email=person.email), "info")
    _stay_signed_in(person)
    return redirect(path(f"/settings/{place}/officials"), 303)


@blueprint.post("/settings/<place>/officials/<int:grant_id>/remove")
@requires(Permission.MANAGE_MUNICIPALITY)
def remove_official(place: str, grant_id: int) -> Response:
    """Take a role back; it is gone at the person's next click."""
    grant = get_grant(db.session, administrated(place).id, grant_id)
    revoke_role(db.session, grant)
    let_go_out_of_reach(db.session, grant.person)
    flash_banner(_("Done. %(email)s no longer has the role.", email=grant.person.email))
    _stay_signed_in(grant.person)
    return redirect(path(f"/settings/{place}/officials"), 303)


def _stay_signed_in(person: Person) -> None:
    """Whoever changes their own roles goes on in a new session; the old one has ended with the old roles."""
    if person is current_person():
        begun = begin_sign_in(db.session, person, request.user_agent.string)
        remember_sign_in(begun.sign_in, begun.token)


def _shown(municipality: Municipality) -> dict[str, Any]:
    return {
        "place": municipality,
        "grants": queries.list_grants(db.session, municipality.id),
        "roles": ROLES,
        "me": signed_in_person(),
    }
