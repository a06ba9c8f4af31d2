"""Development only: every mail that was sent, as people get it."""

from dataclasses import dataclass
from email import message_from_string, policy
from email.message import EmailMessage

from flask import Blueprint, Response, make_response, render_template, request

from dialogue.accounts.access import requires
from dialogue.accounts.policy import Permission
from dialogue.mail import queries
from dialogue.mail.models import OutgoingEmail
from dialogue.web.extensions import db
from dialogue.web.security import SHOWN_IN_A_FRAME, SHOWS_A_FRAME

development = Blueprint("mail_development", __name__, url_prefix="/dev/mail")


@dataclass(frozen=True)
class Shown:
    """A sent mail, taken apart again."""

    row: OutgoingEmail
    message: EmailMessage

    @property
    def text(self) -> str:
        """The part for programs without HTML."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The part for programs with HTML."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


@development.get("")
@requires(Permission.SEE_DEVELOPMENT_PAGES)
def list_mail() -> str:
    """The newest mails, for one recipient if the address names one (`to`)."""
    recipient = request.args.get("to", "")
    mails = [_shown(row) for row in queries.list_sent_copies(db.session, recipient)]
    return render_template("dev/mails.html", mails=mails, recipient=recipient)


@development.get("/<int:mail_id>")
@requires(Permission.SEE_DEVELOPMENT_PAGES)
def show_mail(mail_id: int) -> Response:
    """One mail: headers, HTML in a frame, and text."""
    shown = _shown(queries.get_sent_copy(db.session, mail_id))
    answer = make_response(render_template("dev/mail.html", mail=shown))
    answer.headers["Content-Security-Policy"] = SHOWS_A_FRAME
    return answer


@development.get("/<int:mail_id>/html")
@requires(Permission.SEE_DEVELOPMENT_PAGES)
def show_html(mail_id: int) -> Response:
    """The HTML part alone. Its links open in the whole window."""
    html = _shown(queries.get_sent_copy(db.session, mail_id)).html
    answer = make_response(html.replace("<head>", '<head><base target="_top">', 1))
    answer.headers["Content-Security-Policy"] = SHOWN_IN_A_FRAME
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@development.get("/<int:mail_id>/source")
@requires(Permission.SEE_DEVELOPMENT_PAGES)
def show_source(mail_id: int) -> Response:
    """The message byte by byte."""
    row = queries.get_sent_copy(db.session, mail_id)
    return Response(row.sent_copy, mimetype="text/plain")


def _shown(row: OutgoingEmail) -> Shown:
    message = message_from_string(row.sent_copy or "", policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 (the policy says so)
    return Shown(row, message)
