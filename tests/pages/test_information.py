"""The pages that explain, and what machines ask."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.mail.compose import queue_email
from dialogue.requests.rules import Status
from tests.factories import Factory
from tests.page import Page

PAGES = ["/how-it-works", "/rules", "/accessibility", "/privacy", "/contact", "/api"]


@pytest.mark.parametrize("path", PAGES)
def test_an_information_page_is_there_in_both_languages(page: Page, make: Factory, path: str) -> None:
    make.municipality()
    swedish, english = page.get(path), page.get(f"/en{path}")
    assert swedish.tree.get("lang") == "sv"
    assert english.tree.get("lang") == "en"
    assert swedish.h1 != english.h1


def test_the_promise_is_the_municipality_s_own(page: Page, make: Factory) -> None:
    make.municipality(first_answer_days=7)
    assert "inom 7 arbetsdagar" in page.get("/how-it-works").words


def test_ready_says_when_nobody_sends_the_mail(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    assert page.get("/health/ready").response.json == {"status": "ok", "troubles": []}
    queue_email(session, template="x", recipient="a@b.example", locale="sv", context={}, dedupe_key="x")
    session.commit()
    page.get("/health/ready")
    with time_machine.travel(now() + timedelta(minutes=6)):
        answer = page.get("/health/ready", 503).response.json
    assert answer is not None
    assert "dialogue work" in answer["troubles"][0]
    page.get("/health/live")


def test_the_sitemap_holds_what_is_public_and_nothing_else(page: Page, make: Factory) -> None:
    shown, draft = make.request(), make.request(Status.DRAFT)
    text = page.get("/sitemap.xml").text
    assert f"/requests/{shown.id}-" in text
    assert f"/requests/{draft.id}-" not in text
    assert "Sitemap:" in page.get("/robots.txt").text
    assert "Contact: mailto:" in page.get("/.well-known/security.txt").text
