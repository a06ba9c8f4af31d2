"""Deleting an account: the person is gone from everywhere, what was said stays, and the figures do not move."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import EmailProof, Organisation, Person, RoleGrant, SignInSession
from dialogue.accounts.operations.proofs import ask_for_proof
from dialogue.accounts.rules import ProofPurpose, Role
from dialogue.conversation.models import Message
from dialogue.conversation.operations.messages import post_message
from dialogue.core.clock import now
from dialogue.core.db import Base
from dialogue.core.errors import InvalidTransition
from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.models import Subscription
from dialogue.notifications.rules import Cadence, Scope
from dialogue.privacy.operations import erase_person
from dialogue.privacy.queries import FOUND_OTHERWISE, INVENTORY, Fate, personal_columns
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import Status
from dialogue.voting.models import Vote
from dialogue.voting.operations import cast_vote
from tests.factories import Factory
from tests.page import Page

CANARY = "kanariefagel"
EMAIL = f"{CANARY}@prov.example"


def everything(session: Session) -> str:
    """Every value of every row in the database."""
    session.commit()
    return "\n".join(
        str(tuple(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table))
    ).lower()


def follow(session: Session, person: Person, data_request: DataRequest) -> None:
    session.add(
        Subscription(
            person_id=person.id,
            municipality_id=data_request.municipality_id,
            scope=Scope.REQUEST,
            request_id=data_request.id,
            target=f"request:{data_request.id}",
            cadence=Cadence.INSTANT,
            wording="Ja",
            confirmed_at=now(),
        )
    )
    session.commit()


@pytest.fixture
def person(make: Factory) -> Person:
    organisation = make.organisation(f"{CANARY} konsult", "8112289874")
    made: Person = make.person(EMAIL, organisation, name=CANARY.title())
    make.cookie(made)
    return made


def test_the_canary_is_gone_and_what_was_said_stays(session: Session, make: Factory, person: Person) -> None:
    mine, others = make.request(asker=person), make.request(asker=make.person())
    cast_vote(session, person, others, reason="Vi bygger en tjänst")
    post_message(session, make.viewer(person), others, "Hur går det?")
    follow(session, person, others)
    draft = make.request(Status.DRAFT, title="Hemligt utkast")
    payload = {"request_id": draft.id, "organisation": CANARY, "organisation_number": ""}
    for purpose in (ProofPurpose.CONFIRM_REQUEST, ProofPurpose.SIGN_IN):
        ask_for_proof(session, purpose, EMAIL, payload, locale="sv", ip="", template=purpose.value)
    assert CANARY in everything(session)
    voices = others.votes_count
    erase_person(session, person)
    left = everything(session)
    assert CANARY not in left
    assert "8112289874" not in left
    assert "hemligt utkast" not in left
    for table in (SignInSession, EmailProof, OutgoingEmail, Subscription, Organisation, RoleGrant):
        owned = [row for row in session.scalars(select(table)) if getattr(row, "person_id", person.id) == person.id]
        assert not owned, table
    session.expire_all()
    assert session.get_one(DataRequest, mine.id).title == mine.title
    assert session.scalars(select(Message.body)).all() == ["Hur går det?"]
    # Counted as before, also when the votes are counted again.
    assert others.votes_count == voices == 1
    cast_vote(session, make.person(), others)
    assert others.votes_count == 2
    assert session.scalars(select(Vote.organisation_id)).all() == [None, None]


def test_a_business_that_others_speak_for_stays(session: Session, make: Factory) -> None:
    organisation = make.organisation("Laddkusten AB", "5566778899")
    leaving, staying = make.person(EMAIL, organisation), make.person(organisation=organisation)
    data_request = make.request(asker=leaving)
    erase_person(session, leaving)
    session.commit()
    session.refresh(data_request)
    assert data_request.organisation_id == organisation.id
    erase_person(session, staying)
    session.commit()
    # Its request still names it, because both spoke for it; nobody's name is in it.
    assert session.get(Organisation, organisation.id) is not None


def test_a_business_that_only_one_spoke_for_goes(session: Session, make: Factory) -> None:
    organisation = make.organisation(f"{CANARY} AB")
    leaving = make.person(EMAIL, organisation)
    data_request = make.request(asker=leaving)
    leaving.organisation_id = None  # speaks for another one now
    session.commit()
    erase_person(session, leaving)
    session.commit()
    session.refresh(data_request)
    assert data_request.organisation_id is None
    assert CANARY not in everything(session)


def test_a_post_is_by_a_former_user(page: Page, session: Session, make: Factory, person: Person) -> None:
    data_request = make.request()
    post_message(session, make.viewer(person), data_request, "Hur går det?")
    session.commit()
    erase_person(session, person)
    session.commit()
    shown = page.follow(page.get(f"/requests/{data_request.id}", 301))
    assert "Tidigare användare" in shown.words
    assert "Hur går det?" in shown.words


def test_followers_are_counted_again(session: Session, make: Factory, person: Person) -> None:
    data_request = make.request()
    follow(session, person, data_request)
    follow(session, make.person(), data_request)
    data_request.followers_count = 2
    session.commit()
    erase_person(session, person)
    session.commit()
    session.refresh(data_request)
    assert data_request.followers_count == 1


def test_a_former_user_cannot_come_back_through_an_old_door(
    page: Page, session: Session, make: Factory, person: Person
) -> None:
    token = make.cookie(person)
    page.sign_in(token)
    refused = page.submit("/account/delete", status=422)
    assert "Kryssa i rutan" in refused.words
    assert session.scalars(select(Person.erased_at)).one() is None
    deleted = page.submit("/account/delete", {"sure": "y"})
    assert "Ditt konto är raderat" in page.follow(deleted).words
    page.get("/account", 302)
    page.sign_in(token)
    page.get("/account", 302)
    # The same address is a new person from now on.
    page.submit("/sign-in", {"email": EMAIL})
    mail = session.scalars(select(OutgoingEmail)).one()
    page.submit(f"/confirm/{mail.context['token']}")
    assert len(session.scalars(select(Person)).all()) == 2


def test_the_last_administrator_cannot_leave(session: Session, make: Factory) -> None:
    unit = make.unit()
    last = make.official(unit, Role.ADMINISTRATOR)
    with pytest.raises(InvalidTransition):
        erase_person(session, last)
    make.official(unit, Role.ADMINISTRATOR)
    erase_person(session, last)


def test_the_inventory_knows_every_personal_column() -> None:
    known = {holding.column for holding in INVENTORY} | FOUND_OTHERWISE
    missing = personal_columns() - known
    assert not missing, f"say in INVENTORY of privacy/queries.py what becomes of: {', '.join(sorted(missing))}"
    assert known <= personal_columns(), f"not in the database any more: {known - personal_columns()}"


def test_what_is_kept_says_nothing_about_the_person_by_itself(app: Flask) -> None:
    kept = {holding.table.name for holding in INVENTORY if holding.fate is Fate.KEPT}
    assert kept == {"data_request", "request_event", "vote", "message", "internal_note", "delivery_word", "report"}


def test_a_new_business_is_not_taken_for_one_that_was_forgotten(session: Session, make: Factory) -> None:
    data_request = make.request()
    first = make.person(organisation=make.organisation())
    cast_vote(session, first, data_request)
    erase_person(session, first)
    session.commit()
    second = make.person(organisation=make.organisation())
    cast_vote(session, second, data_request)
    assert data_request.votes_count == 2
