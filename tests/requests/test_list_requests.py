"""The list: what is on it, in which order, narrowed by what, a page at a time."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.requests.models import DataRequest
from dialogue.requests.promises import is_overdue
from dialogue.requests.queries.listed import Place
from dialogue.requests.queries.lists import Narrowing, Sort, State, list_requests, read_place
from dialogue.requests.rules import Kind, Outcome, Status, WaitingOn
from dialogue.web.pagination import encode_cursor
from tests.factories import Factory
from tests.page import Opened, Page

TODAY = date(2026, 11, 23)


def titles(opened: Opened) -> list[str]:
    """The titles in the list, from its top."""
    rows = (item for item in opened.tree.iter("li") if item.get("class") == "row")
    return ["".join(next(row.iter("h3")).itertext()) for row in rows]


def filter_links(opened: Opened) -> dict[str, str]:
    """The states to narrow by, with their figures, and where they lead."""
    group = next(group for group in opened.tree.iter("ul") if (group.get("class") or "").startswith("filters"))
    return {" ".join("".join(link.itertext()).split()): link.get("href", "") for link in group.iter("a")}


def next_page(opened: Opened) -> str | None:
    """Where the list goes on."""
    return next((link.get("href") for link in opened.tree.iter("a") if link.get("rel") == "next"), None)


def test_drafts_and_hidden_requests_are_not_on_the_list(page: Page, make: Factory) -> None:
    shown = make.request(Status.RECEIVED, title="Laddplatser i centrum")
    make.request(Status.DRAFT, title="Ett utkast")
    make.request(Status.RECEIVED, title="En dold", hidden_at=shown.created_at)
    for address in ("/requests", "/en/requests", "/", "/en/"):
        assert titles(page.get(address)) == ["Laddplatser i centrum"]


def test_a_row_says_where_the_request_stands_and_what_comes_next(page: Page, make: Factory) -> None:
    area = make.area("trafik", name_sv="Trafik", name_en="Traffic")
    make.request(Status.RECEIVED, title="A", votes_count=7, next_on=date(2098, 12, 28), area_id=area.id)
    make.request(Status.ASSESSING, title="B", votes_count=6, next_on=date(2011, 10, 19), messages_count=4)
    make.request(Status.PLANNED, title="C", votes_count=5, next_on=date(2099, 1, 22))
    waiting = make.request(Status.ASSESSING, title="D", votes_count=4, next_on=date(2011, 10, 19))
    waiting.waiting_on, waiting.waiting_since_on = WaitingOn.REQUESTER, TODAY
    make.request(Status.CLOSED, title="E", votes_count=3, explanation="Enskilda kan pekas ut. " + "Mer om det. " * 30)
    make.request(Status.CLOSED, title="F", votes_count=2, outcome=Outcome.WITHDRAWN)
    published = make.request(Status.PUBLISHED, title="G", votes_count=1)
    published.published_at = datetime(2011, 3, 2, 12, tzinfo=UTC)
    make.session.commit()
    opened = page.get("/requests")
    assert titles(opened) == list("ABCDEFG")
    rows = [re.sub(r"\s+", " ", "".join(row.itertext())) for row in opened.tree.iter("article")]
    for row, words in zip(
        rows,
        [
            "Mottagen Första svar senast 28 december Trafik",
            "Försenat besked Skulle ha kommit 19 oktober 4 inlägg",
            "Planerad Publiceras senast 22 januari",
            "Väntar på frågeställaren",
            "Kan inte publiceras Enskilda kan pekas ut.",
            "Återtagen",
            "Publicerad 2 mars 2011",
        ],
        strict=True,
    ):
        assert words in row
    assert len(rows[4]) < 300
    english = page.get("/en/requests").words
    assert "First answer by 28 December Traffic" in english
    assert "Late update Was due 19 October 4 posts" in english


def test_what_people_typed_is_shown_as_text(page: Page, make: Factory) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    make.request(Status.RECEIVED, title=f"{attack} titel", need=f"{attack} behov")
    make.request(Status.CLOSED, explanation=f"{attack} skäl")
    for address in (
        "/requests",
        "/",
        f"/requests?q={attack}&status={attack}&sort={attack}&unit={attack}&area={attack}",
    ):
        opened = page.get(address)
        assert "<script>alert" not in opened.text
        assert not list(opened.tree.iter("img"))


def test_people_who_are_not_signed_in_vote_on_a_page_of_its_own(page: Page, make: Factory) -> None:
    open_one = make.request(Status.RECEIVED)
    closed = make.request(Status.CLOSED)
    links = page.get("/requests").links()
    assert f"/requests/{open_one.id}/vote" in links
    assert f"/requests/{closed.id}/vote" not in links


def test_signed_in_people_vote_in_the_list_and_see_their_own_votes(page: Page, make: Factory) -> None:
    mine, other = make.request(Status.RECEIVED, title="Min"), make.request(Status.RECEIVED, title="Annan")
    person = make.person(organisation=make.organisation())
    page.sign_in(make.cookie(person))
    page.post(f"/requests/{mine.id}/vote")
    for address in ("/requests", "/", "/en/requests"):
        opened = page.get(address)
        buttons = {
            button.get("formaction", "").removeprefix("/en"): button.get("aria-pressed")
            for button in opened.tree.iter("button")
            if button.get("aria-pressed")
        }
        assert buttons == {f"/requests/{mine.id}/unvote": "true", f"/requests/{other.id}/vote": "false"}
        assert opened.tree.find(".//form[@id='vote-form']/input[@name='csrf_token']") is not None


@pytest.mark.parametrize("requests", [1, 60])
def test_a_page_asks_at_most_eight_times(page: Page, make: Factory, requests: int) -> None:
    unit = make.unit("gata")
    with make.at_once():
        for number in range(requests):
            make.request(list(Status)[1 + number % 5], unit=unit)
    for cookie in (None, make.cookie(make.person(organisation=make.organisation()))):
        if cookie:
            page.sign_in(cookie)
        for query in ("", "?status=planned&sort=due", "?unit=gata", "?q=laddplatser", "?q=laddplatser&sort=newest"):
            page.get(f"/requests{query}")
            asked = [statement for statement in page.statements if statement != "BEGIN"]
            assert len(asked) <= 8, "\n".join([query, *asked])


def some_requests(make: Factory, count: int, seed: int) -> list[DataRequest]:
    """Requests in every state, in two municipalities, with many equal keys."""
    random = Random(seed)
    places = [make.municipality("halmstad"), make.municipality("laholm")]
    units = {place.id: [make.unit(f"enhet-{number}", municipality=place) for number in range(2)] for place in places}
    areas = {place.id: make.area(f"omrade-{place.slug}", municipality=place) for place in places}
    days = [None, TODAY - timedelta(3), TODAY, TODAY + timedelta(3)]
    moments = [now() - timedelta(hours=hours) for hours in range(4)]
    made = []
    for _ in range(count):
        place = random.choice(places)
        status = random.choice(list(Status))
        data_request = make.request(
            status,
            municipality=place,
            unit=random.choice([None, *units[place.id]]),
            area_id=random.choice([None, areas[place.id].id]),
            kind=random.choice([Kind.WISH, Kind.WISH, Kind.FORMAL]),
            outcome=random.choice(list(Outcome)) if status is Status.CLOSED else None,
            votes_count=random.choice([0, 0, 1, 5]),
            next_on=random.choice(days),
            due_on=TODAY + timedelta(random.choice([-1, 1])),
            hidden_at=random.choice([None] * 9 + [moments[0]]),
        )
        data_request.active_at = random.choice(moments)
        if status is not Status.DRAFT:
            data_request.received_at = random.choice(moments)
        if data_request.kind is Kind.WISH:
            data_request.due_on = None
        if status is Status.ASSESSING:
            data_request.waiting_on = random.choice([None, WaitingOn.REQUESTER])
        made.append(data_request)
    return made


KEYS: dict[Sort, Callable[[DataRequest], Any]] = {
    Sort.VOTES: lambda row: (-row.votes_count, -row.id),
    Sort.NEWEST: lambda row: (-(row.received_at or row.created_at).timestamp(), -row.id),
    Sort.ACTIVITY: lambda row: (-row.active_at.timestamp(), -row.id),
    Sort.DUE: lambda row: (0, row.next_on.toordinal(), row.id) if row.next_on else (1, 0, -row.id),
}

STATES: dict[State | None, Callable[[DataRequest], bool]] = {
    None: lambda row: True,
    State.DECLINED: lambda row: row.outcome is Outcome.DECLINED,
    State.OVERDUE: lambda row: is_overdue(row, TODAY),
    **{
        state: (lambda row, state=state: row.status.value == state.value)
        for state in State
        if state not in (State.DECLINED, State.OVERDUE)
    },
}


def test_every_order_of_every_narrowing_is_complete_and_without_repeats(make: Factory, session: Session) -> None:
    with make.at_once():
        made = some_requests(make, 90, seed=4)
    public = [row for row in made if row.status is not Status.DRAFT and row.hidden_at is None]
    unit_ids = sorted({row.unit_id for row in made if row.unit_id})
    area_id = next(row.area_id for row in made if row.area_id)
    for sort, state, units, area, place in product(
        Sort,
        STATES,
        [(), (unit_ids[0],), (unit_ids[0], unit_ids[2])],
        [(), (area_id,)],
        [None, made[0].municipality_id],
    ):
        narrowing = Narrowing(place, state, units, area)
        wanted = [
            row.id
            for row in sorted(public, key=KEYS[sort])
            if STATES[state](row)
            and (not units or row.unit_id in units)
            and (not area or row.area_id in area)
            and (place is None or row.municipality_id == place)
        ]
        assert walked(session, narrowing, sort, 16) == wanted, (sort, narrowing)


def walked(session: Session, narrowing: Narrowing, sort: Sort, limit: int) -> list[int]:
    """The numbers of all pages, one after the other."""
    numbers: list[int] = []
    after: Place | None = None
    while rows := list_requests(session, narrowing, sort, today=TODAY, locale="sv", after=after, limit=limit):
        numbers += [row.number for row in rows]
        after = read_place(sort, *rows[-1].place.as_values())
        assert after == rows[-1].place
    return numbers


@pytest.mark.parametrize("sort", [*Sort])
def test_pages_lead_on_until_everything_was_shown(page: Page, make: Factory, sort: Sort) -> None:
    with make.at_once():
        made = [make.request(Status.RECEIVED, votes_count=number % 3) for number in range(45)]
    seen: list[str] = []
    opened = page.get(f"/requests?sort={sort}&status=received")
    while True:
        seen += titles(opened)
        onward = next_page(opened)
        if not onward:
            break
        assert f"sort={sort}" in onward
        assert "status=received" in onward
        opened = page.get(onward)
        assert "Till första sidan" in opened.words
    assert sorted(seen) == sorted(row.title for row in made)


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "å",
        "bm9uc2Vuc2U",
        encode_cursor("votes", "x", 1),
        encode_cursor("votes", 2**70, 1),
        encode_cursor("votes", 1, 2**70),
        encode_cursor("votes", True, 1),
        encode_cursor("newest", "1999-01-01", 1),
        encode_cursor("newest", None, 1),
        encode_cursor("due", "no day", 1),
        encode_cursor("match", 1.5, 1),
        encode_cursor("votes", 1),
    ],
)
@pytest.mark.parametrize("sort", ["", *Sort])
def test_a_cursor_that_is_not_ours_starts_over(page: Page, make: Factory, after: str, sort: str) -> None:
    make.request(Status.RECEIVED, title="Den enda")
    assert titles(page.get(f"/requests?sort={sort}&after={after}")) == ["Den enda"]
    page.get(f"/requests?q=enda&sort={sort}&after={after}")


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("status", "Det finns inget läge som heter ”%s”"),
        ("unit", "Det finns ingen enhet som heter ”%s”"),
        ("area", "Det finns inget område som heter ”%s”"),
        ("municipality", "Här finns ingen kommun som heter ”%s”"),
        ("sort", "Det finns ingen ordning som heter ”%s”"),
    ],
)
def test_unknown_values_are_left_out_and_named(page: Page, make: Factory, part: str, words: str) -> None:
    make.request(Status.RECEIVED, title="Den enda")
    for address in ("/requests", "/"):
        if address == "/" and part in ("unit", "area"):
            continue
        opened = page.get(f"{address}?{part}=nonsens%20%22")
        assert titles(opened) == ["Den enda"]
        assert words % 'nonsens "' in opened.words


def test_filters_keep_each_other(page: Page, make: Factory) -> None:
    unit, area = make.unit("gata"), make.area("trafik")
    make.request(Status.PLANNED, unit=unit, area_id=area.id)
    opened = page.get("/requests?unit=gata&area=trafik&sort=newest&q=laddplatser")
    for link in filter_links(opened).values():
        for part in ("unit=gata", "area=trafik", "sort=newest", "q=laddplatser"):
            assert part in link
    assert filter_links(opened)["Planerade"].count("status=planned") == 1
    narrow = next(form for form in opened.forms() if form.get("class") == "narrow")
    assert {field.get("name") for field in narrow.iter("input")} == {"q"}


def test_figures_are_those_that_are_kept(page: Page, make: Factory) -> None:
    make.request(Status.RECEIVED)
    make.request(Status.PLANNED)
    make.request(Status.CLOSED)
    make.request(Status.CLOSED, outcome=Outcome.WITHDRAWN)
    make.request(Status.DRAFT)
    words = list(filter_links(page.get("/requests")))
    assert words == [
        "Alla 4",
        "Mottagna 1",
        "Utreds 0",
        "Planerade 1",
        "Publicerade 0",
        "Kan inte publiceras 1",
        "Avslutade 2",
        "Försenade",
    ]
    make.unit("gata")
    assert "Alla" in filter_links(page.get("/requests?unit=gata"))


def test_words_find_requests_and_words_that_match_nothing_do_not_empty_the_list(page: Page, make: Factory) -> None:
    make.request(Status.PLANNED, title="Lediga laddplatser", need="I centrum.", votes_count=1)
    make.request(Status.RECEIVED, title="Laddplatsernas effekt", need="I kilowatt.", votes_count=9)
    make.request(Status.RECEIVED, title="Badvatten", need="Temperatur.")
    assert titles(page.get("/requests?q=lediga+laddplatser+xyzzy")) == ["Lediga laddplatser", "Laddplatsernas effekt"]
    assert titles(page.get("/requests?q=laddplatser&sort=votes")) == ["Laddplatsernas effekt", "Lediga laddplatser"]
    assert titles(page.get("/requests?q=laddplatser&status=planned")) == ["Lediga laddplatser"]


def test_a_search_is_shown_a_page_at_a_time(page: Page, make: Factory) -> None:
    with make.at_once():
        made = [make.request(Status.RECEIVED, title=f"Badvatten {number}") for number in range(45)]
    for sort in ("", "&sort=newest"):
        seen: list[str] = []
        opened = page.get(f"/requests?q=badvatten{sort}")
        while True:
            seen += titles(opened)
            onward = next_page(opened)
            if not onward:
                break
            opened = page.get(onward)
        assert sorted(seen) == sorted(row.title for row in made)


def test_no_hits_lead_to_the_form_with_the_words(page: Page, make: Factory) -> None:
    make.municipality()
    opened = page.get("/requests?q=cykel+%26+pump")
    assert "Inget matchar" in opened.words
    assert "/requests/new?q=cykel+%26+pump" in opened.links()
    assert (
        page.get("/requests/new?q=cykel+%26+pump").tree.find(".//input[@name='title']").get("value") == "cykel & pump"
    )  # type: ignore[union-attr]


def test_with_several_municipalities_the_list_can_be_narrowed_to_one(page: Page, make: Factory) -> None:
    halmstad, laholm = make.municipality("halmstad", name="Halmstad"), make.municipality("laholm", name="Laholm")
    make.unit("gata", municipality=halmstad)
    make.unit("gata", municipality=laholm)
    make.request(Status.RECEIVED, title="I Halmstad", municipality=halmstad)
    make.request(Status.RECEIVED, title="I Laholm", municipality=laholm, votes_count=1)
    for address in ("/requests", "/"):
        assert titles(page.get(address)) == ["I Laholm", "I Halmstad"]
        opened = page.get(f"{address}?municipality=halmstad")
        assert titles(opened) == ["I Halmstad"]
        assert filter_links_with_figures(opened)[0] == "Alla 1"
    assert titles(page.get("/requests?unit=gata")) == []


def filter_links_with_figures(opened: Opened) -> list[str]:
    """The states with their figures."""
    groups = [group for group in opened.tree.iter("ul") if (group.get("class") or "").startswith("filters")]
    return [" ".join("".join(link.itertext()).split()) for link in groups[-1].iter("a")]
