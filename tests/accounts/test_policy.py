"""Who may do what, written out: each permission, and everybody who has it on a request of their own municipality."""

from dataclasses import dataclass
from datetime import datetime

import pytest

from dialogue.accounts.policy import NOBODY, POLICY, SYSTEM, HeldRole, Permission, Relation, Viewer, allows, relations
from dialogue.accounts.rules import Role

#: Somebody of each kind, as seen from the request below.
HERE, THERE = 1, 2
UNIT, OTHER_UNIT, FOREIGN_UNIT = 10, 11, 20
ASKER = 7


@dataclass(frozen=True)
class Thing:
    """A request as far as the policy looks at it."""

    id: int = 1
    municipality_id: int = HERE
    unit_id: int | None = UNIT
    asker_id: int | None = ASKER
    hidden_at: datetime | None = None


def holding(role: Role, unit: int = UNIT, municipality: int = HERE) -> Viewer:
    return Viewer(person_id=99, roles=(HeldRole(role, municipality, frozenset({unit})),))


EVERYBODY = {
    "anonymous": NOBODY,
    "person": Viewer(person_id=8),
    "asker": Viewer(person_id=ASKER),
    "voter": Viewer(person_id=8, voted_for=frozenset({1})),
    "voter for something else": Viewer(person_id=8, voted_for=frozenset({2})),
    "official": holding(Role.OFFICIAL),
    "colleague": holding(Role.OFFICIAL, OTHER_UNIT),
    "coordinator": holding(Role.COORDINATOR, OTHER_UNIT),
    "decider": holding(Role.DECIDER),
    "decider elsewhere": holding(Role.DECIDER, OTHER_UNIT),
    "administrator": holding(Role.ADMINISTRATOR, OTHER_UNIT),
    "system": SYSTEM,
}
ALL = set(EVERYBODY) - {"system"}  # the calendar sees no pages
SIGNED_IN = ALL - {"anonymous"}

#: Permission → who has it on the request. Written by hand on purpose: the policy is checked against it, not from it.
MAY: dict[Permission, set[str]] = {
    Permission.SEE_PUBLIC_PAGES: ALL,
    Permission.SEE_DEVELOPMENT_PAGES: ALL,
    Permission.SEE_REQUEST: ALL,
    Permission.SEE_DRAFT: {"asker"},
    Permission.SEE_HIDDEN: {"coordinator"},
    Permission.SEE_INTERNAL_NOTES: {"official", "coordinator", "decider"},
    Permission.SEE_QUEUE: {"official", "colleague", "coordinator", "decider"},
    Permission.SEE_INBOX: {"coordinator"},
    Permission.SEE_QUARANTINE: {"coordinator", "administrator"},
    Permission.SETTLE_HELD_MAIL: {"coordinator", "administrator"},
    Permission.PUBLISH_REPLY: ALL,
    Permission.SEE_ACCOUNT: SIGNED_IN,
    Permission.SEE_SETTINGS: {"administrator"},
    Permission.BE_AWAY: {"official", "coordinator"},
    Permission.SIGN_IN: ALL,
    Permission.FILE_REQUEST: ALL,
    Permission.PROVE_ADDRESS: ALL,
    Permission.SEND_KEPT_FORM: SIGNED_IN,
    Permission.CAST_VOTE: {"anonymous", "person", "asker", "voter", "voter for something else"},
    Permission.WITHDRAW_VOTE: SIGNED_IN,
    Permission.POST_MESSAGE: ALL,
    Permission.EDIT_OWN_MESSAGE: SIGNED_IN,
    Permission.REPORT: ALL,
    Permission.POST_ANSWER: {"official", "coordinator"},
    Permission.WRITE_INTERNAL_NOTE: {"official", "coordinator", "decider"},
    Permission.HIDE_MESSAGE: {"coordinator"},
    Permission.SUBSCRIBE: ALL,
    Permission.MANAGE_SUBSCRIPTION_BY_KEY: ALL,
    Permission.USE_WORK_LINK: ALL,
    Permission.CONFIRM_REQUEST: {"asker"},
    Permission.ASSIGN_REQUEST: {"coordinator", "official"},
    Permission.TAKE_REQUEST: {"official"},
    Permission.ASSESS_REQUEST: {"coordinator", "official"},
    Permission.ASK_REQUESTER: {"official"},
    Permission.PLAN_REQUEST: {"official"},
    Permission.MOVE_DATE: {"official"},
    Permission.PUBLISH_REQUEST: {"official"},
    Permission.CONFIRM_DELIVERY: {"asker", "voter"},
    Permission.DECLINE_REQUEST: {"official", "decider"},
    Permission.DECIDE_FORMAL_REQUEST: {"decider"},
    Permission.REDIRECT_REQUEST: {"official", "coordinator"},
    Permission.WITHDRAW_REQUEST: {"asker"},
    Permission.LAPSE_REQUEST: {"system"},
    Permission.REOPEN_REQUEST: {"coordinator", "asker", "system"},
    Permission.RECLASSIFY_REQUEST: {"official", "coordinator"},
    Permission.HIDE_REQUEST: {"coordinator"},
    Permission.MANAGE_MUNICIPALITY: {"administrator"},
    Permission.SEE_DIGEST_PREVIEW: {"administrator"},
}


