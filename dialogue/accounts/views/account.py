"""One's own page: what one has asked and voted for, who one is and where one is signed in."""

from typing import Any

from flask import Blueprint, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts import queries
from dialogue.accounts.access import (
    all_municipalities,
    current_sign_in,
    forget_sign_in,
    requires,
    signed_in_person,
)
from dialogue.accounts.devices import describe_device
from dialogue.accounts.forms.people import PersonForm
from dialogue.accounts.models import Person
from dialogue.accounts.operations.people import change_person
from dialogue.accounts.operations.proofs import open_own_proof
from dialogue.accounts.operations.sign_ins import end_other_sign_ins, end_sign_in
from dialogue.accounts.policy import Permission
from dialogue.accounts.wording import PURPOSES
from dialogue.core.clock import now, today
from dialogue.core.errors import InvalidValue
from dialogue.mail.bounces import find_stop
from dialogue.privacy.queries import count_messages_of
from dialogue.requests.models import DataRequest
from dialogue.requests.queries.own import OWN_ROWS, list_own_requests, list_waiting
from dialogue.requests.wording.states import status_word, tag_kind
from dialogue.voting.queries import list_own_votes
from dialogue.web.addresses import asked_id
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, invalid
from dialogue.web.language import path

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
@requires(Permission.SEE_ACCOUNT)
def show_account() -> str:
    """Everything about oneself on one page."""
    person, at = signed_in_person(), now()
    sign_ins = queries.list_sign_ins(db.session, person.id, at)
    return render_template(
        "accounts/account.html",
        waiting=list_waiting(db.session, person.email, at),
        messages_count=count_messages_of(db.session, person.id),
        sign_ins=[(sign_in, describe_device(sign_in.device)) for sign_in in sign_ins],
        current=current_sign_in(),
        purposes=PURPOSES,
        mail_stop=find_stop(db.session, person.email),
        **_own_lists(person),
    )


def _own_lists(person: Person) -> dict[str, Any]:
    requests = list_own_requests(db.session, person.id, before=asked_id("before"))
    votes = list_own_votes(db.session, person.id, before=asked_id("votes_before"), limit=OWN_ROWS + 1)
    return {
        "requests": [(row, *_standing(row)) for row in requests[:OWN_ROWS]],
        "more_requests": requests[OWN_ROWS - 1].id if len(requests) > OWN_ROWS else None,
        "votes": votes[:OWN_ROWS],
        "more_votes": votes[OWN_ROWS - 1].vote_id if len(votes) > OWN_ROWS else None,
    }


def _standing(data_request: DataRequest) -> tuple[str, str]:
    """Where a request stands, as a word and the mark beside it: as everybody sees it."""
    zone = next(place.zone for place in all_municipalities() if place.id == data_request.municipality_id)
    day = today(zone)
    return status_word(data_request, day), tag_kind(data_request, day)


@blueprint.get("/account/edit")
@requires(Permission.SEE_ACCOUNT)
def show_person_form() -> str:
    """Name, business and language, ready to be changed."""
    return render_template("accounts/edit_person.html", form=PersonForm.about(signed_in_person()))


@blueprint.post("/account/edit")
@requires(Permission.SEE_ACCOUNT)
def edit_person() -> Response | tuple[str, int]:
    """Change who one is. Votes and posts stay those of the business they were written for."""
    form, person = PersonForm(), signed_in_person()
    if not form.validate():
        return invalid("accounts/edit_person.html", form=form)
    try:
        change_person(db.session, person, form.values())
    except InvalidValue as error:
        form.add_error(error)
        return invalid("accounts/edit_person.html", form=form)
    flash_banner(_("Done. It is saved."))
    return redirect(path("/account"), 303)


@blueprint.post("/account/waiting/<int:proof_id>")
@requires(Permission.SEE_ACCOUNT)
def go_on(proof_id: int) -> Response:
    """Go on with something that waits for one's address, which is proved in this browser."""
    made = open_own_proof(db.session, signed_in_person(), proof_id)
    return redirect(path(f"/confirm/{made.token}"), 303)


@blueprint.post("/account/sessions/<int:sign_in_id>/end")
@requires(Permission.SEE_ACCOUNT)
def end_session(sign_in_id: int) -> Response:
    """Sign out one device, this one too."""
    here = current_sign_in()
    end_sign_in(db.session, signed_in_person(), sign_in_id)
    if here is not None and here.id == sign_in_id:
        forget_sign_in()
        return redirect(path("/"), 303)
    flash_banner(_("The device is logged out."))
    return redirect(path("/account"), 303)


@blueprint.post("/account/sessions/end-others")
@requires(Permission.SEE_ACCOUNT)
def end_other_sessions() -> Response:
    """Sign out every other device."""
    end_other_sign_ins(db.session, signed_in_person(), but=current_sign_in())
    flash_banner(_("All other devices are logged out."))
    return redirect(path("/account"), 303)
