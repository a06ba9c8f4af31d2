"""Forms of the conversation."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.validators import Optional

from dialogue.conversation.operations.moderation import MAX_HIDING_REASON
from dialogue.conversation.operations.quarantine import MAX_NOTE
from dialogue.conversation.rules import MAX_BODY, MAX_REPORT, REPORT_LABELS
from dialogue.web.forms import Form, Line, Required, Text, offered, valid_email


class PostForm(Form):
    """A post of somebody who is signed in, or a change to one."""

    body = Text(_l("Your post"), [Required(_l("Write something first"))], max_length=MAX_BODY)


class FirstPostForm(PostForm):
    """A post of somebody who is not signed in: whom they speak for, and an address to prove."""

    organisation = Line(_l("Business"), [Optional()], max_length=120)
    email = Line(
        _l("Email address"),
        [Required(_l("Enter an email address, like name@company.se")), valid_email],
        max_length=254,
    )


class DiscardForm(Form):
    """Why a mail is thrown away."""

    note = Line(_l("Why?"), [Required(_l("Say why it is thrown away."))], max_length=MAX_NOTE)


class HidingForm(Form):
    """Why a post is hidden."""

    reason = Line(
        _l("Why is it hidden?"),
        [Required(_l("Say why the post is hidden. Everybody can read the reason."))],
        max_length=MAX_HIDING_REASON,
    )


class ReportForm(Form):
    """What is wrong, and where."""

    about = SelectField(_l("What is it about?"), default="")
    report_kind = RadioField(_l("What is wrong?"), [offered(_l("Choose what is wrong"))], validate_choice=False)
    words = Text(_l("In your own words"), [Optional()], max_length=MAX_REPORT)

    def offer(self, posts: list[tuple[str, str]]) -> "ReportForm":
        """Let the request or one of `posts` (id and name) be chosen."""
        self.about.choices = [("", gettext("The request itself")), *posts]
        self.report_kind.choices = [(kind.value, gettext(label)) for kind, label in REPORT_LABELS.items()]
        return self
