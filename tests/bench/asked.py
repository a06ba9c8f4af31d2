"""What the bench asks for: the busy pages, and posts by signed-in people."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from dialogue.accounts.models import Person
from dialogue.accounts.operations.sign_ins import begin_sign_in
from dialogue.core.text import slugify
from dialogue.requests.models import DataRequest
from dialogue.web.extensions import db
from tests.bench.load import get, post

_WORDS = ("laddplatser", "förskola", "cykelväg centrum", "badvattnets kvalitet", "fakturor", "skola")
_BODY = {"body": "Vi behöver datan varje vecka.", "reason_kind": "saves_time", "reason": ""}


def asked_pages(app: Flask, size: int) -> dict[str, Sequence[bytes]]:
    """By the name of each page what is asked for, of the `size` requests in the database of `app`."""
    live = [number for number in range(1, size + 1, max(1, size // 400)) if number % 5 in (0, 1, 2)]
    with app.app_context():
        titles = db.session.execute(select(DataRequest.id, DataRequest.title).where(DataRequest.id.in_(live))).all()
    cookies = _cookies(app)
    return {
        "start": [get("/")],
        "list": [get("/requests")],
        "list, filtered": [
            get("/requests?status=planned&sort=activity"),
            get("/requests?unit=u3"),
            get("/requests?sort=due"),
        ],
        "search": [get(f"/requests?q={quote(word)}") for word in _WORDS],
        "request page": [get(f"/requests/{number}-{slugify(title)}") for number, title in titles],
        "vote": _posts(live, "vote", cookies),
        "post a message": _posts(live, "messages", cookies),
    }


def _posts(numbers: Sequence[int], verb: str, cookies: list[tuple[str, str]]) -> list[bytes]:
    """As many posts as people, so that nobody soon posts twice to one request."""
    return [
        post(f"/requests/{numbers[index % len(numbers)]}/{verb}", urlencode(_BODY | {"csrf_token": token}), cookie)
        for index, (cookie, token) in enumerate(cookies)
    ]


def _cookies(app: Flask) -> list[tuple[str, str]]:
    """Cookies of people, each with a form proof that belongs to it: so many that none writes too much in an hour."""
    made = []
    with app.app_context():
        tokens = [begin_sign_in(db.session, person, "bench").token for person in db.session.scalars(select(Person))]
        db.session.commit()
    interface: Any = app.session_interface
    for token in tokens:
        with app.test_request_context():
            session["_user_id"] = token
            proof = generate_csrf()
            signed = interface.get_signing_serializer(app).dumps(dict(session))
            made.append((f"{app.config['SESSION_COOKIE_NAME']}={signed}", proof))
    return made
