"""The form of an internal note. Never part of a form that the public reads."""

from typing import Any

from flask_babel import lazy_gettext as _l

from dialogue.conversation.rules import MAX_BODY
from dialogue.web.forms import Form, Required, Text


class NoteForm(Form):
    """A note for colleagues."""

    body = Text(_l("Internal note"), [Required(_l("Write something first"))], max_length=MAX_BODY)

    def __init__(self, **more: Any) -> None:
        super().__init__(id_prefix="note", **more)
