"""Moving a site from one database to another."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from deploy.move_database import move
from dialogue.accounts.models import Unit
from dialogue.core.db import Base
from dialogue.requests.rules import Status
from dialogue.web.extensions import db
from tests.conftest import ENGINES, dispose, migrated_app, scratch_database
from tests.factories import Factory


@pytest.fixture
def other_app(live_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """An empty site on the other engine."""
    with live_app.app_context():
        (other,) = {*ENGINES} - {db.engine.dialect.name}
    with scratch_database(other, tmp_path) as url:
        app = migrated_app(url, tmp_path / "other")
        yield app
        dispose(app)


def content(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    with app.app_context(), db.engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in Base.metadata.sorted_tables
        }


def fill(app: Flask) -> None:
    with app.app_context(), db.sessionmaker() as session:
        make = Factory(session)
        child, parent = make.unit("barn"), make.unit("foralder")
        child.parent_id = parent.id  # points forward: its row is copied first
        session.commit()
        make.request(Status.PLANNED, unit=child)


def engines(app: Flask, other: Flask) -> tuple[object, object]:
    with app.app_context():
        source = db.engine
    with other.app_context():
        return source, db.engine


def test_everything_arrives_and_numbering_goes_on(live_app: Flask, other_app: Flask) -> None:
    fill(live_app)
    counts = move(*engines(live_app, other_app))
    assert counts["unit"] >= 2
    assert counts["data_request"] == 1
    assert content(other_app) == content(live_app)
    with other_app.app_context(), db.sessionmaker() as session:
        last = session.scalars(select(Unit.id).order_by(Unit.id.desc())).first()
        make = Factory(session)
        make.municipality("annan")
        assert make.unit("ny").id > last


def test_a_filled_target_is_refused_and_left_alone(live_app: Flask, other_app: Flask) -> None:
    fill(live_app)
    with other_app.app_context(), db.sessionmaker() as session:
        Factory(session).municipality("redan-har")
    before = content(other_app)
    with pytest.raises(ValueError, match="not empty: municipality"):
        move(*engines(live_app, other_app))
    assert content(other_app) == before
