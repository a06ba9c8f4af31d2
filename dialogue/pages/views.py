"""Pages that belong to no single feature: colours, development."""

from flask import Blueprint, Response, render_template

from dialogue.accounts.access import requires
from dialogue.accounts.policy import Permission
from dialogue.accounts.queries import find_municipality
from dialogue.core.errors import NotFound
from dialogue.pages.forms import sample_form
from dialogue.web.assets import theme_sheet
from dialogue.web.extensions import db
from dialogue.web.theme import check_theme, theme_css

blueprint = Blueprint("pages", __name__)
development = Blueprint("development", __name__, url_prefix="/dev")


@blueprint.get("/theme/<slug>.css")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_theme(slug: str) -> Response:
    """A municipality's own colours, after those of static/css/tokens.css."""
    municipality = find_municipality(db.session, slug)
    if municipality is None or not municipality.theme or check_theme(municipality.theme):
        raise NotFound
    return theme_sheet(theme_css(municipality.theme))


@development.get("/components")
@requires(Permission.SEE_DEVELOPMENT_PAGES)
def show_components() -> str:
    """Every component in every state."""
    return render_template("dev/components.html", sample=sample_form)
