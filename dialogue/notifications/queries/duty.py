"""Who answers for what in a municipality on a certain day: roles, the units they reach, and who is away."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from dialogue.accounts.models import Person, RoleGrant, Unit
from dialogue.accounts.rules import Role
from dialogue.notifications.models import Absence


@dataclass(frozen=True)
class Colleague:
    """Somebody who works for the municipality."""

    person_id: int
    address: str
    locale: str
    name: str | None = None
    #: The units that each role reaches.
    reach: dict[Role, frozenset[int]] = field(default_factory=dict)

    def answers_for(self, unit_id: int | None) -> bool:
        """Whether requests of the unit are theirs to take."""
        return unit_id in self.reach.get(Role.OFFICIAL, ())


@dataclass(frozen=True)
class Duty:
    """The colleagues of one municipality, and those of them who are away."""

    colleagues: dict[int, Colleague]
    away: dict[int, Absence]

    def responsible(self, official_id: int | None, unit_id: int | None) -> Colleague | None:
        """Who answers for what `official_id` has taken: they, or their stand-in; None when the unit's mailbox must."""
        official = self._official(official_id, unit_id)
        if official is None:
            return None
        absence = self.away.get(official.person_id)
        if absence is None:
            return official
        stand_in = self._official(absence.stand_in_id, unit_id)
        return stand_in if stand_in is not None and stand_in.person_id not in self.away else None

    def left_alone_by(self, official_id: int | None, unit_id: int | None) -> Absence | None:
        """The absence of the official who has taken it, when nobody stands in."""
        if self._official(official_id, unit_id) is None or self.responsible(official_id, unit_id) is not None:
            return None
        return self.away[official_id or 0]

    def coordinators(self) -> list[Colleague]:
        """Who hands requests out, and is here; all of them when none is."""
        everybody = [colleague for colleague in self.colleagues.values() if Role.COORDINATOR in colleague.reach]
        return [each for each in everybody if each.person_id not in self.away] or everybody

    def official_at(self, unit_id: int | None, address: str) -> Colleague | None:
        """The official of the unit whose own address it is; a unit's mailbox may have an account too."""
        found = (each for each in self.colleagues.values() if each.address == address and each.answers_for(unit_id))
        return next(found, None)

    def _official(self, person_id: int | None, unit_id: int | None) -> Colleague | None:
        colleague = self.colleagues.get(person_id or 0)
        return colleague if colleague is not None and colleague.answers_for(unit_id) else None


def read_duty(session: Session, municipality_id: int, day: date) -> Duty:
    """Who is on duty in a municipality on `day`. Three statements."""
    above = dict(session.execute(select(Unit.id, Unit.parent_id).where(Unit.municipality_id == municipality_id)).all())
    granted = (
        select(Person.id, Person.email, Person.locale, Person.name, RoleGrant.role, RoleGrant.unit_id)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.unit_id.in_(above), Person.disabled_at.is_(None))
        .order_by(Person.id)
    )
    colleagues: dict[int, Colleague] = {}
    for person_id, address, locale, name, role, unit_id in session.execute(granted):
        colleague = colleagues.setdefault(person_id, Colleague(person_id, address, locale, name))
        colleague.reach[role] = colleague.reach.get(role, frozenset()) | _with_those_below(unit_id, above)
    away = select(Absence).where(Absence.person_id.in_(colleagues), Absence.first_on <= day, Absence.last_on >= day)
    return Duty(colleagues, {absence.person_id: absence for absence in session.scalars(away)})


def list_stand_ins(session: Session, person_id: int, municipality_ids: Iterable[int], day: date) -> list[Colleague]:
    """Who could stand in for an official: colleagues whose units are among theirs."""
    found: list[Colleague] = []
    for municipality_id in municipality_ids:
        duty = read_duty(session, municipality_id, day)
        me = duty.colleagues.get(person_id)
        mine = me.reach.get(Role.OFFICIAL, frozenset()) if me else frozenset()
        found += [
            each
            for each in duty.colleagues.values()
            if each.person_id != person_id and mine & each.reach.get(Role.OFFICIAL, frozenset())
        ]
    return sorted(found, key=lambda colleague: colleague.address)


def list_absences(session: Session, person_id: int, day: date) -> list[Absence]:
    """When somebody is away, from `day` on, the nearest first, with who stands in."""
    wanted = select(Absence).where(Absence.person_id == person_id, Absence.last_on >= day)
    return list(session.scalars(wanted.options(joinedload(Absence.stand_in)).order_by(Absence.first_on)))


def _with_those_below(unit_id: int, above: dict[int, int | None]) -> frozenset[int]:
    reached = {unit_id}
    while more := {unit for unit, parent in above.items() if parent in reached} - reached:
        reached |= more
    return frozenset(reached)
