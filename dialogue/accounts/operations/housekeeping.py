"""Removing what has had its day. The worker calls it daily; running it twice does nothing more."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from dialogue.accounts.models import EmailProof, KeptForm, SignInSession
from dialogue.accounts.rules import KEPT_FORM_LASTS, PROOF_KEPT_AFTER
from dialogue.core.limits import forget_old_tries


def purge_expired(session: Session, now: datetime) -> None:
    """Remove old proofs (some time after they expire, so that their pages can say so), kept forms, ended sessions and
    old counts of tries."""
    session.execute(delete(EmailProof).where(EmailProof.expires_at < now - PROOF_KEPT_AFTER))
    session.execute(delete(KeptForm).where(KeptForm.created_at < now - KEPT_FORM_LASTS))
    session.execute(delete(SignInSession).where(SignInSession.expires_at < now))
    forget_old_tries(session, now)