def test_every_permission_is_written_out() -> None:
    missing = set(Permission) - set(MAY)
    assert not missing, f"say in MAY who has {sorted(permission.name for permission in missing)}"


@pytest.mark.parametrize("permission", Permission, ids=lambda permission: permission.name.lower())
def test_who_has_a_permission(permission: Permission) -> None:
    has = {name for name, viewer in EVERYBODY.items() if allows(viewer, permission, Thing())}
    assert has == MAY[permission]


@pytest.mark.parametrize("permission", Permission, ids=lambda permission: permission.name.lower())
def test_a_role_ends_at_the_border_of_the_municipality(permission: Permission) -> None:
    stranger = allows(Viewer(person_id=99), permission, Thing())
    for role in Role:
        foreign = holding(role, FOREIGN_UNIT, THERE)
        assert allows(foreign, permission, Thing()) == stranger, role


@pytest.mark.parametrize("role", Role)
def test_a_request_without_a_unit_is_nobodys_but_the_coordinators(role: Role) -> None:
    found = relations(holding(role), Thing(unit_id=None))
    close = {Role.OFFICIAL: Relation.COLLEAGUE, Role.DECIDER: None}.get(role, Relation(role.value))
    assert found - {Relation.ANYONE, Relation.PERSON} == ({close} if close else set())


def test_an_official_of_a_unit_above_answers_for_those_below() -> None:
    above = Viewer(person_id=99, roles=(HeldRole(Role.OFFICIAL, HERE, frozenset({OTHER_UNIT, UNIT})),))
    assert Relation.OFFICIAL in relations(above, Thing())


def test_several_roles_add_up() -> None:
    both = Viewer(
        person_id=ASKER,
        roles=(
            HeldRole(Role.OFFICIAL, THERE, frozenset({FOREIGN_UNIT})),
            HeldRole(Role.COORDINATOR, HERE, frozenset({OTHER_UNIT})),
        ),
    )
    assert relations(both, Thing()) == {Relation.ANYONE, Relation.PERSON, Relation.ASKER, Relation.COORDINATOR}
    assert both.unit_ids(Role.OFFICIAL) == {FOREIGN_UNIT}
    assert both.municipality_ids() == {HERE, THERE}
    assert both.municipality_ids(Role.COORDINATOR) == {HERE}
    assert both.is_staff
    assert both.is_official
    assert both.is_coordinator
    assert not both.is_administrator


def test_nobody_is_nobodys_asker() -> None:
    # An erased or imported request has no asker; who is not signed in has no person. They are not the same nobody.
    assert relations(NOBODY, Thing(asker_id=None)) == {Relation.ANYONE, Relation.OUTSIDER}
    assert Relation.ASKER not in relations(Viewer(person_id=8), Thing(asker_id=None))


def test_without_a_thing_one_is_what_one_is_anywhere() -> None:
    anywhere = {Relation.ANYONE, Relation.PERSON, Relation.OUTSIDER, Relation.DECIDER}
    assert relations(holding(Role.DECIDER)) == anywhere
    assert not NOBODY.is_staff
    assert NOBODY.is_anonymous


def test_the_policy_grants_something_to_somebody() -> None:
    assert all(POLICY[permission] for permission in Permission)
