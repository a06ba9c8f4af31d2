"""One's own page: what is on it, where one is signed in, and handing one's data out."""

import json
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.devices import describe_device
from dialogue.accounts.models import Organisation, Person, SignInSession
from dialogue.accounts.operations.proofs import ask_for_proof
from dialogue.accounts.rules import ProofPurpose
from dialogue.requests.rules import Extent, Status, WaitingOn
from dialogue.voting.operations import cast_vote
from tests.accounts.mailbox import newest_mail
from tests.factories import Factory
from tests.page import Page

ANNA = "anna@laddkusten.example"
#: 811228-9874 is a made-up personal number with a right check digit.
SOLE_TRADER = "811228-9874"


def test_an_empty_account_says_what_to_do(page: Page, make: Factory) -> None:
    make.municipality()
    page.sign_in(make.cookie(make.person(ANNA)))
    opened = page.get("/account")
    assert ANNA in opened.words
    assert "Du har inte bett om något än" in opened.words
    assert "Du har inte röstat än" in opened.words
    assert "/requests/new" in opened.links()


def test_requests_and_votes_stand_on_the_account(page: Page, make: Factory, session: Session) -> None:
    organisation = make.organisation("Laddkusten AB", "5566778899")
    person = make.person(ANNA, organisation, name="Anna")
    mine = [make.request(asker=person, title=f"Egen {number}") for number in range(12)]
    others = [make.request(asker=make.person(), title=f"Andras {number}") for number in range(12)]
    for data_request in others:
        cast_vote(session, person, data_request)
    session.commit()
    page.sign_in(make.cookie(person))
    opened = page.get("/account")
    assert len(page.statements) <= 8, page.statements
    assert mine[11].title in opened.words
    assert "Egen 0" not in opened.words
    earlier = page.get(next(link for link in opened.links() if "before=" in link and "votes" not in link))
    assert "Egen 0" in earlier.words
    votes = page.get(next(link for link in opened.links() if "votes_before=" in link))
    assert "Andras 0" in votes.words
    for strange in ("x", "-1", "99999999999999999999"):
        page.get(f"/account?before={strange}&votes_before={strange}")


def test_a_request_stands_on_the_account_as_it_stands_for_everybody(page: Page, make: Factory) -> None:
    person = make.person(ANNA)
    make.request(Status.ASSESSING, asker=person, next_on=date(2020, 1, 2))
    make.request(Status.ASSESSING, asker=person).waiting_on = WaitingOn.REQUESTER
    make.request(Status.CLOSED, asker=person)
    make.request(Status.PUBLISHED, asker=person, extent=Extent.PARTIAL, municipality=make.municipality())
    page.sign_in(make.cookie(person))
    tags = [each for each in page.get("/account").tree.iter("span") if "tag" in (each.get("class") or "").split()]
    assert [("".join(each.itertext()), each.get("class")) for each in tags] == [
        ("Delvis publicerad", "tag tag--published"),
        ("Kan inte publiceras", "tag tag--declined"),
        ("Väntar på frågeställaren", "tag tag--waiting"),
        ("Försenat besked", "tag tag--overdue"),
    ]


def test_the_account_leads_to_the_choices_of_mail(page: Page, make: Factory) -> None:
    make.municipality()
    page.sign_in(make.cookie(make.person(ANNA)))
    for prefix in ("", "/en"):
        assert f"{prefix}/account/mail" in page.get(f"{prefix}/account").links()
        assert "/preferences/" not in "".join(page.get(f"{prefix}/account").links())


def test_hidden_requests_say_so(page: Page, make: Factory, session: Session) -> None:
    person = make.person(ANNA)
    make.request(asker=person, hidden_at=person.created_at, hidden_reason="Personuppgifter")
    page.sign_in(make.cookie(person))
    assert "Dold av kommunen" in page.get("/account").words


def test_who_one_is_can_be_changed(page: Page, make: Factory, session: Session) -> None:
    page.sign_in(make.cookie(make.person(ANNA)))
    said = {"name": " Anna  Åberg ", "organisation": "Laddkusten AB", "organisation_number": "556677-8899"}
    page.submit("/account/edit", said | {"locale": "en"})
    person = session.scalars(select(Person)).one()
    assert (person.name, person.locale) == ("Anna Åberg", "en")
    assert person.organisation is not None
    assert person.organisation.number == "5566778899"
    filled = page.get("/account/edit")
    assert 'value="556677-8899"' in filled.text
    page.submit("/account/edit", {"name": "", "organisation": "", "organisation_number": ""})
    session.expire_all()
    assert (person.name, person.organisation_id) == (None, None)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        # Wrong check digit.
        ({"organisation": "A", "organisation_number": "556677-8898"}, "tio siffror"),
        # A number of nobody.
        ({"organisation": "", "organisation_number": "556677-8899"}, "namnet på företaget"),
        ({"name": "x" * 81}, ""),
        ({"locale": "de"}, ""),
        ({"locale": ""}, ""),
    ],
)
def test_what_cannot_be_is_refused(page: Page, make: Factory, session: Session, values: dict, words: str) -> None:  # type: ignore[type-arg]
    page.sign_in(make.cookie(make.person(ANNA)))
    refused = page.submit("/account/edit", values, 422)
    assert words in refused.words
    assert session.scalars(select(Organisation)).all() == []


