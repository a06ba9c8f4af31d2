"""What the fields and the states of imported requests mean here. The tables are explained in docs/importing.md."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from dialogue.accounts.models import Locale
from dialogue.catalogue.operations import check_web_address
from dialogue.core.errors import InvalidValue
from dialogue.core.text import clean_line, clean_text
from dialogue.requests.rules import Extent, Ground, Outcome, Status
from dialogue.requests.source_files import Row, SourceFile, SourceRefused

#: Longest title and text of an imported request, in characters. A longer title is cut and kept whole in the text.
TITLE_LENGTH = 120
TEXT_LENGTH = 20_000

#: The names under which a field may come. Case, spaces, hyphens and underscores do not matter.
FIELDS: dict[str, tuple[str, ...]] = {
    "title": ("title", "titel", "rubrik", "subject", "ämne", "amne"),
    "need": ("need", "behov", "description", "beskrivning", "text", "body"),
    "purpose": ("purpose", "syfte", "ändamål", "andamal"),
    "benefit": ("benefit", "nytta"),
    "status": ("outcome", "utfall", "status", "läge", "lage", "tillstånd", "tillstand", "state"),
    "date": ("date", "datum", "received", "received on", "inkommen", "inkom", "created", "created at", "skapad"),
    "next_on": ("next on", "next date", "nästa datum", "nasta datum", "planned date", "planerat datum"),
    "unit": ("unit", "enhet", "förvaltning", "forvaltning", "authority", "myndighet"),
    "area": ("area", "område", "omrade", "theme", "tema"),
    "organisation": ("organisation", "organization", "företag", "foretag", "company", "business"),
    "id": ("id", "number", "nummer", "diarienummer", "dnr", "reference", "referens"),
    "ground": ("ground", "grund", "skäl", "skal"),
    "explanation": ("explanation", "motivering", "förklaring", "forklaring", "answer", "svar"),
    "dataset_url": ("dataset url", "dataset", "datamängd", "datamangd", "url", "link", "länk", "lank"),
    "language": ("language", "språk", "sprak", "locale", "lang"),
}


@dataclass(frozen=True)
class Meaning:
    """Where a request stands that is called so elsewhere."""

    status: Status
    outcome: Outcome | None = None
    extent: Extent | None = None
    ground: Ground | None = None
    waits_for_asker: bool = False
    is_late: bool = False


_RECEIVED, _ASSESSING = Meaning(Status.RECEIVED), Meaning(Status.ASSESSING)
_LATE, _PLANNED = Meaning(Status.RECEIVED, is_late=True), Meaning(Status.PLANNED)
_ASKED = Meaning(Status.ASSESSING, waits_for_asker=True)
_PUBLISHED = Meaning(Status.PUBLISHED, extent=Extent.FULL)
_PARTLY = Meaning(Status.PUBLISHED, extent=Extent.PARTIAL)
_DECLINED = Meaning(Status.CLOSED, Outcome.DECLINED, ground=Ground.OTHER)
_NOT_HELD = Meaning(Status.CLOSED, Outcome.DECLINED, ground=Ground.NOT_HELD)
_WITHDRAWN = Meaning(Status.CLOSED, Outcome.WITHDRAWN)
_REDIRECTED = Meaning(Status.CLOSED, Outcome.REDIRECTED)
_AVAILABLE = Meaning(Status.CLOSED, Outcome.ALREADY_AVAILABLE)
_NOT_DATA = Meaning(Status.CLOSED, Outcome.NOT_A_DATA_REQUEST)

#: Own names, Swedish names, and those of WhatDoTheyKnow and its sister sites.
MEANINGS: dict[str, Meaning] = {
    "": _RECEIVED,
    "received": _RECEIVED, "mottagen": _RECEIVED, "inkommen": _RECEIVED, "ny": _RECEIVED, "new": _RECEIVED,
    "open": _RECEIVED, "öppen": _RECEIVED, "awaiting response": _RECEIVED, "waiting response": _RECEIVED,
    "delivery error": _RECEIVED, "long overdue": _LATE, "overdue": _LATE, "delayed": _LATE, "försenad": _LATE,
    "waiting response overdue": _LATE, "waiting response very overdue": _LATE,
    "assessing": _ASSESSING, "under review": _ASSESSING, "utreds": _ASSESSING, "under utredning": _ASSESSING,
    "under behandling": _ASSESSING, "pågår": _ASSESSING, "awaiting classification": _ASSESSING,
    "waiting classification": _ASSESSING, "awaiting internal review": _ASSESSING, "internal review": _ASSESSING,
    "waiting clarification": _ASKED, "väntar på svar": _ASKED, "väntar på sökanden": _ASKED,
    "planned": _PLANNED, "planerad": _PLANNED,
    "published": _PUBLISHED, "publicerad": _PUBLISHED, "successful": _PUBLISHED, "beviljad": _PUBLISHED,
    "partially successful": _PARTLY, "partly published": _PARTLY, "delvis publicerad": _PARTLY,
    "declined": _DECLINED, "refused": _DECLINED, "rejected": _DECLINED, "avslagen": _DECLINED, "avslag": _DECLINED,
    "nekad": _DECLINED, "kan inte publiceras": _DECLINED,
    "information not held": _NOT_HELD, "not held": _NOT_HELD, "finns inte": _NOT_HELD, "saknas": _NOT_HELD,
    "withdrawn": _WITHDRAWN, "withdrawn by the requester": _WITHDRAWN, "user withdrawn": _WITHDRAWN,
    "återkallad": _WITHDRAWN, "återtagen": _WITHDRAWN,
    "redirected": _REDIRECTED, "hänvisad": _REDIRECTED, "handled by postal mail": _REDIRECTED,
    "gone postal": _REDIRECTED,
    "already available": _AVAILABLE, "finns redan": _AVAILABLE, "redan publicerad": _AVAILABLE,
    "not a data request": _NOT_DATA, "not foi": _NOT_DATA, "ingen dataförfrågan": _NOT_DATA,
}  # fmt: skip


@dataclass(frozen=True)
class SourceRequest:
    """A request from elsewhere, checked."""

    place: str
    title: str
    need: str
    purpose: str
    benefit: str
    meaning: Meaning
    #: The state in the words of the file.
    called: str
    received_on: date | None
    next_on: date | None
    unit: str
    area: str
    organisation: str
    number: str
    explanation: str
    dataset_url: str
    locale: Locale | None

    def received_at(self, zone: str) -> datetime | None:
        """Noon of its day in `zone`: a day without a time stays that day everywhere near."""
        if self.received_on is None:
            return None
        return datetime.combine(self.received_on, time(12), ZoneInfo(zone)).astimezone(UTC)


class _BadRow(Exception):
    pass


def fold_name(name: str) -> str:
    """A name of a field or a state as it is compared: "Next_On" and "next on" are one."""
    return re.sub(r"[\W_]+", " ", clean_line(name).casefold()).strip()


#: Every name a field may have, folded.
KNOWN_NAMES = frozenset(name for names in FIELDS.values() for name in names)


def left_out(source: SourceFile) -> list[str]:
    """The names of fields that mean nothing here."""
    return [name for name in source.names if fold_name(name) not in KNOWN_NAMES]


def check_rows(source: SourceFile, today: date) -> list[SourceRequest]:
    """Give the requests of `source`. Raises SourceRefused, naming the rows, when any of them cannot be one."""
    if source.names and not any(fold_name(name) in FIELDS["title"] for name in source.names):
        raise SourceRefused(
            f"None of the fields ({_listed(source.names)}) is a title: call one title, titel or rubrik."
        )
    if not source.rows:
        raise SourceRefused("There are no requests in the file.")
    checked: list[SourceRequest] = []
    problems: dict[str, list[str]] = {}
    seen: dict[str, str] = {}
    for row in source.rows:
        try:
            request = _check(row, today)
            if request.number and (first := seen.setdefault(request.number, row.place)) != row.place:
                raise _BadRow(f"the same id as {first}")
            checked.append(request)
        except _BadRow as problem:
            problems.setdefault(str(problem), []).append(row.place)
    if problems:
        told = "; ".join(f"{_listed(places)}: {problem}" for problem, places in list(problems.items())[:5])
        more = f"; and {len(problems) - 5} more kinds of error" if len(problems) > 5 else ""
        raise SourceRefused(f"Nothing was imported: {told}{more}.")
    return checked


def _listed(things: Collection[str]) -> str:
    first = list(things)[:10]
    return ", ".join(first) + (f" and {len(things) - len(first)} more" if len(things) > len(first) else "")


def _check(row: Row, today: date) -> SourceRequest:
    names = {fold_name(name): name for name in row.fields}
    fields = {field: _text(row, names, aliases) for field, aliases in FIELDS.items()}
    title, need = clean_line(fields["title"]), clean_text(fields["need"])
    if not title:
        raise _BadRow("no title")
    if len(title) > TITLE_LENGTH:
        need = f"{title}\n\n{need}".strip()
        title = f"{title[: TITLE_LENGTH - 1].rsplit(' ', 1)[0]}…"
    if max(map(len, fields.values())) > TEXT_LENGTH:
        raise _BadRow(f"a field longer than {TEXT_LENGTH} characters")
    received_on, next_on = _day(fields["date"]), _day(fields["next_on"])
    if received_on is not None and received_on > today:
        raise _BadRow(f"the date {received_on} lies ahead")
    meaning = _meaning(fields["status"], fields["ground"])
    if meaning.status is Status.PLANNED and next_on is None:
        raise _BadRow("planned, but no date in next_on")
    url = fields["dataset_url"].strip()
    try:
        if url:
            check_web_address(url)
        locale = Locale(fields["language"].strip().casefold()[:2]) if fields["language"].strip() else None
    except InvalidValue:
        raise _BadRow(f"“{_short(url)}” is no address of the web") from None
    except ValueError:
        raise _BadRow(f"the language “{_short(fields['language'])}” is neither sv nor en") from None
    return SourceRequest(
        place=row.place,
        title=title,
        need=need,
        purpose=clean_text(fields["purpose"]),
        benefit=clean_text(fields["benefit"]),
        meaning=meaning,
        called=clean_line(fields["status"], 100),
        received_on=received_on,
        next_on=next_on,
        unit=clean_line(fields["unit"], 120),
        area=clean_line(fields["area"], 80),
        organisation=clean_line(fields["organisation"], 120),
        number=clean_line(fields["id"], 200),
        explanation=clean_text(fields["explanation"]),
        dataset_url=url,
        locale=locale,
    )


def _text(row: Row, names: dict[str, str], aliases: Iterable[str]) -> str:
    for alias in aliases:
        value: Any = row.fields[names[alias]] if alias in names else None
        if isinstance(value, dict | list):
            raise _BadRow(f"“{_short(names[alias])}” is neither text nor a number")
        if value is not None and str(value).strip():
            return str(value)
    return ""


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        day = datetime.fromisoformat(text.strip()).date()
    except ValueError:
        raise _BadRow(f"“{_short(text)}” is no date: write it like 2026-03-12") from None
    if day.year < 1900:
        raise _BadRow(f"the year of {day} cannot be right")
    return day


def _meaning(status: str, ground: str) -> Meaning:
    meaning = MEANINGS.get(fold_name(status))
    if meaning is None:
        raise _BadRow(f"unknown status “{_short(status)}”")
    if not ground.strip() or meaning.ground is None:
        return meaning
    try:
        return Meaning(meaning.status, meaning.outcome, ground=Ground(fold_name(ground).replace(" ", "_")))
    except ValueError:
        raise _BadRow(f"unknown ground “{_short(ground)}”") from None


def _short(text: str) -> str:
    return clean_line(text, 40)
