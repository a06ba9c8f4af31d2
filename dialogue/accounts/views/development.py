"""Signing in as anybody, in development only: one button a person."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from dialogue.accounts import queries
from dialogue.accounts.access import current_sign_in, home_of, remember_sign_in, requires
from dialogue.accounts.models import Person
from dialogue.accounts.operations.sign_ins import begin_sign_in
from dialogue.accounts.policy import Permission
from dialogue.accounts.wording import ROLES
from dialogue.core.db import read_id
from dialogue.core.errors import NotFound
from dialogue.web.extensions import db
from dialogue.web.language import path

blueprint = Blueprint("development_sign_in", __name__, url_prefix="/dev")


@blueprint.get("/sign-in")
@requires(Permission.SEE_DEVELOPMENT_PAGES)
def show_people() -> str:
    """Who there is: everybody with a role, and a few who ask."""
    return render_template("dev/sign_in.html", people=queries.list_demo_people(db.session), roles=ROLES)


@blueprint.post("/sign-in")
@requires(Permission.SEE_DEVELOPMENT_PAGES)
def sign_in_as() -> Response:
    """Be that person."""
    person = db.session.get(Person, read_id(request.form.get("person", "")) or 0)
    if person is None:
        raise NotFound
    begun = begin_sign_in(db.session, person, request.user_agent.string, replacing=current_sign_in())
    remember_sign_in(begun.sign_in, begun.token)
    return redirect(path(home_of(queries.get_viewer(db.session, person))), 303)
