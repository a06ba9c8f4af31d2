"""How long the weekly digests of many subscribers take to build on one worker, and how much memory that needs."""

import multiprocessing
import resource
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

from dialogue.accounts.models import Person
from dialogue.app import create_app
from dialogue.core.clock import now
from dialogue.core.tokens import new_handle
from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.models import Digest, DigestHint, SavedSearch, Subscription
from dialogue.notifications.rules import Cadence, Scope
from dialogue.notifications.worker import Worker
from dialogue.requests.models import RequestEvent
from dialogue.web.extensions import db
from tests.conftest import settings

_SPAWN = multiprocessing.get_context("spawn")
_CHUNK = 5_000
_FIRST = 2_000_000
#: What happened in the week that the digests cover.
EVENTS = 500
SEARCHES = ("laddplatser", "badvatten", "förskola", "cykelväg centrum", "buller luftkvalitet")


def measure_digests(engine: str, url: str, folder: Path, subscribers: int) -> None:
    """Show it on the filled database at `url`, whose subscribers follow areas, units, searches and requests."""
    app = create_app(settings(url, folder))
    _prepare(app, subscribers)
    result = _SPAWN.Array("d", 4)
    process = _SPAWN.Process(target=_build, args=(url, folder, result))
    process.start()
    process.join()
    if process.exitcode:
        raise click.ClickException("building the digests failed")
    seconds, work, memory, mails = result
    click.echo(
        f"  {engine}, digests for {subscribers:7,} subscribers: {seconds:6.1f} s"
        f" ({10_000 * seconds / subscribers:5.1f} s for 10,000, work {10_000 * work / subscribers:5.1f} s), {mails:,.0f} mails, largest {memory / 1024:.0f} MB"
    )


def _build(url: str, folder: Path, result: Any) -> None:
    worker = Worker(create_app(settings(url, folder)))
    began, worked = time.perf_counter(), time.process_time()
    mails = worker.gather_all()
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result[:] = [time.perf_counter() - began, time.process_time() - worked, largest, mails]


def _prepare(app: Flask, subscribers: int) -> None:
    with app.app_context(), db.engine.begin() as connection:
        for model in (OutgoingEmail, DigestHint, Digest, Subscription):
            connection.execute(delete(model))
        connection.execute(delete(Person).where(Person.id > _FIRST))
        newest = connection.scalar(select(func.max(RequestEvent.id))) or 0
        connection.execute(
            update(RequestEvent)
            .where(RequestEvent.id > newest - EVENTS)
            .values(happened_at=now() - timedelta(hours=1), kind="request_planned")
        )
        places = list(connection.scalars(select(SavedSearch.id)))
        if not places:
            connection.execute(
                insert(SavedSearch),
                [
                    {
                        "municipality_id": 1, "key": word, "question": word, "name_sv": word, "name_en": word,
                        "created_at": now(),
                    }
                    for word in SEARCHES
                ],
            )  # fmt: skip
            places = list(connection.scalars(select(SavedSearch.id)))
        for first in range(0, subscribers, _CHUNK):
            numbers = range(first, min(first + _CHUNK, subscribers))
            connection.execute(insert(Person), [_person(number) for number in numbers])
            rows = [row for number in numbers for row in _subscriptions(number, newest - EVENTS, places)]
            connection.execute(insert(Subscription), rows)


def _person(number: int) -> dict[str, Any]:
    return {
        "id": _FIRST + 1 + number, "email": f"d{number}@b.example", "locale": "sv", "created_at": now(),
        "mail_handle": new_handle(),
    }  # fmt: skip


def _subscriptions(number: int, told_up_to: int, searches: list[int]) -> list[dict[str, Any]]:
    """Two of the things that one can follow, in turns."""
    ways: list[tuple[Scope, int]] = [
        (Scope.AREA, 1 + number % 7), (Scope.UNIT, 1 + number % 20), (Scope.REQUEST, 1 + number % 900),
        (Scope.SEARCH, searches[number % len(searches)]),
    ]  # fmt: skip
    chosen = (ways[number % 4], ways[(number + 1) % 4])
    return [
        {
            "person_id": _FIRST + 1 + number, "municipality_id": 1, "scope": scope, "target": f"{scope}:{target}",
            "request_id": target if scope is Scope.REQUEST else None,
            "area_id": target if scope is Scope.AREA else None, "unit_id": target if scope is Scope.UNIT else None,
            "search_id": target if scope is Scope.SEARCH else None, "cadence": Cadence.WEEKLY, "wording": "",
            "confirmed_at": now() - timedelta(days=60), "told_up_to": told_up_to,
        }
        for scope, target in chosen
    ]  # fmt: skip
