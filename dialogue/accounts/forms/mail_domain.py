"""The form on the page about the sender's domain."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.validators import Optional, StopValidation

from dialogue.mail.domain.checking import is_selector
from dialogue.web.forms import Form, Line


def _selector(form: object, field: Field) -> None:
    if not is_selector(field.data):
        raise StopValidation(gettext("A selector has letters, digits, full stops and hyphens, like mail2026"))


class SelectorForm(Form):
    """Which DKIM key to look at. Sent in the address: it changes nothing."""

    selector = Line(
        _l("Name of the DKIM key (selector)"),
        [Optional(), _selector],
        max_length=62,
        description=_l("It stands in the settings of your mail server."),
    )
