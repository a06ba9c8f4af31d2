"""From the bytes of a mail to what decides about it. Touches no database: however long it takes, nobody waits."""

import re
from functools import cache

from dialogue.conversation.operations.incoming import Opened
from dialogue.mail.bounces import Report
from dialogue.mail.incoming.judging import judge
from dialogue.mail.incoming.reading import read
from dialogue.mail.incoming.redacting import redact
from dialogue.mail.incoming.replies import Own, reply_text, whole_text
from dialogue.mail.incoming.spool import Taken
from dialogue.mail.incoming.verdicts import Kind, Verdict

#: Never again, says the server; but a full mailbox and an unwanted mail do not mean that nobody is there.
_PASSING = re.compile(r"5\.(?:2\.[234]|3\.\d+|6\.\d+|7\.\d+)")


def open_mail(taken: Taken, domain: str, base_url: str) -> Opened:
    """Read a mail from the spool. `domain` and `base_url` are ours: addresses and links of readers are cut out."""
    mail = read(taken.raw, envelope_sender=taken.return_path, envelope_recipients=[taken.address])
    own = Own(secrets=our_secrets(domain, base_url))
    verdict = judge(mail, own)
    return Opened(
        address=taken.address,
        sender=mail.sender,
        subject=redact(mail.subject, own.secrets),
        text=reply_text(mail, own),
        whole=redact(whole_text(mail), own.secrets),
        robot=verdict.rule,
        report=_report(verdict),
    )


@cache
def our_secrets(domain: str, base_url: str) -> tuple[re.Pattern[str], ...]:
    """Addresses for answers, and links that open something for one reader."""
    links = re.escape(base_url) + r"(?:/en)?/(?:reply|work|unsubscribe|preferences|confirm)/[0-9a-z]+"
    addresses = r"[a-z0-9.+=-]{1,64}@" + re.escape(domain)
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in ([addresses, links] if domain else [links]))


def _report(verdict: Verdict) -> Report | None:
    """What a mail tells of the delivery of one of ours, which its return path names."""
    if verdict.kind is not Kind.BOUNCE or not verdict.failures:
        return None
    failure = verdict.failures[0]
    words = failure.diagnostic or failure.status
    return Report(failure.is_hard and not _PASSING.fullmatch(failure.status), words)
