"""Every SELECT about who is who."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import CTE, ColumnElement, Select, bindparam, func, select
from sqlalchemy.orm import Session, contains_eager

from dialogue.accounts.models import (
    Area,
    EmailProof,
    KeptForm,
    Municipality,
    Organisation,
    Person,
    RoleGrant,
    SignInSession,
    Unit,
)
from dialogue.accounts.policy import HeldRole, Viewer
from dialogue.accounts.rules import KEPT_FORM_LASTS, ProofPurpose, Role
from dialogue.core.errors import NotFound
from dialogue.core.tokens import hash_token

_MUNICIPALITIES = select(Municipality).order_by(Municipality.name)


def list_municipalities(session: Session) -> list[Municipality]:
    """Every municipality, by name."""
    return list(session.scalars(_MUNICIPALITIES))


def find_municipality(session: Session, slug: str) -> Municipality | None:
    """The municipality with `slug`."""
    return session.scalar(select(Municipality).where(Municipality.slug == slug))


def get_administrated(session: Session, viewer: Viewer, slug: str) -> Municipality:
    """The municipality with `slug`, which `viewer` administrates. Raises NotFound for any other."""
    municipality = find_municipality(session, slug)
    if municipality is None or municipality.id not in viewer.municipality_ids(Role.ADMINISTRATOR):
        raise NotFound
    return municipality


def list_units(session: Session, municipality_id: int) -> list[Unit]:
    """The open units of a municipality, by name."""
    wanted = select(Unit).where(Unit.municipality_id == municipality_id, Unit.closed_at.is_(None))
    return list(session.scalars(wanted.order_by(Unit.name)))


def list_units_of(session: Session, municipality_ids: Collection[int]) -> dict[int, list[Unit]]:
    """The open units of several municipalities by the municipality's id, each by name."""
    wanted = select(Unit).where(Unit.municipality_id.in_(municipality_ids), Unit.closed_at.is_(None))
    units: dict[int, list[Unit]] = {municipality_id: [] for municipality_id in sorted(municipality_ids)}
    for unit in session.scalars(wanted.order_by(Unit.name)):
        units[unit.municipality_id].append(unit)
    return units


def get_unit(session: Session, municipality_id: int, slug: str) -> Unit:
    """The open unit with `slug`. Raises NotFound."""
    wanted = select(Unit).where(Unit.municipality_id == municipality_id, Unit.slug == slug, Unit.closed_at.is_(None))
    unit = session.scalar(wanted)
    if unit is None:
        raise NotFound
    return unit


def get_own_unit(session: Session, person_id: int, municipality_id: int) -> Unit:
    """The unit in which a person who works for a municipality was given a role first. Raises NotFound."""
    wanted = select(Unit).join(RoleGrant, RoleGrant.unit_id == Unit.id)
    wanted = wanted.where(RoleGrant.person_id == person_id, Unit.municipality_id == municipality_id)
    unit = session.scalar(wanted.order_by(RoleGrant.id).limit(1))
    if unit is None:
        raise NotFound
    return unit


def find_employer(session: Session, person_id: int) -> Municipality | None:
    """The municipality in which a person was given a role first."""
    wanted = select(Municipality).join(Unit, Unit.municipality_id == Municipality.id)
    wanted = wanted.join(RoleGrant, RoleGrant.unit_id == Unit.id).where(RoleGrant.person_id == person_id)
    return session.scalar(wanted.order_by(RoleGrant.id).limit(1))


def find_unit(session: Session, municipality_id: int, slug: str) -> Unit | None:
    """The unit with `slug`, closed or not."""
    return session.scalar(select(Unit).where(Unit.municipality_id == municipality_id, Unit.slug == slug))


def list_all_units(session: Session, municipality_id: int) -> list[Unit]:
    """Every unit of a municipality, open ones first, by name."""
    wanted = select(Unit).where(Unit.municipality_id == municipality_id)
    return list(session.scalars(wanted.order_by(Unit.closed_at.is_not(None), Unit.name, Unit.id)))


