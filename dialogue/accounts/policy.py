"""Who may do what: every permission of the house on one page.

A permission is granted to relations between the viewer and the thing looked at. Routes declare a permission with
`@requires`, loaders check it in the same call, buttons ask the same table. There is no other place.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Protocol

from dialogue.accounts.rules import Role


class Relation(StrEnum):
    """How a viewer stands to a thing."""

    ANYONE = "anyone"
    PERSON = "person"
    #: Anybody, signed in or not, but those who work for the municipality that is asked.
    OUTSIDER = "outsider"
    ASKER = "asker"
    #: Has voted for the request.
    VOTER = "voter"
    #: Official of the unit that the request stands with (or of a unit above it).
    OFFICIAL = "official"
    #: Official of the same municipality, in another unit.
    COLLEAGUE = "colleague"
    COORDINATOR = "coordinator"
    DECIDER = "decider"
    ADMINISTRATOR = "administrator"
    #: Nobody: the calendar, where a date decides. Only the worker acts as it.
    SYSTEM = "system"


class Permission(Enum):
    """Everything that can be asked for."""

    SEE_PUBLIC_PAGES = auto()
    SEE_DEVELOPMENT_PAGES = auto()
    SEE_REQUEST = auto()
    SEE_DRAFT = auto()
    SEE_HIDDEN = auto()
    SEE_INTERNAL_NOTES = auto()
    SEE_QUEUE = auto()
    SEE_INBOX = auto()
    SEE_QUARANTINE = auto()
    SETTLE_HELD_MAIL = auto()
    PUBLISH_REPLY = auto()
    SEE_ACCOUNT = auto()
    SEE_SETTINGS = auto()
    BE_AWAY = auto()
    SIGN_IN = auto()
    FILE_REQUEST = auto()
    PROVE_ADDRESS = auto()
    SEND_KEPT_FORM = auto()
    CAST_VOTE = auto()
    WITHDRAW_VOTE = auto()
    POST_MESSAGE = auto()
    EDIT_OWN_MESSAGE = auto()
    REPORT = auto()
    POST_ANSWER = auto()
    WRITE_INTERNAL_NOTE = auto()
    HIDE_MESSAGE = auto()
    SUBSCRIBE = auto()
    MANAGE_SUBSCRIPTION_BY_KEY = auto()
    USE_WORK_LINK = auto()
    CONFIRM_REQUEST = auto()
    ASSIGN_REQUEST = auto()
    TAKE_REQUEST = auto()
    ASSESS_REQUEST = auto()
    ASK_REQUESTER = auto()
    PLAN_REQUEST = auto()
    MOVE_DATE = auto()
    PUBLISH_REQUEST = auto()
    CONFIRM_DELIVERY = auto()
    DECLINE_REQUEST = auto()
    DECIDE_FORMAL_REQUEST = auto()
    REDIRECT_REQUEST = auto()
    WITHDRAW_REQUEST = auto()
    LAPSE_REQUEST = auto()
    REOPEN_REQUEST = auto()
    RECLASSIFY_REQUEST = auto()
    HIDE_REQUEST = auto()
    MANAGE_MUNICIPALITY = auto()
    SEE_DIGEST_PREVIEW = auto()


_R = Relation

#: The policy. A viewer has a permission when one of the viewer's relations stands in its row.
POLICY: dict[Permission, frozenset[Relation]] = {
    permission: frozenset(relations)
    for permission, relations in {
        Permission.SEE_PUBLIC_PAGES: {_R.ANYONE},
        Permission.SEE_DEVELOPMENT_PAGES: {_R.ANYONE},  # the routes exist in development only
        Permission.SEE_REQUEST: {_R.ANYONE},
        Permission.SEE_DRAFT: {_R.ASKER},
        Permission.SEE_HIDDEN: {_R.COORDINATOR},
        Permission.SEE_INTERNAL_NOTES: {_R.OFFICIAL, _R.COORDINATOR, _R.DECIDER},
        Permission.SEE_QUEUE: {_R.OFFICIAL, _R.COLLEAGUE, _R.DECIDER, _R.COORDINATOR},
        Permission.SEE_INBOX: {_R.COORDINATOR},
        Permission.SEE_QUARANTINE: {_R.COORDINATOR, _R.ADMINISTRATOR},
        Permission.SETTLE_HELD_MAIL: {_R.COORDINATOR, _R.ADMINISTRATOR},
        Permission.PUBLISH_REPLY: {_R.ANYONE},  # whoever has the link of the mail
        Permission.SEE_ACCOUNT: {_R.PERSON},
        Permission.SEE_SETTINGS: {_R.ADMINISTRATOR},
        Permission.BE_AWAY: {_R.OFFICIAL, _R.COORDINATOR},
        Permission.SIGN_IN: {_R.ANYONE},
        Permission.FILE_REQUEST: {_R.ANYONE},
        Permission.PROVE_ADDRESS: {_R.ANYONE},
        Permission.SEND_KEPT_FORM: {_R.PERSON},
        Permission.CAST_VOTE: {_R.OUTSIDER},  # votes tell the municipality what businesses need, so it casts none
        Permission.WITHDRAW_VOTE: {_R.PERSON},  # and only the own one, also of who has come to work there since
        Permission.POST_MESSAGE: {_R.ANYONE},
        Permission.EDIT_OWN_MESSAGE: {_R.PERSON},  # and only the author, within the minutes of conversation/rules.py
        Permission.REPORT: {_R.ANYONE},
        Permission.POST_ANSWER: {_R.OFFICIAL, _R.COORDINATOR},
        Permission.WRITE_INTERNAL_NOTE: {_R.OFFICIAL, _R.COORDINATOR, _R.DECIDER},
        Permission.HIDE_MESSAGE: {_R.COORDINATOR},
        Permission.SUBSCRIBE: {_R.ANYONE},
        Permission.MANAGE_SUBSCRIPTION_BY_KEY: {_R.ANYONE},
        Permission.USE_WORK_LINK: {_R.ANYONE},  # and then only what the link's owner may do
        Permission.CONFIRM_REQUEST: {_R.ASKER},
        Permission.ASSIGN_REQUEST: {_R.COORDINATOR, _R.OFFICIAL},
        Permission.TAKE_REQUEST: {_R.OFFICIAL},
        Permission.ASSESS_REQUEST: {_R.OFFICIAL, _R.COORDINATOR},
        Permission.ASK_REQUESTER: {_R.OFFICIAL},
        Permission.PLAN_REQUEST: {_R.OFFICIAL},
        Permission.MOVE_DATE: {_R.OFFICIAL},
        Permission.PUBLISH_REQUEST: {_R.OFFICIAL},
        Permission.CONFIRM_DELIVERY: {_R.ASKER, _R.VOTER},  # voters when the asker has been silent for long
        Permission.DECLINE_REQUEST: {_R.OFFICIAL, _R.DECIDER},
        Permission.DECIDE_FORMAL_REQUEST: {_R.DECIDER},
        Permission.REDIRECT_REQUEST: {_R.OFFICIAL, _R.COORDINATOR},
        Permission.WITHDRAW_REQUEST: {_R.ASKER},
        Permission.LAPSE_REQUEST: {_R.SYSTEM},
        Permission.REOPEN_REQUEST: {_R.COORDINATOR, _R.ASKER, _R.SYSTEM},
        Permission.RECLASSIFY_REQUEST: {_R.OFFICIAL, _R.COORDINATOR},
        Permission.HIDE_REQUEST: {_R.COORDINATOR},
        Permission.MANAGE_MUNICIPALITY: {_R.ADMINISTRATOR},
        Permission.SEE_DIGEST_PREVIEW: {_R.ADMINISTRATOR},
    }.items()
}


class Subject(Protocol):
    """What the policy needs to know of a request."""

    @property
    def id(self) -> int: ...
    @property
    def municipality_id(self) -> int: ...
    @property
    def unit_id(self) -> int | None: ...
    @property
    def asker_id(self) -> int | None: ...
    @property
    def hidden_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class HeldRole:
    """A role that a viewer holds: in one unit, and with it in every unit below."""

    role: Role
    municipality_id: int
    unit_ids: frozenset[int]


@dataclass(frozen=True)
class Viewer:
    """Whoever looks at or does something. Nobody signed in: no person."""

    person_id: int | None = None
    organisation_id: int | None = None
    roles: tuple[HeldRole, ...] = ()
    is_system: bool = False
    #: Requests that the viewer is known to have voted for. Known only where it was looked up (voting/queries.py).
    voted_for: frozenset[int] = frozenset()

    @property
    def is_anonymous(self) -> bool:
        """Nobody is signed in."""
        return self.person_id is None

    @property
    def is_official(self) -> bool:
        """Has a queue of its own."""
        return self._holds(Role.OFFICIAL) or self._holds(Role.DECIDER)

    @property
    def is_coordinator(self) -> bool:
        """Has an inbox."""
        return self._holds(Role.COORDINATOR)

    @property
    def is_administrator(self) -> bool:
        """May change the municipality's settings."""
        return self._holds(Role.ADMINISTRATOR)

    @property
    def is_staff(self) -> bool:
        """Works for a municipality in any role."""
        return bool(self.roles)

    def unit_ids(self, *roles: Role) -> frozenset[int]:
        """Every unit the viewer answers for in one of `roles`."""
        return frozenset(unit for held in self.roles if held.role in roles for unit in held.unit_ids)

    def municipality_ids(self, *roles: Role) -> frozenset[int]:
        """Every municipality the viewer works for in one of `roles` (in any role when none is named)."""
        return frozenset(held.municipality_id for held in self.roles if not roles or held.role in roles)

    def _holds(self, role: Role) -> bool:
        return any(held.role is role for held in self.roles)


