"""Getting one's own data, and deleting one's account."""

import json

from flask import Blueprint, make_response, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import forget_sign_in, requires, signed_in_person
from dialogue.accounts.forms.people import DeleteAccountForm
from dialogue.accounts.policy import Permission
from dialogue.core.clock import now
from dialogue.core.errors import InvalidTransition
from dialogue.core.limits import count_try
from dialogue.privacy.operations import EXPORTS_PER_PERSON, erase_person
from dialogue.privacy.queries import export_person
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, invalid
from dialogue.web.language import path

blueprint = Blueprint("own_data", __name__)


@blueprint.post("/account/export")
@requires(Permission.SEE_ACCOUNT)
def export() -> Response:
    """Everything that is kept about oneself, as one file."""
    person = signed_in_person()
    count_try(db.session, EXPORTS_PER_PERSON, str(person.id), now())
    answer = make_response(json.dumps(export_person(db.session, person), ensure_ascii=False, indent=2))
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = "attachment; filename=dialogue.json"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/account/delete")
@requires(Permission.SEE_ACCOUNT)
def show_delete() -> str:
    """What goes and what stays, before it is done."""
    return render_template("accounts/delete_account.html", form=DeleteAccountForm(formdata=None))


@blueprint.post("/account/delete")
@requires(Permission.SEE_ACCOUNT)
def delete() -> Response | tuple[str, int]:
    """Delete the account."""
    form = DeleteAccountForm()
    if not form.validate():
        return invalid("accounts/delete_account.html", form=form)
    try:
        erase_person(db.session, signed_in_person())
    except InvalidTransition as error:
        form.sure.errors = [_(error.message)]
        return invalid("accounts/delete_account.html", form=form)
    forget_sign_in()
    flash_banner(_("Your account is deleted."))
    return redirect(path("/"), 303)
