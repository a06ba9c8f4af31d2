"""The migrations lead to the tables of the models, CHECKs included, and back."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect

from dialogue.core.db import Base
from dialogue.web.extensions import alembic, db
from tests.conftest import ENGINES, dispose, migrated_app, scratch_database

#: Alembic's own.
ITS_TABLE = "alembic_version"


def drawn(engine: Engine) -> dict[str, dict[str, Any]]:
    """Every table as the database itself describes it."""
    sees = inspect(engine)
    return {
        table: {
            "columns": {each["name"]: (str(each["type"]), each["nullable"]) for each in sees.get_columns(table)},
            "key": sees.get_pk_constraint(table)["constrained_columns"],
            "checks": {each["name"]: each["sqltext"] for each in sees.get_check_constraints(table)},
            "uniques": {each["name"]: each["column_names"] for each in sees.get_unique_constraints(table)},
            "foreign keys": sorted(
                (each["constrained_columns"], each["referred_table"], each["referred_columns"])
                for each in sees.get_foreign_keys(table)
            ),
            "indexes": {
                each["name"]: (
                    each["column_names"],
                    bool(each["unique"]),
                    str(each.get("dialect_options", {}).get(f"{engine.dialect.name}_where")),
                )
                for each in sees.get_indexes(table)
            },
        }
        for table in sees.get_table_names()
        if table != ITS_TABLE
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_migrations_and_models_draw_the_same_tables(engine: str, tmp_path: Path) -> None:
    with scratch_database(engine, tmp_path) as migrated, scratch_database(engine, tmp_path) as modelled:
        by_models = create_engine(modelled)
        Base.metadata.create_all(by_models)
        app = migrated_app(migrated, tmp_path)
        with app.app_context():
            wanted, found = drawn(by_models), drawn(db.engine)
            assert alembic.compare_metadata() == []
        by_models.dispose()
        dispose(app)
    assert wanted.keys() == found.keys()
    for table, parts in wanted.items():
        assert found[table] == parts, table


@pytest.mark.parametrize("engine", ENGINES)
def test_there_is_a_way_back_and_forth_again(engine: str, tmp_path: Path) -> None:
    with scratch_database(engine, tmp_path) as address:
        app = migrated_app(address, tmp_path)
        with app.app_context():
            before = drawn(db.engine)
            alembic.downgrade("base")
        with app.app_context():
            assert drawn(db.engine) == {}
            alembic.upgrade()
        with app.app_context():
            assert drawn(db.engine) == before
        dispose(app)
