"""The command that takes over requests from elsewhere: `dialogue import requests FILE`."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dialogue.accounts.models import Locale, Municipality
from dialogue.core.clock import today
from dialogue.requests.operations.importing import Imported, Words, import_requests
from dialogue.requests.source_files import SourceRefused, read_source
from dialogue.requests.source_rows import KNOWN_NAMES, check_rows, left_out
from dialogue.web.transaction import command_transaction

imports = AppGroup("import", help="Take over what was kept elsewhere.")

#: Largest file that is read, in bytes.
LARGEST_FILE = 200_000_000

# In a pipe, a line is written after so many requests.
_LINE_EVERY = 10_000


@imports.command("requests")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--municipality", "slug", metavar="SLUG", help="Whose requests they are, when there are several.")
@click.option("--source", metavar="NAME", help="Where they come from, in words; else the file's name.")
@click.option(
    "--language",
    type=click.Choice([locale.value for locale in Locale]),
    help="Of requests that do not say it; else LOCALE.",
)
def import_requests_command(file: Path, slug: str | None, source: str | None, language: str | None) -> None:
    """Import requests from FILE, JSON or CSV: all of them or none. Those that are here already stay as they are."""
    content = _read(file)
    found = read_source(content, KNOWN_NAMES)
    with command_transaction() as session:
        municipality = _municipality(session, slug)
        rows = check_rows(found, today(municipality.zone))
        click.echo(f"{file.name}: {len(rows)} requests ({found.kind}).")
        if unused := left_out(found):
            click.echo(f"Left out: {', '.join(unused)}.")
        locale = Locale(language or current_app.config["LOCALE"])
        steps = import_requests(session, municipality, source or file.name, rows, locale=locale, words=_words())
        try:
            done = _follow(steps, len(rows))
        except IntegrityError:
            raise SourceRefused("Somebody imported the same requests just now: run the command again.") from None
    click.echo(f"{done.new} imported, {done.known} were here already.")


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise SourceRefused(f"{file} is larger than {LARGEST_FILE // 1_000_000} MB: import it in parts.")
        return file.read_bytes()
    except OSError as error:
        raise SourceRefused(f"{file} cannot be read: {error.strerror}.") from None


def _municipality(session: Session, slug: str | None) -> Municipality:
    known = {each.slug: each for each in session.scalars(select(Municipality).order_by(Municipality.slug))}
    if slug is None and len(known) == 1:
        return next(iter(known.values()))
    if not known:
        raise SourceRefused("There is no municipality yet: make one first.")
    if slug is None:
        raise click.UsageError(
            f"There are several municipalities: choose one with --municipality ({', '.join(known)})."
        )
    if slug not in known:
        raise SourceRefused(f"There is no municipality called {slug}: there is {', '.join(known)}.")
    return known[slug]


def _words() -> Words:
    no_explanation, elsewhere = {}, {}
    for locale in Locale:
        with force_locale(locale.value):
            no_explanation[locale] = gettext("The request was decided elsewhere. The reasons did not come with it.")
            elsewhere[locale] = gettext("the one who answered elsewhere")
    return Words(no_explanation=no_explanation, elsewhere=elsewhere)


def _follow(steps: Iterable[Imported], total: int) -> Imported:
    """Show how far it has come, a bar on a terminal and now and then a line elsewhere; return where it ended."""
    done = Imported()
    if sys.stdout.isatty():
        with click.progressbar(length=total, label="Importing") as bar:
            for step in steps:
                bar.update(step.total - done.total)
                done = step
        return done
    for step in steps:
        if step.total // _LINE_EVERY > done.total // _LINE_EVERY and step.total < total:
            click.echo(f"{step.total} of {total}")
        done = step
    return done
