"""Internal notes: written and read by the unit's own officials and the coordinator, and by nobody else."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.policy import Viewer
from dialogue.accounts.rules import Role
from dialogue.conversation.models import InternalNote
from dialogue.conversation.operations.notes import write_note
from dialogue.conversation.queries.notes import list_notes
from dialogue.core.errors import Forbidden, InvalidValue
from dialogue.requests.models import RequestEvent
from tests.factories import Factory
from tests.page import Page

NOTE = "Leverantören svarar i **måndag**."


def test_a_note_is_written_and_read_on_its_own_form(page: Page, make: Factory, session: Session) -> None:
    unit = make.unit("gata")
    data_request = make.request(unit=unit)
    address = f"/requests/{data_request.id}/notes"
    page.sign_in(make.cookie(make.official(unit, name="Kim")))
    empty = page.submit(address, {"body": "   "}, 422)
    assert empty.title.startswith("Fel: ")
    done = page.submit(address, {"body": NOTE})
    assert done.location.endswith("#notes")
    shown = page.get(address)
    assert "Leverantören svarar i måndag." in shown.words
    assert "allmän handling" in shown.words
    assert session.scalars(select(RequestEvent)).all() == []


def test_notes_stay_in_the_house(session: Session, make: Factory, page: Page) -> None:
    unit, other = make.unit("gata"), make.unit("bygg")
    elsewhere = make.unit("annan", municipality=make.municipality())
    data_request = make.request(unit=unit, asker=make.person())
    coordinator = make.viewer(make.official(other, Role.COORDINATOR))
    note = write_note(session, coordinator, data_request, NOTE)
    session.commit()
    assert note.unit_id == unit.id
    for person in (make.official(unit), make.official(unit, Role.DECIDER), make.official(other, Role.COORDINATOR)):
        assert list_notes(session, make.viewer(person), data_request) == [note]
    strangers = [
        make.official(other),
        make.official(other, Role.ADMINISTRATOR),
        make.official(elsewhere, Role.COORDINATOR),
        data_request.asker,
    ]
    for person in strangers:
        assert person is not None
        assert list_notes(session, make.viewer(person), data_request) == []
        with pytest.raises(Forbidden):
            write_note(session, make.viewer(person), data_request, NOTE)
        page.sign_in(make.cookie(person))
        page.get(f"/requests/{data_request.id}/notes", 403)
    assert list_notes(session, Viewer(), data_request) == []


def test_the_coordinator_notes_on_what_no_unit_has(session: Session, make: Factory) -> None:
    unit = make.unit("samordning")
    viewer = make.viewer(make.official(unit, Role.COORDINATOR))
    assert write_note(session, viewer, make.request(), NOTE).unit_id == unit.id
    for body, problem in (("", "Write something"), ("x" * 5001, "at most")):
        with pytest.raises(InvalidValue, match=problem):
            write_note(session, viewer, make.request(), body)
    assert len(session.scalars(select(InternalNote)).all()) == 1
