"""What can be said about who, or what, wrote a mail."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Who wrote a mail. Only what a PERSON wrote may become a message."""

    PERSON = "person"
    #: A program answers in somebody's name: they are away, a case has a number.
    AUTO_REPLY = "auto-reply"
    #: One of our mails did not arrive, and nobody tries any more.
    BOUNCE = "bounce"
    #: One of our mails has not arrived yet; the server goes on trying.
    DELAY = "delay"
    #: A reader, or their mail provider, calls one of our mails unwanted (RFC 5965).
    COMPLAINT = "complaint"
    #: One of our mails was delivered, or read.
    RECEIPT = "receipt"
    #: It came by a mailing list, or is a newsletter.
    LIST = "list"
    #: Our own mail came back, or a mail goes round.
    LOOP = "loop"
    #: Any other mail that a program wrote.
    NOTICE = "notice"


@dataclass(frozen=True)
class Failure:
    """Which of our mails failed for whom, as the report says. Anybody can write such a report: act on it only when
    the address that it came to, or one of those named here, proves that it is about a mail of ours.
    """

    #: In lower case; empty when the report names nobody.
    recipient: str = ""
    #: Enhanced status (RFC 3463): "5.1.1". Empty when there is none.
    status: str = ""
    #: Trying again is no use. When nothing is said, it may be.
    is_hard: bool = False
    #: What the other server said, in one line.
    diagnostic: str = ""
    #: Of the mail that failed, without angle brackets.
    message_id: str = ""
    #: The address that our mail named for errors (VERP), from the headers that came back.
    return_path: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a mail is, and by which rule."""

    kind: Kind
    #: The rule that matched: "header:auto-submitted". Empty for a person.
    rule: str = ""
    #: For a bounce, a delay and a complaint: one for each recipient that the report names.
    failures: tuple[Failure, ...] = ()

    @property
    def is_person(self) -> bool:
        """Whether a person wrote it, as far as can be told."""
        return self.kind is Kind.PERSON
