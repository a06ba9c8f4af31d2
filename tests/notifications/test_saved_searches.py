"""A search of the list as something to follow, and how many mails a broad wish would have meant."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Person
from dialogue.core.clock import as_of, now
from dialogue.core.errors import InvalidTransition
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.keys import key_to_end, read_key
from dialogue.notifications.models import SavedSearch, Subscription
from dialogue.notifications.operations.following import follow, stop
from dialogue.notifications.operations.searches import forget_unused_searches
from dialogue.notifications.queries.lately import count_lately
from dialogue.notifications.queries.searches import find_saved
from dialogue.notifications.queries.targets import find_any_target, search_target, target_of
from dialogue.notifications.rules import MOST_SEARCHES, Cadence
from dialogue.notifications.wording import lately_sentence
from dialogue.notifications.worker import Worker, drain
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.indexing import reindex
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind, Status
from tests.emails.story import opened
from tests.factories import Factory
from tests.notifications.test_windows import HALF_PAST_TWO
from tests.page import Page

SECRET = "a secret that only tests know, long enough"
THURSDAY = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 6, 31, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(THURSDAY, tick=False) as clock:
        yield clock


def saved(make: Factory, session: Session, question: str = "", **filters: object) -> SavedSearch:
    place = make.the_municipality()
    key = f"{question}|{filters}"
    search = SavedSearch(
        municipality_id=place.id, key=key, question=question, name_sv=question, name_en=question, created_at=now(),
        **filters,
    )  # fmt: skip
    session.add(search)
    session.commit()
    return search


def happen(
    make: Factory, session: Session, data_request: DataRequest, kind: EventKind = EventKind.REQUEST_PLANNED
) -> None:
    list(reindex(session))
    record(session, make.viewer(make.person()), data_request, kind)
    session.commit()


def subscriber(make: Factory, session: Session, search: SavedSearch, cadence: Cadence) -> Person:
    person = make.person()
    follow(session, person, search_target(session, search), cadence, "wording")
    session.commit()
    return person


def sent(app: Flask, session: Session) -> dict[str, str]:
    session.commit()
    drain(app)
    session.expire_all()
    wanted = select(OutgoingEmail).where(OutgoingEmail.state == MailState.SENT)
    return {mail.recipient: mail.sent_copy or "" for mail in session.scalars(wanted)}


def test_it_finds_what_the_list_finds(app: Flask, make: Factory, session: Session) -> None:
    roads, parks = make.unit("vag"), make.unit("park")
    area = make.area("trafik")
    bikes = make.request(Status.ASSESSING, unit=roads, title="Cykelvägar i centrum", area_id=area.id)
    trees = make.request(Status.PLANNED, unit=parks, title="Träd i parker")
    hidden = make.request(unit=roads, title="Cykelställ", hidden_at=now(), hidden_reason="Namn.")
    make.request(unit=roads, title="Cykelpumpar")
    list(reindex(session))
    session.commit()
    everything = [bikes.id, trees.id, hidden.id]
    searches = {
        saved(make, session, "cykelväg"): {bikes.id},
        saved(make, session, "träden"): {trees.id},
        saved(make, session, "badvatten"): set(),
        saved(make, session, "träd", state="assessing"): set(),
        saved(make, session, "", state="planned"): {trees.id},
        saved(make, session, "", unit_id=roads.id): {bikes.id},
        saved(make, session, "cykel", area_id=area.id): {bikes.id},
    }
    found_by = find_saved(session, [search.id for search in searches], everything, now().date())
    for search, wanted in searches.items():
        assert {number for number, by in found_by.items() if search.id in by} == wanted, search.key
    assert find_saved(session, [], everything, now().date()) == {}


def test_news_in_a_search_comes_at_once_and_can_be_ended(
    app: Flask, page: Page, make: Factory, session: Session
) -> None:
    search = saved(make, session, "laddplatser")
    first = make.request(Status.ASSESSING, unit=make.unit(), title="Lediga laddplatser")
    other = make.request(Status.ASSESSING, unit=first.unit, title="Badvatten", need="Vattnets kvalitet.")
    person = subscriber(make, session, search, Cadence.INSTANT)
    filtered = subscriber(make, session, saved(make, session, "", unit_id=first.unit_id), Cadence.INSTANT)
    elsewhere = subscriber(make, session, saved(make, session, "", unit_id=make.unit().id), Cadence.INSTANT)
    gathered = subscriber(make, session, search, Cadence.WEEKLY)
    happen(make, session, other)
    assert sent(app, session).keys() == {filtered.email}
    happen(make, session, other, EventKind.ANSWER_POSTED)  # tells no area
    happen(make, session, first)
    told = sent(app, session)
    assert told.keys() == {filtered.email, person.email}
    mail = opened("planned", told[person.email])
    assert "Du får det här för att du sparade sökningen laddplatser." in mail.text
    assert "List-Unsubscribe-Post" in mail.message
    assert not {elsewhere.email, gathered.email} & told.keys()
    key = key_to_end(SECRET, person.mail_handle, f"search:{search.id}")
    read = read_key(SECRET, key)
    assert read is not None
    assert read.ends == f"search:{search.id}"
    happen(make, session, first, EventKind.REQUEST_PUBLISHED)
    Worker(app).tell()  # queued, and ended before it leaves
    page.client.post(f"/unsubscribe/{key}", data={"List-Unsubscribe": "One-Click"})
    drain(app)
    session.expire_all()
    states = select(OutgoingEmail.state).where(OutgoingEmail.recipient == person.email).order_by(OutgoingEmail.id)
    assert session.scalars(states).all() == [MailState.SENT, MailState.CANCELLED]


def test_news_in_a_search_comes_in_a_digest_once(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    search = saved(make, session, "laddplatser")
    first = make.request(Status.ASSESSING, unit=make.unit(), title="Lediga laddplatser")
    other = make.request(Status.ASSESSING, unit=first.unit, title="Badvatten", need="Vattnets kvalitet.")
    person = subscriber(make, session, search, Cadence.WEEKLY)
    follow(session, person, target_of(first), Cadence.WEEKLY, "wording")
    both = subscriber(make, session, saved(make, session, "", unit_id=first.unit_id), Cadence.WEEKLY)
    follow(session, both, search_target(session, search), Cadence.WEEKLY, "wording")
    for each in (first, other):
        happen(make, session, each)
    clock.move_to(MONDAY)
    worker = Worker(app)
    while worker.gather():
        pass
    stop(session, both, search_target(session, search))  # found by another search too
    told = sent(app, session)
    text = opened("digest", told[person.email]).text
    assert text.count("Planerad: Lediga laddplatser") + text.count("Utreds: Lediga laddplatser") == 1
    assert "Badvatten" not in text
    assert "Badvatten" in (shown := opened("digest", told[both.email]).text)
    assert "laddplatser" in shown


def test_saving_the_search_of_the_list(page: Page, make: Factory, session: Session) -> None:
    unit = make.unit("gata", name="Gata och trafik")
    make.request(Status.PLANNED, unit=unit, title="Lediga laddplatser")
    list(reindex(session))
    session.commit()
    listed = page.get("/requests?q=laddplatser&status=planned&unit=gata&sort=newest")
    (link,) = [link for link in listed.links() if link.startswith("/subscribe")]
    assert link == "/subscribe?q=laddplatser&status=planned&unit=gata"
    person = make.person()
    page.sign_in(make.cookie(person))
    page.submit(f"{link}&area=nowhere", {"frequency": "daily"})
    page.submit(link, {"frequency": "daily"})
    search = session.scalars(select(SavedSearch)).one()
    assert (search.question, search.state, search.unit_id) == ("laddplatser", "planned", unit.id)
    assert search.name_sv == "”laddplatser”, Planerad, Gata och trafik"
    assert search.name_en == "“laddplatser”, Planned, Gata och trafik"
    subscription = session.scalars(select(Subscription)).one()
    assert (subscription.target, subscription.cadence) == (f"search:{search.id}", Cadence.DAILY)
    assert "”laddplatser”" in subscription.wording
    assert "Sökningen ”laddplatser”, Planerad, Gata och trafik" in page.get("/account/mail").words
    assert "The search “laddplatser”, Planned" in page.get("/en/account/mail").words


def test_somebody_without_an_account_saves_a_search(page: Page, make: Factory, session: Session) -> None:
    make.municipality()
    page.submit("/subscribe?q=badvatten", {"email": "cia@karta.example"})
    mail = session.scalars(select(OutgoingEmail)).one()
    address = f"/confirm/{mail.context['token']}"
    assert "inga mejl på sistone" in page.get(address).words
    page.submit(address)
    assert session.scalars(select(Subscription.scope)).all() == ["search"]


def test_the_figures_are_shown_before_it_begins(page: Page, make: Factory, session: Session) -> None:
    area = make.area("trafik", name_sv="Trafik")
    data_request = make.request(Status.ASSESSING, unit=make.unit(), title="Vägarbeten", area_id=area.id)
    list(reindex(session))
    at = now()
    for days in range(1, 29):
        with as_of(at - timedelta(days=days)):
            record(session, make.viewer(make.person()), data_request, EventKind.REQUEST_PLANNED)
    session.commit()
    person = make.person()
    page.sign_in(make.cookie(person))
    assert "Direkt: ungefär 4 mejl i veckan på sistone" in page.get("/subscribe?area=trafik").words
    assert len(page.statements) <= 8
    # The page was about everything; another choice is shown with its own figures first.
    shown = page.submit("/subscribe", {"q": "badvatten"}, 200)
    assert "inga mejl på sistone" in shown.words
    assert session.scalars(select(Subscription)).all() == []
    page.submit("/subscribe?area=trafik", {"frequency": "weekly"})
    assert session.scalars(select(Subscription.target)).one() == f"area:{area.id}"
    page.submit("/subscribe?area=trafik&q=", {"email": "not an address"}, 422)


def test_how_many_it_would_have_been(
    app: Flask, make: Factory, session: Session, clock: time_machine.Traveller
) -> None:
    unit, area = make.unit(), make.area()
    data_request = make.request(Status.ASSESSING, unit=unit, title="Vägarbeten", area_id=area.id)
    other = make.request(Status.ASSESSING, title="Badvatten")
    list(reindex(session))
    for days, kind in (
        (1, EventKind.REQUEST_PLANNED),
        (1, EventKind.REQUEST_CONFIRMED),
        (3, EventKind.MESSAGE_POSTED),
        (9, EventKind.REQUEST_DECLINED),
        (50, EventKind.REQUEST_PUBLISHED),
        (60, EventKind.REQUEST_PUBLISHED),
    ):
        with as_of(now() - timedelta(days=days)):
            for each in (data_request, other):
                record(session, make.viewer(make.person()), each, kind)
    session.commit()
    place = make.the_municipality()
    for key in (f"area:{area.id}", f"unit:{unit.id}", f"search:{saved(make, session, 'vägarbete').id}"):
        target = find_any_target(session, key)
        assert target is not None
        search = session.get(SavedSearch, target.number) if key.startswith("search") else None
        mails = count_lately(session, target, search, HALF_PAST_TWO)
        assert mails is not None, key
        assert {cadence: round(8 * number) for cadence, number in mails.items()} == {
            Cadence.INSTANT: 4, Cadence.DAILY: 3, Cadence.WEEKLY: 3, Cadence.MONTHLY: 2,
        }  # fmt: skip
    everything = find_any_target(session, f"everything:{place.id}")
    assert everything is not None
    mails = count_lately(session, everything, None, HALF_PAST_TWO)
    assert mails is not None
    assert mails[Cadence.INSTANT] == 1.0
    one = session.get_one(DataRequest, data_request.id)
    assert count_lately(session, target_of(one), None, HALF_PAST_TWO) is None


@pytest.mark.parametrize(
    ("mails", "says"),
    [(0, "no mail"), (0.4, "less than one"), (1.2, "about one"), (12.4, "about %(number)s")],
)
def test_figures_in_words(mails: float, says: str) -> None:
    assert lately_sentence(mails).text.startswith(says)


def test_nobody_has_more_searches_than_there_is_room_for(page: Page, make: Factory, session: Session) -> None:
    person = make.person()
    for number in range(MOST_SEARCHES):
        follow(session, person, search_target(session, saved(make, session, f"ord{number}")), Cadence.DAILY, "wording")
    session.commit()
    with pytest.raises(InvalidTransition):
        follow(session, person, search_target(session, saved(make, session, "ett till")), Cadence.DAILY, "wording")
    session.rollback()
    page.sign_in(make.cookie(person))
    refused = page.submit("/subscribe?q=badvatten")
    assert refused.location == "/account/mail"
    assert "så många sparade sökningar" in page.follow(refused).words


def test_a_search_that_nobody_follows_is_forgotten(make: Factory, session: Session) -> None:
    old = now() - timedelta(days=31)
    kept, forgotten, new = (saved(make, session, word) for word in ("a", "b", "c"))
    kept.created_at = forgotten.created_at = old
    person = subscriber(make, session, kept, Cadence.DAILY)
    stop(session, person, search_target(session, kept))
    session.flush()
    forget_unused_searches(session)
    session.commit()
    assert set(session.scalars(select(SavedSearch.question))) == {"a", "c"}
    assert find_any_target(session, f"search:{new.id}") is not None
    assert find_any_target(session, f"search:{new.id + 999}") is None
