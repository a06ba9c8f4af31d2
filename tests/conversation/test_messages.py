"""What people write: rendered once, counted, changed within minutes, hidden with a reason."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.rules import Role
from dialogue.conversation.models import Message
from dialogue.conversation.operations.messages import edit_message, post_message
from dialogue.conversation.operations.moderation import hide_message, show_message
from dialogue.conversation.operations.writing import write_message
from dialogue.conversation.queries.thread import get_message, list_thread, list_versions
from dialogue.conversation.rules import ENDS_SHOWN, MAX_BODY, NEWCOMER_POSTS, PAGE_OF_POSTS, POSTS_PER_HOUR
from dialogue.core.clock import now
from dialogue.core.errors import Forbidden, InvalidTransition, InvalidValue, NotFound, RateLimited
from dialogue.requests.models import RequestEvent
from dialogue.requests.rules import EventKind, Outcome, Status, WaitingOn
from tests.factories import Factory

PERSONAL_NUMBER = "19811228-9874"


def kinds(session: Session) -> list[EventKind]:
    return list(session.scalars(select(RequestEvent.kind).order_by(RequestEvent.id)))


def test_a_post_is_rendered_once_counted_and_told(session: Session, make: Factory) -> None:
    person, data_request = make.person(organisation=make.organisation("Laddkusten AB")), make.request()
    version = data_request.version
    message = post_message(session, make.viewer(person), data_request, "Vi **behöver** den.")
    session.commit()
    assert message.body_html == "<p>Vi <strong>behöver</strong> den.</p>\n"
    assert message.organisation_id == person.organisation_id
    assert kinds(session) == [EventKind.MESSAGE_POSTED]
    session.refresh(data_request)
    assert (data_request.messages_count, data_request.version) == (1, version)
    assert data_request.active_at >= message.posted_at


@pytest.mark.parametrize("body", ["", " \n ", "x" * (MAX_BODY + 1), f"Ring {PERSONAL_NUMBER}"])
def test_a_body_that_cannot_be_shown_is_refused(session: Session, make: Factory, body: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        post_message(session, make.viewer(make.person()), make.request(), body)
    assert refused.value.field == "body"


@pytest.mark.parametrize(
    ("values", "is_open"),
    [
        ({"status": Status.RECEIVED}, True),
        ({"status": Status.PUBLISHED}, True),
        ({"status": Status.CLOSED}, True),
        ({"status": Status.CLOSED, "outcome": Outcome.WITHDRAWN}, False),
        ({"status": Status.DRAFT}, False),
        ({"hidden_at": now()}, False),
    ],
)
def test_people_talk_on_unless_it_was_withdrawn_or_hidden(
    session: Session, make: Factory, values: dict[str, object], is_open: bool
) -> None:
    viewer, data_request = make.viewer(make.person()), make.request(**values)  # type: ignore[arg-type]
    if is_open:
        assert post_message(session, viewer, data_request, "Hej")
    else:
        with pytest.raises(InvalidTransition):
            post_message(session, viewer, data_request, "Hej")


@pytest.mark.usefixtures("stopped_clock")  # no window of a limit ends meanwhile
def test_newcomers_post_less_and_with_few_links(session: Session, make: Factory) -> None:
    viewer, data_request = make.viewer(make.person()), make.request()
    with pytest.raises(InvalidValue):
        post_message(session, viewer, data_request, "https://a.example https://b.example https://c.example")
    session.rollback()
    for _ in range(NEWCOMER_POSTS.tries):
        post_message(session, viewer, data_request, "Hej https://a.example https://b.example")
    with pytest.raises(RateLimited):
        post_message(session, viewer, data_request, "Hej")
    post_message(session, viewer, data_request, "Från ett register", paced=False)


@pytest.mark.usefixtures("stopped_clock")  # no window of a limit ends meanwhile
def test_those_who_are_known_may_write_more(session: Session, make: Factory) -> None:
    person, data_request = make.person(), make.request()
    person.created_at = now() - timedelta(days=2)
    viewer = make.viewer(person)
    for _ in range(POSTS_PER_HOUR.tries):
        post_message(session, viewer, data_request, "https://a.example https://b.example https://c.example")
    with pytest.raises(RateLimited):
        post_message(session, viewer, data_request, "Hej")


def test_a_colleague_writes_from_their_unit_but_not_for_it(session: Session, make: Factory) -> None:
    unit, other = make.unit("gata"), make.unit("bygg")
    colleague, data_request = make.official(other), make.request(unit=unit)
    message = post_message(session, make.viewer(colleague), data_request, "Vi har en liknande fråga.")
    assert (message.unit_id, message.is_official) == (other.id, False)
    elsewhere = make.unit("annan", municipality=make.municipality())
    stranger = make.viewer(make.official(elsewhere))
    assert post_message(session, stranger, data_request, "Hej").unit_id is None


def test_authors_change_their_post_for_fifteen_minutes(session: Session, make: Factory) -> None:
    viewer, data_request = make.viewer(make.person()), make.request()
    with time_machine.travel(now(), tick=False) as clock:
        message = post_message(session, viewer, data_request, "Fel")
        session.commit()
        clock.shift(timedelta(minutes=14, seconds=59))
        assert edit_message(session, viewer, data_request, message, "Rätt")
        assert not edit_message(session, viewer, data_request, message, "Rätt")
        session.commit()
        assert (message.body, message.body_html, message.edited_at) == ("Rätt", "<p>Rätt</p>\n", now())
        assert [version.body for version in list_versions(session, message.id)] == ["Fel"]
        clock.shift(timedelta(seconds=1))
        with pytest.raises(InvalidTransition):
            edit_message(session, viewer, data_request, message, "För sent")


def test_nobody_changes_a_post_of_others_or_of_a_withdrawn_request(session: Session, make: Factory) -> None:
    viewer, data_request = make.viewer(make.person()), make.request(Status.CLOSED)
    message = post_message(session, viewer, data_request, "Mitt")
    session.flush()
    with pytest.raises(Forbidden):
        edit_message(session, make.viewer(make.person()), data_request, message, "Ditt")
    data_request.outcome = Outcome.WITHDRAWN
    session.flush()
    with pytest.raises(InvalidTransition):
        edit_message(session, viewer, data_request, message, "Ändrat")


def test_a_hidden_post_is_not_counted_keeps_its_text_and_comes_back(session: Session, make: Factory) -> None:
    unit = make.unit()
    coordinator = make.viewer(make.official(unit, Role.COORDINATOR))
    person, data_request = make.viewer(make.person()), make.request(unit=unit)
    message = post_message(session, person, data_request, "Skällsord")
    with pytest.raises(Forbidden):
        hide_message(session, person, data_request, message, "Nej")
    with pytest.raises(InvalidValue):
        hide_message(session, coordinator, data_request, message, "  ")
    hide_message(session, coordinator, data_request, message, "Personangrepp")
    session.commit()
    assert (message.body, message.hidden_reason, data_request.messages_count) == ("Skällsord", "Personangrepp", 0)
    with pytest.raises(InvalidTransition):
        hide_message(session, coordinator, data_request, message, "Igen")
    with pytest.raises(InvalidTransition):
        edit_message(session, person, data_request, message, "Snällord")
    show_message(session, coordinator, data_request, message)
    assert (message.hidden_at, message.hidden_reason, data_request.messages_count) == (None, None, 1)
    with pytest.raises(InvalidTransition):
        show_message(session, coordinator, data_request, message)
    assert kinds(session) == [EventKind.MESSAGE_POSTED, EventKind.MESSAGE_HIDDEN, EventKind.MESSAGE_SHOWN]


def test_the_latest_answer_follows_what_is_changed_and_hidden(session: Session, make: Factory) -> None:
    unit = make.unit()
    official, coordinator = make.official(unit), make.viewer(make.official(unit, Role.COORDINATOR))
    data_request = make.request(unit=unit)

    def answer(body: str) -> Message:
        return write_message(session, data_request, body, author_id=official.id, unit_id=unit.id, is_official=True)

    first, second = answer("Första svaret"), answer("Andra svaret")
    assert edit_message(session, make.viewer(official), data_request, second, "Andra *svaret*, rättat")
    assert (data_request.latest_answer_id, data_request.latest_answer) == (second.id, "Andra svaret, rättat")
    hide_message(session, coordinator, data_request, second, "Fel ärende")
    assert (data_request.latest_answer_id, data_request.latest_answer) == (first.id, "Första svaret")
    hide_message(session, coordinator, data_request, first, "Fel ärende")
    assert (data_request.latest_answer_id, data_request.latest_answer_at) == (None, None)


def test_a_long_thread_shows_its_ends_and_all_on_request(session: Session, make: Factory) -> None:
    data_request, author = make.request(), make.person()
    assert list_thread(session, data_request.id).posts == []
    assert list_thread(session, data_request.id, whole=True).total == 0
    rows = [
        Message(
            request_id=data_request.id,
            author_id=author.id,
            body=str(number),
            body_html=f"<p>{number}</p>",
            posted_at=now(),
        )
        for number in range(PAGE_OF_POSTS + 1)
    ]
    session.add_all(rows[: 2 * ENDS_SHOWN])
    session.flush()
    assert list_thread(session, data_request.id).gap_at is None
    session.add_all(rows)
    session.flush()
    thread = list_thread(session, data_request.id)
    shown = [post.body_html for post in thread.posts]
    assert shown == [f"<p>{number}</p>" for number in (*range(10), *range(191, 201))]
    assert (thread.total, thread.skipped, thread.gap_at) == (201, 181, 10)
    page = list_thread(session, data_request.id, whole=True)
    assert (len(page.posts), page.after, page.skipped) == (200, page.posts[-1].id, 0)
    rest = list_thread(session, data_request.id, whole=True, after=page.after or 0)
    assert [post.body_html for post in rest.posts] == ["<p>200</p>"]
    assert rest.after is None
    assert get_message(session, rest.posts[0].id).body == "200"
    with pytest.raises(NotFound):
        get_message(session, 10**9)


def test_what_the_asker_writes_answers_the_open_question(session: Session, make: Factory) -> None:
    asker = make.person()
    data_request = make.request(Status.ASSESSING, unit=make.unit(), asker=asker, next_on=make.workday(10))
    data_request.waiting_on, data_request.waiting_since_on = WaitingOn.REQUESTER, make.workday(0)
    session.commit()
    post_message(session, make.viewer(make.person()), data_request, "Jag undrar samma sak.")
    assert data_request.waiting_on is WaitingOn.REQUESTER
    post_message(session, make.viewer(asker), data_request, "Varje minut räcker.")
    assert data_request.waiting_on is None
    assert kinds(session) == [EventKind.MESSAGE_POSTED, EventKind.QUESTION_ANSWERED]
