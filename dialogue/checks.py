"""What `dialogue verify` and `dialogue doctor` look at. Each check yields one sentence for each thing that is wrong."""

import socket
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta

from flask import Flask
from sqlalchemy import ColumnElement, case, func, literal, select, text
from sqlalchemy.orm import Session

from dialogue.conversation.queries.thread import SHOWN_POSTS
from dialogue.core.clock import now
from dialogue.mail.incoming.spool import count_waiting, has_ever_come
from dialogue.mail.sender.server import MailServer, ServerAway
from dialogue.notifications.queries.subscriptions import FOLLOWERS
from dialogue.requests.models import DataRequest, StatusTally
from dialogue.requests.operations.indexing import find_badly_indexed
from dialogue.requests.rules import Status
from dialogue.voting.queries import VOICES
from dialogue.web.extensions import alembic, db

#: A mail that came in is handled at once; after this, something is wrong.
HANDLED_WITHIN = timedelta(hours=1)

#: Before this version, SQLite can damage a WAL database that several processes write to (fixed in 3.51.3).
SOUND_SQLITE = (3, 51, 3)

#: What this machine calls itself: nothing that is sent there leaves it.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def check_storage(session: Session) -> Iterator[str]:
    """The database's own view of itself."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for (line,) in session.execute(text("PRAGMA integrity_check")):
        if line != "ok":
            yield f"the database file is damaged: {line}"
    for row in session.execute(text("PRAGMA foreign_key_check")):
        yield f"a row of {row[0]} points to a row of {row[2]} that is not there"


#: Every counter of a request, and the rows that it counts.
_COUNTED: dict[str, ColumnElement[int]] = {
    "votes_count": VOICES,
    "messages_count": SHOWN_POSTS,
    "followers_count": FOLLOWERS,
}


def check_counters(session: Session) -> Iterator[str]:
    """Every counter against the rows that it counts."""
    for name, found in _COUNTED.items():
        kept = getattr(DataRequest, name)
        for number, says, is_ in session.execute(select(DataRequest.id, kept, found).where(kept != found)):
            yield f"request {number} says {name} = {says}, but there are {is_}"


def check_tallies(session: Session) -> Iterator[str]:
    """The kept figures of each state against the requests."""
    state = case(
        (DataRequest.outcome.is_not(None), DataRequest.status.concat(literal(":")).concat(DataRequest.outcome)),
        else_=DataRequest.status,
    )
    public = (DataRequest.status != Status.DRAFT, DataRequest.hidden_at.is_(None))
    place = DataRequest.municipality_id
    rows = select(place, state, func.count()).where(*public).group_by(place, state)
    found = {(row[0], row[1]): row[2] for row in session.execute(rows)}
    tallies = session.execute(select(StatusTally.municipality_id, StatusTally.state, StatusTally.requests))
    kept = {(row[0], row[1]): row[2] for row in tallies if row[2]}
    for place_id, name in sorted(found.keys() | kept.keys()):
        says, is_ = kept.get((place_id, name), 0), found.get((place_id, name), 0)
        if says != is_:
            yield f"the tally of {name} in municipality {place_id} says {says}, but there are {is_}"


def check_search(session: Session) -> Iterator[str]:
    """The search index against the texts."""
    for number in find_badly_indexed(session):
        yield f"request {number} is not found by its words: run dialogue reindex"


def check_incoming(session: Session) -> Iterator[str]:
    """Whether what came in is handled."""
    waiting, oldest = count_waiting(session)
    if oldest is not None and oldest < now() - HANDLED_WITHIN:
        yield f"{waiting} mails that came in wait to be handled: is dialogue work running?"


#: What `dialogue verify` runs, by the name it prints.
VERIFY: dict[str, Callable[[Session], Iterator[str]]] = {
    "storage": check_storage,
    "counters": check_counters,
    "tallies": check_tallies,
    "search": check_search,
    "incoming mail": check_incoming,
}


def check_database(app: Flask) -> Iterator[str]:
    """Whether the tables are this version's, and the library is sound."""
    heads = {revision.revision for revision in alembic.heads()}
    with db.engine.connect() as connection:
        has_tables = db.engine.dialect.has_table(connection, "alembic_version")
        found = set(connection.scalars(text("SELECT version_num FROM alembic_version"))) if has_tables else set()
    if found != heads:
        yield "the database has other tables than this version: run dialogue db upgrade"
    if db.engine.dialect.name == "sqlite" and sqlite3.sqlite_version_info < SOUND_SQLITE:
        yield (
            f"SQLite {sqlite3.sqlite_version} has a known fault when several processes write (mended in 3.51.3):"
            " back up daily, or use PostgreSQL"
        )


def check_mail(app: Flask) -> Iterator[str]:
    """Whether the mail server lets us in, with the encryption and the password that the settings name."""
    server, port = app.config["MAIL_SERVER"], app.config["MAIL_PORT"]
    if not server:
        yield "DIALOGUE_MAIL_SERVER is not set: no mail leaves this machine"
        return
    try:
        with MailServer(app).connect():
            pass
    except ServerAway as error:
        yield f"the mail server at {server}:{port} does not take mail from here: {error}"
    if app.config["MAIL_PASSWORD"] and app.config["MAIL_SECURITY"] == "none" and server not in LOOPBACK:
        yield f"the password for {server} is sent in clear: set DIALOGUE_MAIL_SECURITY to starttls or tls"


def check_replies(app: Flask) -> Iterator[str]:
    """Whether answers by mail find their way here."""
    domain, listen = app.config["MAIL_REPLY_DOMAIN"], app.config["MAIL_LISTEN"]
    if not domain:
        if listen is not None:
            yield "DIALOGUE_MAIL_LISTEN is set, but no domain for answers: set DIALOGUE_MAIL_REPLY_DOMAIN too"
        return
    if listen is not None:
        try:
            socket.create_connection(listen, 5).close()
        except OSError as error:
            yield "nothing listens for mail at {}:{}, is dialogue work running? {}".format(*listen, error)
    elif not has_ever_come(db.session):
        yield (
            f"answers are sent to {domain}, but no mail has come from there: set DIALOGUE_MAIL_LISTEN,"
            " pipe the mail of that domain to dialogue mail receive, or run dialogue mail fetch every minute"
        )


def check_addresses(app: Flask) -> Iterator[str]:
    """Whether people and mails reach the site by the address that it gives out."""
    base = str(app.config["BASE_URL"])
    if not base.startswith("https://"):
        yield f"DIALOGUE_BASE_URL is {base}: a public site needs https"
    if base.startswith("https://") and not app.config["TRUSTED_PROXIES"]:
        yield "DIALOGUE_TRUSTED_PROXIES is empty: behind a proxy every visitor has the proxy's address"


#: What `dialogue doctor` runs, by the name it prints.
DOCTOR: dict[str, Callable[[Flask], Iterator[str]]] = {
    "database": check_database,
    "mail": check_mail,
    "answers by mail": check_replies,
    "addresses": check_addresses,
}
