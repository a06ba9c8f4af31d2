"""An official's own page about being away."""

from datetime import date

from flask import Blueprint, current_app, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import all_municipalities, current_viewer, requires, signed_in_person
from dialogue.accounts.models import Person
from dialogue.accounts.policy import Permission
from dialogue.core.clock import today
from dialogue.core.errors import InvalidValue
from dialogue.notifications.forms import AbsenceForm
from dialogue.notifications.operations.absences import AbsenceFields, add_absence, end_absence
from dialogue.notifications.queries.duty import list_absences, list_stand_ins
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, invalid
from dialogue.web.language import path

blueprint = Blueprint("absences", __name__)


@blueprint.get("/account/away")
@requires(Permission.BE_AWAY)
def show_absences() -> str:
    """When one is away, and a form for one more period."""
    return render_template("notifications/away.html", form=_form(empty=True), absences=_absences())


@blueprint.post("/account/away")
@requires(Permission.BE_AWAY)
def be_away() -> Response | tuple[str, int]:
    """Note a period."""
    form = _form()
    if not form.validate():
        return invalid("notifications/away.html", form=form, absences=_absences())
    stand_in = db.session.get(Person, int(form.stand_in.data)) if form.stand_in.data else None
    fields = AbsenceFields(*form.period, stand_in)
    try:
        add_absence(db.session, signed_in_person(), fields, _today())
    except InvalidValue as error:
        form.add_error(error)
        return invalid("notifications/away.html", form=form, absences=_absences())
    flash_banner(_("Done. Your mail about requests goes elsewhere in that time."))
    return redirect(path("/account/away"), 303)


@blueprint.post("/account/away/<int:absence_id>/end")
@requires(Permission.BE_AWAY)
def be_back(absence_id: int) -> Response:
    """Forget a period."""
    end_absence(db.session, signed_in_person(), absence_id)
    flash_banner(_("Done. The period is removed."))
    return redirect(path("/account/away"), 303)


def _form(*, empty: bool = False) -> AbsenceForm:
    form = AbsenceForm(formdata=None) if empty else AbsenceForm()
    mine = sorted(current_viewer().municipality_ids())
    return form.offer(list_stand_ins(db.session, signed_in_person().id, mine, _today()))


def _absences() -> list[object]:
    return [*list_absences(db.session, signed_in_person().id, _today())]


def _today() -> date:
    mine = current_viewer().municipality_ids()
    zones = [place.zone for place in all_municipalities() if place.id in mine]
    return today(zones[0] if zones else str(current_app.config["TIMEZONE"]))
