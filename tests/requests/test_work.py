"""The queue, the inbox and the step between question and form."""

from datetime import date

import pytest
import time_machine
from sqlalchemy.orm import Session

from dialogue.accounts.rules import Role
from dialogue.requests.queries import work
from dialogue.requests.rules import Kind, Outcome, Status, WaitingOn
from tests.factories import Factory
from tests.page import Opened, Page

#: A Wednesday, so that "this week" has a rest.
NOON = "2026-11-25T11:00:00Z"


@time_machine.travel(NOON, tick=False)
def test_the_queue_is_grouped_by_promise_and_holds_only_the_own_units(page: Page, make: Factory) -> None:
    unit, other = make.unit("gata"), make.unit("park")
    for title, day in {
        "Försenad sak": date(2026, 11, 19), "Dagens sak": date(2026, 11, 25),
        "Veckans sak": date(2026, 11, 27), "Senare sak": date(2026, 12, 3),
    }.items():  # fmt: skip
        make.request(Status.ASSESSING, unit=unit, title=title, next_on=day)
    make.request(Status.ASSESSING, unit=other, title="Någon annans")
    make.request(Status.ASSESSING, unit=unit, title="Väntar på svar").waiting_on = WaitingOn.REQUESTER
    make.request(Status.PUBLISHED, unit=unit, title="Redan klar")
    page.sign_in(make.cookie(make.official(unit)))
    shown = page.get("/queue")
    assert len(page.statements) <= 8
    assert shown.title.startswith("Min kö: 1 försenad, 1 i dag")
    headings = [" ".join("".join(each.itertext()).split()) for each in shown.tree.iter("h2")][:4]
    assert headings == ["Försenat 1", "I dag 1", "Den här veckan 1", "Senare 1"]
    assert "4 arbetsdagar sent" in shown.words
    assert "Ge besked eller ett nytt datum." in shown.words
    for absent in ("Någon annans", "Väntar på svar", "Redan klar"):
        assert absent not in shown.words.replace("Väntar på svar från", "")
    assert "Resten kan vänta till fredag 27 november. I dag är det onsdag 25 november." in shown.words
    tabs = [" ".join("".join(link.itertext()).split()) for link in shown.tree.iter("a") if "/queue" in link.get("href")]
    assert [tab for tab in tabs if tab.split()[0] in ("Att", "Väntar", "Klara")] == [
        "Att göra 4", "Väntar på andra 1", "Klara 1"
    ]  # fmt: skip
    assert "Väntar på svar" in page.get("/queue/waiting").words
    assert "Redan klar" in page.get("/queue/done").words
    assert page.get("/en/queue").title.startswith("My queue: 1 late, 1 today")


def test_a_row_opens_in_place_and_its_answer_leads_back(page: Page, make: Factory, session: Session) -> None:
    unit = make.unit("gata")
    request = make.request(Status.ASSESSING, unit=unit)
    page.sign_in(make.cookie(make.official(unit)))
    sent = page.submit(
        f"/queue?open={request.id}",
        {"answer": "Vi publicerar den.", "status": "planned", "next_on": make.workday(15).isoformat()},
        action=f"/requests/{request.id}/answer",
    )
    assert sent.location == "/queue"
    session.refresh(request)
    assert request.status is Status.PLANNED
    for odd in ("0", "99999", "x", "9" * 30):
        page.get(f"/queue?open={odd}")


