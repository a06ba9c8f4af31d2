"""The door to DNS: dnspython, with one short limit of time for a whole look."""

import time
from ipaddress import ip_address
from typing import Any

from dialogue.mail.domain.findings import Address, NoAnswer

#: Seconds that all questions of one look may take together: a page waits for them.
PATIENCE = 3.0


class Resolver:
    """Asks the name servers of this machine. Each question once; for one look, from now."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._ends = time.monotonic() + patience
        self._known: dict[tuple[str, str], list[Any] | None] = {}

    def knows(self, name: str) -> bool:
        """Whether there is such a name."""
        return self._once(name, "NS") is not None

    def texts(self, name: str) -> list[str]:
        """TXT records."""
        return [b"".join(record.strings).decode("utf-8", "replace") for record in self._ask(name, "TXT")]

    def mail_hosts(self, name: str) -> list[tuple[int, str]]:
        """MX records."""
        found = ((record.preference, record.exchange.to_text(omit_final_dot=True)) for record in self._ask(name, "MX"))
        return sorted((preference, host.rstrip(".")) for preference, host in found)

    def addresses(self, name: str) -> list[Address]:
        """A and AAAA records."""
        return [ip_address(record.address) for kind in ("A", "AAAA") for record in self._ask(name, kind)]

    def _ask(self, name: str, kind: str) -> list[Any]:
        return self._once(name, kind) or []

    def _once(self, name: str, kind: str) -> list[Any] | None:
        if (name, kind) not in self._known:
            self._known[name, kind] = self._asked(name, kind)
        return self._known[name, kind]

    def _asked(self, name: str, kind: str) -> list[Any] | None:
        """The records; None when there is no such name. Raises NoAnswer."""
        import dns.exception  # a third of a second: only where somebody looks
        import dns.name
        import dns.resolver

        left = self._ends - time.monotonic()
        if left <= 0:
            raise NoAnswer(name)
        try:
            return list(dns.resolver.resolve(name, kind, lifetime=left, search=False, raise_on_no_answer=False))
        except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong):
            return None
        except (dns.exception.DNSException, OSError) as error:
            raise NoAnswer(name) from error
