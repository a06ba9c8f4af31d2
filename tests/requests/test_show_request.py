"""The request page: state first, then need, votes, conversation and facts, at the same cost however much is on it."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from dialogue.accounts.models import Unit
from dialogue.accounts.rules import Role
from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.conversation.models import Message
from dialogue.conversation.operations.answers import answer_with, post_answer
from dialogue.conversation.operations.messages import edit_message, post_message
from dialogue.conversation.operations.moderation import hide_message
from dialogue.core.clock import now
from dialogue.core.db import MAX_ID
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.routing import hide_request
from dialogue.requests.rules import Extent, Ground, Kind, Outcome, Status
from dialogue.voting.operations import cast_vote
from dialogue.voting.rules import ReasonKind
from tests.factories import Factory
from tests.page import Opened, Page

LANGUAGES = ("", "/en")
#: A Monday ten working days before 7 December.
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
#: Statements the page may make, for officials with their forms, drafts and notes too.
BUDGET = 8


def open_page(page: Page, data_request: DataRequest, prefix: str = "", query: str = "") -> Opened:
    return page.get(f"{prefix}/requests/{data_request.id}-{data_request.slug}{query}")


def statements(page: Page) -> int:
    return len([statement for statement in page.statements if not statement.startswith("BEGIN")])


@pytest.fixture
def unit(make: Factory) -> Unit:
    parent = make.unit("samhallsbyggnad", name="Samhällsbyggnad")
    return make.unit("gata", name="Gata och trafik", parent_id=parent.id, usual_answer_days=3)


def test_a_number_alone_and_old_words_lead_to_the_address(page: Page, make: Factory) -> None:
    data_request = make.request(title="Lediga laddplatser")
    for address in (f"/requests/{data_request.id}", f"/requests/{data_request.id}-gammal-rubrik"):
        moved = page.get(f"{address}?all=1", 301)
        assert moved.location == f"/requests/{data_request.id}-lediga-laddplatser?all=1"
    assert page.get(f"/en/requests/{data_request.id}", 301).location.startswith("/en/requests/")
    page.get("/requests/987654321", 404)
    page.get(f"/requests/{10**30}", 404)


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_what_it_is_comes_first_and_says_who_answers(page: Page, make: Factory, unit: Unit, prefix: str) -> None:
    with time_machine.travel(MONDAY, tick=False):
        asker = make.person(organisation=make.organisation("Laddkusten AB"))
        area = make.area("trafik", name_sv="Trafik och parkering", name_en="Traffic and parking")
        data_request = make.request(
            Status.ASSESSING,
            title="Lediga laddplatser",
            unit=unit,
            asker=asker,
            area_id=area.id,
            purpose="En tjänst för förare.",
            update_frequency=Frequency.CONTINUOUS,
            format="API",
            benefit="Kortare köer.",
            example_url="https://exempel.example/data",
            next_on=date(2026, 12, 3),
        )
        opened = open_page(page, data_request, prefix)
    words = opened.words
    order = ["Lediga laddplatser", "Laddkusten AB", "Gata och trafik", "En tjänst för förare.", "Samhällsbyggnad"]
    places = [words.index(word) for word in order]
    assert places == sorted(places)
    expected = ("3 December", "8 working days left", "3 working days", "Traffic and parking")
    if not prefix:
        expected = ("3 december", "8 arbetsdagar kvar", "3 arbetsdagar", "Trafik och parkering")
    folded = words.replace("\u00a0", " ")
    assert [text for text in expected if text not in folded] == []
    assert opened.title.startswith(f"Lediga laddplatser ({'under review' if prefix else 'utreds'}) – ")
    assert "https://exempel.example/data" in opened.links()


def test_the_head_tells_machines(page: Page, make: Factory, unit: Unit) -> None:
    need = "Var platserna </script><script>alert(1)</script> ligger. " + "Mycket " * 40
    asker = make.person(organisation=make.organisation("Laddkusten AB"))
    data_request = make.request(Status.PUBLISHED, title="Laddplatser & kablar", need=need, unit=unit, asker=asker)
    data_request.datasets.append(dataset(data_request))
    make.session.commit()
    opened = open_page(page, data_request)
    head = {
        (meta.get("name") or meta.get("rel")): meta.get("content") or meta.get("href")
        for tag in ("meta", "link")
        for meta in opened.tree.iter(tag)
    }
    assert head["canonical"].endswith(f"/requests/{data_request.id}-laddplatser-kablar")
    assert head["description"].startswith("Var platserna </script>")
    assert len(head["description"]) <= 160
    assert any(link.get("type") == "application/atom+xml" for link in opened.tree.iter("link"))
    blocks = [script for script in opened.tree.iter("script") if script.get("type") == "application/ld+json"]
    linked = json.loads(blocks[0].text or "")
    assert (linked["headline"], linked["text"]) == ("Laddplatser & kablar", need)
    assert linked["author"]["name"] == "Laddkusten AB"
    assert linked["mentions"][0]["license"].startswith("http://creativecommons.org/")


def dataset(data_request: DataRequest, **values: object) -> Dataset:
    fields = {
        "municipality_id": data_request.municipality_id,
        "title": "Badvattnets temperatur",
        "url": "https://data.example/bad",
        "licence": Licence.CC0,
        "format": Format.API,
        "update_frequency": Frequency.HOURLY,
        "published_at": now(),
    }
    return Dataset(**(fields | values))


@pytest.mark.parametrize("prefix", LANGUAGES)
@pytest.mark.parametrize(
    ("values", "swedish", "english"),
    [
        ({"status": Status.RECEIVED, "next_on": date(2026, 11, 23)}, ["Mottagen", "i dag"], ["Received", "today"]),
        (
            {"status": Status.RECEIVED, "next_on": date(2026, 11, 19)},
            ["2 arbetsdagar sent"],
            ["2 working days late"],
        ),
        (
            {"status": Status.PLANNED, "next_on": date(2027, 1, 22), "planned_at": MONDAY},
            ["Planerad", "22 januari"],
            ["Planned", "22 January"],
        ),
        ({"status": Status.PUBLISHED}, ["Publicerad", "Använder ni datan?"], ["Published", "Do you use the data?"]),
        ({"status": Status.PUBLISHED, "extent": Extent.PARTIAL}, ["Delvis publicerad"], ["Partly published"]),
        (
            {
                "status": Status.CLOSED,
                "ground": Ground.THIRD_PARTY_RIGHTS,
                "explanation": "Leverantören **äger** den.",
                "rights_holder": "Kabelverket AB",
                "what_would_change_it": "Ett nytt avtal.",
                "review_on": date(2027, 5, 3),
            },
            ["Leverantören äger den.", "Kabelverket AB", "Ett nytt avtal.", "3 maj 2027", "slutade här"],
            ["Leverantören äger den.", "Kabelverket AB", "Ett nytt avtal.", "3 May 2027", "ended here"],
        ),
        (
            {"status": Status.CLOSED, "outcome": Outcome.REDIRECTED, "redirected_to": "Trafikverket"},
            ["Trafikverket"],
            ["Trafikverket"],
        ),
        ({"status": Status.CLOSED, "outcome": Outcome.WITHDRAWN}, ["Återtagen"], ["Withdrawn"]),
        (
            {"status": Status.CLOSED, "outcome": Outcome.ALREADY_AVAILABLE},
            ["Finns redan"],
            ["Already available"],
        ),
        (
            {"status": Status.ASSESSING, "kind": Kind.FORMAL, "due_on": date(2026, 12, 21)},
            ["begäran om vidareutnyttjande", "21 december 2026"],
            ["formal request for re-use", "21 December 2026"],
        ),
    ],
)
def test_every_state_says_what_matters_in_words(
    page: Page,
    make: Factory,
    unit: Unit,
    prefix: str,
    values: dict[str, object],
    swedish: list[str],
    english: list[str],
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        data_request = make.request(**({"unit": unit, "title": "Data"} | values))  # type: ignore[arg-type]
        opened = open_page(page, data_request, prefix)
    folded = opened.words.replace("\u00a0", " ")
    assert [text for text in (english if prefix else swedish) if text not in folded] == []
    takes_posts = values.get("outcome") is not Outcome.WITHDRAWN
    assert takes_posts == any((form.get("action") or "").endswith("/messages") for form in opened.forms())
    is_live = values["status"] in (Status.RECEIVED, Status.ASSESSING, Status.PLANNED)
    assert is_live == any(link.endswith(f"/requests/{data_request.id}/vote") for link in opened.links())


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_the_published_data_is_one_button_away(page: Page, make: Factory, unit: Unit, prefix: str) -> None:
    data_request = make.request(Status.PUBLISHED, unit=unit)
    data_request.datasets += [dataset(data_request), dataset(data_request, url="https://data.example/2")]
    make.session.commit()
    opened = open_page(page, data_request, prefix)
    assert {"https://data.example/bad", "https://data.example/2"} <= set(opened.links())
    assert ("free to use for anything" if prefix else "fri att använda till allt") in opened.words
    assert statements(page) <= BUDGET


def talk(make: Factory, unit: Unit, messages: int) -> DataRequest:
    """A request with `messages` posts by as many businesses that also vote, each answered by an event."""
    data_request = make.request(unit=unit, asker=make.person())
    for number in range(messages):
        person = make.person(organisation=make.organisation())
        cast_vote(make.session, person, data_request, ReasonKind.SAVES_TIME, "Tid")
        post_message(make.session, make.viewer(person), data_request, f"Inlägg {number:02}.")
    make.session.commit()
    return data_request


def test_the_cost_does_not_grow_with_what_is_on_it(page: Page, make: Factory, unit: Unit) -> None:
    short, long = talk(make, unit, 5), talk(make, unit, 60)
    readers = [
        None,
        make.person(organisation=make.organisation()),
        make.official(unit),
        make.official(unit, Role.COORDINATOR),
    ]
    for reader in readers:
        if reader is not None:
            page.sign_in(make.cookie(reader))
        open_page(page, short)
        few = statements(page)
        open_page(page, long)
        assert statements(page) == few <= BUDGET, "\n".join(page.statements)


def test_a_long_thread_shows_its_ends_and_the_rest_on_request(page: Page, make: Factory, unit: Unit) -> None:
    data_request = talk(make, unit, 24)
    opened = open_page(page, data_request)
    shown = [number for number in range(24) if f"Inlägg {number:02}." in opened.words]
    assert shown == [*range(10), *range(14, 24)]
    assert "Visa 4 inlägg till" in opened.words
    whole = next(link for link in opened.links() if "all=1" in link)
    everything = page.get(whole.partition("#")[0])
    assert all(f"Inlägg {number:02}." in everything.words for number in range(24))
    later = open_page(page, data_request, query=f"?after={MAX_ID}")
    assert "Inlägg" not in later.words
    open_page(page, data_request, query="?after=x&all=")


def test_what_happened_stands_between_what_was_said(page: Page, make: Factory, unit: Unit, session: Session) -> None:
    official = make.official(unit)
    with time_machine.travel(MONDAY, tick=False) as clock:
        asker = make.person(organisation=make.organisation("Laddkusten AB"))
        voter = make.person(organisation=make.organisation("Vindrosens Cykelbud"))
        colleague = make.official(make.unit("bygg", name="Bygg och bo"))
        data_request = make.request(unit=unit, asker=asker)
        cast_vote(session, voter, data_request)
        post_message(session, make.viewer(asker), data_request, "Först säger vi.")
        clock.shift(timedelta(hours=1))
        answer_with(
            session,
            make.viewer(official),
            data_request,
            "assess",
            "Sedan svarar *vi*.",
            version=None,
            next_on=date(2026, 12, 3),
        )
        clock.shift(timedelta(hours=1))
        post_message(session, make.viewer(voter), data_request, "Vi vill också.")
        post_message(session, make.viewer(colleague), data_request, "Vi har liknande.")
        session.commit()
        opened = open_page(page, data_request)
    words = opened.words.replace("\u00a0", " ")
    order = [
        "Laddkusten AB ställde frågan",
        "Först säger vi.",
        "Gata och trafik Svar från kommunen",
        "Sedan svarar vi.",
        "besked senast 3 december, 23 november",
        "Vindrosens Cykelbud har röstat",
        "Vi vill också.",
        "Bygg och bo arbetar i kommunen",
    ]
    places = [words.rindex(text) for text in order]
    assert places == sorted(places)
    assert "1 svar från kommunen" in words
    assert "Senaste besked, 23 november: Sedan svarar vi." in words
    answer = next(item for item in opened.tree.iter("li") if "msg--official" in (item.get("class") or ""))
    assert f"#{answer.get('id')}" in opened.links()


def test_the_latest_answer_is_reached_even_when_it_is_left_out(
    page: Page, make: Factory, unit: Unit, session: Session
) -> None:
    data_request = talk(make, unit, 12)
    post_answer(session, make.viewer(make.official(unit)), data_request, "Mitt i allt.", version=None)
    for number in range(14):
        post_message(session, make.viewer(make.person()), data_request, f"Senare {number}")
    session.commit()
    opened = open_page(page, data_request)
    assert f'id="message-{data_request.latest_answer_id}"' not in opened.text
    whole = next(link for link in opened.links() if link.endswith(f"#message-{data_request.latest_answer_id}"))
    assert f'id="message-{data_request.latest_answer_id}"' in page.get(whole.partition("#")[0]).text


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_votes_are_shown_so_that_one_sees_why(page: Page, make: Factory, session: Session, prefix: str) -> None:
    data_request = make.request()
    empty = open_page(page, data_request, prefix)
    assert ("No votes yet" if prefix else "Inga röster än") in empty.words
    assert ("Be the first" if prefix else "Bli först") in empty.words
    voter = make.person()
    cast_vote(session, voter, data_request, ReasonKind.NEW_SERVICE, "En app")
    cast_vote(session, make.person(), data_request, ReasonKind.NEW_SERVICE)
    session.commit()
    opened = open_page(page, data_request, prefix)
    assert ("2 businesses have voted" if prefix else "2 företag har röstat") in opened.words
    assert ("New service or product" if prefix else "Ny tjänst eller produkt") in opened.words
    assert f"{prefix}/requests/{data_request.id}/reasons" in opened.links()
    page.sign_in(make.cookie(voter))
    own = open_page(page, data_request, prefix)
    assert own.form("/unvote") is not None
    page.sign_in(make.cookie(make.person()))
    one_click = page.submit(f"{prefix}/requests/{data_request.id}-{data_request.slug}", action="/vote")
    assert one_click.location.endswith(data_request.slug)


def test_drafts_are_for_their_asker(page: Page, make: Factory) -> None:
    asker = make.person()
    draft = make.request(Status.DRAFT, asker=asker)
    page.get(f"/requests/{draft.id}-{draft.slug}", 404)
    page.sign_in(make.cookie(make.person()))
    page.get(f"/requests/{draft.id}-{draft.slug}", 404)
    page.sign_in(make.cookie(asker))
    opened = open_page(page, draft)
    assert "Bara du ser förfrågan" in opened.words
    assert not any((form.get("action") or "").endswith("/messages") for form in opened.forms())


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_a_hidden_request_is_gone_but_for_the_coordinator(
    page: Page, make: Factory, unit: Unit, session: Session, prefix: str
) -> None:
    coordinator, data_request = make.official(unit, Role.COORDINATOR), make.request(unit=unit, title="Känslig rubrik")
    hide_request(session, make.viewer(coordinator), data_request, version=None, reason="Innehöll affärshemligheter")
    session.commit()
    for reader in (None, make.person(), make.official(unit)):
        if reader:
            page.sign_in(make.cookie(reader))
        gone = page.get(f"{prefix}/requests/{data_request.id}", 410)
        assert "Innehöll affärshemligheter" in gone.words
        assert "Känslig" not in gone.text
        for part in ("vote", "reasons", "messages"):
            page.get(f"{prefix}/requests/{data_request.id}/{part}", 410)
    page.sign_in(make.cookie(coordinator))
    seen = open_page(page, data_request, prefix)
    assert "Innehöll affärshemligheter" in seen.words
    assert 'content="noindex"' in seen.text


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_a_hidden_post_leaves_its_reason_and_nothing_else(
    page: Page, make: Factory, unit: Unit, session: Session, prefix: str
) -> None:
    coordinator = make.official(unit, Role.COORDINATOR)
    data_request, author = make.request(unit=unit), make.person()
    message = post_message(session, make.viewer(author), data_request, "Hemlig nyckel")
    hide_message(session, make.viewer(coordinator), data_request, message, "Innehöll lösenord")
    session.commit()
    for reader in (None, author, make.official(unit)):
        if reader:
            page.sign_in(make.cookie(reader))
        opened = open_page(page, data_request, prefix)
        assert "Innehöll lösenord" in opened.words
        assert "Hemlig nyckel" not in opened.text
    page.sign_in(make.cookie(coordinator))
    seen = open_page(page, data_request, prefix)
    assert "Hemlig nyckel" in seen.text
    assert seen.form(f"/messages/{message.id}/show") is not None


def test_authors_see_how_to_change_a_post_while_they_may(
    page: Page, make: Factory, unit: Unit, session: Session
) -> None:
    author, data_request = make.person(), make.request(unit=unit)
    message = post_message(session, make.viewer(author), data_request, "Fel")
    edit_message(session, make.viewer(author), data_request, message, "Rätt")
    session.commit()
    edit = f"/messages/{message.id}/edit"
    opened = open_page(page, data_request)
    assert edit not in opened.links()
    assert f"/messages/{message.id}/history" in opened.links()
    page.sign_in(make.cookie(author))
    assert edit in open_page(page, data_request).links()
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert edit not in open_page(page, data_request).links()
    page.sign_in(make.cookie(make.official(unit, Role.COORDINATOR)))
    assert f"/messages/{message.id}/hide" in open_page(page, data_request).links()


def test_officials_answer_as_the_unit_whatever_form_they_use(
    page: Page, make: Factory, unit: Unit, session: Session
) -> None:
    data_request = make.request(unit=unit)
    page.sign_in(make.cookie(make.official(unit)))
    assert page.post(f"/requests/{data_request.id}/messages", {"body": "Vi tittar."}).location
    message = session.query(Message).one()
    assert (message.is_official, message.unit_id) == (True, unit.id)
    opened = open_page(page, data_request)
    assert "Svar från kommunen" in opened.words
    # A live request never has an answer without a date ahead.
    late = make.request(unit=unit, next_on=make.workday(1) - timedelta(days=30))
    refused = page.post(f"/requests/{late.id}/messages", {"body": "Snart."}, 422)
    assert "Snart." in refused.text


@pytest.mark.parametrize("prefix", LANGUAGES)
def test_one_click_follows_and_one_ends_it(page: Page, make: Factory, prefix: str) -> None:
    data_request = make.request()
    page.sign_in(make.cookie(make.person()))
    address = f"{prefix}/requests/{data_request.id}-{data_request.slug}"
    followed = page.follow(page.submit(address, action="/follow"))
    assert ("You follow this request" if prefix else "Du följer") in followed.words
    ended = page.follow(page.submit(address, action="/unfollow"))
    assert ended.form("/follow") is not None
