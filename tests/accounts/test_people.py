"""People, the businesses they speak for, and roles: what counts as the same, also for two who come at once."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Organisation, RoleGrant, SignInSession
from dialogue.accounts.operations.people import (
    PersonFields,
    _give_number,
    change_person,
    fold_name,
    get_or_create_person,
    name_organisation,
    speak_for,
)
from dialogue.accounts.operations.roles import revoke_role
from dialogue.accounts.operations.sign_ins import end_all_sign_ins
from dialogue.accounts.rules import Role
from dialogue.core.errors import InvalidTransition, InvalidValue
from tests.factories import Factory
from tests.races import sessions_of, side_by_side

#: Made-up organisation numbers with right check digits.
ONE, OTHER = "556677-8899", "212000-1215"


@pytest.mark.parametrize(
    ("names", "count"),
    [
        # Case, spacing and full stops do not make another business.
        ([("Laddkusten AB", ""), ("laddkusten  ab", ""), ("LADDKUSTEN A.B.", "")], 2),
        ([("Laddkusten AB", ""), ("laddkusten  ab.", "")], 1),
        # The same number is the same business, whatever it is called.
        ([("Laddkusten AB", ONE), ("Laddkusten Halmstad", ONE), ("Kusten", "16 5566778899")], 1),
        # The same name is the same business, unless both have a number and the numbers differ.
        ([("Laddkusten AB", ""), ("Laddkusten AB", ONE)], 1),
        ([("Laddkusten AB", ONE), ("Laddkusten AB", "")], 1),
        ([("Laddkusten AB", ONE), ("Laddkusten AB", OTHER)], 2),
        ([("Laddkusten AB", ONE), ("Laddkusten AB", OTHER), ("Laddkusten AB", "")], 2),
        ([("Åkeri", ""), ("Akeri", "")], 2),
    ],
)
def test_what_counts_as_the_same_business(session: Session, names: list[tuple[str, str]], count: int) -> None:
    for name, number in names:
        assert name_organisation(session, name, number) is not None
    assert session.scalar(select(func.count()).select_from(Organisation)) == count


def test_a_business_known_by_name_gets_its_number(session: Session) -> None:
    known = name_organisation(session, "Laddkusten AB")
    named = name_organisation(session, "laddkusten ab", ONE)
    assert known is named
    assert known is not None
    session.refresh(known)
    assert (known.name, known.number) == ("Laddkusten AB", "5566778899")


def test_a_number_that_another_name_has_got_meanwhile_is_that_business(session: Session) -> None:
    registered = name_organisation(session, "Laddkusten AB", ONE)
    name_organisation(session, "Kusten")
    # As if both had looked before either wrote.
    assert _give_number(session, fold_name("Kusten"), "5566778899") is registered


def test_no_name_is_no_business(session: Session, make: Factory) -> None:
    person = make.person(organisation=make.organisation("Laddkusten AB"))
    assert name_organisation(session, "  ", ONE) is None
    speak_for(person, None)
    assert person.organisation is not None


@pytest.mark.parametrize("number", ["1", "556677-8898", "abc", "5566778899" * 2])
def test_a_number_that_cannot_be_one_is_refused(session: Session, number: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        name_organisation(session, "Laddkusten AB", number)
    assert refused.value.field == "organisation_number"


def test_a_number_alone_is_no_business(session: Session, make: Factory) -> None:
    person = make.person()
    with pytest.raises(InvalidValue):
        change_person(session, person, PersonFields("", " ", ONE, person.locale))


def test_names_are_folded() -> None:
    assert fold_name(" Laddkusten  A.B. ") == "laddkusten a b"


def test_two_proofs_at_once_make_one_person(live_app: Flask) -> None:
    ids = side_by_side(live_app, *[lambda session: get_or_create_person(session, "a@prov.example", "sv").id] * 8)
    assert len(set(ids)) == 1


@pytest.mark.parametrize(
    "names",
    [
        [("Laddkusten AB", "")] * 8,
        [("Laddkusten AB", ONE), ("Kusten", ONE), ("Laddkusten AB", ONE), ("kusten", ONE)] * 2,
    ],
)
def test_two_who_name_a_business_at_once_name_the_same(live_app: Flask, names: list[tuple[str, str]]) -> None:
    def named(name: str, number: str):  # type: ignore[no-untyped-def]
        return lambda session: name_organisation(session, name, number).id  # type: ignore[union-attr]

    ids = side_by_side(live_app, *[named(*pair) for pair in names])
    assert len(set(ids)) == 1
    with sessions_of(live_app)() as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 1


def test_a_number_that_two_names_get_at_once_is_one_business(live_app: Flask) -> None:
    with sessions_of(live_app)() as session:
        for name in ("Laddkusten", "Kusten"):
            name_organisation(session, name)
        session.commit()

    def give(name: str):  # type: ignore[no-untyped-def]
        return lambda session: name_organisation(session, name, ONE).id  # type: ignore[union-attr]

    ids = side_by_side(live_app, *[give(name) for name in ("Laddkusten", "Kusten") * 4])
    assert len(set(ids)) == 1, ids


def test_two_administrators_who_remove_each_other_leave_one(live_app: Flask) -> None:
    with sessions_of(live_app)() as session:
        make = Factory(session)
        unit = make.unit()
        for _ in range(2):
            make.official(unit, Role.ADMINISTRATOR)
        grants = session.scalars(select(RoleGrant.id)).all()
    answers = side_by_side(
        live_app, *[lambda session, key=key: revoke_role(session, session.get_one(RoleGrant, key)) for key in grants]
    )
    assert sorted(type(answer) for answer in answers if answer) == [InvalidTransition]
    with sessions_of(live_app)() as session:
        assert session.scalar(select(func.count()).select_from(RoleGrant)) == 1


def test_every_session_of_a_person_can_be_ended(session: Session, make: Factory) -> None:
    person = make.person()
    for _ in range(3):
        make.cookie(person)
    kept = make.cookie(make.person())
    end_all_sign_ins(session, person.id)
    assert session.scalar(select(func.count()).select_from(SignInSession)) == 1
    assert kept


def test_a_role_reaches_every_unit_below(session: Session, make: Factory) -> None:
    top = make.unit()
    units = [top]
    for _ in range(3):
        units.append(make.unit(parent_id=units[-1].id))
    beside = make.unit()
    held = make.viewer(make.official(units[1]))
    assert held.unit_ids(Role.OFFICIAL) == {unit.id for unit in units[1:]}
    assert beside.id not in held.unit_ids(Role.OFFICIAL)


def test_units_in_a_ring_do_not_hang(session: Session, make: Factory) -> None:
    # The pages refuse this; a hand in the database might not.
    one, two = make.unit(), make.unit()
    one.parent_id, two.parent_id = two.id, one.id
    session.commit()
    held = make.viewer(make.official(one))
    assert held.unit_ids(Role.OFFICIAL) == {one.id, two.id}
