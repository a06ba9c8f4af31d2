"""Signing in by mail, and signing out. There are no passwords."""

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask import session as cookie
from werkzeug.wrappers import Response

from dialogue.accounts.access import current_person, current_sign_in, forget_sign_in, requires
from dialogue.accounts.forms.people import SignInForm
from dialogue.accounts.operations.proofs import ask_for_proof
from dialogue.accounts.operations.sign_ins import end_sign_in
from dialogue.accounts.policy import Permission
from dialogue.accounts.rules import ProofPurpose
from dialogue.accounts.views.kept_forms import SEND_AGAIN
from dialogue.web.extensions import db
from dialogue.web.forms import invalid
from dialogue.web.language import path, request_locale
from dialogue.web.redirects import own_page

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
@requires(Permission.SIGN_IN)
def show_sign_in() -> str | Response:
    """One field: the address. Who is signed in already is let through."""
    onwards = own_page(request.args.get("next"))
    if current_person():
        return redirect(onwards or path("/account"))
    form = SignInForm(formdata=None, next=onwards or "")
    return render_template("accounts/sign_in.html", form=form, **_kept())


@blueprint.post("/sign-in")
@requires(Permission.SIGN_IN)
def ask_to_sign_in() -> Response | tuple[str, int]:
    """Send a link and a code. What is answered is the same for known and unknown addresses: nobody is looked up."""
    form = SignInForm()
    if not form.validate():
        return invalid("accounts/sign_in.html", form=form, **_kept())
    made = ask_for_proof(
        db.session,
        ProofPurpose.SIGN_IN,
        str(form.email.data),
        {"next": own_page(form.next.data) or ""},
        locale=request_locale(),
        ip=request.remote_addr or "",
        template="sign_in",
    )
    cookie["proof_id"] = made.proof.id
    return redirect(path("/check-email"), 303)


@blueprint.post("/sign-out")
@requires(Permission.SIGN_IN)
def sign_out() -> Response:
    """End the session on the server and empty the cookie."""
    sign_in = current_sign_in()
    if sign_in:
        end_sign_in(db.session, sign_in.person, sign_in.id)
    forget_sign_in()
    return redirect(path("/"), 303)


def _kept() -> dict[str, Any]:
    """Whether somebody comes here because a form of theirs waits to be sent."""
    onwards = request.values.get("next", "")
    return {"is_kept": "kept_form" in cookie and onwards.endswith(SEND_AGAIN)}
