"""Filing a request: form, then proof of the address. Publishing is the proof's page, /confirm/<token>."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask import session as cookie
from werkzeug.wrappers import Response

from dialogue.accounts.access import all_municipalities, current_person, requires
from dialogue.accounts.models import EmailProof, Municipality
from dialogue.accounts.operations.proofs import ask_for_proof, renew_proof
from dialogue.accounts.policy import Permission
from dialogue.accounts.queries import find_proof, waiting_proofs
from dialogue.accounts.rules import ProofPurpose
from dialogue.core.clock import now
from dialogue.core.errors import InvalidValue, NotFound
from dialogue.core.language import N_
from dialogue.requests.forms.filing import FilingForm
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.filing import file_request, proof_payload, revise_draft
from dialogue.web.extensions import db
from dialogue.web.forms import invalid
from dialogue.web.language import path, request_locale

blueprint = Blueprint("filing", __name__)

#: Within it, the same form sent again is the second press of a button and no wish for another mail.
_A_MOMENT = timedelta(seconds=30)


@blueprint.get("/requests/new")
@requires(Permission.FILE_REQUEST)
def show_form() -> str:
    """The form, with the words of the search carried over."""
    person = current_person()
    form = FilingForm(
        formdata=None, title=request.args.get("q", "")[:120], municipality=request.args.get("municipality", "")
    )
    if person:
        form.email.data = person.email
        form.organisation.data = person.organisation.name if person.organisation else ""
    return render_template("requests/file_request.html", form=_with_municipalities(form))


@blueprint.post("/requests/new")
@requires(Permission.FILE_REQUEST)
def file() -> Response | tuple[str, int]:
    """Keep the request as a draft and ask for proof of the address."""
    form = _with_municipalities(FilingForm())
    if not form.validate():
        return invalid("requests/file_request.html", form=form)
    try:
        return _keep(form)
    except InvalidValue as error:
        form.add_error(error)
        return invalid("requests/file_request.html", form=form)


@blueprint.get("/requests/drafts/<token>")
@requires(Permission.FILE_REQUEST)
def show_draft(token: str) -> str:
    """What waits behind the link of a mail, to change before it is published."""
    proof, data_request = _draft(token)
    form = FilingForm(formdata=None, obj=data_request, data=proof.payload | {"email": proof.email})
    return render_template("requests/file_request.html", form=_with_municipalities(form), token=token)


@blueprint.post("/requests/drafts/<token>")
@requires(Permission.FILE_REQUEST)
def change_draft(token: str) -> Response | tuple[str, int]:
    """Change the draft in place; the link stays the one in the mail."""
    proof, data_request = _draft(token)
    form = _with_municipalities(FilingForm())
    form.email.data = proof.email
    if not form.validate():
        return invalid("requests/file_request.html", form=form, token=token)
    try:
        payload = proof_payload(data_request, form.organisation.data or "", form.organisation_number.data or "")
        revise_draft(data_request, form.filing())
    except InvalidValue as error:
        form.add_error(error)
        return invalid("requests/file_request.html", form=form, token=token)
    proof.payload = payload
    return redirect(path(f"/confirm/{token}"), 303)


def _draft(token: str) -> tuple[EmailProof, DataRequest]:
    """The open proof behind `token` and the draft that it is for. Raises NotFound."""
    proof = find_proof(db.session, token)
    if proof is None or proof.used_at or proof.expires_at <= now() or proof.purpose is not ProofPurpose.CONFIRM_REQUEST:
        raise NotFound
    return proof, db.session.get_one(DataRequest, proof.payload["request_id"])


def _keep(form: FilingForm) -> Response:
    email, person = str(form.email.data), current_person()
    data_request = file_request(
        db.session,
        _municipality(form),
        form.filing(),
        email=email,
        form_key=form.form_key.data or "",
        locale=request_locale(),
        draft_id=_waiting_draft(email),
    )
    payload = proof_payload(data_request, form.organisation.data or "", form.organisation_number.data or "")
    if person and person.email == email:
        # The address is proved in this browser already: on to the page where answers are checked.
        proof = renew_proof(db.session, ProofPurpose.CONFIRM_REQUEST, email, payload, locale=request_locale())
        cookie["proof_id"] = proof.proof.id
        return redirect(path(f"/confirm/{proof.token}"), 303)
    cookie["proof_id"] = _just_asked(email, payload) or _ask(email, payload)
    return redirect(path("/check-email"), 303)


def _ask(email: str, payload: dict[str, Any]) -> int:
    made = ask_for_proof(
        db.session,
        ProofPurpose.CONFIRM_REQUEST,
        email,
        payload,
        locale=request_locale(),
        ip=request.remote_addr or "",
        template="confirm_request",
    )
    return made.proof.id


def _just_asked(email: str, payload: dict[str, Any]) -> int | None:
    """The proof that was asked for when this form came the first time: a button pressed twice brings one mail.

    Nobody else comes to it: only the same form leads to the same draft.
    """
    since = now() - _A_MOMENT
    waiting = db.session.scalars(waiting_proofs(email, now()))
    return next((each.id for each in waiting if each.payload == payload and each.created_at > since), None)


def _waiting_draft(email: str) -> int | None:
    """The draft that waits for `email` since this browser sent it."""
    proof = db.session.get(EmailProof, cookie.get("proof_id") or 0)
    if proof is None or proof.purpose is not ProofPurpose.CONFIRM_REQUEST or proof.email != email:
        return None
    return int(proof.payload["request_id"])


def _with_municipalities(form: FilingForm) -> FilingForm:
    form.municipality.choices = [(place.slug, place.name) for place in all_municipalities()]
    return form


def _municipality(form: FilingForm) -> Municipality:
    places = all_municipalities()
    if not places:
        raise NotFound(N_("The site speaks for no municipality yet."))
    chosen = [place for place in places if place.slug == form.municipality.data]
    return chosen[0] if chosen else places[0]
