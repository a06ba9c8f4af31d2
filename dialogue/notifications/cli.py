"""Commands about digests."""

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from dialogue.accounts.queries import find_person, list_municipalities
from dialogue.core import emailaddress
from dialogue.core.clock import local_time, now
from dialogue.core.db import read_only
from dialogue.mail.sender.writing import write
from dialogue.notifications.letters.preview import preview_mails
from dialogue.notifications.periods import newest_period
from dialogue.notifications.queries.digests import find_built
from dialogue.notifications.rules import GATHERED
from dialogue.notifications.worker import Worker
from dialogue.web.extensions import db

digests = AppGroup("digests", help="The mails that gather what happened in a day, a week or a month.")


@digests.command("send")
def send_digests() -> None:
    """Build the digests that are due. Once they are built, a second run builds none and says since when."""
    built = Worker(_app()).gather_all()
    if built:
        click.echo(f"Built: {built}. The worker sends them.")
        return
    read_only(db.session)
    said = False
    for place in list_municipalities(db.session):
        for cadence in GATHERED:
            period = newest_period(cadence, now(), place.zone, current_app.config["DIGEST_AT"])
            built_at, mails = find_built(db.session, place.id, period.key)
            if built_at is not None:
                click.echo(
                    f"{place.name}, {period.key}: already sent {local_time(built_at, place.zone)}, {mails} mails."
                )
                said = True
    if not said:
        click.echo("Nobody has a digest that is due.")


@digests.command("preview")
@click.argument("email")
def preview_digest(email: str) -> None:
    """Print what the next digests, Monday mail and reminders to EMAIL would say. Nothing is sent or marked."""
    session = db.session
    read_only(session)
    try:
        person = find_person(session, emailaddress.normalise(email))
    except emailaddress.InvalidEmail as error:
        raise click.UsageError("Give an e-mail address, like name@company.se.") from error
    if person is None:
        raise click.ClickException("Nobody has proved that address.")
    shown = 0
    for place in list_municipalities(session):
        for preview in preview_mails(session, person, place, current_app.config["DIGEST_AT"]):
            written = write(preview.template, person.locale, preview.letter)
            click.echo(f"Subject: {written.subject}\n\n{written.text}")
            shown += 1
    if not shown:
        click.echo("Nothing has happened that a digest would tell, and nothing waits: no mail would be sent.")


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]
