"""A mail as it came in, taken apart as far as anybody needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

#: Bytes of a mail that are looked at. More are counted as read, and `is_truncated` says so.
MAX_BYTES = 26 * 1024 * 1024
#: Bytes of a mail's or a part's header fields that are looked at, and how many fields.
MAX_HEADER_BYTES = 64 * 1024
MAX_HEADERS = 500
#: Characters of one header field's value.
MAX_VALUE = 8_000
MAX_SUBJECT = 1_000
#: Parts looked at, and how many multiparts deep; what lies further in is an attachment without a name.
MAX_PARTS = 400
MAX_DEPTH = 8
#: Bytes searched for the boundaries of parts inside parts, before the rest is taken for a file.
MAX_SEARCHED = 4 * MAX_BYTES
#: Characters of text kept: of all plain parts, of all HTML parts, and of each report of a mail server.
MAX_TEXT = 100_000
MAX_HTML = 500_000
MAX_REPORT = 32_000
#: Names kept of files, and addresses kept of one header field.
MAX_NAMES = 100


@dataclass(frozen=True)
class Body:
    """One piece of what was written. A mail has one as a rule, and more when files stand between pieces of text."""

    #: As plain text; flowed lines are joined already (RFC 3676). None when there is HTML only.
    text: str | None
    html: str | None = None


@dataclass(frozen=True)
class Report:
    """A part that one program wrote for another: a delivery status, a complaint, the mail that came back."""

    kind: str
    text: str


@dataclass(frozen=True)
class IncomingMail:
    """What `read` found. Nothing in it is trusted: every header may be forged but those the own server wrote."""

    #: Without angle brackets; empty when there is none.
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    #: The address in From, in the form of core/emailaddress. Empty when there is none, or more than one.
    sender: str = ""
    sender_name: str = ""
    #: Where errors go: the envelope's sender. Empty for `<>`, None when nobody wrote it down.
    return_path: str | None = None
    #: To and Cc, and whom the servers on the way say that they delivered to, in lower case.
    recipients: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    #: In UTC. None when missing, or no date.
    date: datetime | None = None
    bodies: tuple[Body, ...] = ()
    #: Names of the files that came along; "" for one without a name.
    attachments: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()
    content_type: str = "text/plain"
    #: Every header field: name in lower case, values decoded and unfolded, in their order.
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Something was left out because of the limits above.
    is_truncated: bool = False

    @property
    def text(self) -> str:
        """The plain parts, one after the other."""
        return "\n\n".join(body.text for body in self.bodies if body.text is not None)

    @property
    def html(self) -> str:
        """The HTML parts, one after the other."""
        return "\n".join(body.html for body in self.bodies if body.html is not None)

    @property
    def is_empty(self) -> bool:
        """Whether there is no text of any kind; there may still be files."""
        return not any((body.text or "").strip() or (body.html or "").strip() for body in self.bodies)

    def header(self, name: str) -> str:
        """The first field of that name (any case), or an empty text."""
        values = self.headers.get(name.lower(), ())
        return values[0] if values else ""
