"""Demo data: an invented example in a real town, replayed through the real operations at its own dates.

Dates are counted in working days from today, so that the example is always as old as it was written to be. Nobody is
told by mail of what is replayed.
"""

import json
from datetime import date, datetime, time, timedelta
from itertools import cycle, product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from dialogue.accounts.models import Area, Municipality, Person, RoleGrant, Unit
from dialogue.accounts.operations.people import get_or_create_person, name_organisation, speak_for
from dialogue.accounts.policy import Viewer
from dialogue.accounts.queries import get_viewer
from dialogue.accounts.rules import Role
from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.conversation.operations.answers import answer_with, post_answer
from dialogue.conversation.operations.messages import post_message
from dialogue.core.clock import as_of, now, today
from dialogue.core.text import slugify
from dialogue.core.wake import wants_worker
from dialogue.core.workdays import add_workdays, is_workday
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.operations.closing import Refusal, withdraw_request
from dialogue.requests.operations.filing import confirm_request
from dialogue.requests.operations.publishing import Publication, confirm_delivery
from dialogue.requests.operations.routing import assign_request, take_request
from dialogue.requests.rules import Extent, Ground, Kind, Status, Works
from dialogue.voting.operations import cast_vote
from dialogue.voting.rules import ReasonKind

CONTENT = Path(__file__).parent / "halmstad.json"


def fill_when_empty(session: Session) -> bool:
    """Fill a database without a municipality with the example. Says whether it did."""
    if session.scalar(select(func.count(Municipality.id))):
        return False
    _Example(session, json.loads(CONTENT.read_text(encoding="utf-8"))).replay()
    return True


