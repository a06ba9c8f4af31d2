"""What mail servers say about our mails that did not arrive: by RFC 3464, or in their own words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from dialogue.core.text import clean_line
from dialogue.mail.incoming.headers import ADDRESS, message_ids, split_header
from dialogue.mail.incoming.message import IncomingMail
from dialogue.mail.incoming.verdicts import Failure
from dialogue.mail.incoming.vocabulary.servers import FOR_GOOD

#: Recipients named in one report.
_MOST = 50
_LONGEST = 300
#: Letters of a report in plain words in which addresses are looked for.
_MOST_TEXT = 20_000

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([45])\d\d(?![\d.])")
#: Where the mail that came back begins in a report that has no parts.
_RETURNED = re.compile(
    r"^(?:[-_=* ]{2,20}(?:below this line is a copy|this is a copy of|original message|the (?:body|header) of the"
    r"|copy of the|returned (?:message|mail)|unsent message|message (?:header|copy)).*|original message headers:.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_ORIGINAL_KINDS = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)
#: A field about one recipient.
_ABOUT = re.compile(r"\s{0,20}(?:final-recipient|original-recipient|action)\s{0,5}:", re.IGNORECASE)

Fields = Mapping[str, str]


def fields_of(text: str) -> dict[str, str]:
    """The first value of each field that `text` begins with, names in lower case."""
    headers, _ = split_header(text.encode("utf-8", "replace"))
    return {name: values[0] for name, values in headers.items()}


def returned_headers(mail: IncomingMail) -> Fields:
    """The header of our mail, as far as it came back with the report."""
    for kind in _ORIGINAL_KINDS:
        for report in mail.reports:
            if report.kind == kind and (found := fields_of(report.text.lstrip())):
                return found
    text = mail.text
    begins = _RETURNED.search(text)
    return fields_of(text[begins.end() :].lstrip()) if begins else {}


def failures_in_report(text: str, original: Fields) -> list[tuple[str, Failure]]:
    """What was done, and for whom, as a delivery status tells it: "failed", "delayed", "delivered", …"""
    found: list[tuple[str, Failure]] = []
    for group in _groups(text):
        recipient = _recipient(group)
        action = group.get("action", "").split(" ")[0].strip(";,").lower()
        said = group.get("diagnostic-code", "")
        status = _status(group.get("status", ""), said)
        action = action or ("delayed" if status.startswith("4") else "failed")
        found.append((action, _failure(recipient, status, said, original)))
    return found[:_MOST]


def failures_in_text(mail: IncomingMail, text: str) -> tuple[Failure, ...]:
    """The same from a report in plain words."""
    original = returned_headers(mail)
    begins = _RETURNED.search(text)
    told = text[: begins.start()] if begins else text
    status = _status("", told)
    said = next((line.strip() for line in told.split("\n") if _REPLY.search(line) or _STATUS.search(line)), "")
    failure = _failure("", status, said or told, original)
    return tuple(replace(failure, recipient=recipient) for recipient in _recipients(mail, told)[:_MOST])


def ids_of(original: Fields) -> tuple[str, str]:
    """What tells which mail of ours it was: its Message-ID, and where it asked errors to go."""
    path = ADDRESS.search(original.get("return-path", "") or original.get("x-envelope-from", ""))
    return next(iter(message_ids(original.get("message-id", ""))), ""), path[0].lower() if path else ""


def _failure(recipient: str, status: str, said: str, original: Fields) -> Failure:
    message_id, return_path = ids_of(original)
    return Failure(
        recipient=recipient.strip().lower(),
        status=status,
        is_hard=_is_hard(status, said),
        diagnostic=clean_line(said, _LONGEST),
        message_id=message_id,
        return_path=return_path,
    )


def _is_hard(status: str, said: str) -> bool:
    if status:
        return status.startswith("5")
    if (reply := _REPLY.search(said)) is not None:
        return reply[1] == "5"
    return FOR_GOOD.search(said[:2_000]) is not None


def _status(told: str, said: str) -> str:
    """The status; where the report has only the class, what the other server said tells more."""
    codes = [matched[0] for text in (told[:100], said[:2_000]) for matched in _STATUS.finditer(text)]
    if not codes:
        return ""
    same = [code for code in codes if code[0] == codes[0][0] and not code.endswith(".0.0")]
    return same[0] if codes[0].endswith(".0.0") and same else codes[0]


def _groups(text: str) -> Iterator[Fields]:
    """The fields about each recipient. Some servers indent them, or write them below other words."""
    for block in re.split(r"\n[ \t]*\n", text)[: 4 * _MOST]:
        lines = block.split("\n")
        first = next((at for at, line in enumerate(lines) if _ABOUT.match(line)), None)
        if first is not None:
            yield fields_of("\n".join(line.strip() if ":" in line[:40] else line for line in lines[first:]))


def _recipient(group: Fields) -> str:
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        matched = ADDRESS.search(group.get(name, ""))
        if matched:
            return matched[0].lower()
    return group.get("final-recipient", "").partition(";")[2].strip().lower()[:_LONGEST]


def _recipients(mail: IncomingMail, text: str) -> list[str]:
    """Whom a report in plain words names: by its header, else the first address that is not ours or the server's."""
    named = [address.lower() for address in ADDRESS.findall(",".join(mail.headers.get("x-failed-recipients", ())))]
    if named:
        return list(dict.fromkeys(named))
    ours = {*mail.recipients, *mail.delivered_to, mail.sender, mail.return_path or ""}
    found = (address.lower().removeprefix("mailto:").strip(".=") for address in ADDRESS.findall(text[:_MOST_TEXT]))
    servers = ("mailer-daemon@", "postmaster@", "sip:")
    return [next((address for address in found if address not in ours and not address.startswith(servers)), "")]
