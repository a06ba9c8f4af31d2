"""Changing and ending one's mail by the links that each mail carries. No sign-in: the key in the address is enough.

GET shows, because mail scanners open every link; POST acts. What ends one thing takes a POST from anybody, also from a
mail program that has no cookie and no form (RFC 8058): whoever knows the key may use it.
"""

from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _

from dialogue.accounts.access import requires
from dialogue.accounts.models import Municipality, Person
from dialogue.accounts.operations.people import note_life
from dialogue.accounts.policy import Permission
from dialogue.core.db import server_secret
from dialogue.core.errors import NotFound
from dialogue.notifications.keys import key_to_choose, read_key
from dialogue.notifications.operations.following import stop, stop_gathered
from dialogue.notifications.queries.subscriptions import (
    find_owner,
)
from dialogue.notifications.queries.targets import Target, find_any_target
from dialogue.notifications.rules import GATHERED, Cadence, Scope
from dialogue.notifications.wording import STOP_DIGEST
from dialogue.web.extensions import db
from dialogue.web.language import request_locale

blueprint = Blueprint("choices", __name__)

#: Requests one voted for that are listed, the newest first.
_VOTED_SHOWN = 20


@blueprint.get("/unsubscribe/<key>")
@requires(Permission.MANAGE_SUBSCRIPTION_BY_KEY)
def show_unsubscribe(key: str) -> str:
    """What would end, and one button."""
    person, ends = _owner_of(key)
    return _unsubscribe_page(person, ends, key, ended=False)


@blueprint.post("/unsubscribe/<key>")
@requires(Permission.MANAGE_SUBSCRIPTION_BY_KEY, form_proof=False)
def unsubscribe(key: str) -> str:
    """End it, at once and in queued mail too. Once more is as good; the answer is always the page, never a redirect."""
    person, ends = _owner_of(key)
    note_life(person)
    name, _colon, number = ends.partition(":")
    if name in GATHERED:
        stop_gathered(db.session, person, int(number), Cadence(name))
    else:
        stop(db.session, person, _target(ends))
    return _unsubscribe_page(person, ends, key, ended=True)


def _unsubscribe_page(person: Person, ends: str, key: str, *, ended: bool) -> str:
    name, _colon, number = ends.partition(":")
    values: dict[str, Any] = {"key": key, "ended": ended}
    values["choices"] = key_to_choose(server_secret(db.session), person.mail_handle) if ended else None
    if name in GATHERED:
        place = db.session.get(Municipality, int(number))
        what = f"{_(STOP_DIGEST[Cadence(name)])}" if place else ""
        return render_template("notifications/unsubscribe.html", digest=what, target=None, **values)
    target = _target(ends)
    return render_template("notifications/unsubscribe.html", digest=None, target=_named(target), **values)


def _named(target: Target) -> str:
    if target.scope is Scope.YOUR_TURN:
        return _("The Monday mail about your work in %(name)s", name=target.municipality.name)
    return target.name(request_locale())


def _owner_of(key: str) -> tuple[Person, str]:
    """Whose key it is and what it ends. Raises NotFound, which tells nothing of anybody's address."""
    read = read_key(server_secret(db.session), key)
    person = find_owner(db.session, read.handle) if read else None
    if read is None or read.ends is None or person is None:
        raise NotFound
    return person, read.ends


def _target(key: str) -> Target:
    target = find_any_target(db.session, key)
    if target is None:
        raise NotFound
    return target
