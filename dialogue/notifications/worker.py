"""The worker: does whatever the database says is due. Huey wakes it and keeps the clock.

One thread does one small step of each kind of work in turn, so ten thousand notices keep neither a sign-in mail nor a
fresh event waiting, and only one mail is ever in hand. Killed at any moment, it loses nothing: the next start, or
another worker, goes on from the tables.
"""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality
from dialogue.accounts.operations.housekeeping import purge_expired
from dialogue.accounts.queries import list_municipalities
from dialogue.conversation.operations.quarantine import forget_old_mail
from dialogue.conversation.queries.reports import has_untold_reports
from dialogue.conversation.rules import HELD_FOR
from dialogue.core.clock import now
from dialogue.core.db import read_only
from dialogue.mail.bounces import forget_old_bounces
from dialogue.mail.incoming.spool import forget_settled
from dialogue.mail.outbox import forget_finished, let_expire
from dialogue.mail.queries import count_queued
from dialogue.mail.sender.delivery import Sender
from dialogue.notifications.bell import make_engine
from dialogue.notifications.digesting import Digester
from dialogue.notifications.letters.frame import find_readers
from dialogue.notifications.letters.table import LETTERS
from dialogue.notifications.operations.drafts import remind_of_drafts, remove_old_drafts
from dialogue.notifications.operations.fan_out import fan_out
from dialogue.notifications.operations.questions import tend_questions
from dialogue.notifications.operations.reminders import build_reminders, round_of
from dialogue.notifications.operations.reports import tell_of_reports
from dialogue.notifications.operations.reviews import reopen_for_reviews
from dialogue.notifications.operations.searches import forget_unused_searches
from dialogue.notifications.operations.silence import ask_the_silent, rest_the_silent
from dialogue.notifications.operations.weeks import build_weeks
from dialogue.notifications.operations.work_links import forget_links
from dialogue.notifications.periods import newest_period
from dialogue.notifications.queries.recipients import list_unprocessed
from dialogue.notifications.queries.searches import find_searches
from dialogue.notifications.receiving import Receiver
from dialogue.notifications.rules import MAIL_KEPT, Cadence
from dialogue.web.extensions import db

log = logging.getLogger(__name__)

#: Seconds between two looks at the bell (Redis needs none: there the worker waits at the bell itself).
_LOOK_AGAIN = 0.5

#: Seconds that the worker waits at least when the rate holds mail up: some mails share a connection then.
_SHORTEST_WAIT = 0.25

#: Seconds between two looks whether the working thread is alive.
_CHECK_AGAIN = 10

#: Seconds a worker may take to stop; what it has in hand is finished before.
STOP_SECONDS = 25

#: Events looked at in one step, and how long one is left alone that could not be told of.
_EVENTS_AT_A_TIME = 20
_LEFT_ALONE = timedelta(minutes=10)

#: How often the house is kept.
_HOUSEKEEPING_EVERY = timedelta(hours=1)


@dataclass
class _Telling:
    """How far an event has been told of, and since when it is left alone if that went wrong."""

    after: int = 0
    failed_at: datetime | None = None


