"""Asking for data, as somebody does it who has never been here: on a phone, without script."""

import itertools

import pytest
import time_machine
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from dialogue.accounts.rules import ACT_LASTS
from dialogue.core.clock import now
from dialogue.requests.models import DataRequest
from tests.browser.conftest import Site, Visitor, press

_numbers = itertools.count(1)


def fill_in(page: Page, title: str, email: str) -> None:
    """Fill in the form of a new request."""
    page.fill("[name=title]", title)
    page.fill("[name=need]", "Läge och antal platser för varje ställ.")
    page.fill("[name=purpose]", "En karta för våra kunder.")
    page.fill("[name=organisation]", f"Prövföretaget {next(_numbers)} AB")
    page.fill("[name=email]", email)


def count_requests(site: Site) -> int:
    with site.session() as session:
        return session.scalar(select(func.count(DataRequest.id))) or 0


def new_address() -> str:
    return f"cold{next(_numbers)}@prov.example"


def test_a_first_request_takes_at_most_six_interactions(site: Site, visit: Visitor) -> None:
    page, email, steps = visit(), new_address(), 0
    page.goto("/")
    page.fill("[name=q]", "xylofoner i musikskolan")
    press(page.locator("main form button").first)
    steps += 1
    if "/similar" in page.url:
        press(page.get_by_role("link", name="Ingen av dem"))
        steps += 1
    assert page.input_value("[name=title]") == "xylofoner i musikskolan"
    fill_in(page, "Xylofoner i musikskolan", email)
    press(page.locator("main form button[type=submit]").last)
    steps += 1
    expect(page).to_have_url(f"{site.address}/check-email")
    assert email in page.inner_text("main")
    page.goto(site.link_in_mail(email))
    steps += 1
    assert "Xylofoner i musikskolan" in page.inner_text("main")
    press(page.get_by_role("button", name="Publicera"))
    steps += 1
    expect(page.locator("h1")).to_have_text("Xylofoner i musikskolan")
    assert "Första svaret kommer senast" in page.inner_text("main")
    assert steps <= 6
    assert page.locator("text=Mottagen").count()


def test_the_code_does_what_the_link_does(site: Site, visit: Visitor) -> None:
    page, email = visit(), new_address()
    page.goto("/requests/new")
    fill_in(page, "Trummor i musikskolan", email)
    press(page.locator("main form button[type=submit]").last)
    page.fill("[name=code]", site.code_in_mail(email))
    press(page.locator("form:has([name=code]) button[type=submit]").first)
    press(page.get_by_role("button", name="Publicera"))
    expect(page.locator("h1")).to_have_text("Trummor i musikskolan")


def test_a_mail_scanner_that_opens_the_link_uses_nothing_up(site: Site, visit: Visitor) -> None:
    page, email = visit(), new_address()
    page.goto("/requests/new")
    fill_in(page, "Fioler i musikskolan", email)
    press(page.locator("main form button[type=submit]").last)
    link = site.link_in_mail(email)
    scanner = visit()
    scanner.goto(link)
    scanner.goto(link)
    page.goto(link)
    press(page.get_by_role("button", name="Publicera"))
    expect(page.locator("h1")).to_have_text("Fioler i musikskolan")
    again = visit()
    again.goto(link)
    assert "Redan bekräftat" in again.inner_text("main")


def test_an_empty_form_says_what_to_do_and_keeps_what_was_typed(visit: Visitor) -> None:
    page = visit(script=True)
    page.goto("/requests/new")
    page.fill("[name=title]", "Bara en rubrik")
    press(page.locator("main form button[type=submit]").last)
    assert page.title().startswith("Fel: ")
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    for link in summary.locator("a").all():
        target = page.locator(str(link.get_attribute("href")))
        wording = (link.inner_text() or "").strip()
        field = (
            page.locator(".field", has=target)
            if target.get_attribute("type") != "radio"
            else page.locator("fieldset", has=target)
        )
        assert wording in field.first.inner_text()
        link.click()
        expect(target).to_be_focused()
    assert page.input_value("[name=title]") == "Bara en rubrik"


def test_an_expired_link_keeps_the_text(site: Site, visit: Visitor) -> None:
    page, email = visit(), new_address()
    page.goto("/requests/new")
    fill_in(page, "Cellon i musikskolan", email)
    press(page.locator("main form button[type=submit]").last)
    link = site.link_in_mail(email)
    with time_machine.travel(now() + ACT_LASTS, tick=True):
        page.goto(link)
        assert "Länken har gått ut" in page.inner_text("main")
        press(page.locator("main form button").first)
        page.goto(site.link_in_mail(email))
        press(page.get_by_role("button", name="Publicera"))
        expect(page.locator("h1")).to_have_text("Cellon i musikskolan")


def test_pressing_twice_and_going_back_make_one_request(site: Site, visit: Visitor) -> None:
    before = count_requests(site)
    page, email = visit(script=True), new_address()
    page.goto("/requests/new")
    fill_in(page, "Oboer i musikskolan", email)
    button = page.locator("main form button[type=submit]").last
    button.dblclick()
    # The second press ends the way that the first began, so no single way is waited for, but the page at its end.
    expect(page.locator("[name=code]")).to_be_visible()
    page.wait_for_load_state()
    page.go_back()
    expect(page.locator("[name=title]")).to_have_value("Oboer i musikskolan")
    page.fill("[name=need]", "Ändrat efter att ha gått tillbaka.")
    press(page.locator("main form button[type=submit]").last)
    expect(page).to_have_url(f"{site.address}/check-email")
    page.goto(site.link_in_mail(email))
    assert "Ändrat efter att ha gått tillbaka." in page.inner_text("main")
    press(page.get_by_role("button", name="Publicera"))
    expect(page.locator("h1")).to_have_text("Oboer i musikskolan")
    assert count_requests(site) == before + 1


def test_a_look_alike_can_be_voted_for_without_a_request(site: Site, visit: Visitor) -> None:
    before = count_requests(site)
    page, email = visit(), new_address()
    page.goto("/requests/128")
    votes = int(page.locator(".bigvote b").inner_text())
    page.goto("/")
    page.fill("[name=q]", "laddplatser")
    press(page.locator("main form button").first)
    assert "/requests/new/similar" in page.url
    button = page.get_by_role("button", name="Lediga laddplatser i realtid")
    press(button.or_(page.get_by_role("link", name="rösta på Lediga laddplatser i realtid")).first)
    page.fill("[name=email]", email)
    page.fill("[name=organisation]", f"Prövföretaget {next(_numbers)} AB")
    press(page.locator("form:has([name=email]) button[type=submit]").first)
    page.goto(site.link_in_mail(email))
    press(page.locator("main form button[type=submit]").first)
    expect(page.locator("h1")).to_have_text("Lediga laddplatser i realtid")
    assert int(page.locator(".bigvote b").inner_text()) == votes + 1
    assert count_requests(site) == before


@pytest.mark.parametrize("word", ["", "   ", "'\"><script>alert(1)</script>", "%00", "c++ & #", "å" * 300])
def test_any_words_lead_on(visit: Visitor, word: str) -> None:
    page = visit()
    page.goto("/")
    page.fill("[name=q]", word)
    press(page.locator("main form button").first)
    assert page.locator("h1").count() == 1
