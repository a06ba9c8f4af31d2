"""Proving an e-mail address: an act waits with a link and a code, and is done once when either is used.

GET shows what waits and uses nothing up, because mail scanners open every link. A mail can be sent again: each mail's
link works until it expires, the newest code works, and the first one used makes all of them used.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from dialogue.accounts.models import EmailProof, Locale, Person
from dialogue.accounts.rules import ACT_LASTS, CODE_LASTS, CODE_TRIES, SIGN_IN_LASTS, ProofPurpose, ProofState
from dialogue.core.clock import now
from dialogue.core.db import server_secret
from dialogue.core.errors import InvalidTransition, NotFound
from dialogue.core.language import N_
from dialogue.core.limits import Limit, count_try, network_of
from dialogue.core.tokens import hash_code, hash_token, new_code, new_token, normalise_code, same
from dialogue.mail.bounces import start_again
from dialogue.mail.compose import cancel_email, queue_email
from dialogue.mail.rules import Rank

#: Mails to one address and from one network, so that nobody's mailbox can be filled from here. Whoever makes a
#: stranger reach the limit locks nobody out: the links that came with those mails sign in whoever holds the mailbox.
MAILS_PER_ADDRESS = Limit("proof-mail", 6, timedelta(minutes=30))
MAILS_PER_ADDRESS_A_DAY = Limit("proof-mail-day", 30, timedelta(days=1))
MAILS_PER_IP = Limit("proof-mail-ip", 60, timedelta(minutes=30))

#: Codes tried from one network. With the tries of each code and the mails of each address: 150 guesses a day at most,
#: of a million.
CODES_PER_IP = Limit("proof-code-ip", 60, timedelta(minutes=30))


@dataclass(frozen=True)
class NewProof:
    """A proof that has just been asked for, with the secrets that only its mail may carry."""

    proof: EmailProof
    token: str
    code: str


def ask_for_proof(
    session: Session,
    purpose: ProofPurpose,
    email: str,
    payload: dict[str, Any],
    *,
    locale: str,
    ip: str,
    template: str,
) -> NewProof:
    """Let the act in `payload` wait for `email` (normalised) and queue the mail that proves it.

    Raises RateLimited when too many mails were asked for.
    """
    _count_mail(session, email, ip)
    made = renew_proof(session, purpose, email, payload, locale=locale, template=template)
    _queue(session, made)
    return made


def renew_proof(
    session: Session,
    purpose: ProofPurpose,
    email: str,
    payload: dict[str, Any],
    *,
    locale: str,
    template: str = "",
    act_key: str = "",
) -> NewProof:
    """A fresh proof for `payload` without a mail: for somebody whose address is proved already in this browser."""
    at = now()
    token, code = new_token(), new_code()
    proof = EmailProof(
        act_key=act_key or new_token(),
        purpose=purpose,
        template=template or purpose.value,
        email=email,
        token_hash=hash_token(token),
        code_hash=_hash(session, code, hash_token(token)),
        payload=payload,
        locale=Locale(locale),
        created_at=at,
        expires_at=at + (SIGN_IN_LASTS if purpose is ProofPurpose.SIGN_IN else ACT_LASTS),
    )
    session.add(proof)
    session.flush()
    return NewProof(proof, token, code)


def open_own_proof(session: Session, person: Person, proof_id: int) -> NewProof:
    """A fresh link for something that waits for the address of `person`, who is signed in and so has proved it.

    Raises NotFound for what waits for somebody else, or no longer.
    """
    proof = session.get(EmailProof, proof_id)
    if proof is None or proof.email != person.email or proof.used_at is not None:
        raise NotFound
    return renew_proof(
        session,
        proof.purpose,
        proof.email,
        proof.payload,
        locale=proof.locale,
        template=proof.template,
        act_key=proof.act_key,
    )


def send_again(session: Session, proof: EmailProof, *, ip: str) -> NewProof:
    """A new mail with a new link and a new code for the act of `proof`.

    Raises InvalidTransition when the act is done already, RateLimited when too many mails were asked for.
    """
    return _replace(session, proof, proof.email, ip)


def change_address(session: Session, proof: EmailProof, email: str, *, ip: str) -> NewProof:
    """Send the proof to `email` (normalised) instead; nothing that was sent to the wrong address works any more.

    Raises InvalidTransition when the act is done already, RateLimited when too many mails were asked for.
    """
    made = _replace(session, proof, email, ip)
    former = select(EmailProof.id).where(EmailProof.act_key == proof.act_key, EmailProof.id != made.proof.id)
    for proof_id in session.scalars(former).all():
        cancel_email(session, _dedupe_key(proof_id))
    session.execute(delete(EmailProof).where(EmailProof.act_key == made.proof.act_key, EmailProof.id != made.proof.id))
    return made


def state_of(proof: EmailProof) -> ProofState:
    """What can still be done with `proof`."""
    if proof.used_at is not None:
        return ProofState.USED
    return ProofState.EXPIRED if proof.expires_at <= now() else ProofState.OPEN


def code_is_dead(proof: EmailProof) -> bool:
    """Whether no code opens `proof` any more: too old, or too many wrong tries. Its link may still work."""
    return proof.code_tries >= CODE_TRIES or now() > min(proof.expires_at, proof.created_at + CODE_LASTS)


def try_code(session: Session, proof: EmailProof, typed: str, *, ip: str) -> bool:
    """Whether `typed` is the code of `proof`. Counts the try; a code is dead after some tries, half an hour, or use.

    Raises RateLimited when too many codes were tried from one network.
    """
    if state_of(proof) is not ProofState.OPEN or proof.code_hash is None or code_is_dead(proof):
        return False
    count_try(session, CODES_PER_IP, network_of(ip), now())
    # Counted by the database, so that tries sent side by side are all counted.
    session.execute(update(EmailProof).where(EmailProof.id == proof.id).values(code_tries=EmailProof.code_tries + 1))
    session.refresh(proof)
    if proof.code_tries > CODE_TRIES:
        return False
    return same(_hash(session, normalise_code(typed), proof.token_hash), proof.code_hash)


def use_proof(session: Session, proof: EmailProof) -> bool:
    """Use up `proof` and every other mail about the same act. False when somebody was first, or it has expired.

    One statement decides, so that of two clicks at the same moment one acts.
    """
    at = now()
    if proof.expires_at <= at:
        return False
    unused = EmailProof.act_key == proof.act_key, EmailProof.used_at.is_(None)
    taken = session.execute(update(EmailProof).where(*unused).values(used_at=at).returning(EmailProof.id)).all()
    if proof.id not in {row.id for row in taken}:
        return False
    if proof.purpose is ProofPurpose.SIGN_IN:
        start_again(session, proof.email)  # the mail has arrived, so mail does
    return True


def _replace(session: Session, proof: EmailProof, email: str, ip: str) -> NewProof:
    if proof.used_at is not None:
        raise InvalidTransition(N_("That is confirmed already."))
    _count_mail(session, email, ip)
    made = renew_proof(
        session,
        proof.purpose,
        email,
        proof.payload,
        locale=proof.locale,
        template=proof.template,
        act_key=proof.act_key,
    )
    _queue(session, made)
    return made


def _count_mail(session: Session, email: str, ip: str) -> None:
    at = now()
    count_try(session, MAILS_PER_ADDRESS, hash_token(email), at)
    count_try(session, MAILS_PER_ADDRESS_A_DAY, hash_token(email), at)
    count_try(session, MAILS_PER_IP, network_of(ip), at)


def _queue(session: Session, made: NewProof) -> None:
    queue_email(
        session,
        template=made.proof.template,
        recipient=made.proof.email,
        locale=made.proof.locale,
        context={"proof_id": made.proof.id, "token": made.token, "code": made.code},
        dedupe_key=_dedupe_key(made.proof.id),
        rank=Rank.AT_ONCE,
        expires_at=made.proof.expires_at,
    )


def _dedupe_key(proof_id: int) -> str:
    return f"proof:{proof_id}"


def _hash(session: Session, code: str, token_hash: str) -> str:
    # A million codes are tried in a second, so the hash leans on a secret that is not in the database.
    return hash_code(code, server_secret(session) + token_hash)