class Worker:
    """Does what is due for one app, a small step of each kind at a time."""

    def __init__(
        self,
        app: Flask,
        should_stop: Callable[[], bool] = lambda: False,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        """`wait` lets seconds pass, fewer when the worker has to stop. Without it, what has to wait is left."""
        self.app = app
        self.should_stop = should_stop
        self.wait = wait
        with app.app_context():
            self.sessions = db.sessionmaker
        config = app.config
        self.receiver = Receiver(self.sessions, config["MAIL_REPLY_DOMAIN"], config["BASE_URL"], config["LOCALE"])
        self.digester = Digester(self.sessions, config["DIGEST_AT"])
        self.sender = Sender(app, self.sessions, LETTERS, should_stop, find_readers)
        self._tellings: dict[int, _Telling] = {}
        self._reminded: dict[int, date] = {}
        self._planned: dict[int, str] = {}
        self._kept_house_at: datetime | None = None

    def work(self) -> None:
        """Work until nothing is due or the worker has to stop."""
        while not self.should_stop() and (self.work_once() or self._waited()):
            pass

    def work_once(self) -> bool:
        """One step of each kind of work; True when there may be more to do at once."""
        steps = (
            self.receiver.receive,
            self.tell,
            self.pass_on_reports,
            self.gather,
            self.remind,
            self.plan_week,
            self.sender.send_batch,
            self.keep_house,
        )
        progress = [self._tried(step) for step in steps]
        return any(progress)

    def _waited(self) -> bool:
        """Wait a moment for mail that the rate holds up; False when there is none."""
        turn = self.sender.held_up_until
        if self.wait is None or turn is None:
            return False
        self.wait(min(max((turn - now()).total_seconds(), _SHORTEST_WAIT), _LOOK_AGAIN))
        return True

    def tell(self) -> bool:
        """Tell of some events."""
        with self._reading() as session:
            waiting = list_unprocessed(session, self._alone(), _EVENTS_AT_A_TIME)
        for event_id in waiting:
            telling = self._tellings.setdefault(event_id, _Telling())
            try:
                with self._reading() as session:
                    searches = find_searches(session, event_id)
                with self._writing() as session:
                    after = fan_out(session, event_id, telling.after, self.app.config["LOCALE"], searches)
            except Exception:
                log.exception("event %s cannot be told of, the others go on", event_id)
                telling.failed_at = now()
                continue
            if after is not None:
                telling.after = after
                return True
            del self._tellings[event_id]
        return bool(waiting)

    def pass_on_reports(self) -> bool:
        """Tell the coordinators of what was reported."""
        with self._reading() as session:
            if not has_untold_reports(session):
                return False
        with self._writing() as session:
            return tell_of_reports(session, self.app.config["LOCALE"]) > 0

    def gather_all(self) -> int:
        """Build every digest that is due, and return how many mails that made."""
        before = self._digest_mails()
        while self.gather():
            pass
        return self._digest_mails() - before

    def _digest_mails(self) -> int:
        with self._reading() as session:
            return count_queued(session, "digest")

    def gather(self) -> bool:
        """Build some of the digests that are due."""
        return self.digester.gather()

    def remind(self) -> bool:
        """Write the reminders of the day, a municipality at a time."""
        starts = self.app.config["DIGEST_AT"]
        with self._reading() as session:
            places = [(place.id, round_of(place.zone, starts)) for place in list_municipalities(session)]
        for place_id, day in places:
            if day is not None and self._reminded.get(place_id) != day:
                with self._writing() as session:
                    municipality = session.get_one(Municipality, place_id)
                    build_reminders(session, municipality, day, self.app.config["LOCALE"])
                self._reminded[place_id] = day
                return True
        return False

    def plan_week(self) -> bool:
        """Write the Monday mails of those who work with requests, a municipality at a time."""
        with self._reading() as session:
            places = [(place.id, place.zone) for place in list_municipalities(session)]
        for place_id, zone in places:
            period = newest_period(Cadence.WEEKLY, now(), zone, self.app.config["DIGEST_AT"])
            if self._planned.get(place_id) != period.key:
                with self._writing() as session:
                    build_weeks(session, session.get_one(Municipality, place_id), period)
                self._planned[place_id] = period.key
                return True
        return False

    def keep_house(self) -> bool:
        """Remind of what waits for an asker, keep promises of a day, remove what has had its day: now and then."""
        at = now()
        if self._kept_house_at is not None and at < self._kept_house_at + _HOUSEKEEPING_EVERY:
            return False
        self._kept_house_at = at
        tending = (remind_of_drafts, remove_old_drafts, tend_questions, reopen_for_reviews)
        for tend in (*tending, ask_the_silent, rest_the_silent):
            with self._writing() as session:
                tend(session)
        with self._writing() as session:
            purge_expired(session, at)
            forget_unused_searches(session)
        with self._writing() as session:
            forget_links(session, at)
        with self._writing() as session:
            let_expire(session, at)
            forget_finished(session, at - MAIL_KEPT)
            forget_old_bounces(session, at)
            forget_settled(session, at - HELD_FOR)
            forget_old_mail(session, at)
        return False

    def _alone(self) -> list[int]:
        """Events that went wrong a short while ago."""
        return [
            event_id
            for event_id, telling in self._tellings.items()
            if telling.failed_at is not None and now() < telling.failed_at + _LEFT_ALONE
        ]

    def _tried(self, step: Callable[[], object]) -> bool:
        try:
            return bool(step())
        except Exception:
            log.exception("a step of the worker failed, it is tried again within a minute")
            return False

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self.sessions() as session, session.begin():
            yield session

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with self.sessions(expire_on_commit=False) as session:
            read_only(session)
            yield session
            session.commit()


def drain(app: Flask) -> None:
    """Do everything that is due now, in this thread. For tests and commands."""
    Worker(app).work()


def run_worker(app: Flask) -> None:
    """Work until SIGTERM or SIGINT; the mail in hand is finished first. Call in the main thread of a process."""
    from huey.consumer import Consumer  # half a second: not at app start

    stop = threading.Event()
    worker = Worker(app, stop.is_set, stop.wait)
    engine, _ = make_engine(app, worker.work)
    consumer = Consumer(
        engine, workers=1, initial_delay=_LOOK_AGAIN, max_delay=_LOOK_AGAIN, shutdown_timeout=STOP_SECONDS
    )
    # Huey takes only one of the two signals for a polite one; to us both are.
    consumer._set_signal_handlers = lambda: None
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    consumer.start()
    while not stop.wait(_CHECK_AGAIN):
        consumer.check_worker_health()
    consumer.stop(graceful=True)
