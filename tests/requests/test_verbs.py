"""What the verbs refuse by themselves, whoever calls them: a form, a mail, an import."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from dialogue.accounts.policy import Viewer
from dialogue.accounts.rules import Role
from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.conversation.operations.answers import answer_with, post_answer
from dialogue.core.clock import now, today
from dialogue.core.errors import Forbidden, InvalidTransition, InvalidValue, NotFound, StaleVersion
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.closing import Refusal, reopen_request
from dialogue.requests.operations.moves import record
from dialogue.requests.operations.planning import move_date
from dialogue.requests.operations.publishing import Publication
from dialogue.requests.operations.routing import assign_request, hide_request, reclassify_request
from dialogue.requests.rules import EventKind, Extent, Ground, Kind, Status, WaitingOn
from tests.factories import Factory


@pytest.fixture
def data_request(make: Factory) -> DataRequest:
    return make.request(Status.ASSESSING, unit=make.unit("gata"), asker=make.person())


@pytest.fixture
def boss(make: Factory, data_request: DataRequest) -> Viewer:
    """Somebody who may do everything that the municipality may."""
    person = make.official(data_request.unit)  # type: ignore[arg-type]
    coordinator = make.official(data_request.unit, Role.COORDINATOR)  # type: ignore[arg-type]
    roles = make.viewer(person).roles + make.viewer(coordinator).roles
    return Viewer(person_id=person.id, roles=roles)


def refusal(**changed: Any) -> Refusal:
    fields: dict[str, Any] = {
        "ground": Ground.OTHER,
        "explanation": "Så är det.",
        "what_would_change_it": "Inget.",
        "review_on": today("Europe/Stockholm") + timedelta(200),
    }
    return Refusal(**fields | changed)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"explanation": ""}, "explanation"),
        ({"what_would_change_it": ""}, "what_would_change_it"),
        ({"review_on": date(2020, 1, 1)}, "review_on"),
        ({"review_on": date.max}, "review_on"),
    ],
)
def test_no_refusal_without_reasons(
    changed: dict[str, Any], field: str, session: Session, data_request: DataRequest, boss: Viewer
) -> None:
    with pytest.raises(InvalidValue) as refused:
        answer_with(session, boss, data_request, "decline", "Så är det.", version=None, refusal=refusal(**changed))
    assert refused.value.field == field


def test_a_holder_is_kept_only_where_rights_are_the_ground(
    session: Session, data_request: DataRequest, boss: Viewer
) -> None:
    said = refusal(rights_holder="Leverantören AB")
    answer_with(session, boss, data_request, "decline", "Så är det.", version=None, refusal=said)
    session.commit()
    assert data_request.rights_holder is None


@pytest.mark.parametrize(
    ("name", "values", "field"),
    [
        ("redirect", {"redirected_to": ""}, "redirected_to"),
        ("already_available", {"dataset_url": "x" * 1100}, "dataset_url"),
        ("already_available", {"dataset_url": "https://prov.example:0/x"}, "dataset_url"),
        ("already_available", {"dataset_url": "https://prov.example/a b"}, "dataset_url"),
    ],
)
def test_no_end_without_what_it_takes(
    name: str, values: dict[str, Any], field: str, session: Session, data_request: DataRequest, boss: Viewer
) -> None:
    with pytest.raises(InvalidValue) as refused:
        answer_with(session, boss, data_request, name, "Så är det.", version=None, **values)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("name", "field"), [("assess", "answer"), ("ask", "question"), ("decline", "explanation"), ("move_date", "answer")]
)
def test_no_status_without_an_answer(
    name: str, field: str, session: Session, make: Factory, data_request: DataRequest, boss: Viewer
) -> None:
    target = make.request(unit=data_request.unit, asker=data_request.asker) if name == "assess" else data_request
    values = {"refusal": refusal()} if name == "decline" else {"next_on": make.workday(3)}
    with pytest.raises(InvalidValue) as refused:
        answer_with(session, boss, target, name, "  \n ", version=None, **values)
    assert refused.value.field == field


def test_reasons_are_not_empty(session: Session, make: Factory, data_request: DataRequest, boss: Viewer) -> None:
    closed = make.request(Status.CLOSED, unit=data_request.unit)
    with pytest.raises(InvalidValue, match="what is new"):
        reopen_request(session, boss, closed, version=None, reason="")
    with pytest.raises(InvalidValue, match="why the kind"):
        reclassify_request(session, boss, data_request, version=None, kind=Kind.FORMAL, reason="")
    with pytest.raises(InvalidValue, match="hidden"):
        hide_request(session, boss, data_request, version=None, reason="")


def test_a_request_goes_to_an_open_unit_of_its_own_municipality(
    session: Session, make: Factory, data_request: DataRequest, boss: Viewer
) -> None:
    closed = make.unit("stangd", closed_at=now())
    elsewhere = make.unit("annan", municipality=make.municipality())
    for unit, problem in ((closed, "in the list"), (elsewhere, "in the list"), (data_request.unit, "already")):
        with pytest.raises(InvalidValue, match=problem):
            assign_request(session, boss, data_request, version=None, unit=unit)
    event = assign_request(session, boss, data_request, version=None, unit=None)
    assert (event.unit_id, event.old, event.new["former_unit"]) == (None, {"unit_id": 1} | event.old, "Gata")
    with pytest.raises(InvalidValue, match="already"):
        assign_request(session, boss, data_request, version=None, unit=None)


def test_a_date_moves_to_another_day(session: Session, make: Factory, data_request: DataRequest, boss: Viewer) -> None:
    assert data_request.next_on is not None
    with pytest.raises(InvalidValue, match="already"):
        move_date(session, boss, data_request, version=None, message_id=1, next_on=data_request.next_on)
    data_request.waiting_on, data_request.waiting_since_on = WaitingOn.REQUESTER, date(2020, 1, 1)
    event = move_date(session, boss, data_request, version=None, message_id=1, next_on=make.workday(9))
    assert event.old["moves_count"] == 0
    assert data_request.waiting_since_on > date(2020, 1, 1)


def test_a_dataset_is_tied_once(session: Session, make: Factory, data_request: DataRequest, boss: Viewer) -> None:
    publication = Publication(
        "https://data.prov.example/1", Licence.CC0, Format.CSV, Frequency.DAILY, Extent.FULL, next_on=date(2020, 1, 1)
    )
    for _ in range(2):
        answer_with(session, boss, data_request, "publish", "", version=None, publication=publication)
        session.commit()
        assert data_request.next_on is None  # nothing is left to come, whatever the form said
        assert len(data_request.datasets) == 1
        reopen_request(session, boss, data_request, version=None, reason="Länken är död.")
        session.commit()


def test_a_plain_answer_is_guarded_like_any_other(
    session: Session, make: Factory, data_request: DataRequest, boss: Viewer
) -> None:
    with pytest.raises(Forbidden):
        post_answer(session, Viewer(), data_request, "Hej", version=None)
    with pytest.raises(StaleVersion):
        post_answer(session, boss, data_request, "Hej", version=data_request.version + 1)
    with pytest.raises(InvalidTransition):
        post_answer(session, boss, make.request(Status.DRAFT, unit=data_request.unit), "Hej", version=None)


def test_while_a_question_waits_the_date_may_lie_behind(
    session: Session, data_request: DataRequest, boss: Viewer
) -> None:
    data_request.next_on = date(2026, 1, 2)
    data_request.waiting_on, data_request.waiting_since_on = WaitingOn.REQUESTER, date(2026, 1, 1)
    session.commit()
    assert post_answer(session, boss, data_request, "Vi väntar.", version=None).kind is EventKind.ANSWER_POSTED


def test_who_works_nowhere_answers_for_no_unit(session: Session, make: Factory, boss: Viewer) -> None:
    nobody = Viewer(person_id=make.person().id, roles=boss.roles)
    with pytest.raises(NotFound):
        answer_with(session, nobody, make.request(), "redirect", "Hej", version=None, redirected_to="Trafikverket")


def test_what_nobody_did_was_done_by_the_system(session: Session, data_request: DataRequest) -> None:
    event = record(session, Viewer(), data_request, EventKind.REQUEST_REOPENED, new={"since": timedelta(1).days})
    assert event.actor_role == "system"
