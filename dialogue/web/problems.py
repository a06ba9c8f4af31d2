"""Refusals for programs: problem details (RFC 9457)."""

from http import HTTPStatus

from flask import Response, json, request


def wants_problem() -> bool:
    """Whether this request came to the part of the site that only programs read."""
    return request.path.startswith("/api/v")


def problem(status: int, reason: str) -> Response:
    """`status` and `reason` as problem details."""
    body = {"type": "about:blank", "title": reason or HTTPStatus(status).phrase, "status": status}
    return Response(json.dumps(body, ensure_ascii=False), status=status, mimetype="application/problem+json")
