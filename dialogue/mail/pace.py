"""The pace at which mail leaves: so many a second in all, and so many to one domain, whoever sends them.

What the rates remember is a row each, read and written in the transaction that claims mails. So all workers of an
installation keep one pace together, and what waits for its turn is not claimed at all.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from dialogue.core.db import upserting
from dialogue.mail.models import MailPace
from dialogue.mail.rules import Rate

#: The row for all mail together.
_ALL = ""


@dataclass(frozen=True)
class Rates:
    """What the settings say. None: as fast as the mail server takes them."""

    all: Rate | None = None
    domain: Rate | None = None

    def of(self, domain: str) -> Rate | None:
        """The rate that mail to `domain` has to keep; for "", mail in all."""
        return self.domain if domain else self.all


NO_RATES = Rates()


class Pace:
    """The turns that one claim may give away."""

    def __init__(self, session: Session, rates: Rates, at: datetime) -> None:
        self._session, self._rates, self._at = session, rates, at
        self._free_at: dict[str, datetime] = {}
        self._taken: set[str] = set()
        if rates == NO_RATES:
            return
        begin = upserting(session)(MailPace).values(domain=_ALL, free_at=at)
        session.execute(begin.on_conflict_do_nothing(index_elements=["domain"]))
        # Whoever holds this row gives turns away; another worker waits for the few moments that a claim takes.
        session.execute(select(MailPace.domain).where(MailPace.domain == _ALL).with_for_update())
        session.execute(delete(MailPace).where(MailPace.domain != _ALL, MailPace.free_at <= at))
        self._free_at = {row.domain: row.free_at for row in session.execute(select(MailPace.domain, MailPace.free_at))}

    @property
    def is_open(self) -> bool:
        """Whether a mail may leave now, by the rate in all."""
        return self._is_open(_ALL)

    @property
    def domains_held_up(self) -> list[str]:
        """Domains whose turn is later."""
        return [domain for domain in self._free_at if domain and not self._is_open(domain)]

    @property
    def opens_at(self) -> datetime | None:
        """From when a mail that is held up now may leave; None when none can be."""
        if not self.is_open:
            return self._opens_at(_ALL)
        return min((opens for opens in map(self._opens_at, self.domains_held_up) if opens is not None), default=None)

    def take(self, recipient: str, *, waits: bool) -> bool:
        """Give a turn to a mail to `recipient`. One that `waits` gets none when it is too early."""
        keys = (_ALL, recipient.rpartition("@")[2])
        if waits and not all(self._is_open(key) for key in keys):
            return False
        for key in keys:
            rate = self._rates.of(key)
            if rate is not None:
                self._free_at[key] = rate.after(self._free_at.get(key, self._at), self._at)
                self._taken.add(key)
        return True

    def note(self) -> None:
        """Write down the turns that were given away."""
        if not self._taken:
            return
        rows = [{"domain": key, "free_at": self._free_at[key]} for key in sorted(self._taken)]
        write = upserting(self._session)(MailPace).values(rows)
        self._session.execute(
            write.on_conflict_do_update(index_elements=["domain"], set_={"free_at": write.excluded.free_at})
        )

    def _is_open(self, key: str) -> bool:
        opens_at = self._opens_at(key)
        return opens_at is None or opens_at <= self._at

    def _opens_at(self, key: str) -> datetime | None:
        rate = self._rates.of(key)
        return rate.opens_at(self._free_at[key], self._at) if rate is not None and key in self._free_at else None
