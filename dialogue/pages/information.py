"""Pages that explain: how it works, the rules, accessibility, personal data, contact, what programs can read."""

from flask import Blueprint, render_template

from dialogue.accounts.access import all_municipalities, requires
from dialogue.accounts.policy import Permission

blueprint = Blueprint("information", __name__)


@blueprint.get("/how-it-works")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_how_it_works() -> str:
    """What happens to a request, and what the municipality promises."""
    return render_template("pages/how_it_works.html", municipalities=all_municipalities())


@blueprint.get("/rules")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_rules() -> str:
    """What may be written, and what happens to what may not."""
    return render_template("pages/rules.html")


@blueprint.get("/accessibility")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_accessibility() -> str:
    """The accessibility statement that lag (2018:1937) 13 § asks for."""
    return render_template("pages/accessibility.html", municipalities=all_municipalities())


@blueprint.get("/privacy")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_privacy() -> str:
    """Which personal data is kept, why, and for how long."""
    return render_template("pages/privacy.html", municipalities=all_municipalities())


@blueprint.get("/contact")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_contact() -> str:
    """Whom to write to."""
    return render_template("pages/contact.html", municipalities=all_municipalities())


@blueprint.get("/api")
@requires(Permission.SEE_PUBLIC_PAGES)
def show_api() -> str:
    """What programs can read, examples first."""
    return render_template("pages/api.html")
