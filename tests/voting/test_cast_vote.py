"""Voting as people do it: from the page and the list, known or unknown, taking back, reading why."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dialogue.accounts.rules import Role
from dialogue.core.clock import now
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.moves import move
from dialogue.requests.rules import Extent, Outcome, Status
from dialogue.voting.models import Vote
from dialogue.voting.operations import cast_vote
from dialogue.voting.rules import DOUBLE_PRESS, MAX_REASON, ReasonKind
from tests.accounts.mailbox import count_mails, newest_mail
from tests.factories import Factory
from tests.page import Opened, Page

LANGUAGES = ("", "/en")
ANNA = "anna@laddkusten.example"


def votes_of(session: Session, data_request: DataRequest) -> tuple[int, int]:
    """Votes counted on the request's own row, and rows."""
    session.refresh(data_request)
    rows = select(func.count()).select_from(Vote).where(Vote.request_id == data_request.id)
    return data_request.votes_count, session.scalar(rows) or 0


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_somebody_unknown_votes_by_mail(page: Page, make: Factory, session: Session, prefix: str) -> None:
    data_request = make.request(title="Lediga laddplatser")
    vote = {"reason_kind": "new_service", "reason": "Vi bygger en tjänst.", "organisation": "Laddkusten AB"}
    sent = page.submit(f"{prefix}/requests/{data_request.id}/vote", vote | {"email": ANNA.upper()})
    assert sent.location == f"{prefix}/check-email"
    page.follow(sent)
    assert votes_of(session, data_request) == (0, 0)
    mail = newest_mail(session)
    assert (mail.template, mail.recipient) == ("confirm_vote", ANNA)
    waiting = page.get(f"{prefix}/confirm/{mail.context['token']}")
    assert "Lediga laddplatser" in waiting.words
    assert "Vi bygger en tjänst." in waiting.words
    assert votes_of(session, data_request) == (0, 0)
    confirmed = page.submit(f"{prefix}/confirm/{mail.context['token']}")
    assert confirmed.location == f"{prefix}/requests/{data_request.id}-lediga-laddplatser"
    assert ("is counted" if prefix else "är räknad") in page.follow(confirmed).words
    assert votes_of(session, data_request) == (1, 1)
    cast = session.scalars(select(Vote)).one()
    assert (cast.reason_kind, cast.reason) == (ReasonKind.NEW_SERVICE, "Vi bygger en tjänst.")
    assert cast.organisation is not None
    assert cast.organisation.name == "Laddkusten AB"
    used = page.get(f"{prefix}/confirm/{mail.context['token']}")
    assert f"{prefix}/requests/{data_request.id}" in used.links()


def test_the_same_person_and_the_same_business_by_mail_count_once(page: Page, make: Factory, session: Session) -> None:
    data_request = make.request()
    for email in (ANNA, ANNA, "bo@laddkusten.example"):
        page.submit(f"/requests/{data_request.id}/vote", {"organisation": "Laddkusten  ab", "email": email})
        page.submit(f"/confirm/{newest_mail(session).context['token']}")
        page.client.delete_cookie("dialogue")
    assert votes_of(session, data_request) == (1, 2)


def test_nothing_is_lost_when_the_address_is_missing(page: Page, make: Factory, session: Session) -> None:
    data_request = make.request()
    # As the list's button sends it for somebody whose session is gone.
    refused = page.post(f"/requests/{data_request.id}/vote", {"reason": "Sparar tid"}, 422)
    assert refused.title.startswith("Fel: ")
    assert "Sparar tid" in refused.text
    assert "Skriv en e-postadress" in refused.words
    assert count_mails(session) == 0


@pytest.mark.parametrize(
    "typed",
    [
        {"reason_kind": "because"},
        {"reason": "x" * (MAX_REASON + 1)},
        {"reason": "19811228-9874 är mitt nummer"},
        {"email": "anna"},
    ],
)
def test_a_vote_that_cannot_be_taken_is_shown_again(
    page: Page, make: Factory, session: Session, typed: dict[str, str]
) -> None:
    data_request = make.request()
    refused = page.submit(f"/requests/{data_request.id}/vote", {"email": ANNA} | typed, 422)
    assert next(iter(typed.values())) in refused.text or "reason_kind" in typed
    assert count_mails(session) == 0
    person = make.person()
    page.sign_in(make.cookie(person))
    if "email" not in typed:
        page.post(f"/requests/{data_request.id}/vote", typed, 422)
    assert votes_of(session, data_request) == (0, 0)


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_one_click_votes_and_one_takes_back(page: Page, make: Factory, session: Session, prefix: str) -> None:
    data_request, person = make.request(), make.person(organisation=make.organisation())
    page.sign_in(make.cookie(person))
    address = f"{prefix}/requests/{data_request.id}"
    first = page.post(f"{address}/vote")
    assert first.location == f"{address}-{data_request.slug}"
    page.follow(first)
    again = page.follow(page.post(f"{address}/vote"))
    assert ("already voted" if prefix else "redan röstat") in again.words
    assert votes_of(session, data_request) == (1, 1)
    page.follow(page.submit(f"{address}/vote", {"reason_kind": "saves_time", "reason": "Två timmar i veckan"}))
    kept = page.get(f"{address}/vote")
    assert "Två timmar i veckan" in kept.text
    page.follow(page.submit(f"{address}/vote", action="/unvote"))
    assert votes_of(session, data_request) == (0, 0)
    nothing = page.follow(page.post(f"{address}/unvote"))
    assert ("no vote" if prefix else "ingen röst") in nothing.words


