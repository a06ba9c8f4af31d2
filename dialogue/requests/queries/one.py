"""SELECTs that load one request."""

from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, exists, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from dialogue.accounts.models import Area, Organisation, Unit
from dialogue.accounts.policy import Permission, Viewer, allows
from dialogue.core.errors import Forbidden, Gone, NotFound, SignInNeeded
from dialogue.core.language import N_
from dialogue.requests.models import AnswerDraft, DataRequest, RequestDataset
from dialogue.requests.rules import Status


class Around(NamedTuple):
    """What the page of a request shows beside it, and how the reader stands to it."""

    parent_unit: str | None
    area_sv: str | None
    area_en: str | None
    organisation: str | None
    has_data: bool
    #: What the reader has typed of an answer.
    draft: dict[str, Any] | None
    has_voted: bool
    is_followed: bool


def get_request(
    session: Session, viewer: Viewer, number: int, permission: Permission, *, lock: bool = False
) -> DataRequest:
    """The request `number`, loaded and checked in one call.

    With `lock` the row stays ours until the transaction ends (PostgreSQL; SQLite has one writer anyway).
    Raises NotFound (also for other people's drafts), Gone (hidden by the municipality), SignInNeeded, Forbidden.
    """
    return _checked(viewer, permission, session.scalar(_one(lock), {"number": number}))


def get_with_surroundings(
    session: Session, viewer: Viewer, number: int, permission: Permission, *, ties: tuple[ColumnElement[bool], ...]
) -> tuple[DataRequest, Around]:
    """The request `number` and what its page shows around it, in one statement; checked as `get_request` does.

    `ties` say whether the reader (the parameter `reader_id`) has voted, and follows. Names are read as names: to load
    what they are the names of takes as long as the rest of the statement.
    """
    wanted = {"number": number, "reader_id": viewer.person_id or 0}
    row: Any = session.execute(_with_surroundings(ties), wanted).one_or_none()
    data_request = _checked(viewer, permission, row[0] if row else None)
    return data_request, Around(*row[1:])


def _checked(viewer: Viewer, permission: Permission, data_request: DataRequest | None) -> DataRequest:
    if data_request is None:
        raise NotFound
    if data_request.status is Status.DRAFT and not allows(viewer, Permission.SEE_DRAFT, data_request):
        raise NotFound
    if data_request.hidden_at is not None and not allows(viewer, Permission.SEE_HIDDEN, data_request):
        raise Gone(data_request.hidden_reason or N_("The municipality has hidden this request."))
    if not allows(viewer, permission, data_request):
        raise SignInNeeded if viewer.is_anonymous else Forbidden
    return data_request


# Kept, because putting a statement together costs as much as running it.
@cache
def _one(lock: bool) -> Select[DataRequest]:
    wanted = (
        select(DataRequest)
        .where(DataRequest.id == bindparam("number"))
        .options(
            joinedload(DataRequest.municipality),
            joinedload(DataRequest.unit),
            joinedload(DataRequest.area),
            joinedload(DataRequest.organisation),
        )
    )
    return wanted.with_for_update(of=DataRequest) if lock else wanted


@cache
def _with_surroundings(ties: tuple[ColumnElement[bool], ...]) -> Select[*tuple[Any, ...]]:
    parent = aliased(Unit)
    draft = select(AnswerDraft.fields).where(
        AnswerDraft.request_id == DataRequest.id, AnswerDraft.person_id == bindparam("reader_id")
    )
    return (
        select(
            DataRequest,
            parent.name,
            Area.name_sv,
            Area.name_en,
            Organisation.name,
            exists().where(RequestDataset.request_id == DataRequest.id),
            draft.scalar_subquery(),
            *ties,
        )
        .outerjoin(DataRequest.unit)
        .outerjoin(parent, parent.id == Unit.parent_id)
        .outerjoin(DataRequest.area)
        .outerjoin(DataRequest.organisation)
        .where(DataRequest.id == bindparam("number"))
        .options(contains_eager(DataRequest.unit))
    )
