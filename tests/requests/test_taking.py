"""Taking a request: one official answers for it, until it goes elsewhere or the official does."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import RoleGrant
from dialogue.accounts.operations.roles import revoke_role
from dialogue.accounts.rules import Role
from dialogue.core.errors import InvalidTransition, StaleVersion
from dialogue.privacy.operations import erase_person
from dialogue.privacy.queries import export_person
from dialogue.requests.operations.routing import assign_request, let_go_out_of_reach, take_request
from dialogue.requests.rules import EventKind, Status
from tests.factories import Factory
from tests.page import Page


def test_who_takes_it_has_it_until_it_is_assigned_anew(session: Session, make: Factory) -> None:
    unit, other = make.unit(), make.unit()
    data_request, official = make.request(Status.ASSESSING, unit=unit), make.official(unit)
    viewer = make.viewer(official)
    event = take_request(session, viewer, data_request, version=data_request.version)
    session.commit()
    assert (data_request.official_id, event.kind, event.unit_id) == (official.id, EventKind.REQUEST_TAKEN, unit.id)
    assert not event.new, "the timeline is public and says no more than that the unit has it"
    with pytest.raises(InvalidTransition, match="already"):
        take_request(session, viewer, data_request, version=None)
    assert data_request.assigned_at is None
    assign_request(session, viewer, data_request, version=None, unit=other)
    session.commit()
    assert data_request.official_id is None
    assert data_request.assigned_at is not None


def test_a_colleague_may_step_in_but_not_by_a_stale_form(session: Session, make: Factory) -> None:
    unit = make.unit()
    data_request, seen = make.request(unit=unit), 0
    first, second = make.official(unit), make.official(unit)
    seen = data_request.version
    take_request(session, make.viewer(first), data_request, version=seen)
    session.commit()
    with pytest.raises(StaleVersion):
        take_request(session, make.viewer(second), data_request, version=seen)
    take_request(session, make.viewer(second), data_request, version=data_request.version)
    session.commit()
    assert data_request.official_id == second.id


def test_who_loses_the_role_lets_go_of_it(session: Session, make: Factory) -> None:
    unit, other = make.unit(), make.unit()
    official = make.official(unit)
    session.add(RoleGrant(person_id=official.id, unit_id=other.id, role=Role.OFFICIAL, granted_at=official.created_at))
    here, there = make.request(unit=unit), make.request(unit=other)
    for data_request in (here, there):
        take_request(session, make.viewer(official), data_request, version=None)
    session.commit()
    assert let_go_out_of_reach(session, official) == 0
    grant = session.scalars(select(RoleGrant).where(RoleGrant.unit_id == unit.id)).one()
    revoke_role(session, grant)
    assert let_go_out_of_reach(session, official) == 1
    session.commit()
    assert (here.official_id, there.official_id) == (None, official.id)


def test_a_deleted_account_leaves_the_request_to_the_unit(session: Session, make: Factory) -> None:
    unit = make.unit()
    official, data_request = make.official(unit), make.request(unit=unit, title="Var står bänkarna")
    take_request(session, make.viewer(official), data_request, version=None)
    session.commit()
    handed_out = export_person(session, official)
    assert handed_out["taken_request"] == [{"id": data_request.id}]
    erase_person(session, official)
    session.commit()
    assert data_request.official_id is None


def test_the_queue_says_who_has_taken_what(page: Page, make: Factory, session: Session) -> None:
    unit = make.unit()
    me, colleague = make.official(unit), make.official(unit)
    mine, theirs, nobodys = (make.request(unit=unit, title=f"Titel {name}") for name in ("min", "din", "ingens"))
    take_request(session, make.viewer(colleague), theirs, version=None)
    page.sign_in(make.cookie(me))
    done = page.submit(f"/requests/{mine.id}/take")
    assert "Någon på" in page.follow(done).words
    rows = page.get("/queue").words
    assert rows.count("Du har tagit den") == rows.count("En kollega har tagit den") == 1
    assert page.get("/queue/waiting")
    session.refresh(nobodys)
    assert nobodys.official_id is None
