"""What the user sees when something is refused or breaks: one page a kind, with what to do next."""

import logging
from datetime import timedelta
from math import ceil
from secrets import token_hex

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_babel import gettext, ngettext
from werkzeug.exceptions import HTTPException, InternalServerError

from dialogue.core.errors import (
    DialogueError,
    Forbidden,
    Gone,
    InvalidTransition,
    InvalidValue,
    NotFound,
    RateLimited,
    StaleVersion,
)
from dialogue.web.extensions import db
from dialogue.web.problems import problem, wants_problem
from dialogue.web.security import CrossSiteRequest, FormExpired
from dialogue.web.transaction import AWAY, give_up
from dialogue.web.typed import in_words, typed_fields

log = logging.getLogger(__name__)

_STATUS: dict[type[DialogueError], int] = {
    NotFound: 404,
    Gone: 410,
    Forbidden: 403,
    CrossSiteRequest: 403,
    FormExpired: 403,
    InvalidValue: 422,
    InvalidTransition: 409,
    StaleVersion: 409,
    RateLimited: 429,
}

#: Statuses with a page of their own under templates/errors/; the others share 400.html.
_PAGES = frozenset({403, 404, 409, 410, 413, 422, 429, 503})

#: A longer wait is told in hours.
_MOST_MINUTES = 90

#: When to come back to a site whose database is away.
_RETRY_SECONDS = 10


def show_errors(app: Flask) -> None:
    """Let `app` answer every error with a page."""
    app.register_error_handler(DialogueError, refuse)
    app.register_error_handler(HTTPException, _http_error)
    for error in AWAY:
        app.register_error_handler(error, _away)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, **context: object) -> Response:
    """The page for `status`."""
    if wants_problem():
        return problem(status, str(context.get("reason") or ""))
    name = status if status in _PAGES else 400
    return make_response(render_template(f"errors/{name}.html", status=status, **context), status)


def refuse(error: DialogueError) -> Response:
    """The page that says why; what was typed stands on it, so that nothing is lost whatever the reason."""
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    reason = gettext(error.message, **error.values) if error.message else ""
    if isinstance(error, RateLimited):
        reason = _how_long(error.retry_after)
    fields = typed_fields()
    # Sending it again as it was is the cure, at once or later.
    again = fields if isinstance(error, FormExpired) or (isinstance(error, RateLimited) and fields) else None
    answer = error_page(status, reason=reason, typed=in_words(fields), again=again)
    if isinstance(error, RateLimited):
        answer.headers["Retry-After"] = str(max(1, int(error.retry_after.total_seconds())))
    return answer


def _how_long(wait: timedelta) -> str:
    minutes = max(1, ceil(wait / timedelta(minutes=1)))
    if minutes <= _MOST_MINUTES:
        return ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", minutes)
    hours = ceil(minutes / 60)
    return ngettext("Try again in %(num)s hour.", "Try again in %(num)s hours.", hours)


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    if isinstance(error, InternalServerError):
        # What went wrong on the way to another error's page.
        cause = error.original_exception or error
        return _away(cause) if isinstance(cause, AWAY) else _unexpected(cause)
    give_up(db.session)
    answer = error_page(error.code, reason="")
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _away(error: Exception) -> Response:
    log.error("%s %s: %s", request.method, request.path, error)
    db.session.rollback()
    answer = problem(503, "") if wants_problem() else _bare_page(503)
    answer.headers["Retry-After"] = str(_RETRY_SECONDS)
    return answer


def _unexpected(error: BaseException) -> Response:
    reference = token_hex(4)
    log.error("reference %s: %s %s", reference, request.method, request.path, exc_info=error)
    db.session.rollback()
    return problem(500, f"Reference {reference}") if wants_problem() else _bare_page(500, reference=reference)


def _bare_page(status: int, **context: object) -> Response:
    """A page for which nobody is looked up: neither who reads it nor whose site it is."""
    template = current_app.jinja_env.get_template(f"errors/{status}.html")
    return make_response(template.render(context), status)
