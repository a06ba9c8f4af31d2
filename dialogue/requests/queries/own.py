"""SELECTs of what one person has asked for."""

from datetime import datetime

from sqlalchemy import Integer, and_, case, cast, func, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import EmailProof
from dialogue.accounts.queries import waiting_proofs
from dialogue.requests.models import DataRequest

#: Rows a page on one's own page.
OWN_ROWS = 10


def list_own_requests(session: Session, person_id: int, *, before: int | None = None) -> list[DataRequest]:
    """The newest requests of a person, older than number `before`; one more than a page when there is a next one."""
    wanted = select(DataRequest).where(DataRequest.asker_id == person_id).order_by(DataRequest.id.desc())
    if before is not None:
        wanted = wanted.where(DataRequest.id < before)
    return list(session.scalars(wanted.limit(OWN_ROWS + 1)))


def list_waiting(session: Session, email: str, at: datetime) -> list[tuple[EmailProof, str | None]]:
    """Acts that wait for `email` to be confirmed, newest first, each with the title of the request that it is about.

    None for what is about no request, or about one that is hidden.
    """
    target, prefix = EmailProof.payload["target"].as_string(), "request:"
    number = case(
        (target.startswith(prefix), cast(func.substr(target, len(prefix) + 1), Integer)),
        else_=EmailProof.payload["request_id"].as_integer(),
    )
    about = and_(DataRequest.id == number, DataRequest.hidden_at.is_(None))
    wanted = waiting_proofs(email, at).add_columns(DataRequest.title).outerjoin(DataRequest, about)
    return [(proof, title) for proof, title in session.execute(wanted)]
