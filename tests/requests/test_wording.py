"""Every state and every event has a sentence, whole in both languages."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from dialogue.accounts.models import Unit
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.promises import Step
from dialogue.requests.rules import ACTIONS, TELLINGS, EventKind, Extent, Ground, Kind, Outcome, Status, WaitingOn
from dialogue.requests.wording.events import EVENTS, TOLD, event_sentence
from dialogue.requests.wording.states import (
    GROUNDS,
    KINDS,
    OUTCOMES,
    STATUSES,
    STEPS,
    due_label,
    state_note,
    state_sentence,
    status_word,
    tag_kind,
)
from dialogue.web.language import say, translate

TODAY = date(2026, 11, 23)
SOON, LATE = TODAY + timedelta(days=10), TODAY - timedelta(days=4)
GATA = Unit(name="Gata och trafik")


def request(status: Status, **values: Any) -> DataRequest:
    unit = values.pop("unit", GATA)
    fields = {"kind": Kind.WISH, "next_on": SOON, "moves_count": 0, "unit_id": 1 if unit else None} | values
    return DataRequest(status=status, unit=unit, **fields)


@pytest.fixture
def swedish(app: Flask) -> Any:
    with app.test_request_context("/"):
        yield
    return


@pytest.mark.parametrize(
    ("row", "tag", "sentence"),
    [
        (request(Status.DRAFT), "draft", "Förfrågan är inte publicerad än"),
        (request(Status.RECEIVED), "received", "Gata och trafik ger ett första svar senast 3 december"),
        (request(Status.RECEIVED, unit=None), "received", "Samordnaren väljer vem som svarar"),
        (request(Status.RECEIVED, next_on=LATE), "overdue", "Ett första svar skulle ha kommit 19 november"),
        (request(Status.ASSESSING), "assessing", "Gata och trafik undersöker vad som kan publiceras"),
        (request(Status.ASSESSING, unit=None), "assessing", "Samordnaren väljer vem som utreder"),
        (request(Status.ASSESSING, next_on=LATE), "overdue", "Besked skulle ha kommit 19 november"),
        (
            request(Status.ASSESSING, waiting_on=WaitingOn.REQUESTER, next_on=LATE),
            "waiting",
            "Gata och trafik har ställt en fråga",
        ),
        (request(Status.PLANNED), "planned", "Publiceras senast 3 december"),
        (request(Status.PLANNED, next_on=LATE), "overdue", "Datan skulle ha publicerats senast 19 november"),
        (request(Status.PUBLISHED, extent=Extent.FULL), "published", "Datan finns här"),
        (request(Status.PUBLISHED, extent=Extent.PARTIAL), "published", "En del av datan finns här"),
        (
            request(Status.CLOSED, outcome=Outcome.DECLINED, ground=Ground.SECURITY),
            "declined",
            "Kan inte publiceras: säkerhet",
        ),
        (
            request(Status.CLOSED, outcome=Outcome.REDIRECTED, redirected_to="Trafikverket"),
            "closed",
            "Fråga Trafikverket i stället",
        ),
        (request(Status.CLOSED, outcome=Outcome.ALREADY_AVAILABLE), "closed", "Datan finns redan"),
        (request(Status.CLOSED, outcome=Outcome.WITHDRAWN), "closed", "Förfrågan är återtagen"),
        (
            request(Status.CLOSED, outcome=Outcome.NOT_A_DATA_REQUEST),
            "closed",
            "Det här är inte en förfrågan om data",
        ),
    ],
)
def test_the_state_in_one_sentence(row: DataRequest, tag: str, sentence: str, swedish: None) -> None:
    assert say(state_sentence(row, TODAY)).replace("\u00a0", " ") == sentence
    assert tag_kind(row, TODAY) == tag
    assert translate(status_word(row, TODAY)) != ""


@pytest.mark.parametrize(
    ("row", "label"),
    [
        (request(Status.RECEIVED), "Första svar senast"),
        (request(Status.ASSESSING), "Besked senast"),
        (request(Status.PLANNED), "Publiceras senast"),
        (request(Status.ASSESSING, kind=Kind.FORMAL, due_on=SOON), "Beslut senast"),
        (request(Status.ASSESSING, next_on=LATE), "Skulle ha kommit"),
        (request(Status.CLOSED, outcome=Outcome.WITHDRAWN), ""),
    ],
)
def test_the_label_of_the_date(row: DataRequest, label: str, swedish: None) -> None:
    assert translate(due_label(row, TODAY)) == label


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (request(Status.ASSESSING), None),
        (
            request(Status.ASSESSING, next_on=LATE),
            "Gata och trafik ger nu besked eller ett nytt datum. Samordnaren ser att det är försenat.",
        ),
        (
            request(Status.ASSESSING, waiting_on=WaitingOn.REQUESTER),
            "Datumet flyttas lika många arbetsdagar som svaret dröjer.",
        ),
        (
            request(Status.ASSESSING, kind=Kind.FORMAL, due_on=SOON, waiting_on=WaitingOn.REQUESTER),
            "Tidsfristen löper under tiden.",
        ),
        (request(Status.PUBLISHED, extent=Extent.PARTIAL), "Resten kommer senast 3 december."),
        (request(Status.PUBLISHED, extent=Extent.FULL, next_on=None), None),
        (request(Status.PLANNED, moves_count=1), "Datumet har flyttats en gång."),
        (request(Status.PLANNED, moves_count=2), "Datumet har flyttats 2 gånger."),
    ],
)
def test_what_happens_now(row: DataRequest, note: str | None, swedish: None) -> None:
    said = state_note(row, TODAY)
    assert (say(said).replace("\u00a0", " ") if said else None) == note


FACTS: dict[EventKind, dict[str, Any]] = {
    EventKind.REQUEST_ASSESSED: {"next_on": "2026-12-03"},
    EventKind.REQUEST_PLANNED: {"next_on": "2026-12-03"},
    EventKind.DATE_MOVED: {"next_on": "2026-12-03"},
    EventKind.REQUEST_DECLINED: {"ground": "security"},
    EventKind.REQUEST_REDIRECTED: {"redirected_to": "Trafikverket"},
    EventKind.REQUEST_RECLASSIFIED: {"kind": "formal"},
}


def event(kind: EventKind, new: dict[str, Any] | None = None, **values: Any) -> RequestEvent:
    fields = {"old": {}, "unit": GATA, "unit_id": 1, "actor_role": "official"} | values
    return RequestEvent(kind=kind, new=FACTS.get(kind, {}) if new is None else new, **fields)


@pytest.mark.parametrize("kind", sorted(EventKind))
@pytest.mark.parametrize("path", ["/", "/en"])
def test_every_event_has_its_sentence(kind: EventKind, path: str, app: Flask) -> None:
    with app.test_request_context(path, environ_overrides={"dialogue.locale": "en" if path == "/en" else "sv"}):
        said = say(event_sentence(event(kind)))
    assert "%(" not in said
    assert "None" not in said
    assert not said.endswith(".")


@pytest.mark.parametrize(
    ("happened", "sentence"),
    [
        (event(EventKind.REQUEST_ASSIGNED), "Tilldelad Gata och trafik"),
        (event(EventKind.REQUEST_ASSIGNED, unit=None, unit_id=None), "Skickad tillbaka till samordnaren"),
        (event(EventKind.REQUEST_PUBLISHED, {"extent": "partial"}), "Gata och trafik publicerade en del av datan"),
        (event(EventKind.REQUEST_PUBLISHED, unit=None), "Kommunen publicerade datan"),
        (event(EventKind.DELIVERY_CONFIRMED, {"works": "no"}), "Frågeställaren säger att datan inte fungerar"),
        (event(EventKind.DELIVERY_CONFIRMED, {}), "Frågeställaren skrev om datan"),
        (
            event(EventKind.QUESTION_ANSWERED, {"next_on": "2026-12-03"}),
            "Frågeställaren svarade på frågan. Nästa datum är 3 december",
        ),
        (
            event(EventKind.DATE_MOVED, old={"next_on": "2026-11-19"}),
            "Gata och trafik flyttade datumet från 19 november till 3 december",
        ),
        (
            event(EventKind.REQUEST_REOPENED, actor_role="asker"),
            "Frågeställaren öppnade förfrågan igen med nya uppgifter",
        ),
        (event(EventKind.REQUEST_ASSESSED, {}), "Gata och trafik utreder förfrågan"),
        (event(EventKind.DATE_MOVED), "Gata och trafik satte datumet till 3 december"),
        (
            event(EventKind.REQUEST_RECLASSIFIED),
            "Gata och trafik ändrade typ av förfrågan till: begäran om vidareutnyttjande",
        ),
    ],
)
def test_what_happened_is_said_as_it_was(happened: RequestEvent, sentence: str, swedish: None) -> None:
    assert say(event_sentence(happened)).replace("\u00a0", " ") == sentence


def test_no_word_is_missing() -> None:
    for words, keys in (
        (STATUSES, Status),
        (OUTCOMES, Outcome),
        (KINDS, Kind),
        (GROUNDS, Ground),
        (EVENTS, EventKind),
        (STEPS, Step),
    ):
        assert words.keys() == set(keys)  # type: ignore[attr-defined, call-overload]


def test_every_action_says_whom_it_tells() -> None:
    assert all(TELLINGS[action.event].at_once in TOLD for action in ACTIONS.values())
