"""Mails about what came by mail."""

from dataclasses import replace

from sqlalchemy.orm import Session

from dialogue.accounts.models import Unit
from dialogue.accounts.policy import Permission, allows
from dialogue.accounts.queries import get_viewer, list_municipalities
from dialogue.conversation.models import ReplyPreview
from dialogue.conversation.operations.replies import is_open
from dialogue.core.language import N_, Sentence
from dialogue.mail.compose import Letter
from dialogue.mail.outbox import Claim
from dialogue.notifications.letters.frame import answer_about, find_reader, letter
from dialogue.requests.models import DataRequest

_WHY_WROTE = N_("You get this because you answered a mail from us.")
_WHY_ADDRESS = N_("You get this because the address for answers was given to you.")


def reply_preview(session: Session, mail: Claim) -> Letter | None:
    """How an answer will look, and the link that publishes it."""
    preview = session.get(ReplyPreview, mail.context["preview_id"])
    if preview is None or not is_open(preview):
        return None
    data_request, person = preview.data_request, preview.person
    official = person is None or allows(get_viewer(session, person), Permission.POST_ANSWER, data_request)
    business = person.organisation.name if person is not None and person.organisation else None
    return letter(
        data_request.municipality,
        Sentence(_WHY_WROTE),
        {
            "number": data_request.id,
            "title": data_request.title,
            "text": preview.body,
            "by": (data_request.unit or data_request.municipality).name if official else business,
            "official": official,
            "shared": preview.unit is not None,
            "token": mail.context["token"],
            "until": preview.expires_at,
        },
        unit=data_request.unit,
        answer=answer_about(data_request, person or preview.unit),
    )


def reply_held(session: Session, mail: Claim) -> Letter | None:
    """That somebody else wrote to one's own address."""
    if mail.person_id is not None and find_reader(session, mail) is None:
        return None
    return _about_sender(session, mail, Sentence(_WHY_ADDRESS))


def reply_robot(session: Session, mail: Claim) -> Letter | None:
    """That a sender writes as robots do."""
    unit_id = mail.context["unit_id"]
    name = session.get_one(Unit, unit_id).name if unit_id is not None else ""
    why = (
        Sentence(N_("You get this because the request stands with %(name)s."), {"name": name})
        if name
        else Sentence(N_("You get this because you are the municipality's contact here."))
    )
    return _about_sender(session, mail, why)


def reply_explained(session: Session, mail: Claim) -> Letter | None:
    """That nobody reads what is sent to a digest."""
    if find_reader(session, mail) is None:
        return None
    places = list_municipalities(session)
    said = letter(places[0] if len(places) == 1 else None, Sentence(_WHY_WROTE), {})
    return replace(said, is_auto_reply=True)


def _about_sender(session: Session, mail: Claim, why: Sentence) -> Letter | None:
    data_request = session.get(DataRequest, mail.context["request_id"])
    if data_request is None or data_request.hidden_at is not None:
        return None
    values = {
        "number": data_request.id,
        "title": data_request.title,
        "sender": mail.context["sender"],
        "path": f"/requests/{data_request.id}-{data_request.slug}",
    }
    return letter(data_request.municipality, why, values, unit=data_request.unit)
