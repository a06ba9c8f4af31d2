"""What it means that a mail server refuses a recipient for good: nobody is there, or it does not like us."""

import re

from dialogue.mail.bounces import Report

_STATUS = re.compile(r"5\.(\d{1,3}\.\d{1,3})(?!\d)")

#: By enhanced status (RFC 3463): about the recipient's address, mailbox or domain, and for good.
_NOBODY_THERE = re.compile(r"1\.(?!7$|8$)\d+|2\.1|4\.[14]")
#: Somebody is there, but the mailbox takes none now: full, or not so long a mail.
_NOT_NOW = re.compile(r"2\.[234]")
#: Says nothing but "for good"; the code before it says more.
_UNNAMED = re.compile(r"[02]\.0")

#: By code alone (RFC 5321, 4.2.3; RFC 7504), for servers that say no more. What is not here, a setting of ours is
#: behind: we may not send there, or not without a password.
_NOBODY_BY_CODE = frozenset({550, 551, 553, 556})
_FULL = 552
_ABOUT_US = re.compile(
    r"rela[yi]|auth|block|black|polic|spam|spf|dkim|dmarc|reputation|client|sender|from ", re.IGNORECASE
)


def read_refusal(code: int, words: str) -> Report | None:
    """What the answer `code` (5xx) to RCPT tells of the address; None when it is about us.

    A server that would take no mail from us at all must not end with every address being left alone.
    """
    named = _STATUS.match(words)
    said = f"{code} {words}"
    if named is not None and not _UNNAMED.fullmatch(named[1]):
        if _NOBODY_THERE.fullmatch(named[1]):
            return Report(True, said)
        return Report(False, said) if _NOT_NOW.fullmatch(named[1]) else None
    if code == _FULL:
        return Report(False, said)
    return Report(True, said) if code in _NOBODY_BY_CODE and not _ABOUT_US.search(words) else None
