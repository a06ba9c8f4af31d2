"""SPF (RFC 7208): which servers may send for the domain of the return path."""

import re
from dataclasses import dataclass, field, replace
from ipaddress import AddressValueError, IPv4Network, IPv6Network, NetmaskValueError, ip_network

from dialogue.core.language import N_, Sentence
from dialogue.mail.domain.findings import Address, Lookups

#: Terms that ask DNS, at most, in a record and all that it includes (4.6.4), and how many may come back empty.
MOST_LOOKUPS = 10
MOST_VOIDS = 2

#: Here the walk ends, however the records lead on.
_ENOUGH = 40

_ASKS = frozenset({"include", "a", "mx", "ptr", "exists"})
_TERM = re.compile(r"([+?~-]?)([a-z0-9]+)(?::([^\s/]+))?(?:/(\d{1,3}))?(?://(\d{1,3}))?", re.I)
_MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(\S*)", re.I)


class BadRecord(Exception):
    """A record that receivers cannot read. The argument is the part that is wrong."""


class Broken(Exception):
    """A record that receivers give up on, with the reason (permerror)."""

    def __init__(self, reason: Sentence) -> None:
        super().__init__(reason.text)
        self.reason = reason


@dataclass(frozen=True)
class Term:
    """A mechanism, with what is left to say about it: `-all`, `ip4:192.0.2.0/24`."""

    qualifier: str
    name: str
    value: str = ""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()


@dataclass(frozen=True)
class Record:
    """A record, read."""

    terms: tuple[Term, ...]
    redirect: str = ""

    @property
    def ending(self) -> str:
        """What is said of everybody else: the sign of `all`, `redirect`, or nothing."""
        signs = [term.qualifier for term in self.terms if term.name == "all"]
        return signs[0] if signs else "redirect" if self.redirect else ""


def is_spf(text: str) -> bool:
    """Whether a TXT record is meant as SPF (4.5)."""
    return re.match(r"v=spf1( |$)", text, re.I) is not None


def parse(text: str) -> Record:
    """Read a record (4.6.1, 12). Raises BadRecord."""
    terms, redirect = [], ""
    for word in text.split(" ")[1:]:
        modifier = _MODIFIER.fullmatch(word)
        if modifier is not None:
            if modifier[1].lower() == "redirect":
                if redirect or not modifier[2]:
                    raise BadRecord(word)
                redirect = modifier[2]
        elif word:
            terms.append(_term(word))
    return Record(tuple(terms), redirect)


def _term(word: str) -> Term:
    found = _TERM.fullmatch(word)
    if found is None:
        raise BadRecord(word)
    name, value, short, long = found[2].lower(), found[3] or "", found[4], found[5]
    term = Term(found[1] or "+", name, value)
    match name:
        case "ip4" | "ip6" if value and long is None:
            kind = IPv4Network if name == "ip4" else IPv6Network
            try:
                return replace(term, networks=(kind(f"{value}/{short}" if short else value, strict=False),))
            except (AddressValueError, NetmaskValueError, ValueError) as error:
                raise BadRecord(word) from error
        case "all" if not value and short is None and long is None:
            return term
        case "include" | "exists" if value and short is None and long is None:
            return term
        case "ptr" if short is None and long is None:
            return term
        case "a" | "mx" if int(short or 0) <= 32 and int(long or 0) <= 128:
            sizes = IPv4Network(f"0.0.0.0/{short or 32}"), IPv6Network(f"::/{long or 128}")
            return replace(term, networks=sizes)
    raise BadRecord(word)


@dataclass
class Walk:
    """Follows a record as receivers do when the last term decides: what it costs, and what it says of an address."""

    ask: Lookups
    address: Address | None = None
    lookups: int = 0
    voids: int = 0
    uses_ptr: bool = False
    _inside: list[str] = field(default_factory=list)

    def result(self, domain: str) -> str:
        """The sign for the address: + - ~ ? or nothing. Raises Broken."""
        texts = [text for text in self.ask.texts(domain) if is_spf(text)]
        if len(texts) != 1 or domain.lower() in self._inside:
            raise Broken(_why_not(domain, len(texts)))
        self._inside.append(domain.lower())
        try:
            record = parse(texts[0])
        except BadRecord as error:
            raise Broken(Sentence(N_("“%(part)s” cannot be read"), {"part": f"{domain}: {error}"})) from error
        sign = ""
        for term in record.terms:
            # All of them, also after the one that decides: for another address that will be another.
            hit = self._matches(term, domain)
            sign = sign or (term.qualifier if hit else "")
        if record.redirect and not any(term.name == "all" for term in record.terms):
            self._count()
            followed = self.result(record.redirect)
            sign = sign or followed
        self._inside.pop()
        return sign

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > _ENOUGH:
            raise Broken(too_many(self.lookups))

    def _matches(self, term: Term, domain: str) -> bool:
        if term.name in _ASKS:
            self._count()
        if "%" in term.value:
            return False  # a macro: it asks for something else for each mail
        match term.name:
            case "all":
                return True
            case "include":
                return self.result(term.value) == "+"
            case "ip4" | "ip6":
                return self.address is not None and self.address in term.networks[0]
            case "a" | "exists":
                return self._is_near(term, [term.value or domain])
            case "mx":
                return self._is_near(term, [host for _, host in self.ask.mail_hosts(term.value or domain)])
        self.uses_ptr = True
        return False

    def _is_near(self, term: Term, hosts: list[str]) -> bool:
        found = [address for host in hosts for address in self.ask.addresses(host)]
        self.voids += not found
        if term.name == "exists":
            return bool(found)
        sizes = {network.version: network.prefixlen for network in term.networks}
        near = [ip_network(f"{address}/{sizes[address.version]}", strict=False) for address in found]
        return self.address is not None and any(self.address in network for network in near)


def _why_not(domain: str, records: int) -> Sentence:
    if records == 0:
        return Sentence(N_("%(domain)s is included and has no SPF record"), {"domain": domain})
    if records > 1:
        return Sentence(N_("%(domain)s is included and has several SPF records"), {"domain": domain})
    return Sentence(N_("%(domain)s includes itself"), {"domain": domain})


def too_many(lookups: int) -> Sentence:
    values = {"number": lookups, "most": MOST_LOOKUPS}
    return Sentence(N_("it takes %(number)s lookups, and receivers stop after %(most)s"), values)
