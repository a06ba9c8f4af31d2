"""Votes stay exact when many people press at the same moment, on both engines, with real transactions."""

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from flask import session as own_cookie
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from dialogue.accounts.models import Person
from dialogue.requests.models import DataRequest
from dialogue.voting.models import Vote
from dialogue.voting.operations import cast_vote, withdraw_vote
from dialogue.voting.rules import ReasonKind
from tests.factories import Factory
from tests.races import sessions_of

#: Raise it for a long run: DIALOGUE_TEST_MIXED_VOTES=5000.
MIXED = int(os.environ.get("DIALOGUE_TEST_MIXED_VOTES", "400"))
PEOPLE, TIMES = 50, 20

#: As many work side by side as the pool has connections.
AT_ONCE = 15


def run(maker: sessionmaker[Session], act: Callable[[Session], object]) -> object:
    """`act` in a transaction of its own."""
    with maker() as session:
        done = act(session)
        session.commit()
        return done


def counted(maker: sessionmaker[Session], request_id: int) -> tuple[int, int, int]:
    """The figure on the request's row, the voices among the votes, and the votes."""
    with maker() as session:
        figure = session.scalar(select(DataRequest.votes_count).where(DataRequest.id == request_id))
        of_request = select(func.count(Vote.voice.distinct()), func.count()).where(Vote.request_id == request_id)
        voices, votes = session.execute(of_request).one()
        return figure or 0, voices, votes


def test_fifty_people_who_press_twenty_times_at_once_are_fifty_votes(live_app: Flask) -> None:
    maker = sessions_of(live_app)
    with maker() as session:
        make = Factory(session)
        request_id = make.request().id
        people = [make.person().id for _ in range(PEOPLE)]

    def press(person_id: int) -> object:
        def act(session: Session) -> bool:
            person = session.get_one(Person, person_id)
            return cast_vote(session, person, session.get_one(DataRequest, request_id), ReasonKind.OTHER)

        return run(maker, act)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(press, [person for person in people for _ in range(TIMES)]))
    assert answers.count(True) == PEOPLE
    assert counted(maker, request_id) == (PEOPLE, PEOPLE, PEOPLE)


def test_the_figure_is_the_voices_after_any_mix_of_votes_and_second_thoughts(live_app: Flask) -> None:
    maker, dice = sessions_of(live_app), random.Random(8)
    with maker() as session:
        make = Factory(session)
        request_ids = [make.request().id for _ in range(2)]
        businesses = [make.organisation() for _ in range(6)]
        people = [make.person(organisation=dice.choice([*businesses, None])).id for _ in range(20)]
    acts = [(dice.choice(people), dice.choice(request_ids), dice.random() < 0.6) for _ in range(MIXED)]

    def do(planned: tuple[int, int, bool]) -> object:
        person_id, request_id, votes = planned

        def act(session: Session) -> bool:
            person, data_request = session.get_one(Person, person_id), session.get_one(DataRequest, request_id)
            if votes:
                return cast_vote(session, person, data_request)
            return withdraw_vote(session, person, data_request)

        return run(maker, act)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(do, acts))
    for request_id in request_ids:
        figure, voices, votes = counted(maker, request_id)
        assert figure == voices <= votes


def test_every_press_in_the_browser_is_answered_with_the_page(live_app: Flask) -> None:
    maker = sessions_of(live_app)
    with maker() as session:
        make = Factory(session)
        request_id = make.request().id
        cookies = [make.cookie(make.person()) for _ in range(5)]
    with live_app.test_request_context():
        proof, secret = generate_csrf(), own_cookie["csrf_token"]

    def browser(token: str) -> FlaskClient:
        client = live_app.test_client()
        with client.session_transaction() as cookie:
            cookie.update({"_user_id": token, "_fresh": True, "csrf_token": secret})
        return client

    def press(token: str) -> int:
        return browser(token).post(f"/requests/{request_id}/vote", data={"csrf_token": proof}).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = set(pool.map(press, [token for token in cookies for _ in range(TIMES)]))
    assert statuses == {303}
    assert counted(maker, request_id) == (5, 5, 5)
