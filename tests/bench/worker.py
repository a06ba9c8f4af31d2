"""The worker under load: mails a second, and how long digests take to build."""

import tempfile
from pathlib import Path

import click

from dialogue.requests.operations.indexing import reindex
from dialogue.web.extensions import db
from tests.bench.digests import measure_digests
from tests.bench.fill import fill
from tests.bench.mails import measure_mails
from tests.conftest import dispose, migrated_app, scratch_database

REQUESTS = 1_000
SUBSCRIBERS = (10_000, 100_000)


def measure_worker(engine: str) -> None:
    """Show what the worker does on a scratch database of its own."""
    with tempfile.TemporaryDirectory() as folder, scratch_database(engine, Path(folder), is_durable=True) as url:
        click.echo(f"\n{engine}, the worker")
        app = migrated_app(url, Path(folder))
        fill(app, REQUESTS)
        with app.app_context():
            list(reindex(db.session))
            db.session.commit()
        dispose(app)
        measure_mails(engine, url, Path(folder))
        for subscribers in SUBSCRIBERS:
            measure_digests(engine, url, Path(folder), subscribers)
