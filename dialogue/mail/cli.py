"""Commands about mail: taking it in, what was set aside on its way out, and what DNS says of us.

The exit statuses of those that take mail in are those of sysexits.h, which mail servers know.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo
from flask_babel import force_locale

from config import InvalidSetting
from dialogue.core.clock import local_time
from dialogue.core.db import MAX_ID, read_only
from dialogue.mail.domain.checking import check, domains_of, is_selector
from dialogue.mail.domain.findings import Level
from dialogue.mail.incoming.entrance import MAX_BYTES, Entrance, TooLong, UnknownAddress, return_path_in
from dialogue.mail.incoming.listener import start_listening
from dialogue.mail.incoming.mailbox import MailboxAway, fetch, opened
from dialogue.mail.incoming.spool import take_in
from dialogue.mail.outbox import send_again
from dialogue.mail.queries import find_outgoing, list_unsent
from dialogue.mail.rules import OPEN, SET_ASIDE
from dialogue.web.extensions import db
from dialogue.web.language import say
from dialogue.web.transaction import command_transaction

log = logging.getLogger(__name__)

mail = AppGroup(
    "mail", help="Mail that comes in, mail that waits or was set aside on its way out, and the sender's domain."
)


@mail.command("receive")
@click.option("--to", "recipient", default="", help="Envelope recipient. Without it, the headers say.")
@click.option(
    "--from", "return_path", help="Envelope sender; empty for what machines send. Without it, the headers say."
)
def receive(recipient: str, return_path: str | None) -> None:
    """Take in one mail from standard input.

    Status 0: it is kept. 75: not now, try again. 67: there is no such address. 65: it is too long.
    """
    try:
        status = _receive(sys.stdin.buffer.read(MAX_BYTES + 1), recipient, return_path)
    except UnknownAddress as error:
        status = _say(os.EX_NOUSER, f"There is no such address here: {error}")
    except TooLong:
        status = _say(os.EX_DATAERR, f"The mail is longer than {MAX_BYTES // 1_000_000} MB.")
    except InvalidSetting as error:
        status = _say(os.EX_TEMPFAIL, str(error))
    except Exception as error:
        # Whatever it is, the mail is not kept: the server that has it must not throw it away.
        log.exception("a mail cannot be kept")
        status = _say(os.EX_TEMPFAIL, f"The mail cannot be kept just now, try again later: {type(error).__name__}")
    raise click.exceptions.Exit(status)


@mail.command("listen")
@click.pass_obj
def listen(info: ScriptInfo) -> None:
    """Take mail in by SMTP or LMTP at MAIL_LISTEN, until told to stop. The worker does so too, if it is set."""
    app = info.load_app()
    if app.config["MAIL_LISTEN"] is None:
        raise click.ClickException("Say where to listen: DIALOGUE_MAIL_LISTEN=127.0.0.1:8024")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with listening(app):
        click.echo("Listening at {}:{}.".format(*app.config["MAIL_LISTEN"]))
        sys.stdout.flush()
        stop.wait()


@mail.command("list")
@click.option(
    "--failed", is_flag=True, help="Only what was set aside: refused, failed, or expired before it could leave."
)
def list_mail(failed: bool) -> None:
    """List mails that have not left, a line each: number, state, when, which, to whom, tries, and what went wrong."""
    read_only(db.session)
    found = False
    for each in list_unsent(db.session, SET_ASIDE if failed else SET_ASIDE | OPEN):
        at = local_time(each.finished_at or each.created_at, current_app.config["TIMEZONE"])
        line = (each.id, each.state, at, each.template, each.recipient, each.attempts, each.last_error or "")
        click.echo("\t".join(str(value) for value in line))
        found = True
    if not found:
        click.echo("No mail was set aside." if failed else "No mail waits.", err=True)


@mail.command("replay")
@click.argument("numbers", nargs=-1, type=click.IntRange(1, MAX_ID), metavar="[ID]...")
@click.option("--all", "every", is_flag=True, help="Everything that was set aside and has not expired.")
def replay(numbers: tuple[int, ...], every: bool) -> None:
    """Send mails that were set aside once more, by their numbers in `dialogue mail list --failed`.

    Each keeps its Message-ID, and is not sent if it may not be said any more.
    """
    if bool(numbers) is every:
        raise click.UsageError("Say which: the numbers of some mails, or --all.")
    with command_transaction() as session:
        found = find_outgoing(session, numbers)
        for number in numbers:
            if number not in found or found[number].state not in SET_ASIDE:
                raise click.ClickException(f"No mail {number} was set aside, and none is sent again.")
        count = send_again(session, None if every else numbers)
    click.echo(f"To be sent again: {count}. The worker does it.")
    if count < len(found):
        click.echo(f"Too old, or to an address that mail does not reach: {len(found) - count}.")


@mail.command("fetch")
def fetch_mail() -> None:
    """Take in what is new in the mailbox at MAIL_IMAP_URL. What is refused stays there, flagged."""
    config = current_app.config
    if config["MAIL_IMAP"] is None:
        raise click.ClickException("Say which mailbox: DIALOGUE_MAIL_IMAP_URL=imaps://mail.example.org/INBOX")
    host, port, folder = config["MAIL_IMAP"]
    _entrance(current_app)  # a setting that is missing is no mail's fault
    try:
        with opened(host, port, folder, config["MAIL_IMAP_USERNAME"], config["MAIL_IMAP_PASSWORD"]) as connection:
            kept, refused = fetch(connection, _receive)
    except MailboxAway as error:
        raise click.ClickException(f"The mailbox cannot be read, it is left as it is: {error}") from error
    click.echo(f"Taken in: {kept}. Refused and flagged: {refused}.")


@mail.command("check-domain")
@click.option("--selector", default="", help="Name of a DKIM key. Without it, those of MAIL_DKIM_SELECTORS.")
def check_domain(selector: str) -> None:
    """Look in DNS whether receivers can see that mail from here is genuine. Status 1 when something is wrong."""
    if selector and not is_selector(selector):
        raise click.BadParameter("use letters, digits, full stops and hyphens", param_hint="--selector")
    findings = check(domains_of(current_app.config, selector), current_app.extensions["dialogue.dns"]())
    with force_locale("en"):
        for finding in findings:
            click.echo(f"{finding.subject}: {finding.level}: {say(finding.meaning)}")
            click.echo(f"  {finding.name}: {finding.found or 'nothing'}".replace("\n", "\n  "))
            if finding.line:
                click.echo(f"  put in DNS: {finding.line}")
    if any(finding.level is Level.BAD for finding in findings):
        raise click.exceptions.Exit(1)


@contextmanager
def listening(app: Flask) -> Iterator[None]:
    """Take mail in at MAIL_LISTEN, if it is set, until the block ends. Raises InvalidSetting when that cannot be."""
    if app.config["MAIL_LISTEN"] is None:
        yield
        return
    host, port = app.config["MAIL_LISTEN"]
    try:
        listener = start_listening(host, port, _entrance(app), _taker(app))
    except OSError as error:
        raise InvalidSetting(f"DIALOGUE_MAIL_LISTEN: cannot listen at {host}:{port}: {error}") from error
    try:
        yield
    finally:
        listener.stop()


def _receive(raw: bytes, recipient: str = "", return_path: str | None = None) -> int:
    entrance = _entrance(current_app)
    if recipient and not entrance.knows(recipient):
        raise UnknownAddress(recipient)
    addresses = [recipient] if recipient else entrance.addressed_in(raw)
    path = return_path_in(raw) if return_path is None else return_path
    with command_transaction() as session:
        if not take_in(session, raw, addresses, path):
            log.info("a mail came again and is counted once")
    return os.EX_OK


def _entrance(app: Flask) -> Entrance:
    if not app.config["MAIL_REPLY_DOMAIN"]:
        raise InvalidSetting("Say which domain answers come to: DIALOGUE_MAIL_REPLY_DOMAIN")
    return Entrance(app.config["MAIL_REPLY_DOMAIN"], app.config["MAIL_SENDER"])


def _taker(app: Flask) -> Callable[[bytes, str, str], None]:
    """Takes a mail in from a thread of the listener."""

    def take(raw: bytes, recipient: str, return_path: str) -> None:
        with app.app_context(), command_transaction() as session:
            if not take_in(session, raw, [recipient], return_path):
                log.info("a mail came again and is counted once")

    return take


def _say(status: int, sentence: str) -> int:
    click.echo(sentence, err=True)
    return status