def test_a_sole_traders_number_is_never_shown(page: Page, make: Factory, session: Session) -> None:
    page.sign_in(make.cookie(make.person(ANNA)))
    said = {"organisation": "Annas konsult", "organisation_number": SOLE_TRADER, "locale": "sv"}
    page.submit("/account/edit", said)
    assert session.scalars(select(Organisation.number)).one() == "8112289874"
    exported = page.post("/account/export", status=200)
    for text in (page.get("/account").text, page.get("/account/edit").text, exported.text):
        assert "811228" not in text
    # Saving the form again, with the number left out, keeps it.
    page.submit("/account/edit", {"name": "Anna"})
    assert session.scalars(select(Organisation.number)).one() == "8112289874"


def test_devices_are_listed_and_logged_out(page: Page, app: Flask, make: Factory, session: Session) -> None:
    person = make.person(ANNA)
    page.sign_in(make.cookie(person))
    phone, laptop = Page(app, session), Page(app, session)
    phone.sign_in(make.cookie(person))
    laptop.sign_in(make.cookie(person))
    stranger = make.cookie(make.person())
    assert page.get("/account").words.count("Den du använder nu") == 1
    ids = session.scalars(select(SignInSession.id).order_by(SignInSession.id)).all()
    page.post(f"/account/sessions/{ids[1]}/end")
    phone.get("/account", 302)
    laptop.get("/account")
    page.post(f"/account/sessions/{ids[3]}/end", status=404)  # somebody else's
    page.post("/account/sessions/end-others")
    laptop.get("/account", 302)
    page.get("/account")
    other = Page(app, session)
    other.sign_in(stranger)
    other.get("/account")
    assert page.post(f"/account/sessions/{ids[0]}/end").location == "/"
    page.get("/account", 302)


def test_what_waits_for_the_address_can_be_finished(page: Page, make: Factory, session: Session) -> None:
    person = make.person(ANNA)
    draft = make.request(Status.DRAFT, title="Lediga laddplatser")
    followed, unit = make.request(title="Badvatten"), make.unit("gata")
    for target in (f"request:{followed.id}", f"unit:{unit.id}"):
        about = {"target": target, "cadence": "weekly", "wording": "Ja"}
        ask_for_proof(session, ProofPurpose.SUBSCRIBE, ANNA, about, locale="sv", ip="", template="confirm_follow")
    payload = {"request_id": draft.id, "organisation": "Laddkusten AB", "organisation_number": ""}
    made = ask_for_proof(
        session, ProofPurpose.CONFIRM_REQUEST, ANNA, payload, locale="sv", ip="", template="confirm_request"
    )
    session.commit()
    page.sign_in(make.cookie(person))
    opened = page.get("/account")
    assert "En förfrågan som inte är publicerad än Lediga laddplatser" in opened.words
    assert "Badvatten" in opened.words  # and what is about no request has no title
    led = page.submit("/account", action=f"/account/waiting/{made.proof.id}")
    page.submit(led.location)
    session.refresh(draft)
    assert draft.status is Status.RECEIVED
    # The link in the mail says so, and nothing waits any more.
    assert page.get(f"/confirm/{newest_mail(session, ANNA).context['token']}").h1 == "Redan bekräftat"
    assert "inte publicerad än" not in page.get("/account").words
    page.post(f"/account/waiting/{made.proof.id}", status=404)


def test_nobody_finishes_what_waits_for_somebody_else(page: Page, make: Factory, session: Session) -> None:
    draft = make.request(Status.DRAFT)
    made = ask_for_proof(
        session,
        ProofPurpose.CONFIRM_REQUEST,
        "other@prov.example",
        {"request_id": draft.id},
        locale="sv",
        ip="",
        template="confirm_request",
    )
    session.commit()
    page.sign_in(make.cookie(make.person(ANNA)))
    page.post(f"/account/waiting/{made.proof.id}", status=404)
    page.post("/account/waiting/99999", status=404)


def test_the_export_holds_ones_own_and_nobody_elses(page: Page, make: Factory, session: Session) -> None:
    person = make.person(ANNA, make.organisation("Laddkusten AB", "5566778899"), name="Anna")
    other = make.person("canary@other.example", make.organisation("Kanariefågel AB"), name="Kanariefågel")
    mine, others = make.request(asker=person), make.request(asker=other, title="Kanariefågel")
    cast_vote(session, person, others, reason="Min motivering")
    cast_vote(session, other, mine, reason="Kanariefågel")
    session.commit()
    page.sign_in(make.cookie(person))
    response = page.client.post("/account/export", data={"csrf_token": page.csrf_token()})
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == "attachment; filename=dialogue.json"
    exported = json.loads(response.text)
    assert exported["person"]["email"] == ANNA
    assert exported["organisation"] == {"name": "Laddkusten AB", "number": "5566778899"}
    assert [row["id"] for row in exported["data_request"]] == [mine.id]
    assert [row["reason"] for row in exported["vote"]] == ["Min motivering"]
    assert len(exported["sign_in_session"]) == 1
    assert "canary" not in response.text.lower()
    assert "kanariefågel" not in response.text.lower()
    assert "token" not in response.text


@pytest.mark.usefixtures("stopped_clock")  # no window of a limit ends meanwhile
def test_exports_are_limited(page: Page, make: Factory) -> None:
    page.sign_in(make.cookie(make.person(ANNA)))
    answers = [
        page.client.post("/account/export", data={"csrf_token": page.csrf_token()}).status_code for _ in range(6)
    ]
    assert answers == [200] * 5 + [429]


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Safari/604", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 Chrome/140 Safari/537 Edg/140.0", "Edge, Linux"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/140 Mobile Safari/537", "Chrome, Android"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_devices_are_described_as_people_know_them(user_agent: str, words: str) -> None:
    assert describe_device(user_agent) == words
