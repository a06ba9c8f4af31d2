"""Copy everything from one database to another, for instance from SQLite to PostgreSQL.

    .venv/bin/python deploy/move_database.py sqlite:////var/lib/dialogue/dialogue.sqlite3 postgresql+psycopg://…/dialogue

Stop web and worker first. The target has its tables (`dialogue db upgrade`) and nothing in them. All rows arrive in one
transaction or none does; the source is only read.
"""

import sys

from sqlalchemy import Column, Connection, Engine, Table, create_engine, func, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

import dialogue.app  # noqa: F401 (knows every table)
from dialogue.core.db import Base, prepare_engine

ROWS_AT_ONCE = 2_000


def move(source: Engine, target: Engine) -> dict[str, int]:
    """Copy every table of `source` to `target`; how many rows each has. Raises ValueError when `target` holds some."""
    tables = Base.metadata.sorted_tables
    with source.connect() as old, target.begin() as new:
        for table in tables:
            if new.scalar(select(table.c[0]).limit(1)) is not None:
                raise ValueError(f"the target is not empty: {table.name} has rows")
        return {table.name: _copy(table, old, new) for table in tables}


def _copy(table: Table, old: Connection, new: Connection) -> int:
    """Rows that point at rows of their own table are joined when all are there."""
    pointers = {column.name for column in table.c if any(key.column.table is table for key in column.foreign_keys)}
    copied, pointing = 0, []
    rows = old.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table)).mappings()
    for some in rows.partitions():
        new.execute(table.insert(), [{**row, **dict.fromkeys(pointers)} for row in some])
        pointing += [row for row in some if any(row[name] is not None for name in pointers)]
        copied += len(some)
    for row in pointing:
        same = [column == row[column.name] for column in table.primary_key]
        new.execute(table.update().where(*same).values({name: row[name] for name in pointers}))
    if new.dialect.name == "postgresql" and table.autoincrement_column is not None:
        _continue_after_last(table, table.autoincrement_column, new)
    return copied


def _continue_after_last(table: Table, column: Column[int], new: Connection) -> None:
    """Let new rows be numbered after those that were copied: PostgreSQL counts apart from the table."""
    last = new.scalar(select(func.max(column)))
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    new.execute(select(func.setval(sequence, last or 1, last is not None)))


def main(source_url: str, target_url: str) -> None:
    """Move and tell how many rows each table has."""
    source, target = create_engine(source_url), create_engine(target_url)
    prepare_engine(source)
    prepare_engine(target)
    for name, rows in move(source, target).items():
        print(f"{rows:>9} {name}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print("Say from where to where: move_database.py SOURCE TARGET", file=sys.stderr)
        sys.exit(2)
    try:
        main(*sys.argv[1:])
    except (ArgumentError, SQLAlchemyError, ValueError) as error:
        print(f"Nothing was copied: {str(error).splitlines()[0]}", file=sys.stderr)
        sys.exit(1)
