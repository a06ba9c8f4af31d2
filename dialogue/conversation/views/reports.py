"""Reporting what is wrong with a request or a post; and for coordinators, being done with a report."""

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import current_viewer, requires
from dialogue.accounts.policy import Permission
from dialogue.conversation.forms import ReportForm
from dialogue.conversation.models import Message
from dialogue.conversation.operations.reports import report, settle_report
from dialogue.conversation.queries.reports import get_report
from dialogue.conversation.queries.thread import list_thread
from dialogue.conversation.rules import ReportKind
from dialogue.requests.models import DataRequest
from dialogue.requests.queries.one import get_request
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, invalid
from dialogue.web.language import full_day, path

blueprint = Blueprint("reports", __name__)

_TEMPLATE = "conversation/report.html"


@blueprint.get("/requests/<int:number>/report")
@requires(Permission.REPORT)
def show_report(number: int) -> str:
    """The short form: what it is about, and what is wrong with it."""
    data_request = get_request(db.session, current_viewer(), number, Permission.REPORT)
    form = _offer(ReportForm(formdata=None, about=request.args.get("message", "")), data_request)
    return render_template(_TEMPLATE, form=form, data_request=data_request)


@blueprint.post("/requests/<int:number>/report")
@requires(Permission.REPORT)
def send_report(number: int) -> Response | tuple[str, int]:
    """Tell the coordinator. Whoever reports need not say who they are."""
    data_request = get_request(db.session, current_viewer(), number, Permission.REPORT)
    form = _offer(ReportForm(), data_request)
    if not form.validate():
        return invalid(_TEMPLATE, form=form, data_request=data_request)
    message = db.session.get(Message, int(form.about.data)) if form.about.data else None
    kind, words = ReportKind(form.report_kind.data), form.words.data or ""
    report(db.session, current_viewer(), data_request, message, kind, words, ip=request.remote_addr or "")
    flash_banner(_("Done. The coordinator looks at what you reported."))
    return redirect(path(f"/requests/{data_request.id}-{data_request.slug}"), 303)


@blueprint.post("/reports/<int:report_id>/settle")
@requires(Permission.HIDE_MESSAGE)
def settle(report_id: int) -> Response:
    """Take it off the list."""
    found = get_report(db.session, report_id)
    data_request = get_request(db.session, current_viewer(), found.request_id, Permission.HIDE_MESSAGE)
    settle_report(db.session, current_viewer(), data_request, found)
    flash_banner(_("Done. The report is off the list."))
    return redirect(path("/inbox"), 303)


def _offer(form: ReportForm, data_request: DataRequest) -> ReportForm:
    """Let the request or one of its posts be chosen, those that can be read."""
    posts = [post for post in list_thread(db.session, data_request.id, whole=True).posts if post.hidden_at is None]
    authors = {post.id: post.unit or post.organisation or _("Private person") for post in posts}
    return form.offer([(str(post.id), f"{authors[post.id]}, {full_day(post.posted_at)}") for post in posts])