def find_area(session: Session, municipality_id: int, slug: str) -> Area | None:
    """The area with `slug`."""
    return session.scalar(select(Area).where(Area.municipality_id == municipality_id, Area.slug == slug))


def list_grants(session: Session, municipality_id: int) -> list[RoleGrant]:
    """Every role held in a municipality, with person and unit, by address."""
    wanted = (
        select(RoleGrant)
        .join(RoleGrant.person)
        .join(RoleGrant.unit)
        .where(Unit.municipality_id == municipality_id)
        .options(contains_eager(RoleGrant.person), contains_eager(RoleGrant.unit))
        .order_by(Person.email, Unit.name, RoleGrant.role)
    )
    return list(session.scalars(wanted))


def find_grant(session: Session, person_id: int, unit_id: int, role: Role) -> RoleGrant | None:
    """The grant of `role` in a unit to a person."""
    wanted = select(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.unit_id == unit_id)
    return session.scalar(wanted.where(RoleGrant.role == role))


def count_administrators(session: Session, municipality_id: int, *, but: int = 0, but_person: int = 0) -> int:
    """People who administrate a municipality, not counting the grant `but` or the person `but_person`."""
    wanted = (
        select(func.count(RoleGrant.person_id.distinct()))
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            Unit.municipality_id == municipality_id,
            RoleGrant.role == Role.ADMINISTRATOR,
            RoleGrant.id != but,
            Person.id != but_person,
            Person.disabled_at.is_(None),
        )
    )
    return session.scalar(wanted) or 0


def list_sign_ins(session: Session, person_id: int, at: datetime) -> list[SignInSession]:
    """Where a person is signed in, newest first."""
    wanted = select(SignInSession).where(SignInSession.person_id == person_id, SignInSession.expires_at > at)
    return list(session.scalars(wanted.order_by(SignInSession.id.desc())))


def waiting_proofs(email: str, at: datetime) -> Select[EmailProof]:
    """Acts that wait for `email` to be confirmed, newest first, each once."""
    newest = (
        select(func.max(EmailProof.id))
        .where(EmailProof.email == email, EmailProof.used_at.is_(None), EmailProof.purpose != ProofPurpose.SIGN_IN)
        .group_by(EmailProof.act_key)
    )
    wanted = select(EmailProof).where(EmailProof.id.in_(newest), EmailProof.expires_at > at)
    return wanted.order_by(EmailProof.id.desc()).limit(10)


def list_areas(session: Session, municipality_id: int) -> list[Area]:
    """The areas of a municipality, in the order of their Swedish names."""
    return list(session.scalars(select(Area).where(Area.municipality_id == municipality_id).order_by(Area.name_sv)))


def find_person(session: Session, email: str) -> Person | None:
    """The person who proved `email` (normalised)."""
    return session.scalar(select(Person).where(Person.email == email))


def find_organisation(session: Session, name_key: str, number: str | None) -> Organisation | None:
    """The organisation with `number`, or without a number the one that goes by the folded name."""
    if number is not None:
        return session.scalar(select(Organisation).where(Organisation.number == number))
    wanted = select(Organisation).where(Organisation.name_key == name_key)
    # The same name may be registered twice; the one with a number is the one people know.
    return session.scalar(wanted.order_by(Organisation.number.is_(None), Organisation.id).limit(1))


def find_proof(session: Session, token: str) -> EmailProof | None:
    """The pending act behind `token`, used and expired ones too (their pages say so)."""
    return session.scalar(select(EmailProof).where(EmailProof.token_hash == hash_token(token)))


