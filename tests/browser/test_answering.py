"""The official's and the voter's work, in a browser."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from dialogue.core.clock import today
from dialogue.core.workdays import add_workdays
from tests.browser.conftest import DESK, Site, Visitor, press

OFFICIAL = "naringsliv@halmstad.example"
#: "Tillstånd för uteserveringar och torghandel": received, with the unit of OFFICIAL.
NUMBER = 131


def day_ahead(count: int) -> str:
    return add_workdays(today("Europe/Stockholm"), count).isoformat()


def test_one_form_updates_page_feed_json_mails_and_queue(site: Site, visit: Visitor) -> None:
    follower = visit()
    follower.goto(f"/requests/{NUMBER}")
    follower.locator("form[action$='/follow'] [name=email]").fill("foljer@prov.example")
    press(follower.locator("form[action$='/follow'] button"))
    follower.goto(site.link_in_mail("foljer@prov.example"))
    press(follower.locator("main form button[type=submit]").first)

    page = visit(OFFICIAL, viewport=DESK)
    page.goto("/queue")
    assert "Tillstånd för uteserveringar" in page.inner_text("main")
    page.goto(f"/queue?open={NUMBER}")
    form = page.locator(f"form[action$='/requests/{NUMBER}/answer']")
    form.locator("[name=answer]").fill("Tillstånden ligger i vårt kartsystem. Vi publicerar dem som fil.")
    form.locator("[name=status][value=planned]").check()
    form.locator("[name=next_on]").fill(day_ahead(30))
    press(form.get_by_role("button", name="Publicera svaret"))
    shown = visit()
    shown.goto(f"/requests/{NUMBER}")
    text = shown.inner_text("main")
    assert "Planerad" in text
    assert "Vi publicerar dem som fil." in text
    feed = shown.request.get(f"/requests/{NUMBER}.atom").text()
    told = json.loads(shown.request.get(f"/api/v1/requests/{NUMBER}").text())
    assert "Tillstånd" in feed
    assert (told["status"], told["next_on"]) == ("planned", day_ahead(30))
    mail = site.newest_mail("foljer@prov.example")
    assert "Planerad" in mail or "planerad" in mail.lower()
    assert site.mails_to("hej@saltangens-kafe.example") >= 1
    page.goto("/queue")
    assert "Senare" in page.inner_text("main")


@pytest.mark.parametrize(
    ("action", "left_out"),
    [
        # Refused without a reason.
        ("decline", "explanation"),
        # Planned without a date.
        ("plan", "next_on"),
    ],
)
def test_what_a_step_demands_cannot_be_left_out(site: Site, visit: Visitor, action: str, left_out: str) -> None:
    page = visit("gata@halmstad.example", script=True, viewport=DESK)
    page.goto(f"/requests/112/{action}")
    form = page.locator(f"form[action$='/requests/112/{action}']")
    for name in ("answer", "explanation", "what_would_change_it"):
        field = form.locator(f"[name={name}]")
        if field.count() and name != left_out:
            field.fill("Ett svar som ska finnas kvar.")
    press(form.locator("button[type=submit]").last)
    assert page.title().startswith("Fel: ")
    assert "Ett svar som ska finnas kvar." in page.content()
    expect(page.locator("#error-summary")).to_be_focused()
    told = json.loads(page.request.get("/api/v1/requests/112").text())
    assert told["status"] == "assessing"


def test_a_vote_is_cast_by_mail_seen_and_taken_back(site: Site, visit: Visitor) -> None:
    page = visit()
    page.goto("/requests/96")
    before = int(page.locator(".bigvote b").inner_text())
    page.goto("/requests/96/vote")
    page.fill("[name=email]", "rost@prov.example")
    page.fill("[name=organisation]", "Röstande Bolaget AB")
    page.check("[name=reason_kind][value=saves_time]")
    press(page.locator("form:has([name=email]) button[type=submit]").first)
    page.goto(site.link_in_mail("rost@prov.example"))
    press(page.locator("main form button[type=submit]").first)
    assert int(page.locator(".bigvote b").inner_text()) == before + 1
    colleague = visit()
    colleague.goto("/requests/96/vote")
    colleague.fill("[name=email]", "kollega@prov.example")
    colleague.fill("[name=organisation]", "Röstande bolaget ab")
    press(colleague.locator("form:has([name=email]) button[type=submit]").first)
    colleague.goto(site.link_in_mail("kollega@prov.example"))
    press(colleague.locator("main form button[type=submit]").first)
    assert int(colleague.locator(".bigvote b").inner_text()) == before + 1, "one business counts once"
    for voter in (page, colleague):
        voter.goto("/requests/96")
        press(voter.locator("form[action$='/unvote'] button").first)
    assert int(colleague.locator(".bigvote b").inner_text()) == before


@pytest.mark.parametrize("lost", ["session", "cookie"])
def test_a_lost_session_keeps_the_answer(site: Site, visit: Visitor, lost: str) -> None:
    page = visit("bygg@halmstad.example", viewport=DESK)
    page.goto("/requests/96/move-date")
    form = page.locator("form[action$='/requests/96/move-date']")
    words, date = f"Granskningen tar en vecka till ({lost}).", day_ahead({"session": 35, "cookie": 36}[lost])
    form.locator("[name=answer]").fill(words)
    form.locator("[name=next_on]").fill(date)
    if lost == "session":
        site.end_sessions("bygg@halmstad.example")
        press(form.locator("button[type=submit]").last)
    else:
        page.context.clear_cookies()
        press(form.locator("button[type=submit]").last)
        # Nothing proves any more that the form is ours, so it is shown and its button pressed once more.
        assert words in page.inner_text("main")
        press(page.locator("main form button[type=submit]").first)
    page.fill("[name=email]", "bygg@halmstad.example")
    press(page.locator("form:has([name=email]) button[type=submit]").first)
    page.fill("[name=code]", site.code_in_mail("bygg@halmstad.example"))
    press(page.locator("form:has([name=code]) button[type=submit]").first)
    expect(page.locator("h1")).to_have_text("Skicka det du skrev")
    assert words in page.inner_text("main")
    press(page.locator("main form button[type=submit]").first)
    expect(page).to_have_url(re.compile(r"/requests/96"))
    assert words in page.inner_text("main")
    assert json.loads(page.request.get("/api/v1/requests/96").text())["next_on"] == date


def test_two_tabs_do_not_overwrite_each_other(site: Site, visit: Visitor) -> None:
    first = visit("fritid@halmstad.example", viewport=DESK)
    second = first.context.new_page()
    for tab in (first, second):
        tab.goto("/requests/124/move-date")
        tab.locator("form[action$='/move-date'] [name=next_on]").fill(day_ahead(12))
    first.locator("form[action$='/move-date'] [name=answer]").fill("Första fliken svarar.")
    second.locator("form[action$='/move-date'] [name=answer]").fill("Andra fliken svarar.")
    press(first.locator("form[action$='/move-date'] button[type=submit]").last)
    press(second.locator("form[action$='/move-date'] button[type=submit]").last)
    conflict = second.content()
    assert "Andra fliken svarar." in conflict
    assert "Första fliken svarar." in conflict


#: The whole list on one screen, so that nothing scrolls under the pointer.
TALL = {"width": 1280, "height": 6000}


@pytest.mark.parametrize("pause", [0, 150], ids=["at once", "after the answer"])
@pytest.mark.usefixtures("stopped_clock")  # to the server, both presses of a slow machine are one moment too
def test_pressing_vote_twice_counts_once(site: Site, visit: Visitor, pause: int) -> None:
    page = visit("hej@saltangens-kafe.example", script=True, viewport=TALL)
    page.goto("/requests")
    # Each first press lasts, because one that comes with the page is taken for the second half of another.
    # A first vote, so that the banner of the second moves nothing: the pointer stays on the same button.
    page.locator("button.vote[aria-pressed=false]").first.click(delay=600)
    expect(page.locator(".banner--success")).to_be_visible()
    button = page.locator("button.vote[aria-pressed=false]").first
    number = re.search(r"/requests/(\d+)/vote", str(button.get_attribute("formaction")))
    place = button.bounding_box()
    assert number
    assert place
    before = votes_of(page, number[1])
    at = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    page.mouse.click(*at, delay=600)
    page.wait_for_timeout(pause)
    page.mouse.click(*at, click_count=2)
    pressed = page.locator(f"button.vote[aria-pressed=true][formaction*='/requests/{number[1]}/']")
    expect(pressed).to_be_visible()
    # A second press that counted would be on its way now.
    page.wait_for_timeout(500)
    expect(pressed).to_be_visible()
    assert votes_of(page, number[1]) == before + 1


def votes_of(page: Page, number: str) -> int:
    return int(json.loads(page.request.get(f"/api/v1/requests/{number}").text())["votes_count"])
