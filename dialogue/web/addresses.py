"""What an address may hold. A number that no row can have is as good as none, and never reaches the database."""

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter

from dialogue.core.db import MAX_ID, read_id


def _up_to(number: int) -> str:
    """The pattern of the whole numbers from 0 to `number`.

    A pattern, because what a converter refuses later, where GET and POST are two routes, is answered with 405.
    """
    digits = str(number)
    smaller = (
        f"{digits[:place]}[0-{int(digit) - 1}][0-9]{{{len(digits) - place - 1}}}"
        for place, digit in enumerate(digits)
        if digit != "0"
    )
    return "|".join((f"[0-9]{{1,{len(digits) - 1}}}", *smaller, digits))


class Number(IntegerConverter):
    """`<int:number>` in a route: an id. Any other number leads nowhere, which is a 404."""

    regex = _up_to(MAX_ID)


def guard_addresses(app: Flask) -> None:
    """Let `app` answer no address that holds what no row can. Call before the first route is added."""
    app.url_map.converters["int"] = Number
    app.before_request(_refuse_nul)


def _refuse_nul() -> None:
    """PostgreSQL keeps no NUL in text, not even to look for it. In a form it is cleaned away with what is unseen."""
    if "\0" in request.path or b"%00" in request.query_string:
        abort(400)


def asked_id(name: str) -> int | None:
    """The id that the query of this request's address carries under `name`, if it does."""
    return read_id(request.args.get(name, ""))
