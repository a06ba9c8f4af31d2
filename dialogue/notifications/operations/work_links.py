"""Links by which an official works from the mail: made with the mail, used once, by POST."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from dialogue.core.clock import now
from dialogue.core.tokens import hash_token, new_token
from dialogue.notifications.models import WorkLink
from dialogue.notifications.rules import WORK_LINK_KEPT_AFTER, WORK_LINK_LASTS, WorkAct

#: Links in a mail by request and act, as its context holds them: {"128": {"take": token}}.
Links = dict[str, dict[str, str]]


def make_links(session: Session, person_id: int, requests: Sequence[tuple[int, int, int | None]]) -> Links:
    """New links for `person_id` to each of `requests`: (request, unit, who has taken it)."""
    expires_at = now() + WORK_LINK_LASTS
    links: Links = {}
    rows = []
    for request_id, unit_id, official_id in requests:
        mine = links.setdefault(str(request_id), {})
        for act in WorkAct:
            if act is WorkAct.TAKE and official_id == person_id:
                continue
            mine[act.value] = new_token()
            rows.append(
                {
                    "token_hash": hash_token(mine[act.value]),
                    "person_id": person_id,
                    "request_id": request_id,
                    "unit_id": unit_id,
                    "act": act,
                    "expires_at": expires_at,
                }
            )
    if rows:
        session.execute(insert(WorkLink), rows)
    return links


def find_link(session: Session, token: str, *, lock: bool = False) -> WorkLink | None:
    """The link with `token`, used and expired ones too. With `lock`, whoever else presses its button waits."""
    wanted = select(WorkLink).where(WorkLink.token_hash == hash_token(token))
    return session.scalar(wanted.with_for_update() if lock else wanted)


def use_link(link: WorkLink) -> None:
    """Note that it has done its work."""
    link.used_at = now()


def forget_links(session: Session, at: datetime) -> None:
    """Remove links some time after they expired, so that until then their pages can say so."""
    session.execute(delete(WorkLink).where(WorkLink.expires_at < at - WORK_LINK_KEPT_AFTER))
