"""The administrator's page that shows what somebody's next digests, Monday mail and reminders would say.

Nothing is sent or marked.

The mail is shown in a frame that runs nothing, and without the links that end or change its reader's mail.
"""

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts import queries
from dialogue.accounts.access import current_viewer, requires
from dialogue.accounts.models import Municipality, Person
from dialogue.accounts.policy import Permission
from dialogue.core.errors import NotFound
from dialogue.mail.sender.writing import Written, write
from dialogue.notifications.forms import PreviewForm
from dialogue.notifications.letters.preview import preview_mails
from dialogue.notifications.queries.subscriptions import find_reader_of
from dialogue.notifications.wording import PREVIEWS
from dialogue.web.extensions import db
from dialogue.web.forms import invalid
from dialogue.web.language import path
from dialogue.web.security import SHOWN_IN_A_FRAME, SHOWS_A_FRAME

blueprint = Blueprint("previews", __name__)


@blueprint.get("/settings/<place>/digests")
@requires(Permission.SEE_DIGEST_PREVIEW)
def show_form(place: str) -> str:
    """Whose digests?"""
    return render_template("settings/digests.html", place=_place(place), form=PreviewForm(formdata=None))


@blueprint.post("/settings/<place>/digests")
@requires(Permission.SEE_DIGEST_PREVIEW)
def find_reader(place: str) -> Response | tuple[str, int]:
    """Find the reader by an address, which stays out of the address of the page and so out of logs."""
    municipality, form = _place(place), PreviewForm()
    if form.validate():
        person = queries.find_person(db.session, str(form.email.data))
        if person is not None and find_reader_of(db.session, person.id, municipality.id) is not None:
            return redirect(path(f"/settings/{place}/digests/{person.id}"), 303)
        form.email.errors = [_("Nobody with that address gets mail from %(name)s", name=municipality.name)]
    return invalid("settings/digests.html", place=municipality, form=form)


@blueprint.get("/settings/<place>/digests/<int:person_id>")
@requires(Permission.SEE_DIGEST_PREVIEW)
def show_digests(place: str, person_id: int) -> Response:
    """What their next mails would say now: subject, HTML in a frame, and text."""
    municipality = _place(place)
    person = _reader(municipality, person_id)
    written = dict(_written(person, municipality))
    answer = make_response(
        render_template("settings/digest.html", place=municipality, reader=person, written=written, words=PREVIEWS)
    )
    answer.headers["Content-Security-Policy"] = SHOWS_A_FRAME
    return answer


@blueprint.get("/settings/<place>/digests/<int:person_id>/html")
@requires(Permission.SEE_DIGEST_PREVIEW)
def show_html(place: str, person_id: int) -> Response:
    """The HTML part of one of them alone (`mail`). Its links open in the whole window."""
    municipality = _place(place)
    person, name = _reader(municipality, person_id), request.args.get("mail", "")
    mail = next((mail for each, mail in _written(person, municipality) if each == name), None)
    if mail is None:
        raise NotFound
    answer = make_response(mail.html.replace("<head>", '<head><base target="_top">', 1))
    answer.headers["Content-Security-Policy"] = SHOWN_IN_A_FRAME
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _written(person: Person, municipality: Municipality) -> list[tuple[str, Written]]:
    previews = preview_mails(db.session, person, municipality, current_app.config["DIGEST_AT"])
    return [(each.name, write(each.template, person.locale, each.letter)) for each in previews]


def _place(place: str) -> Municipality:
    return queries.get_administrated(db.session, current_viewer(), place)


def _reader(municipality: Municipality, person_id: int) -> Person:
    """Somebody who gets mail from the municipality. Raises NotFound for everybody else."""
    person = find_reader_of(db.session, person_id, municipality.id)
    if person is None:
        raise NotFound
    return person
