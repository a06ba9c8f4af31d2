"""Mails that prove an address: each carries a link and a code, and is pointless once the proof is used or dead."""

from sqlalchemy.orm import Session

from dialogue.accounts.models import EmailProof, Municipality
from dialogue.accounts.queries import list_municipalities
from dialogue.core.clock import now
from dialogue.core.language import N_, Sentence
from dialogue.mail.compose import Letter
from dialogue.mail.outbox import Claim
from dialogue.notifications.letters.frame import letter
from dialogue.notifications.queries.targets import find_target
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import DRAFT_LASTS, Status

_WHY_TRIED = N_("You get this because somebody used this address here.")


def sign_in(session: Session, mail: Claim) -> Letter | None:
    """The code and the link that sign somebody in."""
    proof = _open_proof(session, mail)
    if proof is None:
        return None
    places = list_municipalities(session)
    why = Sentence(N_("You get this because somebody wanted to log in with this address."))
    return _with_code(places[0] if len(places) == 1 else None, why, mail, proof)


def confirm_request(session: Session, mail: Claim) -> Letter | None:
    """The code and the link that publish a request."""
    proof = _open_proof(session, mail)
    data_request = _subject(session, proof)
    if proof is None or data_request is None or data_request.status is not Status.DRAFT:
        return None
    why = Sentence(N_("You get this because somebody filed a request with this address."))
    return _with_code(data_request.municipality, why, mail, proof, title=data_request.title)


def draft_reminder(session: Session, mail: Claim) -> Letter | None:
    """The link that publishes a request which waits, and when it goes."""
    proof = _open_proof(session, mail)
    data_request = _subject(session, proof)
    if proof is None or data_request is None or data_request.status is not Status.DRAFT:
        return None
    return letter(
        data_request.municipality,
        Sentence(N_("You get this because somebody filed a request with this address.")),
        {
            "token": mail.context["token"],
            "title": data_request.title,
            "filed_at": data_request.created_at,
            "removed_at": data_request.created_at + DRAFT_LASTS,
        },
    )


def confirm_act(session: Session, mail: Claim) -> Letter | None:
    """The code and the link that count a vote, or publish a post."""
    proof = _open_proof(session, mail)
    data_request = _subject(session, proof)
    if proof is None or data_request is None or data_request.hidden_at is not None:
        return None
    return _with_code(data_request.municipality, Sentence(_WHY_TRIED), mail, proof, title=data_request.title)


def confirm_follow(session: Session, mail: Claim) -> Letter | None:
    """The code and the link that start a subscription: the second half of opting in twice."""
    proof = _open_proof(session, mail)
    target = find_target(session, proof.payload["target"]) if proof else None
    if proof is None or target is None:
        return None
    what, wording = target.name(mail.locale), proof.payload["wording"]
    return _with_code(target.municipality, Sentence(_WHY_TRIED), mail, proof, what=what, wording=wording)


def _with_code(
    municipality: Municipality | None, why: Sentence, mail: Claim, proof: EmailProof, **values: object
) -> Letter:
    secrets = {"digits": mail.context["code"], "token": mail.context["token"]}
    return letter(municipality, why, {**secrets, "until": proof.expires_at, **values})


def _open_proof(session: Session, mail: Claim) -> EmailProof | None:
    proof = session.get(EmailProof, mail.context["proof_id"])
    return proof if proof and proof.used_at is None and proof.expires_at > now() else None


def _subject(session: Session, proof: EmailProof | None) -> DataRequest | None:
    return session.get(DataRequest, proof.payload["request_id"]) if proof else None
