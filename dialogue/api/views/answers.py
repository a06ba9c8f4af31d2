"""How a program is answered: JSON with an ETag, so that asking again for what has not changed costs nothing."""

from typing import Any

from flask import Response, current_app, json, request

from dialogue.web.language import path


def answer(body: dict[str, Any], media_type: str = "application/json") -> Response:
    """`body` as JSON, or 304 when the caller has it already. Anybody's page may read it (it is all public)."""
    response = Response(json.dumps(body, ensure_ascii=False, indent=1), mimetype=media_type)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return cached(response)


def cached(response: Response) -> Response:
    """`response` with an ETag, or 304."""
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.add_etag()
    response.make_conditional(request)
    return response


def base_address() -> str:
    """The site's address from the settings, in the reader's language."""
    return str(current_app.config["BASE_URL"]) + path("")
