"""Every test that touches the database runs on SQLite and on PostgreSQL.

Transactions are the real ones, so the two doors of core/db.py are always tried too; after each test its rows are
deleted. A rolled-back outer transaction would be quicker, but would hide the locks and the read-only pages.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import time_machine
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.orm import Session

from config import ROOT, Config
from dialogue.app import create_app
from dialogue.core.clock import now
from dialogue.core.db import Base
from dialogue.web.extensions import alembic, db
from tests.factories import Factory
from tests.page import Page

POSTGRES_URL = os.environ.get("DIALOGUE_TEST_POSTGRES_URL") or "postgresql://postgres@127.0.0.1/postgres"
ENGINES = ("sqlite", "postgresql")
TESTS = ROOT / "tests"
WITHOUT_POSTGRES = "PostgreSQL cannot be reached; DIALOGUE_TEST_POSTGRES_URL says where it is"

# The same examples in every run, and nothing depends on how busy the machine is.
hypothesis_settings.register_profile(
    "steady", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("steady")


def pytest_configure(config: pytest.Config) -> None:
    """Compile texts that changed, as every make command does, for those who start pytest by hand."""
    if hasattr(config, "workerinput"):
        return  # the process that starts the workers has done it
    for source in ROOT.glob("dialogue/translations/*/LC_MESSAGES/messages.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as texts, compiled.open("wb") as file:
                write_mo(file, read_po(texts))


#: Where something is written for one engine alone, or nothing but a process of its own runs it.
ALWAYS_COUNTED = ("core", "commands", "demo", "requests/test_search.py", "web")

#: What takes longest, begun first, so that no process is left with it at the end while the others have nothing to do.
LONGEST = (
    *("test_pages.py", "test_statements.py", "browser", "test_permissions.py", "test_house.py", "test_questions.py"),
    *("test_entrances.py", "test_kills.py", "emails", "test_lifecycle.py", "test_races.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and count the lines that are run where that is worth its price.

    Counting makes a test nearly twice as dear. What both engines run the same is counted on SQLite; and a race is not
    counted, because what only luck reaches is not tested.
    """
    for item in items:
        engine = getattr(item, "callspec", None) and item.callspec.params.get("app")
        is_race = "live_app" in getattr(item, "fixturenames", ())
        room = item.path.relative_to(TESTS).as_posix()
        if (is_race or engine == "postgresql") and not room.startswith(ALWAYS_COUNTED):
            item.add_marker(pytest.mark.no_cover)
    items.sort(key=lambda item: next((n for n, name in enumerate(LONGEST) if name in item.path.parts), len(LONGEST)))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each reason to leave tests out, where pytest has one for each place."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    for reason, tests in reasons.items():
        terminalreporter.line(f"{tests} left out: {reason.removeprefix('Skipped: ')}")


def settings(database_url: str, var: Path, **more: str) -> Config:
    """Settings of a development site on `database_url`, with nothing taken from the environment."""
    environ = {
        "DIALOGUE_SECRET_KEY": "a secret that only tests know, long enough",
        "DIALOGUE_DATABASE_URL": database_url,
        "DIALOGUE_VAR": str(var),
        "DIALOGUE_MAIL_RATE": "0",
    }
    return Config(environ | {f"DIALOGUE_{name}": value for name, value in more.items()})


@cache
def without_postgres() -> bool:
    """Whether there is no server. Asked once, because an address that does not answer takes its time."""
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=30).close()
    except psycopg.OperationalError:
        return True
    return False


