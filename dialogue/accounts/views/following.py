"""What a proved address lets begin when it is mail that waits: the second half of opting in twice."""

from typing import Any

from flask import current_app
from flask_babel import gettext as _

from dialogue.accounts.models import Person
from dialogue.core.errors import NotFound
from dialogue.notifications.models import SavedSearch
from dialogue.notifications.operations.following import follow
from dialogue.notifications.queries.lately import count_lately
from dialogue.notifications.queries.targets import Target, find_target
from dialogue.notifications.rules import Cadence, Scope
from dialogue.notifications.wording import lately_sentence
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner
from dialogue.web.language import path, request_locale


def show_waiting_subscription(payload: dict[str, Any]) -> dict[str, Any]:
    """What one agrees to, in the words that were shown."""
    target = _target(payload)
    search = db.session.get(SavedSearch, target.number) if target.scope is Scope.SEARCH else None
    mails = count_lately(db.session, target, search, current_app.config["DIGEST_AT"])
    return {
        "payload": payload,
        "what": target.name(request_locale()),
        "onwards": _onwards(payload),
        "lately": lately_sentence(mails[Cadence(payload["cadence"])]) if mails is not None else None,
    }


def begin_waiting_subscription(person: Person, payload: dict[str, Any]) -> str:
    """Begin it, and keep the words and the time."""
    if follow(db.session, person, _target(payload), Cadence(payload["cadence"]), payload["wording"]):
        flash_banner(_("Done. %(wording)s.", wording=payload["wording"]))
    else:
        flash_banner(_("You follow it already."), "info")
    return _onwards(payload)


def _target(payload: dict[str, Any]) -> Target:
    target = find_target(db.session, payload["target"])
    if target is None:
        raise NotFound
    return target


def _onwards(payload: dict[str, Any]) -> str:
    data_request = _target(payload).data_request
    return path(f"/requests/{data_request.id}-{data_request.slug}" if data_request else "/requests")
