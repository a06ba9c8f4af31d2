"""What feed readers, calendars and spreadsheets take: Atom, iCalendar, CSV."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from datetime import timedelta

from feedwerk.atom import AtomFeed
from flask import Blueprint, Response, request, send_file
from flask_babel import gettext as _

from dialogue.accounts.access import requires
from dialogue.accounts.policy import NOBODY, Permission
from dialogue.api import queries
from dialogue.api.serialisers import write_request
from dialogue.api.views.answers import base_address, cached
from dialogue.core.clock import today
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.queries.one import get_request
from dialogue.requests.wording.events import event_sentence
from dialogue.web.extensions import db
from dialogue.web.language import say

blueprint = Blueprint("feeds", __name__)

#: Entries of a feed.
FEED_LENGTH = 30

COLUMNS = (
    "number", "url", "municipality", "title", "need", "purpose", "kind", "status", "outcome", "unit", "area",
    "organisation", "votes_count", "followers_count", "messages_count", "next_on", "overdue", "created_at",
    "updated_at", "published_at", "closed_at", "ground", "datasets",
)  # fmt: skip


@blueprint.get("/requests.atom")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_feed() -> Response:
    """What has happened lately, in all requests."""
    return _feed(_("What happens to the requests"), "/requests", queries.list_latest_events(db.session, FEED_LENGTH))


@blueprint.get("/requests/<int:number>.atom")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_request_feed(number: int) -> Response:
    """What has happened lately to one request."""
    data_request = get_request(db.session, NOBODY, number, Permission.SEE_REQUEST)
    entries = queries.list_latest_events(db.session, FEED_LENGTH, number)
    return _feed(data_request.title, f"/requests/{number}-{data_request.slug}", entries)


@blueprint.get("/requests/<int:number>.ics")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_calendar(number: int) -> Response:
    """The next promised date as an all-day event (RFC 5545)."""
    data_request = get_request(db.session, NOBODY, number, Permission.SEE_REQUEST)
    address = f"{base_address()}/requests/{number}-{data_request.slug}"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Dialogue//Dialogue//EN"]
    if data_request.next_on:
        lines += [
            "BEGIN:VEVENT",
            f"UID:request-{number}@{base_address().partition('://')[2].partition('/')[0]}",
            f"DTSTAMP:{data_request.updated_at:%Y%m%dT%H%M%SZ}",
            f"SEQUENCE:{data_request.version}",
            f"DTSTART;VALUE=DATE:{data_request.next_on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{data_request.next_on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_ics(data_request.title)}",
            f"URL:{address}",
            "END:VEVENT",
        ]
    body = "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _fold(line))
    return cached(Response(body, mimetype="text/calendar"))


@blueprint.get("/requests.csv")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_table() -> Response:
    """Every public request as a table (RFC 4180, UTF-8 with a byte order mark for spreadsheets)."""
    # Into a file first: the transaction ends before the slowest reader has read, and memory does not grow.
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the answer)
    for line in _table(queries.stream_requests(db.session)):
        file.write(line.encode())
    file.seek(0)
    return send_file(file, mimetype="text/csv", as_attachment=True, download_name="requests.csv")


def _feed(title: str, local: str, entries: Iterable[tuple[RequestEvent, DataRequest]]) -> Response:
    base = base_address()
    feed = AtomFeed(title, feed_url=f"{base}{request.path}", url=f"{base}{local}", author="Dialogue")
    for event, data_request in entries:
        address = f"{base}/requests/{data_request.id}-{data_request.slug}"
        feed.add(
            data_request.title,
            say(event_sentence(event)),
            content_type="text",
            url=address,
            id=f"{address}#event-{event.id}",
            updated=event.happened_at,
            published=event.happened_at,
        )
    return cached(feed.get_response())


def _table(requests: Iterable[DataRequest]) -> Iterator[str]:
    base, line = base_address(), io.StringIO()
    writer = csv.writer(line)
    writer.writerow(COLUMNS)
    yield "\ufeff" + _taken(line)
    for data_request in requests:
        facts = write_request(data_request, base, today(data_request.municipality.zone))
        facts["datasets"] = " ".join(dataset["url"] for dataset in facts["datasets"])
        writer.writerow([_cell(facts[column]) for column in COLUMNS])
        yield _taken(line)


def _taken(line: io.StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text


def _cell(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe first; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value


def _ics(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _fold(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, as RFC 5545 3.1 has it; the rest goes on after a space."""
    room = 75
    while len(line.encode()) > room:
        cut = room
        while len(line[:cut].encode()) > room:
            cut -= 1
        yield line[:cut]
        line = " " + line[cut:]
    yield line
