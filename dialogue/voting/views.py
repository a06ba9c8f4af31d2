"""Voting from the page, the list and the look-alikes; reading why others voted."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request
from flask import session as cookie
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import current_person, current_viewer, requires, signed_in_person
from dialogue.accounts.models import Person
from dialogue.accounts.operations.proofs import ask_for_proof
from dialogue.accounts.policy import Permission
from dialogue.accounts.rules import ProofPurpose
from dialogue.core.clock import now
from dialogue.core.db import read_id
from dialogue.core.errors import InvalidValue
from dialogue.requests.models import DataRequest
from dialogue.requests.queries.one import get_request
from dialogue.voting.forms import ReasonForm, VoteForm
from dialogue.voting.operations import cast_vote, check_reason, refuse_closed, withdraw_vote
from dialogue.voting.queries import find_own_vote, list_reasons, summarise_votes
from dialogue.voting.rules import REASON_LABELS, is_double_press, takes_votes
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, flash_lookalikes, invalid
from dialogue.web.language import path, request_locale
from dialogue.web.pagination import PAGE_SIZE, decode_cursor, encode_cursor
from dialogue.web.redirects import own_page

blueprint = Blueprint("voting", __name__)

_TEMPLATE = "voting/cast_vote.html"


@blueprint.get("/requests/<int:number>/vote")
@requires(Permission.CAST_VOTE)
def show_vote(number: int) -> str | Response:
    """The short form: why, and for somebody unknown who and where. Who has voted can change the reason or take back."""
    data_request = get_request(db.session, current_viewer(), number, Permission.CAST_VOTE)
    if not takes_votes(data_request):
        return redirect(_page_of(data_request), 303)
    person = current_person()
    vote = find_own_vote(db.session, person.id, number) if person else None
    typed = {"reason_kind": vote.reason_kind, "reason": vote.reason} if vote else {}
    form = ReasonForm(formdata=None, **typed) if person else VoteForm(formdata=None)
    return render_template(_TEMPLATE, form=form, data_request=data_request, has_voted=vote is not None)


@blueprint.post("/requests/<int:number>/vote")
@requires(Permission.CAST_VOTE)
def cast(number: int) -> Response | tuple[str, int]:
    """Count the vote of somebody known; ask anybody else for proof of their address."""
    data_request = get_request(db.session, current_viewer(), number, Permission.CAST_VOTE, lock=True)
    person = current_person()
    form = VoteForm() if person is None else ReasonForm()
    try:
        if form.validate():
            return _vote(form, person, data_request)
    except InvalidValue as error:
        form.add_error(error)
    return invalid(_TEMPLATE, form=form, data_request=data_request, has_voted=False)


@blueprint.post("/requests/<int:number>/unvote")
@requires(Permission.WITHDRAW_VOTE)
def withdraw(number: int) -> Response:
    """Take the vote back. From a list, not with the second press of a double one: that would undo the first."""
    data_request = get_request(db.session, current_viewer(), number, Permission.WITHDRAW_VOTE, lock=True)
    person = signed_in_person()
    vote = find_own_vote(db.session, person.id, number)
    if vote is not None and "list" in request.form and is_double_press(vote.cast_at, now()):
        flash_banner(_("Your vote for “%(title)s” is counted. Press again to take it back.", title=data_request.title))
    elif withdraw_vote(db.session, person, data_request):
        flash_banner(_("Your vote for “%(title)s” is taken back.", title=data_request.title))
    else:
        flash_banner(_("You have no vote for “%(title)s”.", title=data_request.title), "info")
    return redirect(_onwards(data_request), 303)


@blueprint.get("/requests/<int:number>/reasons")
@requires(Permission.SEE_REQUEST)
def show_reasons(number: int) -> str:
    """What people wrote about why they need the data, newest first."""
    data_request = get_request(db.session, current_viewer(), number, Permission.SEE_REQUEST)
    cursor = decode_cursor(request.args.get("after"), 1)
    before = read_id(str(cursor[0])) if cursor else None
    rows = list_reasons(db.session, number, before=before, limit=PAGE_SIZE + 1)
    has_more = len(rows) > PAGE_SIZE
    return render_template(
        "voting/show_reasons.html",
        data_request=data_request,
        summary=summarise_votes(db.session, number),
        labels=REASON_LABELS,
        reasons=rows[:PAGE_SIZE],
        after=encode_cursor(rows[PAGE_SIZE - 1].vote_id) if has_more else None,
        is_first=before is None,
    )


def _vote(form: ReasonForm, person: Person | None, data_request: DataRequest) -> Response:
    if person is None:
        return _ask(form, data_request)
    if cast_vote(db.session, person, data_request, form.kind, form.reason.data or ""):
        flash_banner(_("Your vote for “%(title)s” is counted.", title=data_request.title))
    elif form.kind or form.reason.data:
        flash_banner(_("Your reason is saved."))
    else:
        flash_banner(
            _("You have already voted for “%(title)s”. You can take the vote back.", title=data_request.title), "info"
        )
    flash_lookalikes(form.reason.data or "")
    return redirect(_onwards(data_request), 303)


def _ask(form: ReasonForm, data_request: DataRequest) -> Response:
    refuse_closed(data_request)
    made = ask_for_proof(
        db.session,
        ProofPurpose.CAST_VOTE,
        form.data["email"],
        {
            "request_id": data_request.id,
            "reason_kind": form.kind,
            "reason": check_reason(form.reason.data or ""),
            "organisation": form.data["organisation"] or "",
        },
        locale=request_locale(),
        ip=request.remote_addr or "",
        template="confirm_vote",
    )
    cookie["proof_id"] = made.proof.id
    return redirect(path("/check-email"), 303)


def _page_of(data_request: DataRequest) -> str:
    return path(f"/requests/{data_request.id}-{data_request.slug}")


def _onwards(data_request: DataRequest) -> str:
    """Back to the list that the button stands in; from the request's own pages to the request."""
    came_from = urlsplit(request.referrer or "")
    own = f"/requests/{data_request.id}"
    if not came_from.path.removeprefix(request.script_root).startswith((f"{own}-", f"{own}/")):
        before = own_page(f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path)
        if before:
            return before
    return _page_of(data_request)
