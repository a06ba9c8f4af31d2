"""From the bytes of a mail to IncomingMail. Never raises, never needs more than the limits in message.py allow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dialogue.core.text import clean_line
from dialogue.mail.incoming.charsets import decode, decode_transfer
from dialogue.mail.incoming.flowed import unflow
from dialogue.mail.incoming.headers import Headers, addresses, content_type, date, message_ids
from dialogue.mail.incoming.message import (
    MAX_BYTES,
    MAX_HTML,
    MAX_NAMES,
    MAX_PARTS,
    MAX_REPORT,
    MAX_SUBJECT,
    MAX_TEXT,
    Body,
    IncomingMail,
    Report,
)
from dialogue.mail.incoming.mime import Part, leaves, main_part, unify_line_ends

#: Parts that programs write for programs.
_REPORTS = {
    "message/delivery-status",
    "message/global-delivery-status",
    "message/feedback-report",
    "message/disposition-notification",
    "message/global-disposition-notification",
    "message/rfc822",
    "message/global",
    "message/rfc822-headers",
    "text/rfc822-headers",
    "message/global-headers",
    "text/calendar",
}
_ATTACHED = {"message/rfc822", "message/global", "text/calendar"}
_MOST_REPORTS = 20
_TEXT, _HTML = "plain", "html"
#: What people write in. Anything else is a file.
_SHOWN = {
    "text/plain": _TEXT,
    "text/markdown": _TEXT,
    "text/enriched": _TEXT,
    "text/richtext": _TEXT,
    "text": _TEXT,
    "text/html": _HTML,
    "application/xhtml+xml": _HTML,
}
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-forwarded-to")


def read(raw: bytes, *, envelope_sender: str | None = None, envelope_recipients: Sequence[str] = ()) -> IncomingMail:
    """What is in `raw`. The envelope's addresses, when the caller has them, count before those in the header."""
    is_truncated = len(raw) > MAX_BYTES
    content = unify_line_ends(raw[:MAX_BYTES])
    main = main_part(content)
    found = _Found()
    count = 0
    for part in leaves(content, main):
        count += 1
        found.add(part, content)
    sender_name, sender = _sender(main.headers)
    return IncomingMail(
        message_id=_first(message_ids(_value(main.headers, "message-id"))),
        in_reply_to=_first(message_ids(_value(main.headers, "in-reply-to"))),
        references=message_ids(_value(main.headers, "references")),
        sender=sender,
        sender_name=sender_name,
        return_path=_return_path(main.headers, envelope_sender),
        recipients=_addresses(main.headers, "to", "cc"),
        delivered_to=_unique([*map(_bare, envelope_recipients), *_addresses(main.headers, *_DELIVERED)]),
        subject=clean_line(_value(main.headers, "subject"), MAX_SUBJECT),
        date=date(_value(main.headers, "date")),
        bodies=tuple(found.bodies()),
        attachments=tuple(found.attachments[:MAX_NAMES]),
        reports=tuple(found.reports),
        content_type=main.type.name,
        headers=main.headers,
        is_truncated=is_truncated or found.is_cut or count >= MAX_PARTS,
    )


def _first(values: Sequence[str]) -> str:
    return values[0] if values else ""


def _value(headers: Headers, name: str) -> str:
    return _first(headers.get(name, ()))


def _unique(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))[:MAX_NAMES]


def _addresses(headers: Headers, *names: str) -> tuple[str, ...]:
    return _unique([address for name in names for value in headers.get(name, ()) for _, address in addresses(value)])


def _sender(headers: Headers) -> tuple[str, str]:
    """Name and address of who writes; nobody when more than one says to be it."""
    named = [pair for value in headers.get("from", ()) for pair in addresses(value)]
    return named[0] if len({address for _, address in named}) == 1 else ("", "")


def _return_path(headers: Headers, envelope_sender: str | None) -> str | None:
    if envelope_sender is not None:
        return _bare(envelope_sender)
    values = headers.get("return-path", ())
    return _bare(values[0]) if values else None


def _bare(path: str) -> str:
    return next((address for _, address in addresses(path)), path.strip().strip("<>").strip().lower()[:300])


@dataclass
class _Found:
    """What the parts hold, collected one by one."""

    #: Text by the group it belongs to: all that stands in one multipart/alternative says the same.
    groups: dict[tuple[int, int], dict[str, list[str]]] = field(default_factory=dict)
    attachments: list[str] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    is_cut: bool = False
    left: dict[str, int] = field(default_factory=lambda: {_TEXT: MAX_TEXT, _HTML: MAX_HTML})

    def add(self, part: Part, content: bytes) -> None:
        """Look at one part."""
        kind = part.type.name
        disposition = content_type(part.header("content-disposition"), "")
        name = disposition.get("filename") or part.type.get("name")
        if kind in _REPORTS and len(self.reports) < _MOST_REPORTS:
            self.reports.append(Report(kind, self._text_of(part, content, MAX_REPORT)))
        shown = _SHOWN.get(kind)
        is_file = disposition.name == "attachment" or (bool(disposition.get("filename")) and bool(self.groups))
        if shown is None or is_file:
            if kind not in _REPORTS or kind in _ATTACHED:
                self.attachments.append(name)
            return
        text = self._text_of(part, content, self.left[shown])
        self.left[shown] -= len(text)
        if shown == _TEXT and part.type.get("format").lower() == "flowed":
            text = unflow(text, delete_space=part.type.get("delsp").lower() == "yes")
        group = next(((number, 0) for number, kind in part.path if kind == "alternative"), (0, len(self.groups) + 1))
        self.groups.setdefault(group, {}).setdefault(shown, []).append(text)

    def _text_of(self, part: Part, content: bytes, most: int) -> str:
        # Four bytes are the longest letter; an encoded one is three times as long.
        end = min(part.end, part.start + 12 * most)
        plain = decode_transfer(content[part.start : end], part.header("content-transfer-encoding"))
        is_cut = end < part.end or len(plain) > 4 * most
        text = decode(plain[: 4 * most], part.type.get("charset"), is_cut=is_cut)
        self.is_cut = self.is_cut or is_cut or len(text) > most
        return text[:most]

    def bodies(self) -> Iterator[Body]:
        """What was written, piece by piece."""
        for group in self.groups.values():
            text = "\n\n".join(group[_TEXT]) if _TEXT in group else None
            yield Body(text, "\n".join(group[_HTML]) if _HTML in group else None)
