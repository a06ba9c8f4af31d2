"""Deleting an account: the person goes, what was said in public stays.

Requests and posts are the municipality's official documents, and others have answered them; they stay, by a former
user. Votes stay counted too: they tell that a business needs the data, which does not end with the person's account,
and figures that the municipality has acted on must not change afterwards. Whoever wants a vote uncounted takes it back
before. The rows go on pointing to the person's row, which holds neither name nor address from then on.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from dialogue.accounts.models import EmailProof, Organisation, Person
from dialogue.accounts.operations.roles import refuse_to_leave_no_administrator
from dialogue.conversation.models import Message
from dialogue.core import orgnumber
from dialogue.core.clock import now
from dialogue.core.limits import Limit
from dialogue.notifications.models import Subscription
from dialogue.notifications.operations.following import count_followers
from dialogue.privacy.queries import INVENTORY, Fate, organisations_of, somebody_else_speaks_for
from dialogue.requests.models import DataRequest, RequestDataset
from dialogue.requests.operations.counters import lock_request
from dialogue.requests.rules import Status
from dialogue.voting.models import Vote

#: How often a person may have everything put together.
EXPORTS_PER_PERSON = Limit("export", 5, timedelta(hours=1))


def erase_person(session: Session, person: Person) -> None:
    """Delete the account of `person`. Raises InvalidTransition for the last administrator of a municipality."""
    refuse_to_leave_no_administrator(session, person)
    followed = _followed(session, person)
    _delete_drafts(session, person)
    spoken_for = organisations_of(session, person)
    for holding in INVENTORY:
        owner = holding.table.c[holding.owner.key]
        if holding.fate is Fate.DELETED:
            session.execute(delete(holding.table).where(owner == holding.value_of(person)))
        elif holding.fate is Fate.LET_GO:
            session.execute(update(holding.table).where(owner == person.id).values({owner: None}))
    filed: Any = DataRequest.__table__
    session.execute(update(filed).where(filed.c.asker_id == person.id).values(filing_key=None))
    person.organisation_id = None
    session.flush()
    for organisation_id in sorted(spoken_for):
        _forget_organisation(session, organisation_id, person)
    for data_request in followed:
        lock_request(session, data_request)
        count_followers(session, data_request)
    person.email = f"erased-{person.id}@erased.invalid"
    person.name = None
    person.disabled_at = person.erased_at = now()
    session.flush()


def _forget_organisation(session: Session, organisation_id: int, person: Person) -> None:
    """Forget a business that only `person` spoke for: its name may be a person's name. Its votes stay counted."""
    organisation = session.get_one(Organisation, organisation_id)
    is_sole_trader = organisation.number is not None and orgnumber.is_personal(organisation.number)
    if not is_sole_trader and somebody_else_speaks_for(session, organisation_id, person):
        return
    for model in (Person, DataRequest, Message, Vote):
        table: Any = model.__table__
        session.execute(update(table).where(table.c.organisation_id == organisation_id).values(organisation_id=None))
    session.execute(delete(Organisation).where(Organisation.id == organisation_id))


def _delete_drafts(session: Session, person: Person) -> None:
    """Remove requests that were never published: nobody but `person` has seen them."""
    waiting = session.scalars(select(EmailProof.payload).where(EmailProof.email == person.email))
    ids = {payload["request_id"] for payload in waiting if "request_id" in payload}
    drafts = select(DataRequest.id).where(DataRequest.id.in_(ids), DataRequest.status == Status.DRAFT)
    for request_id in session.scalars(drafts).all():
        session.execute(delete(RequestDataset).where(RequestDataset.request_id == request_id))
        session.execute(delete(DataRequest).where(DataRequest.id == request_id))


def _followed(session: Session, person: Person) -> list[DataRequest]:
    wanted = select(DataRequest).join(Subscription, Subscription.request_id == DataRequest.id)
    return list(session.scalars(wanted.where(Subscription.person_id == person.id).order_by(DataRequest.id)))
