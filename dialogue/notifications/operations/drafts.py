"""Requests that were filed and never confirmed: reminded of once, then removed, as the page says."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from dialogue.accounts.models import EmailProof
from dialogue.accounts.operations.proofs import renew_proof
from dialogue.accounts.rules import ProofPurpose
from dialogue.core.clock import now
from dialogue.mail.compose import queue_email
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import DRAFT_LASTS, DRAFT_REMINDER_AFTER, Status

#: Drafts looked at in one transaction.
AT_A_TIME = 100


def remind_of_drafts(session: Session) -> int:
    """Remind of drafts that have waited for a day and were not reminded of yet. Returns of how many."""
    at = now()
    wanted = (
        select(DataRequest)
        .where(
            DataRequest.status == Status.DRAFT,
            DataRequest.reminded_at.is_(None),
            DataRequest.created_at <= at - DRAFT_REMINDER_AFTER,
            DataRequest.created_at > at - DRAFT_LASTS,
        )
        .order_by(DataRequest.id)
        .limit(AT_A_TIME)
        .with_for_update(of=DataRequest, skip_locked=True)
    )
    drafts = {draft.id: draft for draft in session.scalars(wanted)}
    proofs = {proof.payload["request_id"]: proof for proof in _waiting_proofs(session)} if drafts else {}
    for request_id, draft in drafts.items():
        draft.reminded_at = at
        if request_id in proofs:
            _remind(session, proofs[request_id], request_id)
    return len(drafts)


def remove_old_drafts(session: Session) -> int:
    """Remove drafts that nobody confirmed in time, with the proofs that waited for them. Returns how many."""
    wanted = select(DataRequest.id).where(
        DataRequest.status == Status.DRAFT,
        DataRequest.source_key.is_(None),
        DataRequest.created_at <= now() - DRAFT_LASTS,
    )
    ids = set(session.scalars(wanted.order_by(DataRequest.id).limit(AT_A_TIME)))
    if not ids:
        return 0
    waiting = [proof.id for proof in _waiting_proofs(session) if proof.payload["request_id"] in ids]
    session.execute(delete(EmailProof).where(EmailProof.id.in_(waiting)))
    session.execute(delete(DataRequest).where(DataRequest.id.in_(ids), DataRequest.status == Status.DRAFT))
    return len(ids)


def _waiting_proofs(session: Session) -> list[EmailProof]:
    """Proofs that would publish a request, the newest of each last."""
    wanted = select(EmailProof).where(EmailProof.purpose == ProofPurpose.CONFIRM_REQUEST, EmailProof.used_at.is_(None))
    return list(session.scalars(wanted.order_by(EmailProof.id)))


def _remind(session: Session, proof: EmailProof, request_id: int) -> None:
    made = renew_proof(
        session,
        proof.purpose,
        proof.email,
        proof.payload,
        locale=proof.locale,
        template=proof.template,
        act_key=proof.act_key,
    )
    queue_email(
        session,
        template="draft_reminder",
        recipient=proof.email,
        locale=proof.locale,
        context={"proof_id": made.proof.id, "token": made.token, "code": made.code},
        dedupe_key=f"draft:{request_id}",
        expires_at=made.proof.expires_at,
    )
