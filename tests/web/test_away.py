"""When the database is away or too busy, everybody is told to come back, and then all is well again."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dialogue.app import create_app
from dialogue.web.extensions import db
from tests.conftest import dispose, settings
from tests.factories import Factory

PAGES = ("/", "/requests", "/en/requests/new", "/statistics", "/no-such-page", "/queue", "/health/ready")


def assert_away(client: FlaskClient) -> None:
    for page in PAGES:
        answer = client.get(page)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10"), page
        assert "Tillbaka om en stund" in answer.text
        assert "Back in a moment" in answer.text
    answer = client.post("/sign-in", data={"email": "a@prov.example"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    answer = client.get("/api/v1/requests")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert client.get("/health/live").status_code == 200, "the process is not to blame"


@pytest.fixture
def no_connection(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExitStack]:
    """Every connection is somebody else's."""
    with app.app_context():
        engine = db.engine
    monkeypatch.setattr(app, "testing", False)
    monkeypatch.setattr(engine.pool, "_timeout", 0.01)
    with ExitStack() as held:
        for _ in range(engine.pool.size() + engine.pool._max_overflow):  # type: ignore[attr-defined]
            held.enter_context(engine.connect())
        yield held


def test_without_a_free_connection_people_are_asked_to_come_back(
    app: Flask, make: Factory, no_connection: ExitStack
) -> None:
    client = app.test_client()
    assert_away(client)
    no_connection.close()
    assert client.get("/requests").status_code == 200


def test_without_a_database_people_are_asked_to_come_back(tmp_path: Path) -> None:
    app = create_app(settings("postgresql://nobody@127.0.0.1:1/none", tmp_path))
    assert_away(app.test_client())
    dispose(app)


def test_what_nobody_foresaw_has_a_number_and_no_details(
    app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise ZeroDivisionError("secret")

    make.municipality()
    monkeypatch.setattr(app, "testing", False)
    for endpoint, page in (("start.show_start", "/"), ("api_requests.list_requests", "/api/v1/requests")):
        monkeypatch.setitem(app.view_functions, endpoint, fail)
        answer = app.test_client().get(page)
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "nummer" in answer.text or "Reference" in answer.text
