"""One row of a list of requests, and the place in the list where it stands."""

from datetime import date, datetime
from typing import Any, NamedTuple

from dialogue.core.language import Sentence
from dialogue.core.text import first_sentence, shorten, slugify
from dialogue.requests.rules import LIVE, Extent, Kind, Outcome, Status, WaitingOn
from dialogue.requests.wording.states import promise, status_word, tag_kind


class Place(NamedTuple):
    """Where a page of a list ends: the key it is ordered by, and the request's number."""

    key: int | datetime | date | None
    number: int

    def as_values(self) -> tuple[int | str | None, int]:
        """Plain values, for a cursor."""
        return (self.key if isinstance(self.key, int) else self.key.isoformat() if self.key else None), self.number


class ListedRequest(NamedTuple):
    """One row of a list."""

    number: int
    title: str
    need: str
    kind: Kind
    status: Status
    outcome: Outcome | None
    extent: Extent | None
    waiting_on: WaitingOn | None
    next_on: date | None
    due_on: date | None
    votes_count: int
    messages_count: int
    explanation: str | None
    published_at: datetime | None
    area: str | None
    dataset_url: str | None
    municipality_id: int
    key: Any
    #: Whether whoever looks has voted for it.
    is_voted: bool = False

    @property
    def address(self) -> str:
        """Its page, from the root."""
        return f"/requests/{self.number}-{slugify(self.title)}"

    @property
    def summary(self) -> str:
        """What it asks for, in a line."""
        return first_sentence(self.need)

    @property
    def refusal(self) -> str:
        """Why it cannot be published, in a line; empty when that is not how it ended."""
        return shorten(self.explanation or "") if self.outcome is Outcome.DECLINED else ""

    @property
    def is_live(self) -> bool:
        """Whether it still waits for the municipality, so that votes count."""
        return self.status in LIVE

    def mark(self, today: date) -> str:
        """Kind of mark for where it stands."""
        return tag_kind(self, today)

    def word(self, today: date) -> str:
        """Where it stands, as a word (msgid)."""
        return status_word(self, today)

    def promise(self, today: date) -> Sentence | None:
        """What comes next, by when."""
        return promise(self, today)

    @property
    def place(self) -> Place:
        """Where a list that ends with this row goes on."""
        return Place(self.key, self.number)
