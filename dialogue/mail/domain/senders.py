"""What SPF says of mail from us, and what to put right."""

from collections.abc import Iterator
from ipaddress import ip_address

from dialogue.core.language import N_, Sentence
from dialogue.mail.domain import spf
from dialogue.mail.domain.findings import Address, Domains, Finding, Level, Lookups, txt_line


def examine(domains: Domains, ask: Lookups) -> Iterator[Finding]:
    """Look at the domain of the return path: its servers are the ones that receivers check. Raises NoAnswer."""
    texts = [text for text in ask.texts(domains.return_path) if spf.is_spf(text)]
    if not texts:
        text = N_(
            "Nobody can tell which servers may send for %(domain)s, so mail is refused or hidden. If the supplier of"
            " your mail server names an include, write that in place of %(term)s."
        )
        term = _usual_term(domains)
        yield _finding(domains, texts, Level.BAD, text, f"v=spf1 {term} -all", term=term)
    elif len(texts) > 1:
        text = N_("There are %(number)s SPF records. Only one may be there, so all of them count for nothing.")
        yield _finding(domains, texts, Level.BAD, text, _together(texts), number=len(texts))
    else:
        yield from _examine_one(domains, texts[0], ask)


def _examine_one(domains: Domains, text: str, ask: Lookups) -> Iterator[Finding]:
    try:
        record = spf.parse(text)
        walk = spf.Walk(ask)
        walk.result(domains.return_path)
    except spf.BadRecord as error:
        part, said = str(error), N_("“%(part)s” cannot be read, so the whole record counts for nothing.")
        rest = " ".join(word for word in text.split() if word != part)
        yield _finding(domains, [text], Level.BAD, said, rest, part=part)
        return
    except spf.Broken as error:
        yield _broken(domains, text, error.reason)
        return
    if walk.lookups > spf.MOST_LOOKUPS:
        yield _broken(domains, text, spf.too_many(walk.lookups))
        return
    troubles = [*_weaknesses(domains, text, record, walk), *_forgotten(domains, text, ask)]
    yield from troubles
    if not troubles:
        said = N_("It says which servers may send for %(domain)s, in %(number)s of %(most)s lookups.")
        yield _finding(domains, [text], Level.GOOD, said, number=walk.lookups, most=spf.MOST_LOOKUPS)


def _weaknesses(domains: Domains, text: str, record: spf.Record, walk: spf.Walk) -> Iterator[Finding]:
    ending = record.ending
    if ending == "+":
        said = N_("It lets every server in the world send for %(domain)s.")
        yield _finding(domains, [text], Level.BAD, said, _ended(text, "~all"))
    elif ending in ("", "?"):
        said = N_("It does not say what becomes of mail from other servers, so anybody can write as %(domain)s.")
        yield _finding(domains, [text], Level.ADVICE, said, _ended(text, "~all"))
    if walk.uses_ptr:
        said = N_("It uses ptr, which is slow and which many receivers leave out. Name the addresses instead.")
        yield _finding(domains, [text], Level.ADVICE, said)
    if walk.voids > spf.MOST_VOIDS:
        said = N_("%(number)s of the names in it lead nowhere. After %(most)s, receivers may stop reading.")
        yield _finding(domains, [text], Level.ADVICE, said, number=walk.voids, most=spf.MOST_VOIDS)


def _forgotten(domains: Domains, text: str, ask: Lookups) -> Iterator[Finding]:
    """Addresses of the mail server that may not send, where it has addresses on the internet at all."""
    for address in _addresses_of(domains.server, ask):
        if spf.Walk(ask, address).result(domains.return_path) != "+":
            said = N_(
                "It does not name %(server)s (%(address)s). If that server sends to the world itself, its mail is"
                " refused or hidden."
            )
            term = f"ip{address.version}:{address}"
            line = text.replace("v=spf1", f"v=spf1 {term}", 1)
            yield _finding(domains, [text], Level.ADVICE, said, line, server=domains.server, address=str(address))


def _addresses_of(server: str, ask: Lookups) -> list[Address]:
    try:
        found = [ip_address(server)]
    except ValueError:
        found = ask.addresses(server) if "." in server else []
    return [address for address in found if address.is_global]


def _usual_term(domains: Domains) -> str:
    server = domains.server
    return f"a:{server}" if "." in server and not server.replace(".", "").isdigit() else "mx"


def _ended(text: str, ending: str) -> str:
    """The record with another ending."""
    return " ".join([word for word in text.split() if word.lower().lstrip("+?~-") != "all"] + [ending])


def _together(texts: list[str]) -> str:
    """One record of several: every term once, the endings left out."""
    words = dict.fromkeys(word for text in texts for word in text.split()[1:])
    return _ended(" ".join(["v=spf1", *words]), "~all")


def _broken(domains: Domains, text: str, reason: Sentence) -> Finding:
    said = N_("The record counts for nothing: %(reason)s.")
    return _finding(domains, [text], Level.BAD, said, reason=reason)


def _finding(domains: Domains, texts: list[str], level: Level, said: str, line: str = "", **values: object) -> Finding:
    name = domains.return_path
    meaning = Sentence(said, {"domain": name} | values)
    return Finding("SPF", level, name, meaning, "\n".join(texts), txt_line(name, line) if line else "")
