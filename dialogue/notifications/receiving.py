"""Mail from the spool, one at a time: read outside of any transaction, then decided about in one.

A mail that cannot be read, or whose reading nobody survives, is tried a few times and then set aside; the others go on.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from dialogue.conversation.operations.incoming import Opened, give_up, handle_mail
from dialogue.conversation.operations.opening import open_mail
from dialogue.core.db import read_only
from dialogue.mail.incoming.spool import Taken, begin, list_due, settle
from dialogue.mail.rules import IncomingState

log = logging.getLogger(__name__)


class _SomebodyElseDid(Exception):
    """Another worker has decided about the mail meanwhile: ours is undone."""


@dataclass(frozen=True)
class Receiver:
    """Handles what came in, for one worker."""

    sessions: Callable[[], Session]
    #: Of the addresses for answers. Empty: what came in before the setting was taken away is handled all the same.
    domain: str
    base_url: str
    #: For mailboxes, which have no language.
    locale: str

    def receive(self) -> bool:
        """Handle one mail; True when there was one."""
        with self.sessions() as session:
            read_only(session)
            due = list_due(session, 1)
        for mail_id in due:
            self._receive(mail_id)
        return bool(due)

    def _receive(self, mail_id: int) -> None:
        with self.sessions() as session, session.begin():
            taken = begin(session, mail_id)
        if taken is None:
            return
        opened = None if taken.is_given_up else self._opened(taken)
        if opened is None and not taken.is_given_up:
            return
        try:
            with self.sessions() as session, session.begin():
                state = self._decide(session, taken, opened)
                if not settle(session, mail_id, state):
                    raise _SomebodyElseDid
        except _SomebodyElseDid:
            return
        log.info("incoming mail %s: %s", mail_id, state)

    def _opened(self, taken: Taken) -> Opened | None:
        try:
            return open_mail(taken, self.domain, self.base_url)
        except Exception:
            log.exception("incoming mail %s cannot be read, it is tried again", taken.id)
            return None

    def _decide(self, session: Session, taken: Taken, opened: Opened | None) -> IncomingState:
        if opened is None:
            give_up(session, taken.address, "tried three times")
            return IncomingState.HELD
        return handle_mail(session, opened, self.locale)
