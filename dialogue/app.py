"""Puts the house together. Imported by nothing inside it."""

import logging
import os
import sys
from inspect import iscoroutinefunction
from typing import Any

from flask import Flask
from markupsafe import Markup

import dialogue.conversation.models
import dialogue.core.limits
import dialogue.mail.models
import dialogue.notifications.models
import dialogue.requests.models.search
import dialogue.voting.models  # noqa: F401
from config import ROOT, Config, InvalidSetting
from dialogue.accounts import access
from dialogue.accounts import cli as accounts_cli
from dialogue.accounts.views import (
    account,
    areas,
    development,
    kept_forms,
    mail_domain,
    officials,
    own_data,
    proofs,
    sign_in,
    stops,
    units,
)
from dialogue.accounts.views import settings as places
from dialogue.api.views import catalogue as api_catalogue
from dialogue.api.views import feeds
from dialogue.api.views import requests as api_requests
from dialogue.api.views import statistics as api_statistics
from dialogue.catalogue import views as catalogue
from dialogue.cli import add_commands, run_command
from dialogue.conversation.views import posts, quarantine, replies, reports
from dialogue.core import markdown, text
from dialogue.core.db import SERVER_SECRET, prepare_engine
from dialogue.mail import cli as mail_cli
from dialogue.mail import views as mail
from dialogue.mail.domain.resolver import Resolver
from dialogue.notifications import cli as notifications_cli
from dialogue.notifications.bell import Bell
from dialogue.notifications.views import absences, choices, following, preferences, previews, subscribing
from dialogue.pages import information, machines, start
from dialogue.pages import views as pages
from dialogue.pages.choices import CHOICES
from dialogue.requests import cli as requests_cli
from dialogue.requests.views import actions, answering, filing, from_mail, inbox, lists, notes, queue, show, similar
from dialogue.statistics import views as statistics
from dialogue.voting import views as voting
from dialogue.web import addresses, assets, errors, language, security
from dialogue.web.extensions import alembic, babel, db, login_manager
from dialogue.web.migrations import render_item
from dialogue.web.proxies import TrustedProxies
from dialogue.web.templates import LanguageEnvironment, kept
from dialogue.web.texts import install_texts

#: One line a blueprint, in alphabetical order.
BLUEPRINTS = (
    inbox.blueprint,
    quarantine.blueprint,
    queue.blueprint,
    similar.blueprint,
    catalogue.blueprint,
    account.blueprint,
    actions.blueprint,
    answering.blueprint,
    areas.blueprint,
    api_catalogue.blueprint,
    api_requests.blueprint,
    api_statistics.blueprint,
    absences.blueprint,
    choices.blueprint,
    preferences.blueprint,
    previews.blueprint,
    subscribing.blueprint,
    posts.blueprint,
    reports.blueprint,
    feeds.blueprint,
    filing.blueprint,
    from_mail.blueprint,
    following.blueprint,
    information.blueprint,
    kept_forms.blueprint,
    lists.blueprint,
    machines.blueprint,
    mail_domain.blueprint,
    officials.blueprint,
    notes.blueprint,
    own_data.blueprint,
    pages.blueprint,
    places.blueprint,
    proofs.blueprint,
    replies.blueprint,
    show.blueprint,
    sign_in.blueprint,
    start.blueprint,
    statistics.blueprint,
    stops.blueprint,
    units.blueprint,
    voting.blueprint,
)

#: The commands of the features, in alphabetical order; those of the whole house stand in cli.py.
COMMANDS = (
    accounts_cli.municipalities,
    accounts_cli.officials,
    accounts_cli.units,
    mail_cli.mail,
    notifications_cli.digests,
    requests_cli.imports,
)


def create_app(config: Config | None = None) -> Flask:
    """The application with settings from `config` (the environment when none is given).

    Raises InvalidSetting for settings it refuses to start with, RuntimeError for a route without a permission.
    """
    app = Flask("dialogue", static_folder=str(ROOT / "static"), template_folder=str(ROOT / "templates"))
    app.config.from_object(config or Config())
    app.jinja_environment = LanguageEnvironment
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    addresses.guard_addresses(app)
    _bind_extensions(app)
    _prepare_templates(app)
    assets.serve_static(app)
    security.secure(app)
    errors.show_errors(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if app.config["DEVELOPMENT"]:
        app.register_blueprint(mail.development)
        app.register_blueprint(pages.development)
        app.register_blueprint(development.blueprint)
    access.refuse_undeclared(app)
    add_commands(app)
    for command in COMMANDS:
        app.cli.add_command(command)
    app.wsgi_app = language.LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]
    if app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = TrustedProxies(app.wsgi_app, app.config["TRUSTED_PROXIES"])  # type: ignore[method-assign]
    return app


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    # The extension also closes asynchronous sessions after each request, for which Flask starts a thread with an event
    # loop of its own. There are none here, and a fifth of a page's time goes (measured).
    app.teardown_appcontext_funcs = [end for end in app.teardown_appcontext_funcs if not iscoroutinefunction(end)]
    app.config["ALEMBIC_CONTEXT"]["render_item"] = render_item
    alembic.init_app(app)
    babel.init_app(app, locale_selector=language.reader_locale)
    login_manager.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        db.sessionmaker.configure(info={SERVER_SECRET: app.config["SECRET_KEY"]})
    app.extensions["dialogue.bell"] = Bell(app)
    app.extensions["dialogue.choices"] = CHOICES
    app.extensions["dialogue.dns"] = Resolver


def _prepare_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    install_texts(app.jinja_env)
    app.jinja_env.globals.update(
        kept=kept,
        path=language.path,
        say=language.say,
        static_url=assets.static_url,
        theme_url=assets.theme_url,
    )
    app.jinja_env.filters.update(
        day=language.day,
        full_day=language.full_day,
        initials=language.initials,
        near_day=language.near_day,
        short_day=language.short_day,
        weekday=language.weekday,
        moment=language.moment,
        say=language.say,
        translate=language.translate,
        markdown=lambda text: Markup(markdown.render(text)),  # noqa: S704 (the one cleaner of user text made it)
        plain=markdown.plain,
        excerpt=markdown.excerpt,
        whole_words=text.whole_words,
    )

    settings = {"SITE_NAME": "Dialogue", "PHASE_LINE": ""}

    @app.context_processor
    def shared() -> dict[str, Any]:
        return {
            "viewer": access.current_viewer(),
            "person": access.current_person(),
            "municipality": access.current_municipality(),
            "locale": language.request_locale(),
            "settings": settings,
            "other_language_url": language.other_language_url(),
        }


def main() -> None:
    """The `dialogue` command."""
    try:
        app = create_app()
    except InvalidSetting as error:
        # A mail server takes any other status for a refusal, and the mail would be lost for a slip in a setting.
        is_mail = sys.argv[1:3] == ["mail", "receive"]
        print(error, file=sys.stderr)
        sys.exit(os.EX_TEMPFAIL if is_mail else 1)
    sys.exit(run_command(app))
