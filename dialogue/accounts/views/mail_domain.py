"""The administrator's page about DNS: whether receivers can see that mail from here is genuine."""

from flask import Blueprint, current_app, render_template, request

from dialogue.accounts import queries
from dialogue.accounts.access import current_viewer, requires
from dialogue.accounts.forms.mail_domain import SelectorForm
from dialogue.accounts.policy import Permission
from dialogue.mail.domain.checking import check, domains_of
from dialogue.mail.domain.findings import LEVELS
from dialogue.web.extensions import db
from dialogue.web.forms import invalid

blueprint = Blueprint("mail_domain", __name__)


@blueprint.get("/settings/<place>/mail/domain")
@requires(Permission.SEE_SETTINGS)
def show_domain(place: str) -> str | tuple[str, int]:
    """What DNS says just now. It is a page of its own because the answer may take a few seconds."""
    municipality = queries.get_administrated(db.session, current_viewer(), place)
    form = SelectorForm(formdata=request.args)
    if not form.validate():
        return invalid("settings/mail_domain.html", form=form, place=municipality, findings=[], levels=LEVELS)
    domains = domains_of(current_app.config, form.selector.data or "")
    findings = check(domains, current_app.extensions["dialogue.dns"]())
    return render_template(
        "settings/mail_domain.html", form=form, place=municipality, domains=domains, findings=findings, levels=LEVELS
    )
