"""Following a request, and ending it: with an address alone, no account."""

from flask import Blueprint, redirect, render_template, request
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import current_person, current_viewer, requires
from dialogue.accounts.models import Person
from dialogue.accounts.operations.proofs import ask_for_proof
from dialogue.accounts.policy import Permission
from dialogue.accounts.rules import ProofPurpose
from dialogue.core.errors import SignInNeeded
from dialogue.notifications.forms import FollowForm
from dialogue.notifications.operations.following import follow, stop
from dialogue.notifications.queries.targets import Target, target_of
from dialogue.notifications.wording import AGREED
from dialogue.requests.queries.one import get_request
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, invalid
from dialogue.web.language import path, request_locale

blueprint = Blueprint("notifications", __name__)


@blueprint.get("/requests/<int:number>/follow")
@requires(Permission.SUBSCRIBE)
def show_follow(number: int) -> str:
    """The short form: where, and how often."""
    data_request = get_request(db.session, current_viewer(), number, Permission.SEE_REQUEST)
    form = FollowForm(formdata=None, known_email=own_email())
    return render_template("notifications/follow.html", form=form, data_request=data_request)


@blueprint.post("/requests/<int:number>/follow")
@requires(Permission.SUBSCRIBE)
def follow_request(number: int) -> Response | tuple[str, int]:
    """Begin at once for somebody known; ask anybody else for proof of their address."""
    data_request = get_request(db.session, current_viewer(), number, Permission.SEE_REQUEST)
    form = FollowForm(known_email=own_email())
    if not form.validate():
        return invalid("notifications/follow.html", form=form, data_request=data_request)
    return begin(form, target_of(data_request), path(f"/requests/{data_request.id}-{data_request.slug}"))


@blueprint.post("/requests/<int:number>/unfollow")
@requires(Permission.SUBSCRIBE)
def unfollow_request(number: int) -> Response:
    """End it, for somebody signed in. Others have the link in each mail."""
    data_request = get_request(db.session, current_viewer(), number, Permission.SEE_REQUEST)
    person = current_person()
    if person is None:
        raise SignInNeeded
    stop(db.session, person, target_of(data_request))
    flash_banner(_("You get no more mail about this request."))
    return redirect(path(f"/requests/{data_request.id}-{data_request.slug}"), 303)


def begin(form: FollowForm, target: Target, onwards: str) -> Response:
    """Begin at once for somebody known; ask anybody else for proof of their address."""
    email, person = str(form.email.data), current_person()
    what = target.name(request_locale())
    wording = _(AGREED[form.cadence], what=what)
    if person is not None and person.email == email:
        if follow(db.session, person, target, form.cadence, wording):
            flash_banner(_("Done. %(wording)s.", wording=wording))
        else:
            flash_banner(_("You follow it already."), "info")
        return redirect(onwards, 303)
    made = ask_for_proof(
        db.session,
        ProofPurpose.SUBSCRIBE,
        email,
        {"target": target.key, "cadence": form.cadence.value, "wording": wording},
        locale=request_locale(),
        ip=request.remote_addr or "",
        template="confirm_follow",
    )
    cookie["proof_id"] = made.proof.id
    return redirect(path("/check-email"), 303)


def own_email() -> str | None:
    """The address of somebody signed in."""
    person: Person | None = current_person()
    return person.email if person else None
