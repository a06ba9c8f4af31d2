"""What machines ask a site: is it alive, is it ready, what is there, whom to tell of a hole."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import text

from dialogue.accounts.access import all_municipalities, requires
from dialogue.accounts.policy import Permission
from dialogue.core.clock import now
from dialogue.mail.queries import is_mail_stuck
from dialogue.requests.queries.sitemap import list_public_addresses
from dialogue.web.extensions import alembic, db

blueprint = Blueprint("machines", __name__)

#: A mail that has waited longer than this, and not for its turn, means that no worker is at work.
WORKER_IS_LATE = timedelta(minutes=5)


@blueprint.get("/health/live")
@requires(Permission.SEE_PUBLIC_PAGES, database=False)
def show_live() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/health/ready")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_ready() -> tuple[Response, int]:
    """The site can do its work: the database answers, its tables are this version's, mail leaves."""
    troubles = []
    heads = {revision.revision for revision in alembic.heads()}
    if {revision for (revision,) in db.session.execute(text("SELECT version_num FROM alembic_version"))} != heads:
        troubles.append("the database has other tables than this version: run dialogue db upgrade")
    if is_mail_stuck(db.session, now() - WORKER_IS_LATE):
        troubles.append("mail has waited for more than five minutes: is dialogue work running?")
    return jsonify(status="ok" if not troubles else "not ready", troubles=troubles), 503 if troubles else 200


@blueprint.get("/robots.txt")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_robots() -> Response:
    """Everything public may be indexed; forms and keys are not worth it."""
    closed = (
        "/confirm/",
        "/preferences/",
        "/unsubscribe/",
        "/account",
        "/queue",
        "/inbox",
        "/settings",
        "/requests/new",
    )
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {_base()}/sitemap.xml"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.get("/sitemap.xml")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_sitemap() -> Response:
    """The newest public requests, up to the 10,000 that one file is kept to here."""
    pages = ["/", "/requests", "/datasets", "/statistics", "/how-it-works"]
    addresses = [*pages, *list_public_addresses(db.session, 10_000)]
    body = "".join(f"<url><loc>{_base()}{address}</loc></url>" for address in addresses)
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>',
        mimetype="application/xml",
    )


@blueprint.get("/.well-known/security.txt")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_security_contact() -> Response:
    """Whom to tell of a hole (RFC 9116)."""
    mailboxes = [place.contact_email for place in all_municipalities() if place.contact_email]
    lines = [f"Contact: mailto:{mailbox}" for mailbox in mailboxes] or [f"Contact: {_base()}/contact"]
    expires = (now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    return Response(
        "\n".join([*lines, f"Expires: {expires}", "Preferred-Languages: sv, en"]) + "\n", mimetype="text/plain"
    )


def _base() -> str:
    return str(current_app.config["BASE_URL"])