@pytest.mark.parametrize("role", Role)
def test_who_works_for_the_municipality_casts_no_vote_for_what_it_is_asked(
    page: Page, make: Factory, session: Session, role: Role
) -> None:
    data_request = make.request(unit=make.unit("gata"))
    elsewhere = make.request(municipality=make.municipality())
    person = make.official(make.unit("park"), role)
    page.sign_in(make.cookie(person))
    own, other = (f"/requests/{row.id}/vote" for row in (data_request, elsewhere))
    shown = page.get(f"/requests/{data_request.id}-{data_request.slug}")
    assert own not in [form.get("action") for form in shown.forms()]
    assert own not in shown.links()
    page.get(own, 403)
    page.post(own, status=403)
    listed = page.get("/requests").text
    assert own not in listed
    assert other in listed
    page.post(other)
    assert votes_of(session, elsewhere) == (1, 1)
    # Votes of before the role stay, and may still be taken back.
    session.add(Vote(request_id=data_request.id, person_id=person.id, voice=f"p{person.id}", cast_at=now()))
    session.commit()
    assert f"/requests/{data_request.id}/unvote" in page.get("/requests").text
    page.submit(f"/requests/{data_request.id}-{data_request.slug}", action="/unvote")
    assert votes_of(session, data_request) == (0, 0)


def test_a_mailed_vote_of_the_municipality_s_own_is_not_counted(page: Page, make: Factory, session: Session) -> None:
    data_request = make.request(unit=make.unit("gata"))
    official = make.official(make.unit("park"))
    page.submit(f"/requests/{data_request.id}/vote", {"email": official.email})
    confirmed = page.submit(f"/confirm/{newest_mail(session).context['token']}")
    assert "Du arbetar för kommunen" in page.follow(confirmed).words
    assert votes_of(session, data_request) == (0, 0)


def test_the_second_press_of_a_double_one_in_a_list_takes_nothing_back(
    page: Page, make: Factory, session: Session
) -> None:
    data_request = make.request()
    page.sign_in(make.cookie(make.person()))
    with time_machine.travel(now(), tick=False) as clock:
        press(page, data_request)
        clock.shift(DOUBLE_PRESS - timedelta(milliseconds=1))
        again = page.follow(press(page, data_request))
        assert "är räknad. Tryck igen för att ta tillbaka den." in again.words
        assert votes_of(session, data_request) == (1, 1)
        clock.shift(timedelta(milliseconds=1))
        assert "är tillbakatagen" in page.follow(press(page, data_request)).words
        assert votes_of(session, data_request) == (0, 0)
        # On the page of its own the two buttons stand in different places.
        page.post(f"/requests/{data_request.id}/vote")
        page.submit(f"/requests/{data_request.id}-{data_request.slug}", action="/unvote")
        assert votes_of(session, data_request) == (0, 0)


def press(page: Page, data_request: DataRequest) -> Opened:
    """Press the button of the request's row in the list, as it stands."""
    (button,) = [each for each in page.get("/requests").tree.iter("button") if each.get("form") == "vote-form"]
    return page.post(
        button.get("formaction", ""), {button.get("name", ""): ""}, headers={"Referer": "http://localhost/requests"}
    )


def test_a_vote_from_a_list_leads_back_to_the_list(page: Page, make: Factory) -> None:
    data_request = make.request()
    own = f"/requests/{data_request.id}-{data_request.slug}"
    page.sign_in(make.cookie(make.person()))
    for before, onwards in {
        "http://localhost/?q=ladd": "/?q=ladd",
        f"http://localhost{own}": own,
        f"http://localhost/requests/{data_request.id}/vote": own,
        "https://other.example//evil.example": own,
    }.items():
        voted = page.post(f"/requests/{data_request.id}/vote", headers={"Referer": before})
        assert voted.location == onwards


@pytest.mark.parametrize("status", [Status.PUBLISHED, Status.CLOSED])
def test_a_request_that_has_ended_takes_no_votes(page: Page, make: Factory, session: Session, status: Status) -> None:
    data_request = make.request()
    address = f"/requests/{data_request.id}/vote"
    page.submit(address, {"email": ANNA})
    token = newest_mail(session).context["token"]
    ended = make.request(status)
    assert page.get(f"/requests/{ended.id}/vote", 303).location == f"/requests/{ended.id}-{ended.slug}"
    page.post(f"/requests/{ended.id}/vote", {"email": ANNA}, 409)
    # It ended while the mail was on its way.
    data_request.extent = Extent.FULL
    move(session, data_request, status, Outcome.REDIRECTED if status is Status.CLOSED else None)
    session.commit()
    page.follow(page.submit(f"/confirm/{token}"))
    assert votes_of(session, data_request) == (0, 0)


def test_reasons_are_read_in_pages_without_addresses(page: Page, make: Factory, session: Session) -> None:
    data_request = make.request()
    empty = page.get(f"/requests/{data_request.id}/reasons")
    assert "Ingen har skrivit" in empty.words
    for number in range(25):
        person = make.person(f"hemlig{number}@bolag.example", make.organisation(f"Bolag {number:02}"))
        cast_vote(session, person, data_request, ReasonKind.OTHER, f"Skäl {number:02}")
    session.commit()
    first = page.get(f"/requests/{data_request.id}/reasons")
    assert len(page.statements) <= 8
    assert "Skäl 24" in first.words
    assert "Bolag 05" in first.words
    assert "Skäl 04" not in first.words
    assert "@" not in first.words
    onwards = next(link for link in first.links() if "after=" in link)
    second = page.get(onwards)
    assert "Skäl 04" in second.words
    assert "Skäl 05" not in second.words
    page.get(f"/en/requests/{data_request.id}/reasons?after=nonsense")


def test_whoever_takes_back_a_vote_must_be_signed_in(page: Page, make: Factory) -> None:
    data_request = make.request()
    asked = page.post(f"/requests/{data_request.id}/unvote")
    assert asked.location.startswith("/sign-in")