@time_machine.travel(NOON, tick=False)
def test_the_button_of_a_row_does_its_next_step(page: Page, make: Factory) -> None:
    unit, far = make.unit("gata"), date(2026, 12, 3)
    first = make.request(Status.RECEIVED, unit=unit, next_on=far)
    update = make.request(Status.ASSESSING, unit=unit, next_on=far)
    formal = make.request(Status.ASSESSING, unit=unit, next_on=far, kind=Kind.FORMAL)
    planned = make.request(Status.PLANNED, unit=unit, next_on=far)
    missed = make.request(Status.PLANNED, unit=unit, next_on=date(2026, 11, 20))
    page.sign_in(make.cookie(make.official(unit)))
    shown = page.get("/queue")
    assert "Nästa datum" not in shown.words
    assert buttons(shown) == {
        f"/queue?open={missed.id}": "Svara",
        f"/queue?open={first.id}": "Svara",
        f"/queue?open={update.id}": "Ge besked",
        f"/queue?open={formal.id}": "Besluta",
        f"/requests/{planned.id}/publish?back=queue": "Koppla data",
    }
    published = page.submit(f"/requests/{planned.id}/publish?back=queue", PUBLISHED, action="/publish")
    assert published.location == "/queue"
    passed_on = page.submit(f"/requests/{first.id}/assign?back=queue", {"unit": "unknown"}, action="/assign")
    assert passed_on.location == "/queue"
    page.submit(f"/requests/{update.id}/assign?back=https://ond.example", {"unit": "unknown"}, 303, action="/assign")


PUBLISHED = {
    "dataset_url": "https://data.prov.example/f.csv", "licence": "cc0", "format": "csv", "update_frequency": "DAILY",
    "extent": "full",
}  # fmt: skip


def buttons(shown: Opened) -> dict[str, str]:
    """Address and text of the button of each row."""
    found = {}
    for link in shown.tree.iter("a"):
        if (link.get("class") or "").startswith("btn"):
            found[(link.get("href") or "").partition("#")[0]] = (link.text or "").strip()
    return found


@time_machine.travel(NOON, tick=False)
def test_who_decides_but_answers_for_no_unit_is_led_to_the_request(page: Page, make: Factory) -> None:
    unit = make.unit("gata")
    formal = make.request(Status.ASSESSING, unit=unit, kind=Kind.FORMAL, next_on=date(2026, 12, 1))
    page.sign_in(make.cookie(make.official(unit, Role.DECIDER)))
    shown = page.get("/queue")
    assert buttons(shown) == {f"/requests/{formal.id}-{formal.slug}": "Öppna"}
    assert "Nästa datum: tisdag 1 december." in shown.words


