"""Where every act that waits for an e-mail address is finished: by the link or by the code of its mail.

GET only shows, because mail scanners open every link; the button acts. What each purpose means stands in ACTS, one
row a purpose.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts import queries
from dialogue.accounts.access import current_sign_in, home_of, remember_sign_in, requires
from dialogue.accounts.forms.people import AddressForm, CodeForm
from dialogue.accounts.models import EmailProof, Person
from dialogue.accounts.operations.people import get_or_create_person
from dialogue.accounts.operations.proofs import (
    NewProof,
    change_address,
    code_is_dead,
    send_again,
    state_of,
    try_code,
    use_proof,
)
from dialogue.accounts.operations.sign_ins import begin_sign_in
from dialogue.accounts.policy import Permission
from dialogue.accounts.rules import ProofPurpose, ProofState
from dialogue.accounts.views import following, voices
from dialogue.catalogue.rules import FREQUENCIES
from dialogue.core.errors import NotFound
from dialogue.core.language import N_
from dialogue.core.personnummer import find_lookalikes
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.filing import confirm_request, published_texts
from dialogue.requests.rules import Kind
from dialogue.requests.wording.states import KINDS
from dialogue.web.extensions import db
from dialogue.web.forms import LOOKALIKE, flash_banner
from dialogue.web.language import full_day, path
from dialogue.web.redirects import own_page
from dialogue.web.transaction import give_up

blueprint = Blueprint("proofs", __name__)


@dataclass(frozen=True)
class Act:
    """What happens when an address is proved for one purpose."""

    #: Shows what waits: templates/confirm/<purpose>.html with these values; `public` is what everybody will read.
    #: Raises NotFound when it is gone.
    show: Callable[[dict[str, Any]], dict[str, Any]]
    #: Does it, says so in a banner and returns the address to go on to.
    perform: Callable[[Person, dict[str, Any]], str]
    #: True when a right code does it at once, because there is nothing to look through first.
    at_once: bool = False


#: Stands for the token in the address of the page that a right code leads to.
BY_CODE = "code"


@blueprint.get("/check-email")
@requires(Permission.PROVE_ADDRESS)
def show_check_email() -> str:
    """Where the mail went, and a field for the code in it."""
    proof = _own_proof()
    return _confirm_page(proof, BY_CODE) if state_of(proof) is ProofState.USED else _check_email_page(proof)


@blueprint.post("/check-email")
@requires(Permission.PROVE_ADDRESS)
def check_code() -> Response | str | tuple[str, int]:
    """The code instead of the link: leads to the page that the link leads to."""
    form, proof = CodeForm(), _own_proof()
    if state_of(proof) is ProofState.USED:
        return redirect(path("/check-email"), 303)
    if form.validate() and not try_code(db.session, proof, form.code.data or "", ip=request.remote_addr or ""):
        form.code.errors = [_why_not(proof)]
    if form.errors:
        # Not rolled back: the wrong try must count.
        return _check_email_page(proof, form=form), 422
    if ACTS[proof.purpose].at_once:
        return _perform(proof, BY_CODE)
    cookie["proved_id"] = proof.id
    return redirect(path(f"/confirm/{BY_CODE}"), 303)


@blueprint.post("/check-email/again")
@requires(Permission.PROVE_ADDRESS)
def send_mail_again() -> Response:
    """A new mail with a new link and code. Former links go on working, former codes do not."""
    return _sent(send_again(db.session, _own_proof(), ip=request.remote_addr or ""))


@blueprint.post("/check-email/address")
@requires(Permission.PROVE_ADDRESS)
def correct_address() -> Response | tuple[str, int]:
    """Send the mail somewhere else. What was typed before stays; what went to the wrong address is worthless."""
    form, proof = AddressForm(), _own_proof()
    if not form.validate():
        give_up(db.session)
        return _check_email_page(proof, address_form=form), 422
    return _sent(change_address(db.session, proof, str(form.email.data), ip=request.remote_addr or ""))


@blueprint.get("/confirm/<token>")
@requires(Permission.PROVE_ADDRESS)
def show_confirm(token: str) -> str:
    """What waits, as it will look, and one button."""
    return _confirm_page(_proof_behind(token), token)


@blueprint.post("/confirm/<token>")
@requires(Permission.PROVE_ADDRESS)
def confirm(token: str) -> Response:
    """Do what waits: the address is proved, its person comes into being and is signed in."""
    return _perform(_proof_behind(token), token)


@blueprint.post("/confirm/<token>/again")
@requires(Permission.PROVE_ADDRESS)
def renew_link(token: str) -> Response:
    """A new mail for an act whose link has expired. It goes to the same address, so an old link proves nothing."""
    return _sent(send_again(db.session, _proof_behind(token), ip=request.remote_addr or ""))


def _perform(proof: EmailProof, token: str) -> Response:
    if not use_proof(db.session, proof):
        # A second click, or too late: the page says which, with a way on.
        return redirect(path("/check-email" if token == BY_CODE else f"/confirm/{token}"), 303)
    person = get_or_create_person(db.session, proof.email, proof.locale)
    onwards = ACTS[proof.purpose].perform(person, proof.payload)
    begun = begin_sign_in(db.session, person, request.user_agent.string, replacing=current_sign_in())
    remember_sign_in(begun.sign_in, begun.token)
    return redirect(onwards, 303)


def _sent(made: NewProof) -> Response:
    cookie["proof_id"] = made.proof.id
    cookie.pop("proved_id", None)
    flash_banner(_("We have sent a new mail to %(email)s.", email=made.proof.email))
    return redirect(path("/check-email"), 303)


def _check_email_page(
    proof: EmailProof, *, form: CodeForm | None = None, address_form: AddressForm | None = None
) -> str:
    return render_template(
        "accounts/check_email.html",
        form=form or CodeForm(formdata=None),
        address_form=address_form or AddressForm(formdata=None, id_prefix="new"),
        proof=proof,
        state=state_of(proof),
        refused=bool(address_form),
    )


def _confirm_page(proof: EmailProof, token: str) -> str:
    values = ACTS[proof.purpose].show(proof.payload)
    template = f"confirm/{proof.purpose}.html"
    doubts = [_(LOOKALIKE, number=number) for number in find_lookalikes(*values.pop("public", ()))]
    return render_template(template, proof=proof, state=state_of(proof), token=token, doubts=doubts[:1], **values)


def _why_not(proof: EmailProof) -> str:
    if code_is_dead(proof):
        return _("The code no longer works. Use the link in the mail, or send a new mail.")
    return _("That is not the code in the newest mail. Check it, or send a new mail.")


def _proof_behind(token: str) -> EmailProof:
    """The proof of a link, or the one whose code this browser gave. Raises NotFound, saying what to do."""
    if token == BY_CODE:
        proof = db.session.get(EmailProof, cookie.get("proved_id") or 0)
    else:
        proof = queries.find_proof(db.session, token)
    if proof is None:
        raise NotFound(N_("The link is not whole, or a newer mail has taken its place. Open the newest mail."))
    return proof


def _own_proof() -> EmailProof:
    """The proof that this browser asked for. Raises NotFound, saying what to do."""
    proof = db.session.get(EmailProof, cookie.get("proof_id") or 0)
    if proof is None:
        raise NotFound(N_("This browser waits for no mail. Open the link in your mail instead, or log in."))
    return proof


def _show_sign_in(payload: dict[str, Any]) -> dict[str, Any]:
    return {"onwards": own_page(payload["next"])}


def _sign_in(person: Person, payload: dict[str, Any]) -> str:
    return own_page(payload["next"]) or path(home_of(queries.get_viewer(db.session, person)))


def _show_request(payload: dict[str, Any]) -> dict[str, Any]:
    data_request = _waiting_request(payload)
    often = FREQUENCIES[data_request.update_frequency].label
    public = published_texts(data_request)
    return {"data_request": data_request, "payload": payload, "kinds": KINDS, "often": often, "public": public}


def _waiting_request(payload: dict[str, Any]) -> DataRequest:
    data_request = db.session.get(DataRequest, payload["request_id"])
    if data_request is None:
        raise NotFound(N_("The request was not confirmed in time, and has been removed. Ask for the data again."))
    return data_request


def _publish_request(person: Person, payload: dict[str, Any]) -> str:
    data_request = _waiting_request(payload)
    confirm_request(db.session, person, data_request, payload)
    assert data_request.next_on is not None  # noqa: S101 (a received request always has its promise)
    day = full_day(data_request.next_on)
    if data_request.kind is Kind.FORMAL:
        comes = _("The municipality decides by %(day)s.", day=day)
    else:
        comes = _("The first answer comes by %(day)s.", day=day)
    flash_banner(" ".join((_("Done. Request %(number)s is published.", number=data_request.id), comes)))
    return path(f"/requests/{data_request.id}-{data_request.slug}")


ACTS: dict[ProofPurpose, Act] = {
    ProofPurpose.SIGN_IN: Act(_show_sign_in, _sign_in, at_once=True),
    ProofPurpose.CONFIRM_REQUEST: Act(_show_request, _publish_request),
    ProofPurpose.CAST_VOTE: Act(voices.show_waiting_vote, voices.count_waiting_vote),
    ProofPurpose.POST_MESSAGE: Act(voices.show_waiting_message, voices.post_waiting_message),
    ProofPurpose.SUBSCRIBE: Act(following.show_waiting_subscription, following.begin_waiting_subscription),
}
