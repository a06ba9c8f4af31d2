"""Sending what is due: one batch, one connection, one mail at a time, each step noted in the outbox.

Two transactions a mail: a reading one that looks up what it may say now, and a writing one that notes how the mail
before went and that this one has begun. So at most one mail is in doubt at any moment.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.core.db import read_only
from dialogue.mail import outbox
from dialogue.mail.addresses import BounceOf, local_part
from dialogue.mail.bounces import note_bounce
from dialogue.mail.compose import Letter, LetterOf, LookAhead
from dialogue.mail.message import address, build
from dialogue.mail.outbox import Claim
from dialogue.mail.pace import NO_RATES, Rates
from dialogue.mail.rules import BATCH, SERVER_PAUSES, MailState, Rate, pause_after
from dialogue.mail.sender.server import MailServer, Message, Outcome, ServerAway, ServerConnection, Verdict
from dialogue.mail.sender.writing import Written, list_headers, write

log = logging.getLogger(__name__)

#: Seconds that one look at the database serves. Whoever ends their mail meanwhile may still get what is in hand.
LOOK_LASTS = 0.2

#: Mails that something is looked up for at once: few, because a look may end before their turn comes.
AHEAD = 5

#: Key of Session.info for what a look holds.
_KEPT = "dialogue_kept"

#: What is still to be noted of a mail, in the next writing transaction.
Note = Callable[[Session], object]


@dataclass
class Sender:
    """Sends for one worker. Not for several threads: one mail in hand at a time is what limits repeats to one."""

    app: Flask
    sessions: Callable[[], Session]
    letters: Mapping[str, LetterOf]
    should_stop: Callable[[], bool] = lambda: False
    #: Looks up at once what several mails need.
    look_ahead: LookAhead = lambda _session, _mails: None
    #: While the server is away, nothing is tried before this moment.
    quiet_until: datetime | None = None
    #: Mails are due and wait for their turn by the rate; then is the next one.
    held_up_until: datetime | None = None
    _times_away: int = 0
    _server: MailServer | None = field(default=None, init=False)
    _look: Session | None = field(default=None, init=False)
    _look_ends: float = field(default=0.0, init=False)
    #: Mails that the look has looked up ahead for.
    _ahead: int = field(default=0, init=False)
    _rates: Rates = field(default=NO_RATES, init=False)

    def __post_init__(self) -> None:
        config = self.app.config
        if config["MAIL_SERVER"]:
            self._server = MailServer(self.app)
            in_all, to_one = (
                Rate(rate) if rate else None for rate in (config["MAIL_RATE"], config["MAIL_DOMAIN_RATE"])
            )
            self._rates = Rates(in_all, to_one)

    def send_batch(self, limit: int = BATCH) -> int:
        """Send up to `limit` mails that are due; how many were taken in hand or put away. Never raises for a single
        mail."""
        self.held_up_until = None
        # A rest that seems longer than any is one from before the clock was put back.
        if self.quiet_until is not None and timedelta(0) < self.quiet_until - now() <= SERVER_PAUSES[-1]:
            return 0
        with self._writing() as session:
            batch = outbox.claim(session, limit, self._rates)
        self.held_up_until = batch.held_up_until
        if batch.mails:
            with self.app.app_context():
                self._send_all(batch.mails)
        return len(batch.mails) + batch.closed

    def _send_all(self, mails: list[Claim]) -> None:
        waiting = list(mails)
        try:
            while waiting and not self.should_stop():
                with self._connected() as connection:
                    self._send_on(connection, waiting)
            self._times_away = 0
        except ServerAway as error:
            self._rest(str(error))
            with self._writing() as session:
                outbox.give_back(session, waiting, str(error))
            return
        if waiting:
            with self._writing() as session:
                outbox.give_back(session, waiting)

    def _send_on(self, connection: ServerConnection | None, waiting: list[Claim]) -> None:
        """Send from the front of `waiting` until it is empty, the connection is lost, or the worker has to stop."""
        notes: list[Note] = []
        try:
            while waiting and not self.should_stop() and (connection is None or connection.is_open):
                mail = waiting[0]
                message = self._message(mail, waiting, notes)
                if message is not None and self._begun(mail, notes):
                    notes.append(self._hand_over(connection, mail, message))
                waiting.pop(0)
        finally:
            self._look_away()
            with self._writing() as session:
                _write_down(session, notes)

    def _message(self, mail: Claim, waiting: list[Claim], notes: list[Note]) -> Message | None:
        """The message; None, with a note why, when it must not be sent or cannot be written."""
        try:
            letter = self.letters[mail.template](self._looking(waiting), mail)
            if letter is None:
                notes.append(lambda session: outbox.finish(session, mail, MailState.CANCELLED))
                return None
            content = self._assembled(mail, letter, write(mail.template, mail.locale, letter))
        except Exception as error:
            self._look_away()
            log.exception("mail %s (%s) cannot be written", mail.id, mail.template)
            notes.append(_unwritten(mail, f"{type(error).__name__}: {error}"))
            return None
        return Message(self._return_path(mail, letter), mail.recipient, content)

    def _looking(self, waiting: list[Claim]) -> Session:
        """A look at the database that is at most LOOK_LASTS old: mails of the same news share what they look up."""
        if self._look is None or time.monotonic() > self._look_ends:
            self._look_away()
            self._look, self._look_ends = self.sessions(), time.monotonic() + LOOK_LASTS
            read_only(self._look)
            # A session forgets what nobody holds, so the next mail would look up the same request again.
            event.listen(self._look, "loaded_as_persistent", _keep)
        if not self._ahead:
            self.look_ahead(self._look, waiting[:AHEAD])
            self._ahead = AHEAD
        self._ahead -= 1
        return self._look

    def _look_away(self) -> None:
        if self._look is not None:
            self._look.close()
            self._look, self._ahead = None, 0

    def _assembled(self, mail: Claim, letter: Letter, written: Written) -> bytes:
        config = self.app.config
        headers = {"Auto-Submitted": "auto-replied" if letter.is_auto_reply else "auto-generated"}
        reply_to = self._reply_to(letter)
        if reply_to:
            headers["Reply-To"] = reply_to
        if letter.mailing_list:
            headers |= list_headers(letter.mailing_list, mail.locale, config["MAIL_ID_DOMAIN"])
        return build(
            sender=(letter.sender_name, config["MAIL_SENDER"]),
            recipient=mail.recipient,
            subject=written.subject,
            text=written.text,
            html=written.html,
            message_id=f"{mail.message_id}@{config['MAIL_ID_DOMAIN']}",
            date=mail.created_at,
            headers=headers,
        )

    def _reply_to(self, letter: Letter) -> str | None:
        """An address that knows whose answer comes and about what; without a domain for them, the unit's mailbox."""
        domain = self.app.config["MAIL_REPLY_DOMAIN"]
        if letter.answer is None or not domain:
            return letter.reply_to
        return address(letter.sender_name, f"{local_part(self.app.config['SECRET_KEY'], letter.answer)}@{domain}")

    def _return_path(self, mail: Claim, letter: Letter) -> str:
        """Where servers say that the mail did not arrive: an address of its own for each mail. None for a robot's."""
        domain = self.app.config["MAIL_REPLY_DOMAIN"]
        if letter.is_auto_reply:
            return ""
        if not domain:
            return str(self.app.config["MAIL_SENDER"])
        return f"{local_part(self.app.config['SECRET_KEY'], BounceOf(mail.id))}@{domain}"

    def _begun(self, mail: Claim, notes: list[Note]) -> bool:
        """Note what happened so far and that `mail` is next; False when somebody else has it."""
        with self._writing() as session:
            _write_down(session, notes)
            return outbox.begin(session, mail)

    def _hand_over(self, connection: ServerConnection | None, mail: Claim, message: Message) -> Note:
        copy = message.content.decode("ascii") if self.app.config["DEVELOPMENT"] else None
        if connection is None:
            return lambda session: outbox.finish(session, mail, MailState.SENT, copy=copy)
        outcome = connection.hand_over(message)
        verdict, words = outcome.verdict, outcome.words
        if verdict is Verdict.TAKEN:
            return lambda session: outbox.finish(session, mail, MailState.SENT, copy=copy)
        log.warning("mail %s (%s): %s: %s", mail.id, mail.template, verdict.value, words)
        if verdict is Verdict.NEVER:
            return lambda session: _refuse(session, mail, outcome)
        if verdict is Verdict.UNKNOWN and mail.is_repeat:
            return lambda session: outbox.finish(session, mail, MailState.FAILED, error=words)
        return _later(mail, words, outcome_known=verdict is Verdict.LATER)

    @contextmanager
    def _connected(self) -> Iterator[ServerConnection | None]:
        if self._server is None:
            yield None
            return
        with self._server.connect() as connection:
            yield connection

    def _rest(self, reason: str) -> None:
        pause = SERVER_PAUSES[min(self._times_away, len(SERVER_PAUSES) - 1)]
        self._times_away += 1
        self.quiet_until = now() + pause
        log.warning("the mail server is away, next try in %s s: %s", pause.total_seconds(), reason)

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with self.sessions() as session, session.begin():
            yield session


def _keep(session: Session, row: object) -> None:
    """Hold what was looked up for as long as the look lasts."""
    session.info.setdefault(_KEPT, []).append(row)


def _write_down(session: Session, notes: list[Note]) -> None:
    for note in notes:
        note(session)
    notes.clear()


def _refuse(session: Session, mail: Claim, outcome: Outcome) -> None:
    """Set `mail` aside. Refused because of its recipient, it counts as any mail that comes back."""
    if outbox.finish(session, mail, MailState.REFUSED, error=outcome.words) and outcome.report is not None:
        note_bounce(session, mail.id, outcome.report)


def _later(mail: Claim, words: str, *, outcome_known: bool) -> Note:
    pause = pause_after(mail.attempts + 1)
    if pause is None:
        return lambda session: outbox.finish(session, mail, MailState.FAILED, error=words)
    until = now() + pause
    return lambda session: outbox.put_off(session, mail, until, words, outcome_known=outcome_known)


def _unwritten(mail: Claim, words: str) -> Note:
    pause = pause_after(mail.attempts + 1)
    if pause is None:
        return lambda session: outbox.finish(session, mail, MailState.FAILED, error=words)
    until = now() + pause
    return lambda session: outbox.put_aside_for_now(session, mail, until, words)
