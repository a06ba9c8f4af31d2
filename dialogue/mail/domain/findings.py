"""What a look at DNS brings: one finding for each thing that is right, could be better, or keeps mail from arriving."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Protocol

from dialogue.core.language import N_, Sentence

Address = IPv4Address | IPv6Address


class Level(StrEnum):
    """How much a finding matters."""

    GOOD = "good"
    #: Mail arrives, but this could be better.
    ADVICE = "advice"
    #: Mail is refused, hidden or lost.
    BAD = "bad"
    UNKNOWN = "unknown"


#: A word for each level, as screens say it.
LEVELS = {
    Level.GOOD: N_("Good"),
    Level.ADVICE: N_("Could be better"),
    Level.BAD: N_("Wrong"),
    Level.UNKNOWN: N_("Not known"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    #: SPF, DKIM, DMARC or MX.
    subject: str
    level: Level
    #: The name that was asked for.
    name: str
    #: What it means for delivery.
    meaning: Sentence
    #: The record as it stands, or as many as there are; empty when there is none.
    found: str = ""
    #: What to put in DNS instead, as a line of a zone file; empty when nothing needs to be changed, or only
    #: somebody else knows.
    line: str = ""


@dataclass(frozen=True)
class Domains:
    """What is to be looked at."""

    #: Of the From address.
    sender: str
    #: Of the return path: where bounces, and answers if they are taken, come to.
    return_path: str
    takes_answers: bool
    #: The name or address of the server that mail is handed to.
    server: str
    #: The names of the DKIM keys.
    selectors: tuple[str, ...]
    #: The host of the site itself.
    site: str


class NoAnswer(Exception):
    """DNS did not answer in time, or answered that it cannot."""


class Lookups(Protocol):
    """Asks DNS. What does not exist is empty; raises NoAnswer."""

    def knows(self, name: str) -> bool:
        """Whether there is such a name at all."""

    def texts(self, name: str) -> list[str]:
        """TXT records, the pieces of each put together."""

    def mail_hosts(self, name: str) -> list[tuple[int, str]]:
        """MX records: preference and host without the final dot, the first choice first."""

    def addresses(self, name: str) -> list[Address]:
        """A and AAAA records."""


def txt_line(name: str, text: str) -> str:
    """A TXT record as a line of a zone file. Longer texts are cut: a piece has at most 255 letters (RFC 1035, 3.3)."""
    pieces = [text[start : start + 255] for start in range(0, len(text), 255)]
    return f"{name}. IN TXT " + " ".join(f'"{piece}"' for piece in pieces)
