"""Who works for a municipality, as what. A change of roles ends the person's sessions: the next one knows the new."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts import queries
from dialogue.accounts.models import Municipality, Person, RoleGrant, Unit
from dialogue.accounts.operations.sign_ins import end_all_sign_ins
from dialogue.accounts.rules import Role
from dialogue.core.clock import now
from dialogue.core.errors import InvalidTransition, NotFound
from dialogue.core.language import N_
from dialogue.mail.compose import queue_email


def grant_role(session: Session, person: Person, unit: Unit, role: Role) -> bool:
    """Let `person` be `role` in `unit` and tell them by mail. False when they are already."""
    if queries.find_grant(session, person.id, unit.id, role):
        return False
    grant = RoleGrant(person_id=person.id, unit_id=unit.id, role=role, granted_at=now())
    session.add(grant)
    session.flush()
    end_all_sign_ins(session, person.id)
    queue_email(
        session,
        template="role_granted",
        recipient=person.email,
        person_id=person.id,
        locale=person.locale,
        context={"grant_id": grant.id},
        dedupe_key=f"role:{grant.id}",
    )
    return True


def get_grant(session: Session, municipality_id: int, grant_id: int) -> RoleGrant:
    """A role that is held in a municipality. Raises NotFound for those of others."""
    grant = session.get(RoleGrant, grant_id)
    if grant is None or grant.unit.municipality_id != municipality_id:
        raise NotFound
    return grant


def revoke_role(session: Session, grant: RoleGrant) -> None:
    """Take a role back. Raises InvalidTransition for the last administrator of a municipality."""
    if grant.role is Role.ADMINISTRATOR:
        _refuse_last(session, grant.unit.municipality_id, but=grant.id)
    session.delete(grant)
    session.flush()
    end_all_sign_ins(session, grant.person_id)


def refuse_to_leave_no_administrator(session: Session, person: Person) -> None:
    """Raise InvalidTransition when a municipality would have no administrator without `person`."""
    held = select(Unit.municipality_id).join(RoleGrant, RoleGrant.unit_id == Unit.id).distinct()
    mine = held.where(RoleGrant.person_id == person.id, RoleGrant.role == Role.ADMINISTRATOR)
    for municipality_id in sorted(session.scalars(mine)):
        _refuse_last(session, municipality_id, but_person=person.id)


def _refuse_last(session: Session, municipality_id: int, *, but: int = 0, but_person: int = 0) -> None:
    # Two administrators who remove each other at the same moment wait for one another here.
    session.execute(select(Municipality.id).where(Municipality.id == municipality_id).with_for_update())
    others = queries.count_administrators(session, municipality_id, but=but, but_person=but_person)
    if others == 0:
        raise InvalidTransition(
            N_("The municipality must have an administrator. Make somebody else administrator first.")
        )
