"""PostgreSQL plans the statements of a busy page once for each connection, not once for each visitor."""

import pytest
from flask import Flask
from sqlalchemy import text

from dialogue.web.extensions import db
from tests.factories import Factory
from tests.page import Page

#: The driver lets the server prepare a statement when it has come so often.
OFTEN = 6


@pytest.mark.parametrize("app", ["postgresql"], indirect=True)
def test_what_reading_pages_ask_stays_prepared(app: Flask, make: Factory, page: Page) -> None:
    data_request = make.request()
    with app.app_context():
        db.engine.dispose()  # so that all of it is asked on one connection
    for _ in range(OFTEN):
        page.get(f"/requests/{data_request.id}-{data_request.slug}")
    with app.app_context(), db.engine.connect() as connection:
        prepared = connection.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert [statement for statement in prepared if "FROM message" in statement], prepared
