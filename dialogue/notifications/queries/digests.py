"""What digests are made of: whose is due, what they subscribe to, what happened."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Locale, Person
from dialogue.notifications.contents import CLOSE_DAYS, FEW_VOTES
from dialogue.notifications.interest import Choice, Told
from dialogue.notifications.models import Digest, DigestHint, MailRest, Subscription
from dialogue.notifications.periods import Period
from dialogue.notifications.rules import Cadence, Scope
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.rules import EventKind, Kind, Status
from dialogue.voting.models import Vote


@dataclass(frozen=True)
class Reader:
    """Whom a digest is for."""

    id: int
    email: str
    locale: Locale


def list_due_readers(
    session: Session, municipality_id: int, cadence: Cadence, period: Period, after: int, limit: int
) -> list[Reader]:
    """Who subscribed with `cadence` before `period` began, has no digest for it yet, and lets no mail rest.

    By their numbers above `after`: what is done already is not looked through again for each part.
    """
    rests = exists().where(
        MailRest.person_id == Subscription.person_id,
        MailRest.municipality_id == municipality_id,
        MailRest.caught_up_at.is_(None),
    )
    done = exists().where(
        Digest.person_id == Subscription.person_id,
        Digest.municipality_id == municipality_id,
        Digest.period == period.key,
    )
    due = (
        select(Subscription.person_id)
        .join(Person, Person.id == Subscription.person_id)
        .where(
            Subscription.municipality_id == municipality_id,
            Subscription.cadence == cadence,
            Subscription.person_id > after,
            Subscription.scope != Scope.YOUR_TURN,
            Subscription.confirmed_at < period.starts_at,
            Person.disabled_at.is_(None),
            ~rests,
            ~done,
        )
        .distinct()
        .order_by(Subscription.person_id)
        .limit(limit)
        .subquery()
    )
    wanted = select(Person.id, Person.email, Person.locale).join(due, due.c.person_id == Person.id).order_by(Person.id)
    return [Reader(*row) for row in session.execute(wanted)]


def list_choices(session: Session, municipality_id: int, person_ids: Collection[int]) -> list[Choice]:
    """Every choice of some people about one municipality, `off` too."""
    wanted = select(Subscription.person_id, Subscription.target, Subscription.cadence, Subscription.told_up_to).where(
        Subscription.municipality_id == municipality_id, Subscription.person_id.in_(person_ids)
    )
    return [Choice(*row) for row in session.execute(wanted.order_by(Subscription.id))]


def last_settled_event(session: Session, before: datetime) -> int:
    """The last event that happened before the moment `before`."""
    return session.scalar(select(func.max(RequestEvent.id)).where(RequestEvent.happened_at <= before)) or 0


def list_told(
    session: Session, municipality_id: int, kinds: Collection[EventKind], after: int, up_to: int, since: datetime
) -> list[Told]:
    """What happened of some `kinds` in a municipality, with ids from behind `after` to `up_to`, and can be seen."""
    wanted = _TOLD.where(
        RequestEvent.municipality_id == municipality_id,
        RequestEvent.id > after,
        RequestEvent.id <= up_to,
        RequestEvent.happened_at >= since,
        RequestEvent.kind.in_(kinds),
        DataRequest.hidden_at.is_(None),
    )
    return [Told._make(row) for row in session.execute(wanted)]


def list_told_of(session: Session, event_ids: Collection[int]) -> list[Told]:
    """Some events again, however their requests are now."""
    return [Told._make(row) for row in session.execute(_TOLD.where(RequestEvent.id.in_(event_ids)))]


_TOLD = (
    select(
        RequestEvent.id,
        RequestEvent.kind,
        RequestEvent.actor_id,
        RequestEvent.happened_at,
        DataRequest.id,
        DataRequest.kind,
        DataRequest.municipality_id,
        DataRequest.area_id,
        DataRequest.unit_id,
        DataRequest.asker_id,
    )
    .join(DataRequest, DataRequest.id == RequestEvent.request_id)
    .order_by(RequestEvent.id)
)


def list_votes(session: Session, person_ids: Collection[int], request_ids: Collection[int]) -> set[tuple[int, int]]:
    """Who of `person_ids` has voted for which of `request_ids`: (person, request)."""
    wanted = select(Vote.person_id, Vote.request_id).where(
        Vote.person_id.in_(person_ids), Vote.request_id.in_(request_ids)
    )
    return {(row.person_id, row.request_id) for row in session.execute(wanted)}


@dataclass(frozen=True)
class Close:
    """A request that is close to its decision and short of votes."""

    request_id: int
    municipality_id: int
    area_id: int | None
    unit_id: int | None
    asker_id: int | None


def list_close(session: Session, municipality_id: int, day: date, limit: int) -> list[Close]:
    """Requests to be decided within CLOSE_DAYS from `day`, with few votes, the earliest first."""
    last = day + timedelta(days=CLOSE_DAYS)
    wish = and_(
        DataRequest.kind == Kind.WISH,
        DataRequest.status == Status.ASSESSING,
        DataRequest.waiting_on.is_(None),
        DataRequest.next_on.between(day, last),
    )
    formal = and_(
        DataRequest.kind == Kind.FORMAL,
        DataRequest.status.in_((Status.RECEIVED, Status.ASSESSING)),
        DataRequest.due_on.between(day, last),
    )
    wanted = (
        select(
            DataRequest.id,
            DataRequest.municipality_id,
            DataRequest.area_id,
            DataRequest.unit_id,
            DataRequest.asker_id,
        )
        .where(
            DataRequest.municipality_id == municipality_id,
            DataRequest.hidden_at.is_(None),
            DataRequest.votes_count < FEW_VOTES,
            or_(wish, formal),
        )
        .order_by(func.coalesce(DataRequest.due_on, DataRequest.next_on), DataRequest.id)
        .limit(limit)
    )
    return [Close(*row) for row in session.execute(wanted)]


def list_hinted(session: Session, person_ids: Collection[int], request_ids: Collection[int]) -> set[tuple[int, int]]:
    """Who of `person_ids` has been told before that one of `request_ids` is close to its decision."""
    wanted = select(DigestHint.person_id, DigestHint.request_id).where(
        DigestHint.person_id.in_(person_ids), DigestHint.request_id.in_(request_ids)
    )
    return {(row.person_id, row.request_id) for row in session.execute(wanted)}


def find_built(session: Session, municipality_id: int, period: str) -> tuple[datetime | None, int]:
    """When the digests of a period were built, and how many of them had something to tell."""
    wanted = select(func.max(Digest.built_at), func.count().filter(Digest.items > 0))
    built_at, mails = session.execute(
        wanted.where(Digest.municipality_id == municipality_id, Digest.period == period)
    ).one()
    return built_at, mails
