"""Threads of one process take turns to write to SQLite, and nobody keeps the turn."""

import gc
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from dialogue.core import db
from dialogue.core.db import prepare_engine


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", 200)
    engine = create_engine(f"sqlite:///{tmp_path / 'door.sqlite3'}")
    prepare_engine(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE number (n INTEGER)"))
        connection.execute(text("INSERT INTO number VALUES (0)"))
    yield engine
    engine.dispose()


def add_one(connection: Connection) -> None:
    n = connection.scalar(text("SELECT n FROM number"))
    connection.execute(text("UPDATE number SET n = :n"), {"n": n + 1})


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT n FROM number")) or 0)


def test_more_writers_than_could_wait_for_each_other_by_asking(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(_: int) -> None:
        with engine.begin() as connection:
            add_one(connection)

    # The turn is given on as the commit begins, so on a busy machine the next one may still meet it at the database.
    monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", 5_000)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(write, range(400)))
    assert count(engine) == 400


def test_another_process_is_waited_for_and_then_reported(engine: Engine, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "door.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"), engine.begin() as connection:
        add_one(connection)
    other.execute("ROLLBACK")
    other.close()
    with engine.begin() as connection:
        add_one(connection)
    assert count(engine) == 1


def test_what_no_patience_helps_is_reported_at_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "sleep", lambda _: pytest.fail("it waits"))
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("BEGIN")
        with pytest.raises(OperationalError, match="within a transaction"):
            add_one(connection)
    with engine.begin() as connection:
        add_one(connection)
    assert count(engine) == 1


def test_the_turn_ends_with_the_transaction_however_it_ends(engine: Engine) -> None:
    with engine.connect() as connection:
        add_one(connection)
        connection.rollback()
        add_one(connection)
        connection.commit()
    dropped = engine.connect()
    add_one(dropped)
    del dropped
    gc.collect()
    with engine.begin() as connection:
        add_one(connection)
    assert count(engine) == 2


def test_who_reads_waits_for_nobody(engine: Engine) -> None:
    with engine.begin() as writing:
        add_one(writing)
        with engine.connect().execution_options(**{db._READ_ONLY: True}) as reading:
            assert reading.scalar(text("SELECT n FROM number")) == 0