@contextmanager
def scratch_database(engine: str, folder: Path, *, like: str | None = None, is_durable: bool = False) -> Iterator[str]:
    """The address of a database, gone afterwards: an empty one, or a copy of the one whose address is `like`.

    Skips (in CI: fails) when PostgreSQL is not reachable. Durable: PostgreSQL waits for the disk at each commit, as in
    production. SQLite always does.
    """
    if engine == "sqlite":
        file = folder / f"{uuid4().hex}.sqlite3"
        if like is not None:
            shutil.copyfile(str(make_url(like).database), file)
        yield f"sqlite:///{file}"
        return
    if without_postgres():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(WITHOUT_POSTGRES)
    server = psycopg.connect(POSTGRES_URL, autocommit=True)
    name = f"dialogue_test_{uuid4().hex}"
    with server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {make_url(like).database if like else 'template1'}")
        server.execute(f"ALTER DATABASE {name} SET synchronous_commit = {'on' if is_durable else 'off'}")
        try:
            yield make_url(POSTGRES_URL).set(drivername="postgresql+psycopg", database=name).render_as_string(False)
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def app_on(database_url: str, var: Path, **more: str) -> Flask:
    """An app on `database_url` as it is."""
    app = create_app(settings(database_url, var, **more))
    app.testing = True
    return app


def migrated_app(database_url: str, var: Path, **more: str) -> Flask:
    """An app on `database_url` with its tables made by the migrations."""
    app = app_on(database_url, var, **more)
    with app.app_context():
        alembic.upgrade()
    return app


def dispose(app: Flask) -> None:
    """Close the connections of `app`."""
    with app.app_context():
        db.engine.dispose()


class _Apps:
    """For each engine one migrated app, and one empty migrated database to copy; each made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[str, Flask] = {}
        self.models: dict[str, str] = {}
        self.closing = ExitStack()

    def get(self, engine: str) -> Flask:
        if engine not in self.made:
            self.made[engine] = migrated_app(self._scratch(engine), self.folder / engine)
            self.closing.callback(dispose, self.made[engine])
        return self.made[engine]

    def model(self, engine: str) -> str:
        if engine not in self.models:
            self.models[engine] = self._scratch(engine)
            dispose(migrated_app(self.models[engine], self.folder / engine))
        return self.models[engine]

    def _scratch(self, engine: str) -> str:
        return self.closing.enter_context(scratch_database(engine, self.folder))


@pytest.fixture(scope="session")
def _apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Apps]:
    apps = _Apps(tmp_path_factory.mktemp("databases"))
    with apps.closing:
        yield apps


@pytest.fixture(params=ENGINES)
def app(request: pytest.FixtureRequest, _apps: _Apps) -> Iterator[Flask]:
    """The app on each engine in turn; whatever the test commits is deleted after it."""
    app = _apps.get(request.param)
    yield app
    with app.app_context(), db.engine.begin() as connection:
        _empty(connection)


def _empty(connection: Connection) -> None:
    """Delete every row. A server is asked once: forty answers take longer than what they are about."""
    deletes = [str(table.delete()) for table in reversed(Base.metadata.sorted_tables)]
    for statement in ["; ".join(deletes)] if connection.dialect.name == "postgresql" else deletes:
        connection.exec_driver_sql(statement)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session outside any request, for domain operations and for looking at what a request left."""
    with app.app_context():
        maker = db.sessionmaker
    with maker() as session:
        yield session


@pytest.fixture(params=ENGINES)
def live_app(request: pytest.FixtureRequest, tmp_path: Path, _apps: _Apps) -> Iterator[Flask]:
    """An app on a database of its own without any isolation: for races, kills and processes."""
    with scratch_database(request.param, tmp_path, like=_apps.model(request.param)) as url:
        app = app_on(url, tmp_path)
        yield app
        dispose(app)


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """What the database of `session` is asked meanwhile, by whomever."""
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def stopped_clock() -> Iterator[None]:
    """Everything happens at one moment: no window of time ends meanwhile, however slow the machine is."""
    with time_machine.travel(now(), tick=False):
        yield


@pytest.fixture
def make(session: Session) -> Factory:
    """Makes rows for tests: `make.person()`, `make.request(status=…)`, …, each committed."""
    return Factory(session)


@pytest.fixture
def page(app: Flask, session: Session) -> Page:
    """A browser without script that checks every page it opens."""
    return Page(app, session)
