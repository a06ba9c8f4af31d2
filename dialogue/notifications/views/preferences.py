"""Everything somebody is told of, on one page: how often, in which language, and a pause from all of it.

Reached by the link in each mail, whose key is enough, or from one's own page when signed in.
"""

from datetime import timedelta

from flask import Blueprint, current_app, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import requires, signed_in_person
from dialogue.accounts.models import Locale, Person
from dialogue.accounts.operations.people import note_life
from dialogue.accounts.policy import Permission
from dialogue.core.clock import today
from dialogue.core.db import server_secret
from dialogue.core.emailaddress import mask
from dialogue.core.errors import NotFound
from dialogue.notifications.forms import PauseForm
from dialogue.notifications.keys import read_key
from dialogue.notifications.operations.following import change_cadence, choose_own, stop, stop_all, want_work
from dialogue.notifications.operations.resting import is_resting, rest_mail, wake_mail
from dialogue.notifications.queries.rests import list_rests_and_stop
from dialogue.notifications.queries.subscriptions import (
    find_owner,
    list_listed,
    list_own_choices,
    list_subscriptions,
    list_voted_for,
)
from dialogue.notifications.queries.targets import Target, find_any_target
from dialogue.notifications.queries.weeks import list_work_places
from dialogue.notifications.rules import Cadence
from dialogue.notifications.wording import AGREED, CADENCES
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner
from dialogue.web.language import path
from dialogue.web.transaction import give_up

blueprint = Blueprint("preferences", __name__)

#: Requests one voted for that are listed, the newest first.
_VOTED_SHOWN = 20


@blueprint.get("/preferences/<key>")
@requires(Permission.MANAGE_SUBSCRIPTION_BY_KEY)
def show_preferences(key: str) -> str:
    """The page by the link in a mail."""
    return _page(_chooser(key), f"/preferences/{key}", PauseForm(formdata=None))


@blueprint.post("/preferences/<key>")
@requires(Permission.MANAGE_SUBSCRIPTION_BY_KEY)
def change_preferences(key: str) -> Response | tuple[str, int]:
    """Do what was chosen."""
    return _change(_chooser(key), f"/preferences/{key}")


@blueprint.get("/preferences/<key>/keep")
@requires(Permission.MANAGE_SUBSCRIPTION_BY_KEY)
def show_keep(key: str) -> str:
    """One button, for somebody who was asked whether their mail shall go on."""
    _chooser(key)
    return render_template("notifications/keep.html", key=key)


@blueprint.post("/preferences/<key>/keep")
@requires(Permission.MANAGE_SUBSCRIPTION_BY_KEY)
def keep(key: str) -> Response:
    """Let it go on, also when it rests already."""
    person = _chooser(key)
    note_life(person)
    wake_mail(db.session, person)
    flash_banner(_("Your mail goes on."))
    return redirect(path(f"/preferences/{key}"), 303)


@blueprint.get("/account/mail")
@requires(Permission.SEE_ACCOUNT)
def show_own_preferences() -> str:
    """The page from one's own page."""
    return _page(signed_in_person(), "/account/mail", PauseForm(formdata=None))


@blueprint.post("/account/mail")
@requires(Permission.SEE_ACCOUNT)
def change_own_preferences() -> Response | tuple[str, int]:
    """Do what was chosen."""
    return _change(signed_in_person(), "/account/mail")


def _page(person: Person, address: str, form: PauseForm) -> str:
    day = today(current_app.config["TIMEZONE"])
    rests, mail_stop = list_rests_and_stop(db.session, person.id)
    return render_template(
        "notifications/preferences.html",
        address=path(address),
        mailbox=mask(person.email),
        mail_stop=mail_stop,
        form=form,
        listed=list_listed(db.session, person.id),
        own=list_own_choices(db.session, person.id),
        work=list_work_places(db.session, person.id),
        voted=list_voted_for(db.session, person.id, _VOTED_SHOWN),
        rest=next(filter(is_resting, rests), None),
        days=[(_("in a month"), day + timedelta(days=30)), (_("in three months"), day + timedelta(days=91))],
        cadences=CADENCES,
        mail_language=person.locale,
    )


def _change(person: Person, address: str) -> Response | tuple[str, int]:
    """The button that was pressed says which part of the page counts."""
    note_life(person)
    if "pause" in request.form:
        form = PauseForm()
        if not form.validate():
            give_up(db.session)
            return _page(person, address, form), 422
        rest_mail(db.session, person, form.until.data, current_app.config["DIGEST_AT"])
        flash_banner(_("Your mail rests. One mail tells you afterwards what happened."))
    elif "wake" in request.form:
        wake_mail(db.session, person)
        flash_banner(_("Your mail comes again."))
    elif "stop_all" in request.form:
        stop_all(db.session, person)
        flash_banner(_("All subscriptions have ended."))
    elif "stop" in request.form:
        stop(db.session, person, _target(request.form["stop"]))
        flash_banner(_("It has ended."))
    else:
        _save(person)
        flash_banner(_("Your choices are saved."))
    return redirect(path(address), 303)


def _save(person: Person) -> None:
    for subscription in list_subscriptions(db.session, person.id):
        chosen = request.form.get(f"frequency-{subscription.id}")
        if chosen in set(Cadence):
            change_cadence(db.session, subscription, Cadence(chosen))
    for own in list_own_choices(db.session, person.id):
        chosen = request.form.get(own.target)
        if chosen in set(Cadence):
            cadence = Cadence(chosen)
            wording = _(AGREED[cadence], what=_("My requests")) if cadence in AGREED else ""
            choose_own(db.session, person, _target(own.target), cadence, wording)
    for place in list_work_places(db.session, person.id):
        chosen = request.form.get(f"work-{place.municipality_id}")
        if chosen in ("on", "off"):
            want_work(db.session, person, place.municipality_id, wanted=chosen == "on")
    if request.form.get("language") in set(Locale):
        person.locale = Locale(request.form["language"])


def _chooser(key: str) -> Person:
    """Whose key it is. Raises NotFound, which tells nothing of anybody's address."""
    read = read_key(server_secret(db.session), key)
    person = find_owner(db.session, read.handle) if read and read.ends is None else None
    if person is None:
        raise NotFound
    return person


def _target(key: str) -> Target:
    target = find_any_target(db.session, key)
    if target is None:
        raise NotFound
    return target
