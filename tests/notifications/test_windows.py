"""When digests are due, and that nobody gets two or none: clocks that change, towns that move, workers that race."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import Config, InvalidSetting
from dialogue.core.clock import local_day
from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.models import Digest, Subscription
from dialogue.notifications.operations.following import follow
from dialogue.notifications.periods import newest_period
from dialogue.notifications.queries.targets import target_of
from dialogue.notifications.rules import Cadence
from dialogue.notifications.worker import Worker
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind, Status
from dialogue.web.extensions import db
from tests.factories import Factory

HALF_PAST_TWO = time(2, 30)


def happen(session: Session, make: Factory, data_request: DataRequest) -> None:
    record(session, make.viewer(make.person()), data_request, EventKind.DATE_MOVED)
    session.commit()


def subscribed(session: Session, make: Factory, cadence: Cadence = Cadence.DAILY) -> DataRequest:
    data_request = make.request(Status.ASSESSING, unit=make.unit())
    follow(session, make.person(), target_of(data_request), cadence, "wording")
    session.commit()
    return data_request


def mails(session: Session) -> int:
    session.expire_all()
    wanted = select(func.count()).where(OutgoingEmail.template == "digest")
    return session.scalar(wanted) or 0


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/Stockholm"])
@pytest.mark.parametrize("changes_on", [date(2026, 3, 29), date(2026, 10, 25)])
@pytest.mark.parametrize("starts", [HALF_PAST_TWO, time(7, 30)])
def test_one_digest_on_each_day_that_clocks_change(
    app: Flask,
    make: Factory,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    zone: str,
    changes_on: date,
    starts: time,
) -> None:
    monkeypatch.setitem(app.config, "DIGEST_AT", starts)
    make.municipality(zone=zone)
    midnight = datetime.combine(changes_on, time(), ZoneInfo(zone)).astimezone(UTC)
    sent_on: Counter[date] = Counter()
    with time_machine.travel(midnight - timedelta(hours=14), tick=False) as clock:
        data_request = subscribed(session, make)
        worker, seen = Worker(app), 0
        for half_hours in (*range(3, 19), *range(51, 67)):
            at = midnight + timedelta(minutes=30 * half_hours)
            clock.move_to(at - timedelta(minutes=2))
            happen(session, make, data_request)
            clock.move_to(at)
            worker.gather()
            found = mails(session)
            sent_on[local_day(at, zone)] += found - seen
            seen = found
    assert (sent_on[changes_on], sent_on[changes_on + timedelta(days=1)]) == (1, 1)


@pytest.mark.parametrize(
    ("at", "key", "starts_at"),
    [
        # Half past two does not exist on that night: the digest comes an hour later by the wall clock.
        ("2026-03-29T01:29:59+00:00", "daily:2026-03-28", "2026-03-28T01:30:00+00:00"),
        ("2026-03-29T01:30:00+00:00", "daily:2026-03-29", "2026-03-29T01:30:00+00:00"),
        # And twice on this one: the first of the two, and not another digest at the second.
        ("2026-10-25T00:29:59+00:00", "daily:2026-10-24", "2026-10-24T00:30:00+00:00"),
        ("2026-10-25T00:30:00+00:00", "daily:2026-10-25", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T01:10:00+00:00", "daily:2026-10-25", "2026-10-25T00:30:00+00:00"),
        ("2026-10-25T01:30:00+00:00", "daily:2026-10-25", "2026-10-25T00:30:00+00:00"),
    ],
)
def test_a_time_that_the_clock_skips_or_repeats(at: str, key: str, starts_at: str) -> None:
    period = newest_period(Cadence.DAILY, datetime.fromisoformat(at), "Europe/Berlin", HALF_PAST_TWO)
    assert (period.key, period.starts_at) == (key, datetime.fromisoformat(starts_at))


@pytest.mark.parametrize("moved_to", ["America/New_York", "Europe/Helsinki", "Pacific/Auckland"])
def test_a_municipality_that_moves_to_another_zone_tells_everything_once(
    app: Flask, make: Factory, session: Session, moved_to: str
) -> None:
    place = make.municipality(zone="Europe/Stockholm")
    told: list[int] = []
    with time_machine.travel(datetime(2026, 11, 23, 5, 0, tzinfo=UTC), tick=False) as clock:
        data_requests = [subscribed(session, make)]
        worker = Worker(app)
        for hour in range(5, 5 + 4 * 24):
            clock.move_to(datetime(2026, 11, 23, 0, 0, tzinfo=UTC) + timedelta(hours=hour))
            happen(session, make, data_requests[0])
            clock.shift(timedelta(minutes=5))
            worker.gather()
            if hour == 12:
                place.zone = moved_to
                session.commit()
        session.expire_all()
        periods = session.scalars(select(Digest.period)).all()
        cursors = session.execute(select(Digest.after_event_id, Digest.up_to_event_id).order_by(Digest.id)).all()
        told = [event for after, up_to in cursors for event in range(after + 1, up_to + 1)]
    assert len(periods) == len(set(periods)) >= 3
    assert len(told) == len(set(told))
    assert all(before[1] == after[0] for before, after in pairwise(cursors))


CHILD = """
import sys
from pathlib import Path
import dialogue.notifications.operations.digests as digests
from dialogue.app import create_app
from dialogue.notifications.worker import Worker
from tests.conftest import settings
digests.GATHERED_AT_A_TIME = 20
app = create_app(settings(sys.argv[1], Path(sys.argv[2])))
sys.stdin.readline()
Worker(app).gather_all()
"""


def test_workers_that_start_at_once_make_one_digest_each(live_app: Flask) -> None:
    with live_app.app_context(), db.sessionmaker() as session:
        make = Factory(session)
        data_request = make.request(Status.ASSESSING, unit=make.unit())
        with make.at_once():
            people = [make.person() for _ in range(120)]
            for person in people:
                follow(session, person, target_of(data_request), Cadence.DAILY, "wording")
            addresses = sorted(person.email for person in people)
            happen(session, make, data_request)
        # Yesterday's news, for digests that have been due since this morning.
        long_ago = datetime.now(UTC) - timedelta(days=2)
        session.execute(Subscription.__table__.update().values(confirmed_at=long_ago))  # type: ignore[attr-defined]
        event = data_request.__class__.metadata.tables["request_event"]
        session.execute(event.update().values(happened_at=long_ago))
        session.commit()
    values = [live_app.config["DATABASE_URL"], str(live_app.config["VAR"])]
    root = Path(__file__).parent.parent.parent
    workers = [
        subprocess.Popen([sys.executable, "-c", CHILD, *values], cwd=root, stdin=subprocess.PIPE) for _ in range(3)
    ]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write(b"go\n")
        worker.stdin.flush()
    assert [worker.wait(600) for worker in workers] == [0, 0, 0]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.close()
    with live_app.app_context(), db.sessionmaker() as session:
        recipients = session.scalars(select(OutgoingEmail.recipient).where(OutgoingEmail.template == "digest")).all()
        assert sorted(recipients) == addresses


def test_a_second_run_says_since_when(app: Flask, make: Factory, session: Session) -> None:
    run = app.test_cli_runner().invoke
    with time_machine.travel(datetime(2026, 11, 19, 9, 0, tzinfo=UTC), tick=False) as clock:
        assert "Nobody has a digest that is due." in run(args=["digests", "send"]).output
        make.municipality(name="Provkommun")
        data_request = subscribed(session, make, Cadence.WEEKLY)
        happen(session, make, data_request)
        person = session.scalars(select(Subscription)).one().person
        clock.shift(timedelta(minutes=2))
        shown = run(args=["digests", "preview", person.email])
        assert f"{data_request.title}" in shown.output
        clock.move_to(datetime(2026, 11, 23, 6, 31, tzinfo=UTC))
        session.commit()
        assert "Built: 1." in run(args=["digests", "send"]).output
        clock.shift(timedelta(hours=5))
        for _ in range(2):
            again = run(args=["digests", "send"])
            assert again.exit_code == 0
            assert "Provkommun, weekly:2026-W48: already sent 2026-11-23 07:31, 1 mails." in again.output
        assert mails(session) == 1
        assert "no mail would be sent" in run(args=["digests", "preview", person.email]).output
    assert run(args=["digests", "preview", "nobody"]).exit_code == 2
    assert "Nobody has proved" in run(args=["digests", "preview", "nobody@prov.example"]).output


def test_the_hour_of_digests_is_a_setting() -> None:
    usual, chosen = ({"DIALOGUE_SECRET_KEY": "x", **more} for more in ({}, {"DIALOGUE_DIGEST_AT": "02:30"}))
    assert Config(usual).DIGEST_AT.isoformat() == "07:30:00"
    assert Config(chosen).DIGEST_AT.isoformat() == "02:30:00"
    with pytest.raises(InvalidSetting, match="DIGEST_AT"):
        Config({"DIALOGUE_SECRET_KEY": "x", "DIALOGUE_DIGEST_AT": "half past two"})
