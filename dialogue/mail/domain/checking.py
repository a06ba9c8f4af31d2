"""The whole look at DNS, from the settings to the findings."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from dialogue.core.language import N_, Sentence
from dialogue.mail.domain import keys, mailboxes, policies, senders
from dialogue.mail.domain.findings import Domains, Finding, Level, Lookups, NoAnswer

#: A name that the DNS of the world may know: no address, and not only a machine's own name.
_PUBLIC = re.compile(r"(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE)

#: What may stand as a selector (RFC 6376, 3.1).
_SELECTOR = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,60}[A-Za-z0-9])?")

#: What is looked at, under the name that it has in DNS.
_PARTS: tuple[tuple[str, Callable[[Domains, Lookups], Iterator[Finding]]], ...] = (
    ("SPF", senders.examine),
    ("DKIM", keys.examine),
    ("DMARC", policies.examine),
    ("MX", mailboxes.examine),
)


def domains_of(config: Mapping[str, Any], selector: str = "") -> Domains:
    """What the settings in `config` name; with `selector` in place of those that the settings have, if it is given."""
    sender = str(config["MAIL_SENDER"]).rpartition("@")[2].lower()
    return_path = config["MAIL_REPLY_DOMAIN"] or sender
    site = urlsplit(config["BASE_URL"]).hostname or ""
    return Domains(
        sender=sender,
        return_path=return_path,
        takes_answers=bool(config["MAIL_REPLY_DOMAIN"]),
        server=config["MAIL_SERVER"],
        selectors=(selector,) if selector else config["MAIL_DKIM_SELECTORS"],
        site=site if _PUBLIC.fullmatch(site) else f"mail.{return_path}",
    )


def is_selector(text: str) -> bool:
    """Whether `text` can be the name of a key."""
    return _SELECTOR.fullmatch(text) is not None and ".." not in text


def check(domains: Domains, ask: Lookups) -> list[Finding]:
    """Look at everything. What DNS does not answer in time is not known, and the rest is said all the same."""
    found: list[Finding] = []
    for subject, examine in (("DNS", _names), *_PARTS):
        try:
            found += examine(domains, ask)
        except NoAnswer:
            said = N_("DNS does not answer just now. Look again in a while.")
            found.append(Finding(subject, Level.UNKNOWN, domains.sender, Sentence(said)))
        if found and found[0].subject == "DNS":
            break  # whatever else were said would be said of nothing
    return found


def _names(domains: Domains, ask: Lookups) -> Iterator[Finding]:
    """What is wrong with the names themselves, if anything. A domain below one's own need not be there yet."""
    for name in dict.fromkeys((domains.sender, domains.return_path)):
        if not _PUBLIC.fullmatch(name):
            said = N_("%(domain)s is no domain of the internet: nobody outside can check mail from there.")
            yield Finding("DNS", Level.UNKNOWN, name, Sentence(said, {"domain": name}))
            return
        own = ".".join(name.split(".")[-2:])
        if not ask.knows(own):
            said = N_(
                "DNS does not know %(domain)s as seen from this server. Is it spelt right, and does the server ask the"
                " DNS of the world?"
            )
            yield Finding("DNS", Level.UNKNOWN, own, Sentence(said, {"domain": own}))
            return
