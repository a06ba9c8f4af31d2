"""How often something may be tried. Counted in the database, so that it holds over processes and restarts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import CheckConstraint, String, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from dialogue.core.db import Base, upserting
from dialogue.core.errors import RateLimited


class RateCount(Base):
    """Tries of one kind by one key within one window."""

    __tablename__ = "rate_count"
    __table_args__ = (CheckConstraint("tries > 0", name="tries_positive"),)

    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    window_starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    tries: Mapped[int]


@dataclass(frozen=True)
class Limit:
    """At most `tries` of `kind` by one key within `window`."""

    kind: str
    tries: int
    window: timedelta


def count_try(session: Session, limit: Limit, key: str, now: datetime) -> None:
    """Count one try by `key`. Raises RateLimited when the window's tries are used up."""
    seconds = int(limit.window.total_seconds())
    starts_at = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)
    insert = upserting(session)
    statement = insert(RateCount).values(key=f"{limit.kind}:{key}"[:160], window_starts_at=starts_at, tries=1)
    tries = session.scalar(
        statement.on_conflict_do_update(
            index_elements=["key", "window_starts_at"], set_={"tries": RateCount.tries + 1}
        ).returning(RateCount.tries)
    )
    if tries is not None and tries > limit.tries:
        raise RateLimited(starts_at + limit.window - now)


def network_of(ip: str) -> str:
    """What tries from `ip` are counted under: an IPv6 customer has a whole /64 to send from, an IPv4 one an address."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)


def forget_old_tries(session: Session, now: datetime, keep: timedelta = timedelta(days=2)) -> None:
    """Remove counts whose window ended long ago."""
    session.execute(delete(RateCount).where(RateCount.window_starts_at < now - keep))
