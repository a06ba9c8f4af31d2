"""The commands that concern the whole house. Each feature's own commands stand in its `cli.py`."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo, with_appcontext
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from config import InvalidSetting
from dialogue.checks import DOCTOR, VERIFY
from dialogue.core.errors import DialogueError
from dialogue.core.language import Sentence
from dialogue.demo.operations import fill_when_empty
from dialogue.mail.cli import listening
from dialogue.notifications.worker import run_worker
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.indexing import reindex
from dialogue.web.extensions import alembic, db
from dialogue.web.language import say
from dialogue.web.server import serve
from dialogue.web.transaction import command_transaction

database = AppGroup("db", help="The database's tables.")


@database.command("upgrade")
def upgrade_database() -> None:
    """Create the tables, or bring them up to this version."""
    current_app.config["VAR"].mkdir(mode=0o700, parents=True, exist_ok=True)
    alembic.upgrade()
    click.echo("The database is up to date.")


@click.command("serve")
@click.pass_obj
def serve_web(info: ScriptInfo) -> None:
    """Serve the site on HOST and PORT (default 127.0.0.1:5000), until told to stop."""
    app = info.load_app()
    serve(app, _host(), _port(), workers=app.config["WEB_WORKERS"], threads=app.config["WEB_THREADS"])


@click.command("work")
@click.pass_obj
def work(info: ScriptInfo) -> None:
    """Send mail and digests, take mail in if MAIL_LISTEN is set, and keep house, until told to stop."""
    _work(info.load_app())


def _work(app: Flask) -> None:
    with listening(app):
        run_worker(app)


@click.command("run")
@click.pass_obj
def run_all(info: ScriptInfo) -> None:
    """Development: bring the database up to date, fill an empty one, start web and worker. Ctrl-C stops both."""
    app = info.load_app()
    with app.app_context():
        alembic.upgrade()  # keeps its connection, and with it the write lock, until the context ends
    with app.app_context():
        with command_transaction() as session:
            fill_when_empty(session)
        db.engine.dispose()
    address = f"http://{_host()}:{_port()}"
    click.echo(
        f"Dialogue:  {address}\nMails:     {address}/dev/mail\nSign in:   {address}/dev/sign-in\nStop with Ctrl-C."
    )
    sys.stdout.flush()
    worker = _fork(lambda: _work(app))
    web = _fork(lambda: serve(app, _host(), _port(), workers=1, threads=8))
    _wait_for_both(worker, web)


@click.command("verify")
@with_appcontext
def verify() -> None:
    """Check the database: storage, counters and tallies. Status 1 when something is wrong."""
    report(VERIFY, db.session)


@click.command("reindex")
@with_appcontext
def build_search_index() -> None:
    """Build the search index anew from the texts of the requests."""
    with command_transaction() as session:
        requests = session.scalar(select(func.count(DataRequest.id))) or 0
        with click.progressbar(length=requests, label="Indexing") as bar:
            for done in reindex(session):
                bar.update(done - bar.pos)


@click.command("doctor")
@with_appcontext
def examine_settings() -> None:
    """Check the settings and what they point to. Status 1 when something needs a hand."""
    report(DOCTOR, current_app)


def report(checks: Mapping[str, Callable[[Any], Iterator[str]]], subject: object) -> None:
    """Run `checks` on `subject`, a line each, and leave with status 1 when one of them found something."""
    found = False
    for name, check in checks.items():
        troubles = list(check(subject))
        found = found or bool(troubles)
        click.echo(f"{name}: {'; '.join(troubles) if troubles else 'ok'}")
    if found:
        raise click.exceptions.Exit(1)


@click.command("demo")
@with_appcontext
def fill_with_example() -> None:
    """Fill an empty database with an invented example."""
    with command_transaction() as session:
        filled = fill_when_empty(session)
    if not filled:
        raise click.ClickException("There is a municipality already: the example only goes into an empty database.")
    click.echo("The example is in the database.")


def add_commands(app: Flask) -> None:
    """Give `app` the commands of this file."""
    of_the_house = (database, serve_web, work, run_all, fill_with_example, verify, build_search_index, examine_settings)
    for command in of_the_house:
        app.cli.add_command(command)


def run_command(app: Flask) -> int:
    """Run the command that was typed. A refusal is one sentence on standard error and status 1 (usage: 2)."""
    try:
        info = ScriptInfo(create_app=lambda: app)
        status = app.cli.main(prog_name="dialogue", obj=info, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return _refuse("Stopped.")
    except InvalidSetting as error:
        return _refuse(str(error))
    except DialogueError as error:
        # Commands speak English, whatever language the site's pages and mails begin in.
        with app.app_context(), force_locale("en"):
            return _refuse(say(Sentence(error.message, error.values)))
    except (OperationalError, ProgrammingError) as error:
        if "no such table" in str(error.orig) or "does not exist" in str(error.orig):
            return _refuse("The database has no tables of this version: run dialogue db upgrade")
        return _refuse(f"The database does not answer, check DIALOGUE_DATABASE_URL: {error.orig}".splitlines()[0])
    # click answers with the status of an Exit; a command that ends well returns nothing.
    return status or 0


def _host() -> str:
    return os.environ.get("HOST") or "127.0.0.1"


def _port() -> int:
    text = os.environ.get("PORT") or "5000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise InvalidSetting(f"PORT is {text!r}: use a number from 1 to 65535")
    return int(text)


def _refuse(sentence: str) -> int:
    click.echo(sentence, err=True)
    return 1


def _fork(job: Callable[[], None]) -> int:
    """Run `job` in a child process that has everything imported already. Returns its process id."""
    child = os.fork()
    if child:
        return child
    os.setpgid(0, 0)  # Ctrl-C in a terminal reaches the parent alone, which passes it on once
    try:
        job()
    except KeyboardInterrupt:
        os._exit(0)
    except SystemExit as end:
        os._exit(end.code if isinstance(end.code, int) else 0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


#: Seconds that web and worker get to finish the work in hand.
_PATIENCE = 30


def _wait_for_both(*children: int) -> None:
    """Wait until told to stop or until one child ends; then stop the others. Exits with the first child's status."""
    stopping = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    running, status = set(children), 0
    while running and not stopping:
        ended = [child for child in running if os.waitpid(child, os.WNOHANG)[0]]
        if ended:
            running -= set(ended)
            status, stopping = 1, True
        time.sleep(0.2)
    _stop(running)
    raise click.exceptions.Exit(status)


def _stop(running: set[int]) -> None:
    for child in running:
        os.kill(child, signal.SIGTERM)
    patient_until = time.monotonic() + _PATIENCE
    while running and time.monotonic() < patient_until:
        running -= {child for child in running if os.waitpid(child, os.WNOHANG)[0]}
        time.sleep(0.1)
    for child in running:
        os.kill(child, signal.SIGKILL)
