"""A scratch database of any size: requests with messages, votes and events each, written in bulk."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click
from flask import Flask
from sqlalchemy import Connection, insert, text

from dialogue.accounts.models import Area, Municipality, Organisation, Person, Unit
from dialogue.core.clock import now, today
from dialogue.requests.models import DataRequest, StatusTally
from dialogue.web.extensions import db

MESSAGES, VOTES, PEOPLE, CHUNK = 10, 20, 400, 1_000

_WORDS = [
    "laddplatser",
    "bygglov",
    "badvatten",
    "cykelvägar",
    "parkering",
    "förskolor",
    "lokaler",
    "restauranger",
    "vägarbeten",
    "trafik",
    "buller",
    "luftkvalitet",
    "avfall",
    "upphandling",
    "fakturor",
    "lekplatser",
    "grillplatser",
    "evenemang",
    "idrottshallar",
    "bibliotek",
    "snöröjning",
    "kartor",
    "adresser",
    "fastigheter",
    "detaljplaner",
    "belysning",
    "busshållplatser",
    "papperskorgar",
    "träd",
    "vatten",
    "energi",
    "matsvinn",
]
_STATES = (("received", None), ("assessing", None), ("planned", None), ("published", None), ("closed", "declined"))


def fill(app: Flask, requests: int) -> None:
    """Fill the empty database of `app` with `requests` requests, 10 messages and 20 votes each."""
    rng = random.Random(requests)
    with app.app_context():
        with db.engine.begin() as connection:
            _people(connection)
            with click.progressbar(length=requests, label=f"  {requests} requests") as bar:
                for rows in _chunks(rng, requests):
                    connection.execute(insert(DataRequest), rows)
                    bar.update(len(rows))
            _around(connection, requests)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("VACUUM ANALYZE"))
            else:
                connection.execute(text("ANALYZE"))


def _people(connection: Connection) -> None:
    at = now() - timedelta(days=30)  # newcomers may write less
    connection.execute(
        insert(Municipality), [{"id": 1, "slug": "bench", "name": "Bench", "contact_email": "a@b.example"}]
    )
    connection.execute(
        insert(Area),
        [
            {"id": n, "municipality_id": 1, "slug": f"a{n}", "name_sv": f"A{n}", "name_en": f"A{n}", "theme": "TRAN"}
            for n in range(1, 8)
        ],
    )
    connection.execute(
        insert(Unit),
        [
            {"id": n, "municipality_id": 1, "slug": f"u{n}", "name": f"Enhet {n}", "mailbox": f"u{n}@b.example"}
            for n in range(1, 21)
        ],
    )
    connection.execute(
        insert(Organisation),
        [{"id": n, "name": f"Företag {n}", "name_key": f"företag {n}", "created_at": at} for n in range(1, PEOPLE + 1)],
    )
    connection.execute(
        insert(Person),
        [
            {"id": n, "email": f"p{n}@b.example", "organisation_id": n, "locale": "sv", "created_at": at}
            for n in range(1, PEOPLE + 1)
        ],
    )


def _chunks(rng: random.Random, requests: int) -> Iterator[list[dict[str, Any]]]:
    for first in range(1, requests + 1, CHUNK):
        yield [_row(rng, number, requests) for number in range(first, min(first + CHUNK, requests + 1))]


def _row(rng: random.Random, number: int, requests: int) -> dict[str, Any]:
    status, outcome = _STATES[number % len(_STATES)]
    at = now() - timedelta(minutes=5 * (requests - number))
    live = status in ("received", "assessing", "planned")
    return {
        "id": number,
        "version": 1,
        "municipality_id": 1,
        "unit_id": 1 + number % 20,
        "area_id": 1 + number % 7,
        "asker_id": 1 + number % PEOPLE,
        "organisation_id": 1 + number % PEOPLE,
        "status": status,
        "outcome": outcome,
        "ground": "other" if outcome else None,
        "explanation": "Enskilda kan pekas ut." if outcome else None,
        "extent": "full" if status == "published" else None,
        "title": " ".join(rng.sample(_WORDS, 4)).capitalize(),
        "need": " ".join(rng.choices(_WORDS, k=40)).capitalize() + ".",
        "purpose": " ".join(rng.choices(_WORDS, k=15)).capitalize() + ".",
        "next_on": today("Europe/Stockholm") + timedelta(days=number % 40 - 5) if live else None,
        "created_at": at,
        "updated_at": at,
        "active_at": at,
        "received_at": at,
        "first_answered_at": at,
        "votes_count": VOTES,
        "messages_count": MESSAGES,
        "latest_answer": "Vi ser vad som går att publicera och återkommer.",
        "latest_answer_at": at,
    }


def _around(connection: Connection, requests: int) -> None:
    """Messages, votes, events and tallies, made in the database itself."""
    postgresql = connection.dialect.name == "postgresql"
    numbers = (
        "(SELECT generate_series(1, {0}) AS n)"
        if postgresql
        else "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {0}) SELECT n FROM c)"
    )
    official = "(k.n % 3 = 0)"
    part = "WHERE r.id BETWEEN :first AND :last"
    steps = {
        "messages": f"""INSERT INTO message (request_id, author_id, organisation_id, unit_id, is_official, body, body_html, posted_at)
            SELECT r.id, 1 + (r.id + k.n) % {PEOPLE}, 1 + (r.id + k.n) % {PEOPLE}, r.unit_id, {official},
                   'Vi behöver datan varje vecka.', '<p>Vi behöver datan varje vecka.</p>', r.received_at
            FROM data_request r CROSS JOIN {numbers.format(MESSAGES)} k {part} ORDER BY r.id, k.n""",
        "votes": f"""INSERT INTO vote (request_id, person_id, organisation_id, voice, reason_kind, reason, cast_at)
            SELECT r.id, 1 + (r.id * 7 + k.n) % {PEOPLE}, 1 + (r.id * 7 + k.n) % {PEOPLE},
                   'o' || (1 + (r.id * 7 + k.n) % {PEOPLE}),
                   CASE k.n % 3 WHEN 0 THEN 'new_service' WHEN 1 THEN 'saves_time' ELSE 'better_decisions' END, '', r.received_at
            FROM data_request r CROSS JOIN {numbers.format(VOTES)} k {part} ORDER BY r.id, k.n""",
        "events": f"""INSERT INTO request_event (municipality_id, request_id, kind, actor_role, unit_id, old, new, happened_at, fanned_out_at)
            SELECT 1, r.id, CASE k.n WHEN 1 THEN 'request_confirmed' WHEN 2 THEN 'request_assigned' ELSE 'request_assessed' END,
                   'official', r.unit_id, '{{}}', '{{}}', r.received_at, r.received_at
            FROM data_request r CROSS JOIN {numbers.format(3)} k {part} ORDER BY r.id, k.n""",
    }  # fmt: skip
    for name, statement in steps.items():
        with click.progressbar(range(1, requests + 1, CHUNK), label=f"  {name}") as chunks:
            for first in chunks:
                connection.execute(text(statement), {"first": first, "last": first + CHUNK - 1})
    tallies: dict[str, int] = {}
    for number in range(1, requests + 1):
        status, outcome = _STATES[number % len(_STATES)]
        state = f"{status}:{outcome}" if outcome else status
        tallies[state] = tallies.get(state, 0) + 1
    connection.execute(
        insert(StatusTally),
        [{"municipality_id": 1, "state": state, "requests": number} for state, number in tallies.items()],
    )
    if postgresql:
        for table in ("data_request", "person", "organisation", "unit", "area", "municipality"):
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            )
