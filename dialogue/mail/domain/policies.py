"""DMARC (RFC 7489): what becomes of mail in our name that neither SPF nor DKIM proves, and whether ours is proved."""

from collections.abc import Iterator
from dataclasses import dataclass

from dialogue.core.language import N_, Sentence
from dialogue.mail.domain.findings import Domains, Finding, Level, Lookups, txt_line
from dialogue.mail.domain.tags import BadTags, read_tags

_POLICIES = frozenset({"none", "quarantine", "reject"})


@dataclass(frozen=True)
class Policy:
    """A policy, and where it stands: at the domain, or at one above it."""

    domain: str
    text: str
    tags: dict[str, str]
    #: For the domain that was asked about.
    policy: str
    reports_to: str
    share: int


def examine(domains: Domains, ask: Lookups) -> Iterator[Finding]:
    """Look for the policy of the sender's domain, and judge it. Raises NoAnswer."""
    place, texts = _find(domains.sender, ask)
    name = f"_dmarc.{place}"
    usual = f"v=DMARC1; p=none; rua=mailto:postmaster@{domains.sender}"
    if len(texts) != 1:
        said = (
            N_("There are %(number)s policies. Only one may be there, so none of them counts.")
            if texts
            else N_(
                "Nothing ties SPF and DKIM to the address that people see, so anybody can write in its name."
                " Large mailbox providers refuse such mail when there is much of it. Begin with this line and read the"
                " reports."
            )
        )
        line = texts[0] if texts else usual
        meaning = Sentence(said, {"number": len(texts)})
        yield Finding("DMARC", Level.BAD, name, meaning, "\n".join(texts), txt_line(name, line))
        return
    try:
        policy = read_policy(place, texts[0], is_below=place != domains.sender)
    except BadTags as error:
        meaning = Sentence(N_("“%(part)s” cannot be read, so the policy does not count."), {"part": str(error)})
        yield Finding("DMARC", Level.BAD, name, meaning, texts[0], txt_line(name, usual))
        return
    troubles = [*_weaknesses(policy, name), *_misaligned(domains, policy, name)]
    yield from troubles
    if not troubles:
        said = N_("Mail in the name of %(domain)s that nothing proves is refused or hidden, and you are told.")
        yield Finding("DMARC", Level.GOOD, name, Sentence(said, {"domain": domains.sender}), texts[0])


def is_dmarc(text: str) -> bool:
    """Whether a TXT record is meant as a policy (6.6.3)."""
    return text.replace(" ", "").lower().startswith("v=dmarc1")


def _find(domain: str, ask: Lookups) -> tuple[str, list[str]]:
    """The policies at the nearest name that has any, upward and not at a top domain; else none, at `domain`.

    RFC 7489 asks at the domain and at the organisation's; who that is says a list that grows by the day. Going upward
    one name at a time finds the same place without it.
    """
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        place = ".".join(labels[start:])
        texts = [text for text in ask.texts(f"_dmarc.{place}") if is_dmarc(text)]
        if texts:
            return place, texts
    return domain, []


def read_policy(place: str, text: str, *, is_below: bool) -> Policy:
    """Read a policy (6.3), for `place` itself or for a domain below it. Raises BadTags."""
    tags = read_tags(text)
    if next(iter(tags.items())) != ("v", "DMARC1"):
        raise BadTags(text.partition(";")[0])
    policy = tags.get("p", "").lower()
    reports_to = tags.get("rua", "")
    if policy not in _POLICIES:
        raise BadTags(f"p={policy}")
    below = tags.get("sp", policy).lower()
    if below not in _POLICIES:
        raise BadTags(f"sp={below}")
    for name in ("adkim", "aspf"):
        if tags.get(name, "r").lower() not in ("r", "s"):
            raise BadTags(f"{name}={tags[name]}")
    share = tags.get("pct", "100")
    if not share.isdigit() or int(share) > 100:
        raise BadTags(f"pct={share}")
    return Policy(place, text, tags, below if is_below else policy, reports_to, int(share))


def is_aligned(return_path: str, sender: str, policy: Policy) -> bool:
    """Whether SPF for the return path counts for the sender (3.1.2): the same domain, or the same organisation's.

    The organisation's domain is taken to have two labels, as Swedish ones do.
    """
    if policy.tags.get("aspf", "r").lower() == "s":
        return return_path == sender
    organisation = ".".join(sender.split(".")[-2:])
    return f".{return_path}".endswith(f".{organisation}")


def _weaknesses(policy: Policy, name: str) -> Iterator[Finding]:
    tags = policy.tags
    if policy.policy == "none":
        said = N_(
            "Mail that nothing proves is delivered all the same. Right to begin with: when the reports show that all of"
            " your own passes, say this."
        )
        stricter = {key: "quarantine" for key in ("p", "sp") if key in tags}
        yield _advice(policy, name, said, tags | stricter)
    if not policy.reports_to:
        said = N_("Nobody gets the reports, so you do not hear when your mail fails.")
        yield _advice(policy, name, said, {**tags, "rua": f"mailto:postmaster@{policy.domain}"})
    if policy.share < 100 and policy.policy != "none":
        said = N_("It counts for %(share)s %% of the mail only.")
        rest = {key: value for key, value in tags.items() if key != "pct"}
        yield _advice(policy, name, said, rest, share=policy.share)


def _misaligned(domains: Domains, policy: Policy, name: str) -> Iterator[Finding]:
    if is_aligned(domains.return_path, domains.sender, policy):
        return
    relaxed = Policy(policy.domain, "", {**policy.tags, "aspf": "r"}, policy.policy, "", 100)
    said = N_(
        "Mail is from %(sender)s, but what comes back goes to %(return_path)s. SPF proves the second and DMARC asks for"
        " the first, so only a DKIM signature of %(sender)s lets mail pass."
    )
    values = {"sender": domains.sender, "return_path": domains.return_path}
    helps = is_aligned(domains.return_path, domains.sender, relaxed)
    line = txt_line(name, _written(relaxed.tags)) if helps else ""
    yield Finding("DMARC", Level.ADVICE, name, Sentence(said, values), policy.text, line)


def _advice(policy: Policy, name: str, said: str, tags: dict[str, str], **values: object) -> Finding:
    return Finding("DMARC", Level.ADVICE, name, Sentence(said, values), policy.text, txt_line(name, _written(tags)))


def _written(tags: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in tags.items())
