"""Mail that was set aside: read safely, published as its writer or by its writer, or thrown away with a reason."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import current_viewer, requires
from dialogue.accounts.policy import Permission
from dialogue.conversation.forms import DiscardForm
from dialogue.conversation.models import HeldEmail
from dialogue.conversation.operations.quarantine import (
    discard_held,
    may_preview,
    may_publish,
    preview_held,
    publish_held,
)
from dialogue.conversation.queries.replies import PAGE_OF_HELD, get_held, list_held
from dialogue.conversation.rules import HELD_FOR
from dialogue.conversation.wording import HELD
from dialogue.core.errors import InvalidValue
from dialogue.web.addresses import asked_id
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, invalid
from dialogue.web.language import path

blueprint = Blueprint("quarantine", __name__)


@blueprint.get("/quarantine")
@requires(Permission.SEE_QUARANTINE)
def show_quarantine() -> str:
    """The mails that wait for somebody to look at them."""
    mails = list_held(db.session, current_viewer(), before=asked_id("before"))
    more = mails[PAGE_OF_HELD - 1].id if len(mails) > PAGE_OF_HELD else None
    return render_template(
        "conversation/show_quarantine.html", mails=mails[:PAGE_OF_HELD], more=more, words=HELD, days=HELD_FOR.days
    )


@blueprint.get("/quarantine/<int:held_id>")
@requires(Permission.SEE_QUARANTINE)
def show_held(held_id: int) -> str:
    """One mail as plain text, and what can be done with it."""
    mail = get_held(db.session, current_viewer(), held_id)
    return render_template("conversation/show_held.html", **_shown(mail, DiscardForm(formdata=None)))


@blueprint.post("/quarantine/<int:held_id>/publish")
@requires(Permission.SETTLE_HELD_MAIL)
def publish(held_id: int) -> Response | tuple[str, int]:
    """Put it in the conversation as the one whose address it came to."""
    mail = get_held(db.session, current_viewer(), held_id, lock=True)
    try:
        publish_held(db.session, current_viewer(), mail)
    except InvalidValue as error:
        form = DiscardForm(formdata=None)
        form.add_error(error)
        return invalid("conversation/show_held.html", **_shown(mail, form))
    flash_banner(_("The mail is published."))
    return redirect(path("/quarantine"), 303)


@blueprint.post("/quarantine/<int:held_id>/preview")
@requires(Permission.SETTLE_HELD_MAIL)
def preview(held_id: int) -> Response:
    """It was no robot: send it to its writer, who publishes it."""
    mail = get_held(db.session, current_viewer(), held_id, lock=True)
    preview_held(db.session, current_viewer(), mail, current_app.config["LOCALE"])
    flash_banner(_("The writer gets a preview by mail."))
    return redirect(path("/quarantine"), 303)


@blueprint.post("/quarantine/<int:held_id>/discard")
@requires(Permission.SETTLE_HELD_MAIL)
def discard(held_id: int) -> Response | tuple[str, int]:
    """Throw it away. The reason is kept with it."""
    mail, form = get_held(db.session, current_viewer(), held_id, lock=True), DiscardForm()
    if not form.validate():
        return invalid("conversation/show_held.html", **_shown(mail, form))
    discard_held(db.session, current_viewer(), mail, form.note.data or "")
    flash_banner(_("The mail is thrown away."))
    return redirect(path("/quarantine"), 303)


def _shown(mail: HeldEmail, form: DiscardForm) -> dict[str, Any]:
    can = {"may_publish": may_publish(mail), "may_preview": may_preview(mail)}
    return {"mail": mail, "form": form, "words": HELD[mail.held], **can}