class _Example:
    """One replay of the example."""

    def __init__(self, session: Session, content: dict[str, Any]) -> None:
        self.session = session
        self.content = content
        self.municipality = Municipality(**content["municipality"])
        self.areas: dict[str, Area] = {}
        self.units: dict[str, Unit] = {}
        self.staff: dict[tuple[str, Role], Person] = {}

    def replay(self) -> None:
        """Make everybody, then let everything happen, one request after the other."""
        self._open_municipality()
        for written in self.content["requests"]:
            self._replay_request(written)
        at = now()
        self.session.execute(update(RequestEvent).values(fanned_out_at=at))
        wants_worker(self.session)  # and with that, nothing is left for the worker
        if self.session.get_bind().dialect.name == "postgresql":
            # The example brings its own numbers; the next request gets the one after them.
            self.session.execute(
                text("SELECT setval(pg_get_serial_sequence('data_request', 'id'), (SELECT max(id) FROM data_request))")
            )

    def _open_municipality(self) -> None:
        self.session.add(self.municipality)
        self.session.flush()
        for slug, name_sv, name_en, theme in self.content["areas"]:
            self.areas[slug] = Area(
                municipality_id=self.municipality.id, slug=slug, name_sv=name_sv, name_en=name_en, theme=theme
            )
        self.session.add_all(self.areas.values())
        self.session.flush()
        for slug, name, parent, area in self.content["units"]:
            self.units[slug] = Unit(
                municipality_id=self.municipality.id,
                slug=slug,
                name=name,
                mailbox=f"{slug}@halmstad.example",
                parent_id=self.units[parent].id if parent else None,
                area_id=self.areas[area].id,
            )
            self.session.add(self.units[slug])
            self.session.flush()
        for email, slug, role in self.content["staff"]:
            person = get_or_create_person(self.session, email, "sv")
            self.staff[slug, Role(role)] = person
            self.session.add(
                RoleGrant(person_id=person.id, unit_id=self.units[slug].id, role=Role(role), granted_at=now())
            )
        self.session.flush()

    def _replay_request(self, written: dict[str, Any]) -> None:
        asker = self._business(written["asker"])
        first = written["steps"][0][0]
        with as_of(self._moment(first, -1)):
            data_request = DataRequest(
                id=written["number"],
                municipality_id=self.municipality.id,
                area_id=self.areas[written["area"]].id,
                status=Status.DRAFT,
                kind=Kind(written.get("kind", "wish")),
                title=written["title"],
                need=written["need"],
                purpose=written["purpose"],
                format=written.get("format", ""),
                update_frequency=Frequency(written["update_frequency"]),
                created_at=now(),
                updated_at=now(),
                active_at=now(),
            )
            self.session.add(data_request)
            self.session.flush()
        for index, (days, name, *more) in enumerate(written["steps"]):
            with as_of(self._moment(days, index)):
                self._step(data_request, asker, name, more[0] if more else {})
            self.session.flush()
            if index == 0:
                self._vote(data_request, written["votes"], first)

    def _step(self, data_request: DataRequest, asker: Person, name: str, values: dict[str, Any]) -> None:
        session = self.session
        own = get_viewer(session, asker)
        match name:
            case "confirm":
                confirm_request(session, asker, data_request, {"organisation": "", "organisation_number": ""})
            case "assign":
                unit = self.units[values["unit"]]
                assign_request(
                    session, self._viewer(data_request, Role.COORDINATOR), data_request, version=None, unit=unit
                )
            case "take":
                take_request(session, self._viewer(data_request), data_request, version=None)
            case "message":
                writer = self._business(values["by"])
                post_message(session, get_viewer(session, writer), data_request, values["text"], paced=False)
            case "answer":
                post_answer(session, self._viewer(data_request), data_request, values["answer"], version=None)
            case "withdraw":
                withdraw_request(session, own, data_request, version=None, heir=None)
            case "confirm_delivery":
                works, note = Works(values["works"]), values["note"]
                confirm_delivery(session, own, data_request, version=None, works=works, note=note)
            case _:
                answer, facts = self._facts(name, values)
                answer_with(session, self._viewer(data_request), data_request, name, answer, version=None, **facts)

    def _facts(self, name: str, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The answer of a written step, and the values its verb takes."""
        match name:
            case "publish":
                publication = Publication(
                    dataset_url=values["dataset_url"],
                    licence=Licence(values["licence"]),
                    format=Format(values["format"]),
                    update_frequency=Frequency(values["update_frequency"]),
                    extent=Extent(values["extent"]),
                    title=values["dataset_title"],
                )
                return values["answer"], {"publication": publication}
            case "decline":
                refusal = Refusal(
                    ground=Ground(values["ground"]),
                    explanation=values["explanation"],
                    what_would_change_it=values["what_would_change_it"],
                    review_on=self._day_ahead(values["review"]),
                )
                return values["explanation"], {"refusal": refusal}
            case "ask":
                return values["question"], {}
            case "already_available":
                return values["answer"], {"dataset_url": values["dataset_url"]}
            case "redirect":
                return values["answer"], {"redirected_to": values["redirected_to"]}
            case _:
                return values["answer"], {"next_on": self._day_ahead(values["next"])}

    def _vote(self, data_request: DataRequest, votes: int, first: int) -> None:
        """Let `votes` businesses vote in the days after the request became public."""
        names = [name for name in self._all_businesses() if name != self.content["organisations"][0]]
        offset = data_request.id * 7
        for index, reason in zip(range(votes), cycle(self.content["reasons"]), strict=False):
            voter = self._business(names[(offset + index) % len(names)])
            with as_of(self._moment(min(first + index % max(-first, 1), 0), 2 + index % 5)):
                cast_vote(self.session, voter, data_request, ReasonKind(reason[0]), reason[1])

    def _all_businesses(self) -> list[str]:
        made = [f"{first} {trade}" for first, trade in product(self.content["first_words"], self.content["trades"])]
        return [*self.content["organisations"], *made]

    def _business(self, name: str) -> Person:
        """The person who speaks for the business `name`."""
        person = get_or_create_person(self.session, f"hej@{slugify(name)}.example", "sv")
        if person.organisation_id is None:
            speak_for(person, name_organisation(self.session, name))
            self.session.flush()
        return person

    def _viewer(self, data_request: DataRequest, role: Role = Role.OFFICIAL) -> Viewer:
        """Whoever acts on the request in `role`."""
        slugs = {unit.id: slug for slug, unit in self.units.items()}
        person = self.staff.get((slugs.get(data_request.unit_id or 0, ""), role))
        return get_viewer(self.session, person or next(p for (_, held), p in self.staff.items() if held is role))

    def _moment(self, days: int, index: int) -> datetime:
        """A moment in office hours, `days` working days from now (never ahead of it)."""
        zone = ZoneInfo(self.municipality.zone)
        day = datetime.now(zone).date() if days == 0 else self._day(days)
        at = datetime.combine(day, time(9, 10), zone) + timedelta(minutes=37 * index)
        return min(at, now() - timedelta(minutes=30 - index))

    def _day(self, days: int) -> date:
        """The day that lies `days` (negative) working days back."""
        day = today(self.municipality.zone)
        while days < 0:
            day -= timedelta(days=1)
            days += is_workday(day)
        return day

    def _day_ahead(self, days: int) -> date:
        return add_workdays(today(self.municipality.zone), days)
