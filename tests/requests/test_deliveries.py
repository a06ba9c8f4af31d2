"""Whether published data works: the asker says it, or after 30 silent days three of those who voted."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.core.clock import now
from dialogue.core.errors import InvalidTransition
from dialogue.requests.models import DataRequest, DeliveryWord, RequestEvent
from dialogue.requests.operations.closing import reopen_request
from dialogue.requests.operations.publishing import confirm_delivery
from dialogue.requests.rules import EventKind, Status, Works
from dialogue.voting.models import Vote
from dialogue.voting.operations import cast_vote
from dialogue.voting.queries import with_vote
from tests.factories import Factory
from tests.page import Page


@pytest.fixture
def published(session: Session, make: Factory) -> DataRequest:
    """Data that has been out for 30 days, with a silent asker."""
    asker = make.person(organisation=make.organisation())
    data_request = make.request(Status.ASSESSING, unit=make.unit("gata"), asker=asker)
    for person in (asker, *(voter(make) for _ in range(3))):
        cast_vote(session, person, data_request)
    return publish(session, make, data_request)


def publish(session: Session, make: Factory, data_request: DataRequest) -> DataRequest:
    data_request.status, data_request.extent = Status.PUBLISHED, "full"
    data_request.next_on, data_request.published_at = None, now() - timedelta(days=30)
    session.commit()
    return data_request


def voter(make: Factory, business: Any = None) -> Person:
    return make.person(organisation=business or make.organisation())


from_here = None


def voters(session: Session, data_request: DataRequest) -> list[Person]:
    wanted = select(Person).join(Vote, Vote.person_id == Person.id).where(Vote.request_id == data_request.id)
    people = session.scalars(wanted.order_by(Vote.id)).all()
    return [person for person in people if person.id != data_request.asker_id]


def say(session: Session, make: Factory, person: Person, data_request: DataRequest, works: Works) -> RequestEvent:
    viewer = with_vote(session, make.viewer(person), data_request.id)
    event = confirm_delivery(session, viewer, data_request, version=None, works=works, note="Vi läser in filen.")
    session.commit()
    return event


def test_three_who_voted_count_as_much_as_the_asker(session: Session, make: Factory, published: DataRequest) -> None:
    first, second, third = voters(session, published)
    for person, works in ((first, Works.YES), (second, Works.PARTLY)):
        event = say(session, make, person, published, works)
        assert (published.works, published.confirmed_at) == (None, None)
        assert (event.kind, event.actor_role, event.new["said"]) == (EventKind.DELIVERY_CONFIRMED, "voter", works)
    event = say(session, make, third, published, Works.PARTLY)
    assert published.works is Works.PARTLY
    assert published.confirmed_at is not None
    assert event.new["works"] == "partly"
    with pytest.raises(InvalidTransition, match="silent for 30 days"):
        say(session, make, first, published, Works.NO)
    session.rollback()
    asker = make.viewer(published.asker)  # type: ignore[arg-type]
    confirm_delivery(session, asker, published, version=None, works=Works.YES)
    assert published.works is Works.YES  # the asker's own word counts most


def test_one_business_is_one_voice_and_may_change_its_mind(
    session: Session, make: Factory, published: DataRequest
) -> None:
    first, second, _ = voters(session, published)
    colleague = voter(make, first.organisation)
    published.status, published.extent = Status.ASSESSING, None
    session.commit()
    cast_vote(session, colleague, published)
    publish(session, make, published)
    for person in (first, colleague, first, second):
        say(session, make, person, published, Works.NO)
    assert published.works is None
    say(session, make, colleague, published, Works.YES)
    words = session.scalars(select(DeliveryWord).where(DeliveryWord.person_id == colleague.id)).all()
    assert [word.works for word in words] == [Works.YES]


def test_the_form_stands_on_the_page_for_those_who_voted(page: Page, make: Factory, published: DataRequest) -> None:
    address, act = f"/requests/{published.id}-{published.slug}", f"/requests/{published.id}/confirm-delivery"
    page.sign_in(make.cookie(make.person()))
    assert act not in [form.get("action") for form in page.get(address).forms()]
    page.get(act, 403)
    page.post(act, {"works": "yes", "version": str(published.version)}, 403)
    said = ("Någon som har röstat säger att datan fungerar", "Tre av dem som har röstat har svarat: datan fungerar")
    for index, person in enumerate(voters(page.session, published)):
        page.sign_in(make.cookie(person))
        shown = page.get(address)
        assert "Ingen har svarat inom 30 dagar." in shown.words
        done = page.follow(page.submit(address, {"works": "yes"}, action="/confirm-delivery"))
        assert f"Klart. {said[index // 2]}." in done.words
    page.session.refresh(published)
    assert published.works is Works.YES
    page.get(act, 409)
    english = page.get(f"/en{address}").words
    assert "Three of those who voted have answered: the data works" in english


def test_before_thirty_days_only_the_asker_is_asked(page: Page, make: Factory, published: DataRequest) -> None:
    published.published_at = now() - timedelta(days=29)
    act = f"/requests/{published.id}/confirm-delivery"
    first = voters(page.session, published)[0]
    page.sign_in(make.cookie(first))
    refused = page.post(act, {"works": "yes", "version": str(published.version)}, 409)
    assert "Den som frågade har 30 dagar på sig" in refused.words
    page.sign_in(make.cookie(published.asker))  # type: ignore[arg-type]
    assert "Ingen har svarat inom 30 dagar." not in page.get(act).words
    page.submit(act, {"works": "no", "note": "811228-9874"}, 422)
    page.submit(act, {"works": "no"})


def test_a_request_that_is_opened_again_forgets_what_was_said_of_the_data(
    session: Session, make: Factory, published: DataRequest
) -> None:
    first, *_ = voters(session, published)
    say(session, make, first, published, Works.NO)
    asker = make.viewer(published.asker)  # type: ignore[arg-type]
    reopen_request(session, asker, published, version=None, reason="Länken är död.")
    session.commit()
    assert session.scalars(select(DeliveryWord)).all() == []
