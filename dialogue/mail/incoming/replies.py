"""What somebody wrote in a mail, ready to be shown to them before it is published."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dialogue.core.text import clean_text
from dialogue.mail.incoming.lines import MAX_LINES, Line, plain_lines
from dialogue.mail.incoming.markup import html_lines
from dialogue.mail.incoming.message import Body, IncomingMail
from dialogue.mail.incoming.redacting import redact
from dialogue.mail.incoming.trimming import has_original, trim

#: Plain text with fewer than this share of the words of the HTML beside it is no translation of it.
_POORER = 0.5
_WORD = re.compile(r"\w+")
#: Lines of a mail that tell what kind it is.
_OPENING = 200
#: Words of "your program shows no HTML".
_LONGEST_STUB = 40


@dataclass(frozen=True)
class Own:
    """What is ours in mails that come back: it is cut off, or cut out."""

    #: What we send mails from, in lower case.
    addresses: Collection[str] = ()
    #: Sentences that stand above our mails: "Answer above this line". Compared without case and outer signs.
    markers: Sequence[str] = ()
    #: Addresses and links with a secret in them. They match nothing that may stand directly beside them.
    secrets: Sequence[re.Pattern[str]] = ()


def reply_text(mail: IncomingMail, own: Own | None = None) -> str:
    """What the sender of `mail` wrote: without the mail they answer, signature, footers and anything of our own.

    Empty only when the mail holds no text, or nothing but what must not be shown.
    """
    return _written(_lines(mail), mail, own or Own())


def opening(mail: IncomingMail, own: Own | None = None) -> str:
    """What `reply_text` begins with: enough to see what kind of mail it is."""
    return _written(_lines(mail)[:_OPENING], mail, own or Own())


def _written(lines: list[Line], mail: IncomingMail, own: Own) -> str:
    kept = trim(lines, marker=_marker(own.markers), sender_name=mail.sender_name)
    return clean_text(redact("\n".join(line.raw for line in kept), own.secrets))


def whole_text(mail: IncomingMail) -> str:
    """Everything that can be read in `mail`, quotes and signatures too, as text."""
    return clean_text("\n".join(line.raw for line in _lines(mail)))


def _lines(mail: IncomingMail) -> list[Line]:
    lines: list[Line] = []
    for body in mail.bodies:
        lines += [Line(""), *_best(body)] if lines else _best(body)
    return lines[:MAX_LINES]


@lru_cache(maxsize=4)
def _best(body: Body) -> tuple[Line, ...]:
    """The plain text, unless the HTML beside it tells more. Kept for whoever asks next about the same mail."""
    return tuple(_chosen(body))


def _chosen(body: Body) -> list[Line]:
    plain = plain_lines(body.text) if body.text is not None else []
    if body.html is None:
        return plain
    html = html_lines(body.html)
    here, there = _words(plain), _words(html)
    if len(here) < _POORER * len(there) or _is_stub(here, there):
        return html
    # HTML may mark as a quote what the plain text leaves unmarked.
    return html if there and has_original(html) and not has_original(plain) else plain


def _words(lines: Sequence[Line]) -> list[str]:
    return [word.casefold() for line in lines for word in _WORD.findall(line.text)]


def _is_stub(plain: Sequence[str], html: Sequence[str]) -> bool:
    """Whether the plain text only says that there is HTML."""
    known = set(html)
    shared = sum(word in known for word in plain)
    return len(plain) <= _LONGEST_STUB and bool(known) and "html" in plain and shared < _POORER * len(plain)


def _marker(markers: Sequence[str]) -> Callable[[str], bool]:
    wanted = [marker.casefold().strip(" .:#-–—=*_") for marker in markers]

    def is_marker(text: str) -> bool:
        found = text[:500].casefold()
        return any(marker in found for marker in wanted)

    return is_marker
