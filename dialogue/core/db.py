"""The database floor: base class, types, and the two doors (reading, writing) that every transaction goes through.

SQLite allows one writer at a time. A transaction that reads first and writes later fails at once when another has
written in between, so every writing transaction starts with BEGIN IMMEDIATE and waits its turn instead. Reading
transactions are made read-only in the engine itself, so a page that only shows something cannot change anything.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from sqlite3 import SQLITE_BUSY
from threading import Lock
from time import monotonic, sleep
from typing import Any, ClassVar

from sqlalchemy import JSON, Connection, DateTime, Engine, Enum, Executable, MetaData, Row, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

#: How long a SQLite connection waits for another writer, in milliseconds.
BUSY_TIMEOUT_MS = 5_000

#: Seconds after which a process that found another one writing asks again: about as long as one writes.
ASK_AGAIN = 0.001

#: What of SQLite's error codes says what kind of error it is.
_PRIMARY = 0xFF

#: The greatest id there can be (INTEGER of PostgreSQL); an address with a greater number leads to nothing.
MAX_ID = 2**31 - 1

_DIGITS = re.compile("[0-9]{1,10}")

_READ_ONLY = "dialogue_read_only"
_HAS_TURN = "dialogue_has_turn"

# What each engine is told of a transaction that cannot write: SQLite by _WriteDoor, PostgreSQL by its driver.
_READING = {_READ_ONLY: True, "postgresql_readonly": True}

#: Key of Session.info under which the server's secret is handed to domain code.
SERVER_SECRET = "dialogue_server_secret"  # noqa: S105 (the name of a place, not a secret)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC time on both engines (SQLite keeps no zone, so it is stripped going in and put back coming out)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone reached the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Parent of every table. Constraint names follow one convention, so migrations can name them on both engines."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UTCDateTime, dict[str, Any]: JSON, list[Any]: JSON}


def choice(kind: type[StrEnum]) -> Enum:
    """A column type for `kind`: text with a CHECK, so that no state outside the table can ever be stored."""
    return Enum(
        kind,
        name=kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


def prepare_engine(engine: Engine) -> None:
    """Attach the two doors to `engine`. Call once, before its first connection."""
    if engine.dialect.name == "sqlite":
        door = _WriteDoor()
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", door.begin)
        event.listen(engine, "commit", door.leave)
        event.listen(engine, "rollback", door.leave)
        event.listen(engine, "checkin", door.leave_behind)


def read_only(session: Session) -> None:
    """Start the session's next transaction as one that cannot write. Call before its first statement.

    End it with a commit: at a ROLLBACK psycopg forgets every statement that PostgreSQL has prepared for it.
    """
    session.connection(execution_options=_READING)


def read_id(text: str) -> int | None:
    """The id that somebody wrote; None when it is none, or one that no row can have."""
    number = int(text) if _DIGITS.fullmatch(text) else MAX_ID + 1
    return number if number <= MAX_ID else None


def read_rows(
    session: Session, wanted: Executable, values: Mapping[str, Any] | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The rows of a SELECT of columns, past the object mapper: half the time of `session.execute`, for busy pages."""
    session.flush()
    return session.connection().execute(wanted, values).all()


def upserting(session: Session) -> Callable[[Any], postgresql.Insert | sqlite.Insert]:
    """The INSERT of the session's engine, which knows ON CONFLICT: the standard one does not."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


def server_secret(session: Session) -> str:
    """The secret of this server, which is never in its database. Put on every session by `app.py`."""
    return str(session.info[SERVER_SECRET])


def _open_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN comes too late and is never IMMEDIATE: take it out of the way.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin_writing(connection: Connection, until: float) -> None:
    """Begin a writing transaction, asking every ASK_AGAIN seconds until the moment `until` of the clock that only
    goes forward; then the database says in its own words that it is busy."""
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout = 0")
    try:
        while monotonic() < until:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except driver.OperationalError as error:
                if error.sqlite_errorcode & _PRIMARY != SQLITE_BUSY:
                    break
                sleep(ASK_AGAIN)
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        driver.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


class _WriteDoor:
    """Where the threads of one process wait for their turn to write, before the database makes them wait.

    SQLite lets a waiting writer ask again and again, with pauses of up to 100 ms, and whoever asks at the right moment
    goes first: with eight busy writers somebody is out of luck for 5 s every few thousand transactions. Here a waiting
    thread is woken as soon as the one before it leaves, so that only whole processes still meet at the database. Those
    ask at an even pace, so that nobody sleeps on while the door stands open: four workers that send mail write as often
    as the disk allows.
    """

    def __init__(self) -> None:
        self.turn = Lock()

    def begin(self, connection: Connection) -> None:
        """Begin a transaction, a writing one when it is this thread's turn."""
        reading = connection.get_execution_options().get(_READ_ONLY, False)
        # query_only outlives the transaction on the pooled connection, so it is switched when the need changes.
        if connection.info.get(_READ_ONLY, False) != reading:
            connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reading else 'OFF'}")
            connection.info[_READ_ONLY] = reading
        if reading:
            connection.exec_driver_sql("BEGIN")
            return
        until = monotonic() + BUSY_TIMEOUT_MS / 1000
        # Who has waited too long asks the database all the same: it says in its own words what is wrong.
        connection.info[_HAS_TURN] = self.turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
        try:
            _begin_writing(connection, until)
        except BaseException:
            self.leave(connection)
            raise

    def leave(self, connection: Connection) -> None:
        """Let the next one in."""
        if connection.info.pop(_HAS_TURN, False):
            self.turn.release()

    def leave_behind(self, _: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        """Let the next one in when a connection was dropped in the middle of a transaction."""
        if entry.info.pop(_HAS_TURN, False):
            self.turn.release()