def test_only_the_newest_of_what_is_done_are_shown(page: Page, make: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = make.unit("gata")
    for _ in range(3):
        make.request(Status.PUBLISHED, unit=unit)
    monkeypatch.setattr(work, "MOST_DONE", 2)
    page.sign_in(make.cookie(make.official(unit)))
    shown = page.get("/queue/done")
    assert "Klara 3" in shown.words
    assert "De 2 senaste visas." in shown.words


def test_what_is_done_says_what_became_of_it_and_that_nobody_waits(page: Page, make: Factory) -> None:
    unit = make.unit("gata")
    asker = make.person(organisation=make.organisation("Laddkusten AB"))
    make.request(Status.CLOSED, unit=unit, outcome=Outcome.REDIRECTED, redirected_to="Trafikverket", asker=asker)
    page.sign_in(make.cookie(make.official(unit)))
    words = page.get("/queue/done").words
    assert "Hänvisad. Laddkusten AB" in words
    assert "Laddkusten AB väntar" not in words
    assert "inget datum" not in words


@pytest.mark.parametrize(
    ("part", "lead", "empty"),
    [
        ("waiting", "Ni har ställt en fråga och väntar på frågeställaren.", "Ni väntar inte på någon"),
        ("done", "Publicerade eller avslutade, de senaste först.", "Inget är klart än"),
    ],
)
def test_each_part_of_the_queue_speaks_of_itself(page: Page, make: Factory, part: str, lead: str, empty: str) -> None:
    page.sign_in(make.cookie(make.official(make.unit("gata"))))
    words = page.get(f"/queue/{part}").words
    assert lead in words
    assert empty in words
    assert "behöver dig i dag" not in words


def test_what_needs_more_than_the_queue_s_form_leads_back_to_the_queue(page: Page, make: Factory) -> None:
    unit = make.unit("gata")
    request = make.request(Status.ASSESSING, unit=unit, followers_count=2)
    page.sign_in(make.cookie(make.official(unit)))
    opened = page.get(f"/queue?open={request.id}")
    assert "Skickas till 2 följare" in opened.words
    assert f"/requests/{request.id}/assign?back=queue" in opened.links()
    led = page.submit(
        f"/queue?open={request.id}", {"answer": "Här är den.", "status": "published"},
        action=f"/requests/{request.id}/answer",
    )  # fmt: skip
    assert led.location == f"/requests/{request.id}/publish?back=queue"
    assert page.submit(led.location, PUBLISHED, action="/publish").location == "/queue"


def test_another_municipality_s_work_is_not_seen(page: Page, make: Factory) -> None:
    first, second = make.municipality("a"), make.municipality("b")
    unit = make.unit("gata", municipality=first)
    make.request(municipality=second, title="Grannens ärende")
    page.sign_in(make.cookie(make.official(unit, Role.COORDINATOR)))
    assert "Grannens ärende" not in page.get("/inbox").words
    assert "Allt är fördelat" in page.get("/inbox").words


def test_the_coordinator_assigns_in_one_step_with_a_reasoned_suggestion(
    page: Page, make: Factory, session: Session
) -> None:
    unit, other = make.unit("gata", name="Gata och trafik"), make.unit("park", name="Park")
    for title in ("Laddplatser vid stationen", "Laddplatser i hamnen", "Laddplatser i centrum"):
        make.request(Status.ASSESSING, unit=unit, title=title)
    make.request(Status.ASSESSING, unit=other, title="Laddplatser i parken")
    request = make.request(title="Laddplatser vid arbetsplatser")
    page.sign_in(make.cookie(make.official(other, Role.COORDINATOR)))
    shown = page.get("/inbox")
    assert "3 av 4 liknande förfrågningar gick till Gata och trafik." in shown.words
    sent = page.submit("/inbox", action=f"/requests/{request.id}/assign")
    assert sent.location == "/inbox"
    session.refresh(request)
    assert request.unit_id == unit.id
    assert "Allt är fördelat" in page.get("/inbox").words


def test_the_inbox_shows_what_is_late(page: Page, make: Factory) -> None:
    unit = make.unit("gata")
    make.request(Status.ASSESSING, unit=unit, title="Glömd sak", next_on=date(2026, 1, 2))
    page.sign_in(make.cookie(make.official(unit, Role.COORDINATOR)))
    shown = page.get("/inbox")
    assert "1 besked är försenat." in shown.words
    assert "Glömd sak" in shown.words


def test_look_alikes_stand_between_question_and_form(page: Page, make: Factory) -> None:
    make.request(title="Lediga laddplatser i realtid")
    shown = page.get("/requests/new/similar?q=laddplats")
    assert "Lediga laddplatser i realtid" in shown.words
    assert "/requests/new?q=laddplats" in shown.links()
    assert len(page.statements) <= 8
    onwards = page.get("/requests/new/similar?q=xylofoner", 303)
    assert onwards.location == "/requests/new?q=xylofoner"
    assert page.get("/requests/new/similar", 303).location == "/requests/new?q="
    assert page.get("/en/requests/new/similar?q=xylofoner", 303).location == "/en/requests/new?q=xylofoner"


def test_the_script_gets_the_list_alone(page: Page, make: Factory) -> None:
    make.request(title="Lediga laddplatser i realtid")
    answer = page.client.get("/requests/new/similar?q=laddplats", headers={"X-Fragment": "1"}).get_data(as_text=True)
    assert "<html" not in answer
    assert "1\xa0förfrågan liknar din" in answer
    answer = page.client.get("/requests/new/similar?q=xylofoner", headers={"X-Fragment": "1"}).get_data(as_text=True)
    assert "Ingen har bett om det här än" in answer


def test_the_queue_tells_how_the_month_went(page: Page, make: Factory) -> None:
    unit = make.unit("gata")
    data_request = make.request(Status.RECEIVED, unit=unit)
    page.sign_in(make.cookie(make.official(unit)))
    words = {"answer": "Vi tittar på det.", "status": "assessing", "next_on": make.workday(8).isoformat()}
    page.submit(f"/queue?open={data_request.id}", words, action=f"/requests/{data_request.id}/answer")
    opened = page.get("/queue")
    assert "Svar i tid1 av 1" in opened.words
    assert "Till första svar0 dagar" in opened.words
    assert len([each for each in page.statements if each != "BEGIN"]) <= 8
