"""The administrator's page about mail: addresses that it does not reach, and mails that were set aside."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts import queries
from dialogue.accounts.access import current_municipality, current_viewer, requires
from dialogue.accounts.models import Municipality
from dialogue.accounts.policy import Permission
from dialogue.core.clock import now
from dialogue.core.db import MAX_ID
from dialogue.core.emailaddress import mask
from dialogue.core.errors import NotFound
from dialogue.core.language import N_
from dialogue.mail.bounces import ANY_LIMIT, COUNTED_FOR, HARD_LIMIT, list_stops, start_again
from dialogue.mail.outbox import send_again
from dialogue.mail.queries import find_outgoing, list_set_aside
from dialogue.mail.rules import MailState
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner
from dialogue.web.language import path

blueprint = Blueprint("stops", __name__)

#: Mails that were set aside, on the page; `dialogue mail list --failed` names all.
_MOST_SET_ASIDE = 50

_STATES: dict[MailState, str] = {
    MailState.REFUSED: N_("Refused"),
    MailState.FAILED: N_("Failed"),
    MailState.EXPIRED: N_("Too old to be sent"),
}

#: What of a reason names nobody: the code of a mail server, or the kind of a fault.
_BARE_REASON = re.compile(r"[45]\d\d(?: [45]\.\d+\.\d+)?|[A-Z]\w+(?=:)")


@dataclass(frozen=True)
class Stop:
    """An address that gets no mail, as the administrator of one municipality may see it."""

    id: int
    email: str
    #: The address of a unit or an official; a private one in part.
    address: str
    stopped_at: datetime
    words: str


@dataclass(frozen=True)
class Unsent:
    """A mail that was set aside, shown by the same rule."""

    id: int
    template: str
    address: str
    #: How it ended, in a word.
    state: str
    finished_at: datetime
    words: str
    can_be_sent: bool


@dataclass(frozen=True)
class _Reach:
    """Whose mail an administrator sees: the municipality's own in full; private addresses in part, and only where
    nobody else's administrator would see them."""

    own: frozenset[str]
    is_alone: bool

    @property
    def recipients(self) -> frozenset[str] | None:
        """Those whose mail is seen; None for everybody's."""
        return None if self.is_alone else self.own

    def address(self, email: str) -> str:
        """As it is shown."""
        return email if email in self.own else mask(email)


@blueprint.get("/settings/<place>/mail")
@requires(Permission.SEE_SETTINGS)
def show_stops(place: str) -> str:
    """Which addresses get no mail, since when and why, and which mails were set aside."""
    municipality = queries.get_administrated(db.session, current_viewer(), place)
    reach = _reach(municipality)
    limits = {"hard": HARD_LIMIT, "any": ANY_LIMIT, "days": COUNTED_FOR.days}
    return render_template(
        "settings/mail.html", place=municipality, stops=list(_stops(reach)), unsent=list(_unsent(reach)), **limits
    )


@blueprint.post("/settings/<place>/mail/<int:stop_id>/start")
@requires(Permission.MANAGE_MUNICIPALITY)
def start(place: str, stop_id: int) -> Response:
    """Send to an address again."""
    municipality = queries.get_administrated(db.session, current_viewer(), place)
    email = next((stop.email for stop in _stops(_reach(municipality)) if stop.id == stop_id), None)
    if email is None:
        raise NotFound
    start_again(db.session, email)
    flash_banner(_("Mail goes to the address again."))
    return redirect(path(f"/settings/{place}/mail"), 303)


@blueprint.post("/settings/<place>/mail/set-aside/<int:mail_id>/send")
@requires(Permission.MANAGE_MUNICIPALITY)
def replay(place: str, mail_id: int) -> Response:
    """Send a mail that was set aside once more."""
    municipality = queries.get_administrated(db.session, current_viewer(), place)
    reach, mail = _reach(municipality), find_outgoing(db.session, [min(mail_id, MAX_ID)]).get(mail_id)
    if mail is None or (reach.recipients is not None and mail.recipient not in reach.recipients):
        raise NotFound
    if send_again(db.session, [mail.id]):
        flash_banner(_("The mail is sent again."))
    else:
        flash_banner(_("The mail waits already, is too old, or its address gets no mail."), "info")
    return redirect(path(f"/settings/{place}/mail"), 303)


def _reach(municipality: Municipality) -> _Reach:
    own = {unit.mailbox for unit in queries.list_all_units(db.session, municipality.id)}
    own |= {grant.person.email for grant in queries.list_grants(db.session, municipality.id)}
    return _Reach(frozenset(own), is_alone=current_municipality() is not None)


def _stops(reach: _Reach) -> Iterator[Stop]:
    for row in list_stops(db.session):
        if row.email in reach.own or reach.is_alone:
            words = row.words if row.email in reach.own else ""
            yield Stop(row.id, row.email, reach.address(row.email), row.stopped_at, words)


def _unsent(reach: _Reach) -> Iterator[Unsent]:
    for row, can_be_sent in list_set_aside(db.session, now(), _MOST_SET_ASIDE, reach.recipients):
        words = row.last_error or ""
        if row.recipient not in reach.own:
            # Servers like to say the address again, and what the house says may name somebody too.
            bare = _BARE_REASON.match(words)
            words = bare[0] if bare else ""
        state = _STATES[row.state if can_be_sent else MailState.EXPIRED]
        yield Unsent(
            row.id,
            row.template,
            reach.address(row.recipient),
            state,
            row.finished_at or row.created_at,
            words,
            can_be_sent,
        )
