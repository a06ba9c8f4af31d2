"""`make bench`: the pages under load, beside two floors, on a small and a large database.

Fills scratch databases (1,000 and 100,000 requests, both engines) and serves them with `dialogue serve` as production
does, on this machine's loopback. Machines are noisy: what is compared takes turns, a second each, and the processor
time of a request (`work`) tells more than the clock when others are busy too.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import click

from dialogue.requests.operations.indexing import reindex
from dialogue.web.extensions import db
from tests.bench.asked import asked_pages
from tests.bench.fill import fill
from tests.bench.load import Load, get, median_ratio
from tests.bench.serving import Server, served
from tests.bench.worker import measure_worker
from tests.conftest import dispose, migrated_app, scratch_database

PORT = 5590
WARM_UP = 0.5
TURN = 1.0

DIALOGUE = "from dialogue.app import main; main()"
FLOORS = "from tests.bench.floors import serve_floors; serve_floors()"


class Side(NamedTuple):
    """A database of some size, and the site on it."""

    size: int
    url: str
    pages: dict[str, Sequence[bytes]]
    server: Server


@click.command()
@click.option("--sizes", default="1000,100000", help="Requests in the database, separated by commas.")
@click.option("--engines", default="sqlite,postgresql", help="Databases, separated by commas.")
@click.option("--turns", default=5, help="How often each page is asked for, a second each time.")
@click.option("--only", default="", help="Pages to measure, or worker, separated by semicolons; all when left out.")
def bench(sizes: str, engines: str, turns: int, only: str) -> None:
    """Measure pages under load."""
    for engine in engines.split(","):
        with ExitStack() as stack:
            sides = [
                stack.enter_context(_side(engine, int(size), PORT + number))
                for number, size in enumerate(sizes.split(","), 1)
            ]
            floors = stack.enter_context(served(FLOORS, PORT, {"DIALOGUE_DATABASE_URL": sides[0].url}))
            click.echo(f"\n{engine}")
            empty = Load(floors, [get("/empty")])
            _take_turns([empty], turns)
            _show("floor: empty page", empty)
            for name in sides[0].pages:
                if not only or name in only.split(";"):
                    _measure(name, sides, Load(floors, [get("/table")]), turns)
            for side in sides:
                click.echo(f"  largest web process, {side.size:,} requests: {side.server.largest_process():.0f} MB")
        if not only or "worker" in only.split(";"):
            measure_worker(engine)


@contextmanager
def _side(engine: str, size: int, port: int) -> Iterator[Side]:
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, scratch_database(engine, Path(folder), is_durable=True) as url:
        click.echo(f"\n{engine}, {size:,} requests")
        app = migrated_app(url, Path(folder), MODE="production", BASE_URL=address)
        fill(app, size)
        with app.app_context():
            with click.progressbar(length=size, label="  search index") as bar:
                for done in reindex(db.session):
                    bar.update(done - bar.pos)
            db.session.commit()
        pages = asked_pages(app, size)
        dispose(app)
        settings = {
            "DIALOGUE_MODE": "production",
            "DIALOGUE_BASE_URL": address,
            "DIALOGUE_DATABASE_URL": url,
            "DIALOGUE_SECRET_KEY": app.config["SECRET_KEY"],
            "DIALOGUE_VAR": folder,
            "DIALOGUE_WEB_WORKERS": "2",
            "DIALOGUE_WEB_THREADS": "1",
        }
        with served(DIALOGUE, port, settings) as server:
            yield Side(size, url, pages, server)


def _measure(name: str, sides: Sequence[Side], floor: Load, turns: int) -> None:
    loads = [Load(side.server, side.pages[name]) for side in sides]
    _take_turns([floor, *loads], turns)
    for side, load in zip(sides, loads, strict=True):
        share = f"{median_ratio(load, floor):.2f} of the table floor (work {floor.work_ms / load.work_ms:.2f})"
        growth = (
            f", median {load.median_ms / loads[0].median_ms:.2f} of the small one's" if load is not loads[0] else ""
        )
        _show(f"{name}, {side.size:,}", load, share + growth)
    _show("  beside it: table of 20 rows", floor)


def _take_turns(loads: Sequence[Load], turns: int) -> None:
    for load in loads:
        load.ask(WARM_UP)
        load.forget()
    for _ in range(turns):
        for load in loads:
            load.ask(TURN)


def _show(name: str, load: Load, compared: str = "") -> None:
    errors = f"  {load.errors} ERRORS" if load.errors else ""
    click.echo(
        f"  {name:30} {load.per_second:7.0f} /s   median {load.median_ms:6.1f} ms   p95 {load.p95_ms:6.1f} ms"
        f"   work {load.work_ms:5.2f} ms   {compared}{errors}"
    )


if __name__ == "__main__":
    bench()
