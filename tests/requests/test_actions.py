"""Acting on a request from its page: each action's own form, its required fields, and what the page says afterwards."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.policy import Viewer
from dialogue.accounts.rules import Role
from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import Licence
from dialogue.conversation.models import Message
from dialogue.conversation.operations.messages import post_message
from dialogue.core.clock import today
from dialogue.requests.forms.actions import FORMS, action_forms
from dialogue.requests.models import AnswerDraft, RequestEvent
from dialogue.requests.operations.moves import open_actions
from dialogue.requests.rules import ACTIONS, EventKind, Extent, Kind, Outcome, Status, WaitingOn, Works
from dialogue.voting.operations import cast_vote
from tests.factories import Factory
from tests.page import Page, fields_of

ANSWER = "Vi tar reda på om avtalet låter oss publicera det."


def filled(make: Factory, name: str) -> dict[str, Any]:
    """What a person would type into the form of the action `name`."""
    day = make.workday(10).isoformat()
    return {
        "assign": {"unit": "gata"},
        "take": {},
        "assess": {"answer": ANSWER, "next_on": day},
        "ask": {"question": "Räcker det med en fil i veckan?"},
        "plan": {"answer": ANSWER, "next_on": day},
        "move_date": {"answer": ANSWER, "next_on": day},
        "publish": {
            "dataset_url": "https://data.prov.example/laddplatser.csv",
            "licence": "cc0",
            "format": "csv",
            "update_frequency": "DAILY",
            "extent": "full",
        },
        "confirm_delivery": {"works": "yes", "note": "Vi visar lediga platser."},
        "decline": {
            "ground": "personal_data",
            "explanation": "Enskilda kan pekas ut.",
            "what_would_change_it": "Data per område i stället för per adress.",
            "review_on": make.workday(60).isoformat(),
        },
        "redirect": {"answer": ANSWER, "redirected_to": "Trafikverket"},
        "already_available": {"answer": ANSWER, "dataset_url": "https://data.prov.example/finns"},
        "not_a_data_request": {"answer": "Det gäller en handling. Skriv till registrator."},
        "withdraw": {},
        "reopen": {"reason": "Länken fungerar inte längre."},
        "reclassify": {"kind": "formal", "reason": "Begäran gäller vidareutnyttjande."},
        "hide": {"reason": "Texten innehåller personuppgifter."},
        "show": {"reason": "Personuppgifterna är borta ur texten."},
    }[name]


def stage(make: Factory, page: Page, name: str) -> Any:
    """A request on which the signed-in person may take the action `name`."""
    unit, other = make.unit("bygg"), make.unit("gata")
    asker = make.person(organisation=make.organisation())
    action = ACTIONS[name]
    status = min(action.sources)
    more: dict[str, Any] = {"outcome": Outcome.DECLINED} if status is Status.CLOSED else {}
    data_request = make.request(status, unit=unit, asker=asker, **more)
    person = {
        "confirm_delivery": asker,
        "withdraw": asker,
        "reopen": asker,
        "hide": None,
        "show": None,
    }.get(name, make.official(unit))
    page.sign_in(make.cookie(person or make.official(other, Role.COORDINATOR)))
    if name == "show":
        page.submit(f"/requests/{data_request.id}/hide", filled(make, "hide"))
    return data_request


ACTS = sorted(FORMS)


@pytest.mark.parametrize("name", ACTS)
def test_the_form_acts_and_the_banner_says_so(name: str, page: Page, make: Factory, session: Session) -> None:
    data_request = stage(make, page, name)
    address = f"/requests/{data_request.id}/{name.replace('_', '-')}"
    done = page.submit(address, filled(make, name))
    shown = page.follow(done)
    assert "Klart." in shown.words
    session.refresh(data_request)
    event = session.scalars(select(RequestEvent).order_by(RequestEvent.id.desc())).first()
    assert event is not None
    assert event.kind is ACTIONS[name].event
    if (target := ACTIONS[name].target) is not None:
        assert data_request.status is target


@pytest.mark.parametrize(("name", "field"), [(name, field) for name in ACTS for field in ACTIONS[name].requires])
def test_a_missing_field_is_named_and_nothing_is_lost(
    name: str, field: str, page: Page, make: Factory, session: Session
) -> None:
    data_request = stage(make, page, name)
    before = len(session.scalars(select(RequestEvent)).all())
    typed = filled(make, name) | {field: ""}
    again = page.submit(f"/requests/{data_request.id}/{name.replace('_', '-')}", typed, 422)
    assert again.title.startswith("Fel: ")
    for value in typed.values():
        assert value in again.text
    assert len(session.scalars(select(RequestEvent)).all()) == before
    assert session.scalars(select(Message)).all() == []


@pytest.mark.parametrize("name", ACTS)
def test_a_form_without_its_version_is_refused(name: str, page: Page, make: Factory) -> None:
    data_request = stage(make, page, name)
    for version in ("", "x", "-1", "9" * 20):
        typed = filled(make, name) | {"version": version}
        refused = page.post(f"/requests/{data_request.id}/{name}", typed, 422)
        assert "Formuläret var inte komplett" in refused.words


@pytest.mark.parametrize("name", ACTS)
def test_a_stale_form_shows_both_texts_and_can_be_sent_again(name: str, page: Page, make: Factory) -> None:
    data_request = stage(make, page, name)
    address = f"/requests/{data_request.id}/{name.replace('_', '-')}"
    form = page.get(address).form(address)
    data_request.title = "Ändrad medan någon skrev"
    page.session.commit()
    typed = filled(make, name) | {"version": "1"}
    conflict = page.post(address, typed, 409)
    assert "Förfrågan har ändrats" in conflict.h1
    for value in filled(make, name).values():
        assert value in conflict.text
    assert form is not None
    page.post(address, fields_of(conflict.form(address)))


def test_answer_and_status_and_date_are_one_form(page: Page, make: Factory, session: Session) -> None:
    unit = make.unit("gata")
    data_request = make.request(unit=unit, asker=make.person())
    page.sign_in(make.cookie(make.official(unit)))
    day = make.workday(8)
    page.submit(
        f"/requests/{data_request.id}/answer",
        {"answer": ANSWER, "status": "assessing", "next_on": day.isoformat()},
    )
    session.refresh(data_request)
    assert data_request.status is Status.ASSESSING
    assert data_request.next_on == day
    assert data_request.latest_answer == ANSWER
    assert data_request.messages_count == 1
    page.submit(f"/requests/{data_request.id}/answer", {"answer": "Ett delbesked.", "status": "unchanged"})
    events = session.scalars(select(RequestEvent).order_by(RequestEvent.id)).all()
    assert [event.kind for event in events] == [EventKind.REQUEST_ASSESSED, EventKind.ANSWER_POSTED]


def test_a_draft_waits_and_leads_on_to_the_full_form(page: Page, make: Factory, session: Session) -> None:
    unit = make.unit("gata")
    data_request = make.request(Status.ASSESSING, unit=unit, asker=make.person())
    page.sign_in(make.cookie(make.official(unit)))
    address = f"/requests/{data_request.id}/answer"
    page.submit(address, {"answer": ANSWER, "next_on": "snart", "draft": "1"})
    again = page.get(address)
    assert ANSWER in again.text
    assert "snart" in again.text
    led = page.submit(address, {"next_on": "", "status": "declined"})
    assert led.location == f"/requests/{data_request.id}/decline"
    assert ANSWER in page.follow(led).text
    page.submit(led.location, filled(make, "decline"))
    assert session.scalars(select(AnswerDraft)).all() == []


def test_a_text_to_start_from_is_put_below_what_was_typed(page: Page, make: Factory) -> None:
    unit = make.unit("gata")
    data_request = make.request(Status.ASSESSING, unit=unit)
    page.sign_in(make.cookie(make.official(unit)))
    address = f"/requests/{data_request.id}/answer"
    shown = page.submit(address, {"answer": "Hej!", "template": "more_time"}, 200)
    text = fields_of(shown.form("/answer"))["answer"]
    assert text.startswith("Hej!\n\n")
    assert len(text) > 20


@pytest.fixture
def official(page: Page, make: Factory) -> Any:
    """A request under review, with an official of its unit signed in."""
    unit = make.unit("gata")
    page.sign_in(make.cookie(make.official(unit)))
    return make.request(Status.ASSESSING, unit=unit, asker=make.person(organisation=make.organisation()))


def test_both_spellings_of_an_action_act(page: Page, make: Factory, official: Any) -> None:
    for number, spelling in enumerate(("move-date", "move_date")):
        typed = {"answer": ANSWER, "next_on": make.workday(7 + number).isoformat(), "version": str(official.version)}
        page.post(f"/requests/{official.id}/{spelling}", typed)
        page.session.refresh(official)
    assert official.moves_count == 2


@pytest.mark.parametrize(
    "typed", ["snart", "4/12 2026", "2026-13-01", "20261204", "2026-W49-5", "9999-12-31", "٢٠٢٦-١٢-٠٤"]
)
def test_what_is_no_date_is_kept_and_named(typed: str, page: Page, official: Any) -> None:
    again = page.submit(f"/requests/{official.id}/move-date", {"answer": ANSWER, "next_on": typed}, 422)
    assert typed in again.text
    assert again.title.startswith("Fel: ")


@pytest.mark.parametrize(
    "url",
    [
        "halmstad.se/data",
        "ftp://prov.example/x",
        "data:text/html,x",
        "https://",
        "https://a@b.example/",
        "http://[x",
    ],
)
def test_what_is_no_web_address_is_refused(url: str, page: Page, make: Factory, official: Any) -> None:
    typed = filled(make, "publish") | {"dataset_url": url}
    again = page.submit(f"/requests/{official.id}/publish", typed, 422)
    assert "Skriv hela adressen" in again.words or "hel adress" in again.words


def test_a_dataset_is_known_again_and_a_part_may_promise_the_rest(
    page: Page, make: Factory, session: Session, official: Any
) -> None:
    rest = make.workday(30)
    typed = filled(make, "publish") | {"extent": "partial", "next_on": rest.isoformat(), "answer": "Centrum är klart."}
    page.submit(f"/requests/{official.id}/publish", typed)
    session.refresh(official)
    assert (official.extent, official.next_on) == (Extent.PARTIAL, rest)
    assert official.latest_answer == "Centrum är klart."
    second = make.request(Status.ASSESSING, unit=official.unit, asker=official.asker)
    page.submit(f"/requests/{second.id}/publish", filled(make, "publish") | {"licence": "cc-by", "title": "Nytt namn"})
    dataset = session.scalars(select(Dataset)).one()
    assert (dataset.title, dataset.licence) == (official.title, Licence.CC_BY)
    assert [row.datasets for row in (official, second)] == [[dataset], [dataset]]


def test_a_refusal_that_names_the_holder_of_the_rights(
    page: Page, make: Factory, session: Session, official: Any
) -> None:
    typed = filled(make, "decline") | {"ground": "third_party_rights", "rights_holder": "Leverantören AB"}
    page.submit(f"/requests/{official.id}/decline", typed)
    session.refresh(official)
    assert official.rights_holder == "Leverantören AB"
    message = session.scalars(select(Message)).one()
    assert message.is_official
    assert message.body == typed["explanation"]
    assert message.unit_id == official.unit_id


@pytest.mark.parametrize("ahead", [-1, 0, 5 * 366])
def test_a_refusal_is_looked_at_again_on_a_day_ahead(ahead: int, page: Page, make: Factory, official: Any) -> None:
    day = today("Europe/Stockholm") + timedelta(days=ahead)
    page.submit(f"/requests/{official.id}/decline", filled(make, "decline") | {"review_on": day.isoformat()}, 422)


def test_a_wrong_one_is_passed_on_and_sent_back(page: Page, make: Factory, session: Session, official: Any) -> None:
    other = make.unit("bygg")
    address = f"/requests/{official.id}/assign"
    page.submit(address, {"unit": "finns-inte"}, 422)
    page.submit(address, {"unit": "gata"}, 422)  # where it stands already
    page.submit(address, {"unit": "bygg", "note": "Bygglov hör dit."})
    session.refresh(official)
    assert official.unit_id == other.id
    page.get(address, 403)  # the former unit has left the page
    page.sign_in(make.cookie(make.official(other)))
    page.submit(address, {"unit": "unknown"})
    session.refresh(official)
    assert official.unit_id is None
    page.sign_in(make.cookie(make.official(other, Role.COORDINATOR)))
    led = page.submit(address, {"unit": "gata", "back": "inbox"})
    assert led.location == "/inbox"


def test_the_coordinator_refers_what_no_unit_has_and_answers_as_their_own_unit(
    page: Page, make: Factory, session: Session
) -> None:
    unit = make.unit("samordning")
    page.sign_in(make.cookie(make.official(unit, Role.COORDINATOR)))
    for name in ("redirect", "already_available"):
        data_request = make.request(asker=make.person())
        page.submit(f"/requests/{data_request.id}/{name.replace('_', '-')}", filled(make, name))
    assert {message.unit_id for message in session.scalars(select(Message))} == {unit.id}
    assert {event.unit_id for event in session.scalars(select(RequestEvent))} == {unit.id}


def test_a_request_that_others_voted_for_lives_on(page: Page, make: Factory, session: Session) -> None:
    asker = make.person(organisation=make.organisation())
    data_request = make.request(asker=asker)
    heirs = [make.person(organisation=make.organisation()) for _ in range(2)]
    for person in (asker, *heirs):
        cast_vote(session, person, data_request)
        session.commit()
    page.sign_in(make.cookie(asker))
    page.submit(f"/requests/{data_request.id}/withdraw")
    session.refresh(data_request)
    assert data_request.status is Status.RECEIVED
    assert (data_request.asker_id, data_request.organisation_id) == (heirs[0].id, heirs[0].organisation_id)
    assert session.scalars(select(RequestEvent.kind)).all()[-1] is EventKind.REQUEST_PASSED_ON
    page.get(f"/requests/{data_request.id}/withdraw", 403)


def test_the_askers_post_answers_the_question(page: Page, make: Factory, session: Session, official: Any) -> None:
    page.submit(f"/requests/{official.id}/ask", filled(make, "ask"))
    session.refresh(official)
    assert official.waiting_on is WaitingOn.REQUESTER
    post_message(session, make.viewer(official.asker), official, "Ja, det räcker.", paced=False)
    session.commit()
    assert official.waiting_on is None
    kinds = list(session.scalars(select(RequestEvent.kind).order_by(RequestEvent.id)))
    assert kinds == [EventKind.QUESTION_ASKED, EventKind.QUESTION_ANSWERED]


def test_what_works_may_be_said_again_but_not_the_same(page: Page, make: Factory, session: Session) -> None:
    asker = make.person()
    data_request = make.request(Status.PUBLISHED, unit=make.unit(), asker=asker)
    page.sign_in(make.cookie(asker))
    address = f"/requests/{data_request.id}/confirm-delivery"
    page.submit(address, {"works": "no"})
    page.submit(address, {"works": "no"}, 409)
    page.submit(address, {"works": "yes", "note": "Nu fungerar det."})
    session.refresh(data_request)
    assert (data_request.works, data_request.use_note) == (Works.YES, "Nu fungerar det.")
    assert data_request.confirmed_at is not None


def test_what_was_reopened_has_no_end_any_more(page: Page, make: Factory, session: Session, official: Any) -> None:
    page.submit(f"/requests/{official.id}/already-available", filled(make, "already_available"))
    page.sign_in(make.cookie(official.asker))
    page.submit(f"/requests/{official.id}/reopen", filled(make, "reopen"))
    session.refresh(official)
    assert official.status is Status.ASSESSING
    assert official.datasets == []
    assert official.closed_at is None
    assert official.next_on == make.workday(5)
    event = session.scalars(select(RequestEvent).order_by(RequestEvent.id.desc())).first()
    assert event is not None
    assert event.note == filled(make, "reopen")["reason"]


def test_a_formal_request_reopened_gets_its_time_anew(page: Page, make: Factory, session: Session) -> None:
    asker = make.person()
    data_request = make.request(Status.CLOSED, kind=Kind.FORMAL, asker=asker, due_on=date(2026, 1, 1))
    page.sign_in(make.cookie(asker))
    page.submit(f"/requests/{data_request.id}/reopen", filled(make, "reopen"))
    session.refresh(data_request)
    assert data_request.due_on is not None
    assert data_request.due_on > date(2026, 1, 1)


def test_an_answer_never_leaves_a_live_request_without_a_date_ahead(
    page: Page, make: Factory, session: Session, official: Any
) -> None:
    official.next_on = date(2026, 1, 2)
    session.commit()
    address = f"/requests/{official.id}/answer"
    typed = {"answer": ANSWER, "status": "unchanged"}
    page.submit(address, typed, 422)
    page.submit(address, typed | {"status": "planned"}, 422)
    page.submit(address, typed | {"status": "assessing", "next_on": make.workday(3).isoformat(), "back": "queue"})
    session.refresh(official)
    assert official.next_on == make.workday(3)
    assert official.moves_count == 1
    official.next_on = None
    session.commit()
    page.submit(address, typed, 422)


def test_a_date_needs_a_status_that_has_one(page: Page, make: Factory) -> None:
    unit = make.unit("gata")
    page.sign_in(make.cookie(make.official(unit)))
    day = make.workday(3).isoformat()
    for status in (Status.RECEIVED, Status.PUBLISHED):
        data_request = make.request(status, unit=unit)
        typed = {"answer": ANSWER, "status": "unchanged", "next_on": day}
        refused = page.submit(f"/requests/{data_request.id}/answer", typed, 422)
        assert "Lämna datumet tomt" in refused.words


def test_the_municipality_answers_after_the_end_too(page: Page, make: Factory, session: Session) -> None:
    unit = make.unit("gata")
    page.sign_in(make.cookie(make.official(unit)))
    data_request = make.request(Status.PUBLISHED, unit=unit)
    page.submit(f"/requests/{data_request.id}/answer", {"answer": ANSWER, "status": "unchanged"})
    assert session.scalars(select(RequestEvent.kind)).all() == [EventKind.ANSWER_POSTED]


def test_a_stale_answer_shows_both_texts(page: Page, make: Factory, official: Any) -> None:
    typed = {"answer": ANSWER, "status": "assessing", "version": "1"}
    conflict = page.post(f"/requests/{official.id}/answer", typed, 409)
    assert ANSWER in conflict.text
    assert fields_of(conflict.form("/answer"))["version"] == str(official.version)
    page.post(f"/requests/{official.id}/answer", typed | {"version": ""}, 422)


def test_what_cannot_be_done_any_more_can_be_copied(page: Page, make: Factory, official: Any) -> None:
    """The author withdraws while the official writes: the text is not lost."""
    typed = filled(make, "plan") | {"version": str(official.version)}
    asker = Page(page.app, page.session)
    asker.sign_in(make.cookie(official.asker))
    asker.submit(f"/requests/{official.id}/withdraw")
    conflict = page.post(f"/requests/{official.id}/plan", typed, 409)
    assert ANSWER in conflict.words
    assert typed["next_on"] in conflict.words
    assert "Återtagen" in conflict.words
    page.get(f"/requests/{official.id}/plan", 409)
    bare = page.post(f"/requests/{official.id}/withdraw", {"version": "1"}, 403)
    assert bare is not None
    empty = asker.post(f"/requests/{official.id}/withdraw", {"version": "1"}, 409)
    assert "Inget." in empty.words


def test_a_personal_number_is_no_part_of_an_answer(page: Page, make: Factory, official: Any) -> None:
    typed = filled(make, "ask") | {"question": "Gäller det 19811218-9876?"}
    again = page.submit(f"/requests/{official.id}/ask", typed, 422)
    assert again.form("/ask") is not None


def test_strangers_are_kept_out_of_every_form(page: Page, make: Factory, official: Any) -> None:
    stranger, anybody = Page(page.app, page.session), Page(page.app, page.session)
    stranger.sign_in(make.cookie(make.person()))
    for name in ACTS:
        address = f"/requests/{official.id}/{name.replace('_', '-')}"
        stranger.get(address, 403)
        stranger.post(address, filled(make, name) | {"version": str(official.version)}, 403)
        assert "/sign-in" in anybody.get(address, 302).location
    page.get("/requests/999999/plan", 404)


def test_the_forms_of_the_page_belong_to_the_viewer(make: Factory, session: Session, app: Flask, official: Any) -> None:
    viewer = make.viewer(make.official(official.unit))
    with app.test_request_context("/"):
        forms = action_forms(session, viewer, official)
        assert next(iter(forms)) == "answer"
        assert set(forms) - {"answer"} == {action.name for action in open_actions(viewer, official)}
        ids = [field.id for form in forms.values() for field in form]
        assert len(ids) == len(set(ids))
        asker = make.viewer(official.asker)
        assert set(action_forms(session, asker, official)) == {"withdraw"}
        assert action_forms(session, Viewer(), official) == {}
        draft = make.request(Status.DRAFT, asker=official.asker)
        assert action_forms(session, asker, draft) == {}


def test_the_forms_stand_on_the_request_page(page: Page, make: Factory, session: Session, official: Any) -> None:
    address = f"/requests/{official.id}-{official.slug}"
    page.submit(address, filled(make, "plan"), action="/plan")
    session.refresh(official)
    assert official.status is Status.PLANNED
    page.get(address)
    assert len(page.statements) <= 8, page.statements
    anybody = Page(page.app, page.session)
    assert not any("/plan" in (form.get("action") or "") for form in anybody.get(address).forms())


def test_a_decider_is_told_that_the_request_is_formal(page: Page, make: Factory, session: Session) -> None:
    unit = make.unit("gata")
    data_request = make.request(Status.ASSESSING, kind=Kind.FORMAL, unit=unit, asker=make.person())
    page.sign_in(make.cookie(make.official(unit, Role.DECIDER)))
    assert "delegation" in page.get(f"/requests/{data_request.id}/decline").words
    page.submit(f"/requests/{data_request.id}/decline", filled(make, "decline"))
    session.refresh(data_request)
    assert data_request.outcome is Outcome.DECLINED
    page.sign_in(make.cookie(make.official(unit)))
    page.get(f"/requests/{data_request.id}/ask", 409)


def test_a_question_may_be_sent_as_the_answer(page: Page, make: Factory, session: Session, official: Any) -> None:
    typed = {"answer": "Räcker det med\u0000 en fil?", "version": str(official.version)}
    page.post(f"/requests/{official.id}/ask", typed)
    assert session.scalars(select(Message.body)).one() == "Räcker det med en fil?"


@pytest.mark.parametrize("name", [*ACTS, "answer", "notes"])
def test_every_form_is_there_in_english(name: str, page: Page, make: Factory) -> None:
    data_request = stage(make, page, name if name in ACTS else "plan")
    shown = page.get(f"/en/requests/{data_request.id}/{name.replace('_', '-')}")
    assert shown.tree.get("lang") == "en"
    assert "Back to the request" in shown.words


def test_what_cannot_be_sent_any_more_is_shown_by_the_names_of_its_choices(
    page: Page, make: Factory, session: Session, official: Any
) -> None:
    typed = filled(make, "decline") | {"version": str(official.version)}
    page.submit(f"/requests/{official.id}/decline", filled(make, "decline"))
    closed = page.post(f"/requests/{official.id}/decline", typed, 409)
    assert "Personuppgifter" in closed.words
    assert "personal_data" not in closed.words