NOBODY = Viewer()
SYSTEM = Viewer(is_system=True)


def relations(viewer: Viewer, subject: Subject | None = None) -> frozenset[Relation]:
    """How `viewer` stands to `subject`; without one, what the viewer is anywhere."""
    if viewer.is_system:
        return frozenset({Relation.SYSTEM})
    found = {Relation.ANYONE}
    if subject is None or subject.municipality_id not in viewer.municipality_ids():
        found.add(Relation.OUTSIDER)
    if viewer.person_id is None:
        return frozenset(found)
    found.add(Relation.PERSON)
    if subject is None:
        found |= {Relation(held.role) for held in viewer.roles}
        return frozenset(found)
    if subject.asker_id == viewer.person_id:
        found.add(Relation.ASKER)
    if subject.id in viewer.voted_for:
        found.add(Relation.VOTER)
    for held in viewer.roles:
        if held.municipality_id != subject.municipality_id:
            continue
        if held.role in (Role.COORDINATOR, Role.ADMINISTRATOR) or subject.unit_id in held.unit_ids:
            found.add(Relation(held.role))
        elif held.role is Role.OFFICIAL:
            found.add(Relation.COLLEAGUE)
    return frozenset(found)


def allows(viewer: Viewer, permission: Permission, subject: Subject | None = None) -> bool:
    """Whether `viewer` has `permission` on `subject` (or at all, for what concerns no single request)."""
    return bool(POLICY[permission] & relations(viewer, subject))