def list_demo_people(session: Session) -> list[tuple[Person, list[tuple[Role, str]]]]:
    """Everybody with a role and what it is, then a few people without: for signing in during development."""
    held: dict[int, list[tuple[Role, str]]] = {}
    roles = select(RoleGrant.person_id, RoleGrant.role, Unit.name).join(Unit, Unit.id == RoleGrant.unit_id)
    for person_id, role, unit in session.execute(roles.order_by(RoleGrant.id)):
        held.setdefault(person_id, []).append((role, unit))
    living = select(Person).where(Person.disabled_at.is_(None)).order_by(Person.id)
    staff = session.scalars(living.where(Person.id.in_(held))).all()
    others = session.scalars(living.where(Person.id.not_in(held)).limit(12)).all()
    return [(person, held.get(person.id, [])) for person in (*staff, *others)]


def find_kept_form(session: Session, token: str | None, at: datetime) -> KeptForm | None:
    """The form that was kept for the browser with `token`, unless it is too old by `at`."""
    if not token:
        return None
    wanted = select(KeptForm).where(
        KeptForm.token_hash == hash_token(token), KeptForm.created_at > at - KEPT_FORM_LASTS
    )
    return session.scalar(wanted)


def _reach(of_whom: ColumnElement[bool]) -> CTE:
    """Every role with each unit that it reaches: its own and all below."""
    held = (
        select(RoleGrant.person_id, RoleGrant.role, Unit.municipality_id, Unit.id.label("unit_id"))
        .join(Unit, Unit.id == RoleGrant.unit_id)
        .where(of_whom)
        .cte("reach", recursive=True)
    )
    below = select(held.c.person_id, held.c.role, held.c.municipality_id, Unit.id).join(
        Unit, Unit.parent_id == held.c.unit_id
    )
    # A plain UNION drops what was found before, so units in a ring end too.
    return held.union(below)


# Put together once: each page of everybody who is signed in asks.
_OF_PERSON = _reach(RoleGrant.person_id == bindparam("person_id"))
_ROLES = select(_OF_PERSON.c.role, _OF_PERSON.c.municipality_id, _OF_PERSON.c.unit_id)
_WHO = select(SignInSession.person_id).where(SignInSession.token_hash == bindparam("token_hash"))
_OF_SESSION = _reach(RoleGrant.person_id == _WHO.scalar_subquery())
_SIGNED_IN = (
    select(SignInSession, _OF_SESSION.c.role, _OF_SESSION.c.municipality_id, _OF_SESSION.c.unit_id)
    .join(SignInSession.person)
    .outerjoin(_OF_SESSION, _OF_SESSION.c.person_id == SignInSession.person_id)
    .where(
        SignInSession.token_hash == bindparam("token_hash"),
        SignInSession.expires_at > bindparam("at"),
        Person.disabled_at.is_(None),
    )
    .options(contains_eager(SignInSession.person))
)


def find_signed_in(session: Session, token: str, at: datetime) -> tuple[SignInSession, Viewer] | None:
    """The live session behind `token` with its person and what they may do, in one statement."""
    rows = session.execute(_SIGNED_IN, {"token_hash": hash_token(token), "at": at}).all()
    if not rows:
        return None
    sign_in: SignInSession = rows[0][0]
    return sign_in, _viewer(sign_in.person, [(role, place, unit) for _, role, place, unit in rows if role is not None])


def get_viewer(session: Session, person: Person) -> Viewer:
    """`person` with every role and the units each role reaches."""
    rows = session.execute(_ROLES, {"person_id": person.id})
    return _viewer(person, [(role, place, unit) for role, place, unit in rows])


def _viewer(person: Person, rows: list[tuple[Role, int, int]]) -> Viewer:
    units: dict[tuple[Role, int], set[int]] = {}
    for role, municipality_id, unit_id in rows:
        units.setdefault((role, municipality_id), set()).add(unit_id)
    return Viewer(
        person_id=person.id,
        organisation_id=person.organisation_id,
        roles=tuple(HeldRole(role, place, frozenset(ids)) for (role, place), ids in sorted(units.items())),
    )
