"""Nobody is signed in any more: a page is opened again after sign-in, and a form that was sent is kept until then."""

from flask import Blueprint, redirect, render_template, request
from flask import session as cookie
from werkzeug.wrappers import Response

from dialogue.accounts import queries
from dialogue.accounts.access import requires
from dialogue.accounts.operations.kept_forms import drop_kept_form, keep_form
from dialogue.accounts.policy import Permission
from dialogue.core.clock import now
from dialogue.core.errors import NotFound, RateLimited, SignInNeeded
from dialogue.core.language import N_
from dialogue.web.errors import refuse
from dialogue.web.extensions import db
from dialogue.web.language import path
from dialogue.web.redirects import this_page, with_next
from dialogue.web.transaction import SAFE_METHODS, write_apart
from dialogue.web.typed import in_words, typed_fields

blueprint = Blueprint("kept_forms", __name__)

#: Where a kept form is shown and sent again.
SEND_AGAIN = "/send-again"


@blueprint.app_errorhandler(SignInNeeded)
def sign_in_first(error: SignInNeeded) -> Response:
    """To the sign-in page, and from there back. What was typed waits in the database, its secret in the cookie."""
    if request.method in SAFE_METHODS:
        return redirect(with_next("/sign-in", this_page()))
    address, fields, ip = request.script_root + request.path, typed_fields(), request.remote_addr or ""
    try:
        cookie["kept_form"] = write_apart(lambda session: keep_form(session, address, fields, ip=ip))
    except RateLimited as limited:
        return refuse(limited)
    return redirect(with_next("/sign-in", path(SEND_AGAIN)), 303)


@blueprint.get(SEND_AGAIN)
@requires(Permission.SEND_KEPT_FORM)
def show_kept_form() -> str:
    """What was typed, with one button that sends it to where it was meant for."""
    kept = queries.find_kept_form(db.session, cookie.get("kept_form"), now())
    if kept is None:
        raise NotFound(N_("No form waits in this browser. Log in where you typed it, and you find it there."))
    fields = [(name, value) for name, value in kept.fields]
    return render_template("accounts/send_again.html", target=kept.path, fields=fields, words=in_words(fields))


@blueprint.post(SEND_AGAIN + "/drop")
@requires(Permission.SEND_KEPT_FORM)
def drop_form() -> Response:
    """Throw it away."""
    drop_kept_form(db.session, cookie.pop("kept_form", None))
    return redirect(path("/"), 303)
