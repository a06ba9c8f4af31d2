"""Rows for tests. Every method fills in what the test does not care about, and commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from dialogue.accounts import queries
from dialogue.accounts.models import Area, Municipality, Organisation, Person, RoleGrant, Unit
from dialogue.accounts.operations.people import fold_name
from dialogue.accounts.operations.sign_ins import begin_sign_in
from dialogue.accounts.policy import Viewer
from dialogue.accounts.rules import Role
from dialogue.core.clock import now, today
from dialogue.core.workdays import add_workdays
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.moves import move
from dialogue.requests.rules import Extent, Ground, Kind, Outcome, Status

_numbers = count(1)


class Factory:
    """Makes and commits rows in one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._municipality: Municipality | None = None

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Everything made inside is committed together: for many rows."""
        self.session.commit, commit = self.session.flush, self.session.commit  # type: ignore[method-assign]
        try:
            yield
        finally:
            self.session.commit = commit  # type: ignore[method-assign]
        commit()

    def _keep(self, row: Any) -> Any:
        self.session.add(row)
        self.session.commit()
        return row

    def municipality(self, slug: str = "", **values: Any) -> Municipality:
        """A municipality; the first one made is the one that other rows fall back on."""
        slug = slug or f"kommun-{next(_numbers)}"
        made: Municipality = self._keep(
            Municipality(slug=slug, **{"name": "Provkommun", "contact_email": "dialog@prov.example"} | values)
        )
        self._municipality = self._municipality or made
        return made

    def the_municipality(self) -> Municipality:
        """The municipality of this test, made when first needed."""
        return self._municipality or self.municipality()

    def unit(self, slug: str = "", **values: Any) -> Unit:
        """A unit with a mailbox."""
        slug = slug or f"enhet-{next(_numbers)}"
        place = values.pop("municipality", None) or self.the_municipality()
        fields = {"name": slug.title(), "mailbox": f"{slug}@prov.example"} | values
        made: Unit = self._keep(Unit(municipality_id=place.id, slug=slug, **fields))
        return made

    def area(self, slug: str = "", **values: Any) -> Area:
        """An area tied to the theme for transport."""
        slug = slug or f"omrade-{next(_numbers)}"
        place = values.pop("municipality", None) or self.the_municipality()
        fields = {"name_sv": slug.title(), "name_en": slug.title(), "theme": "TRAN"}
        made: Area = self._keep(Area(municipality_id=place.id, slug=slug, **fields | values))
        return made

    def organisation(self, name: str = "", number: str | None = None) -> Organisation:
        """A business."""
        name = name or f"Företag {next(_numbers)} AB"
        made: Organisation = self._keep(
            Organisation(name=name, name_key=fold_name(name), number=number, created_at=now())
        )
        return made

    def person(self, email: str = "", organisation: Organisation | None = None, **values: Any) -> Person:
        """Somebody who proved an address."""
        email = email or f"person{next(_numbers)}@prov.example"
        made: Person = self._keep(
            Person(email=email, organisation_id=organisation.id if organisation else None, created_at=now(), **values)
        )
        return made

    def official(self, unit: Unit, role: Role = Role.OFFICIAL, **values: Any) -> Person:
        """A person with a role in `unit`."""
        person = self.person(**values)
        self._keep(RoleGrant(person_id=person.id, unit_id=unit.id, role=role, granted_at=now()))
        return person

    def viewer(self, person: Person) -> Viewer:
        """`person` as the policy sees them."""
        return queries.get_viewer(self.session, person)

    def request(self, status: Status = Status.RECEIVED, **values: Any) -> DataRequest:
        """A request in `status`, with all that the status demands."""
        at = now()
        place = values.pop("municipality", None) or self.the_municipality()
        unit: Unit | None = values.pop("unit", None)
        asker: Person | None = values.pop("asker", None)
        outcome = values.pop("outcome", Outcome.DECLINED if status is Status.CLOSED else None)
        fields: dict[str, Any] = {
            "title": f"Laddplatser {next(_numbers)}",
            "need": "Var platserna ligger och vilka som är lediga.",
            "created_at": at,
            "updated_at": at,
            "active_at": at,
            "kind": Kind.WISH,
        } | values
        data_request = DataRequest(
            municipality_id=place.id,
            unit_id=unit.id if unit else None,
            asker_id=asker.id if asker else None,
            organisation_id=asker.organisation_id if asker else None,
            status=Status.DRAFT,
            **fields,
        )
        self.session.add(data_request)
        self.session.flush()
        if status is not Status.DRAFT:
            data_request.received_at = data_request.received_at or at
            if data_request.kind is Kind.FORMAL and data_request.due_on is None:
                data_request.due_on = today(place.zone) + timedelta(days=28)
            if status is Status.PUBLISHED:
                data_request.extent = data_request.extent or Extent.FULL
            if outcome is Outcome.DECLINED:
                data_request.ground = data_request.ground or Ground.OTHER
                data_request.explanation = data_request.explanation or "Enskilda kan pekas ut."
            if "next_on" not in fields and status in (Status.RECEIVED, Status.ASSESSING, Status.PLANNED):
                data_request.next_on = self.workday(5)
            move(self.session, data_request, status, outcome)
        self.session.commit()
        return data_request

    def workday(self, ahead: int) -> date:
        """The day that is `ahead` working days from now."""
        return add_workdays(today("Europe/Stockholm"), ahead)

    def cookie(self, person: Person) -> str:
        """The secret of a new session of `person`, for `page.sign_in`."""
        begun = begin_sign_in(self.session, person, "pytest")
        self.session.commit()
        return begun.token
