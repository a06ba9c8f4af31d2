"""A transaction that only reads cannot write, and leaves the connection as it was."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from dialogue.core.clock import now
from dialogue.core.db import read_only
from dialogue.core.limits import Limit, count_try
from dialogue.web.extensions import db

LIMIT = Limit("tests", 10, timedelta(days=1))


def test_who_reads_cannot_write_and_who_comes_next_can(app: Flask) -> None:
    for _ in range(2):
        with app.app_context(), db.sessionmaker() as reading:
            read_only(reading)
            with pytest.raises(DBAPIError):
                count_try(reading, LIMIT, "somebody", now())
        with app.app_context(), db.sessionmaker() as writing:
            count_try(writing, LIMIT, "somebody", now())
            writing.commit()
