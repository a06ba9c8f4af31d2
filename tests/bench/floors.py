"""Two floors to stand beside: what the same server does for a page that is nearly nothing.

They are written as one writes the smallest of Flask apps: the table's template stands in a string, which Flask compiles
each time, and nothing is done about the database's transactions.
"""

import os
from types import SimpleNamespace

from flask import Flask, render_template_string
from sqlalchemy import Engine, create_engine, text

from dialogue.web.server import serve

_TABLE = """<!doctype html><html lang="sv"><title>Golv</title><table>
{% for row in rows %}<tr><td>{{ row.id }}</td><td>{{ row.title }}</td><td>{{ row.status }}</td><td>{{ row.votes_count }}</td></tr>
{% endfor %}</table></html>"""


def make_floors(engine: Engine) -> Flask:
    """An empty page at /empty; at /table a page that reads 20 rows by an index and renders a table."""
    app = Flask("floors")
    app.extensions["dialogue.bell"] = SimpleNamespace(open=lambda: None)  # what the server asks of an app

    @app.get("/empty")
    def empty() -> str:
        return ""

    @app.get("/table")
    def table() -> str:
        with engine.connect() as connection:
            rows = connection.execute(
                text("SELECT id, title, status, votes_count FROM data_request ORDER BY id DESC LIMIT 20")
            ).all()
        return render_template_string(_TABLE, rows=rows)

    return app


def serve_floors() -> None:
    """Serve the floors on the database that Dialogue's settings name."""
    floors = make_floors(create_engine(os.environ["DIALOGUE_DATABASE_URL"]))
    serve(floors, os.environ["HOST"], int(os.environ["PORT"]), workers=2, threads=1)
