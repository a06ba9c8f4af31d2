"""Internal notes on a request."""

from typing import Any

from flask import Blueprint, redirect, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from dialogue.accounts.access import current_viewer, requires
from dialogue.accounts.policy import Permission, Viewer, allows
from dialogue.conversation.operations.notes import write_note
from dialogue.conversation.queries.notes import list_notes
from dialogue.requests.forms.notes import NoteForm
from dialogue.requests.models import DataRequest
from dialogue.requests.queries.one import get_request
from dialogue.web.extensions import db
from dialogue.web.forms import flash_banner, invalid
from dialogue.web.language import path

blueprint = Blueprint("notes", __name__)


def note_panel(viewer: Viewer, data_request: DataRequest) -> dict[str, Any]:
    """What templates/requests/actions/notes.html needs. Empty for those who may not see notes; else one statement."""
    if not allows(viewer, Permission.SEE_INTERNAL_NOTES, data_request):
        return {}
    return {"notes": list_notes(db.session, viewer, data_request), "note_form": NoteForm(formdata=None)}


@blueprint.get("/requests/<int:number>/notes")
@requires(Permission.SEE_INTERNAL_NOTES)
def show_notes(number: int) -> str:
    """The notes and their form, alone on a page."""
    viewer = current_viewer()
    data_request = get_request(db.session, viewer, number, Permission.SEE_INTERNAL_NOTES)
    return render_template("requests/show_notes.html", data_request=data_request, **note_panel(viewer, data_request))


@blueprint.post("/requests/<int:number>/notes")
@requires(Permission.WRITE_INTERNAL_NOTE)
def add_note(number: int) -> Response | tuple[str, int]:
    """Add a note."""
    viewer = current_viewer()
    data_request = get_request(db.session, viewer, number, Permission.WRITE_INTERNAL_NOTE)
    form = NoteForm()
    if not form.validate():
        notes = list_notes(db.session, viewer, data_request)
        return invalid("requests/show_notes.html", data_request=data_request, notes=notes, note_form=form, form=form)
    write_note(db.session, viewer, data_request, form.body.data or "")
    flash_banner(_("The note is saved. Only officials see it."), "info")
    return redirect(path(f"/requests/{number}-{data_request.slug}") + "#notes", 303)
