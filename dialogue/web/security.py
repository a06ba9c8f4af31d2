"""What every answer carries, and how forms prove that they are ours."""

from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms.validators import ValidationError

from dialogue.core.errors import DialogueError
from dialogue.core.language import N_

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

#: A mail styles itself and is shown in a frame; nothing else of our pages may.
SHOWN_IN_A_FRAME = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
SHOWS_A_FRAME = f"{_POLICY}; frame-src 'self'"

_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


_FOREIGN = N_("The form was sent from another site. Open the page here and fill it in again.")


class CrossSiteRequest(DialogueError):
    """A form that was sent from another site."""


class FormExpired(DialogueError):
    """A form whose proof is missing, old or belongs to a session that is gone. What was typed is shown again."""


def secure(app: Flask) -> None:
    """Let every answer of `app` carry the security headers, and templates make form proofs."""
    https = str(app.config["BASE_URL"]).startswith("https://")

    def add_headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        if response.mimetype == "text/html":
            # A page may hold a name or a form's proof: browsers ask again, shared caches keep nothing.
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    app.after_request(add_headers)
    app.jinja_env.globals["csrf_token"] = generate_csrf
    app.config["WTF_CSRF_FIELD_NAME"] = "csrf_token"


def check_form_proof() -> None:
    """Refuse a changing request that does not come from a form of ours.

    Raises CrossSiteRequest or FormExpired.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise CrossSiteRequest(_FOREIGN)
    origin = request.headers.get("Origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.host:
        raise CrossSiteRequest(_FOREIGN)
    try:
        validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRF-Token"))
    except ValidationError as error:
        raise FormExpired(N_("The form has been open for long, or you have logged in or out since.")) from error
