"""Mails to somebody who has been given a role, or stands in for a colleague."""

from sqlalchemy.orm import Session

from dialogue.accounts.models import Person, RoleGrant
from dialogue.accounts.queries import find_employer
from dialogue.accounts.wording import ROLES
from dialogue.core.clock import today
from dialogue.core.language import N_, Sentence
from dialogue.mail.compose import Letter
from dialogue.mail.outbox import Claim
from dialogue.notifications.letters.frame import find_reader, letter
from dialogue.notifications.models import Absence


def role_granted(session: Session, mail: Claim) -> Letter | None:
    """Which role, in which unit, and where one logs in; pointless when the role has been taken back."""
    grant = session.get(RoleGrant, mail.context["grant_id"])
    if grant is None:
        return None
    return letter(
        grant.unit.municipality,
        Sentence(N_("You get this because an administrator gave you a role.")),
        {"role": Sentence(ROLES[grant.role]), "unit_name": grant.unit.name},
    )


def stand_in(session: Session, mail: Claim) -> Letter | None:
    """For whom one stands in, and when; pointless when that was changed, or is over."""
    absence, person = session.get(Absence, mail.context["absence_id"]), find_reader(session, mail)
    if absence is None or person is None or absence.stand_in_id != person.id:
        return None
    away = session.get_one(Person, absence.person_id)
    municipality = find_employer(session, person.id)
    if municipality is None or absence.last_on < today(municipality.zone):
        return None
    return letter(
        municipality,
        Sentence(N_("You get this because a colleague has named you as stand-in.")),
        {"name": away.name or away.email, "first_on": absence.first_on, "last_on": absence.last_on},
    )
