"""What all mails have in common: whom they are from, where an answer goes, why one gets them, how one ends them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from dialogue.accounts.models import Municipality, Person, Unit
from dialogue.conversation.rules import takes_replies
from dialogue.core.db import server_secret
from dialogue.core.language import Sentence
from dialogue.mail.addresses import MailboxAnswer, PersonsAnswer, Purpose
from dialogue.mail.compose import Letter, MailingList
from dialogue.mail.outbox import Claim
from dialogue.notifications.keys import key_to_choose, key_to_end
from dialogue.requests.models import DataRequest


def letter(
    municipality: Municipality | None,
    why: Sentence,
    values: dict[str, Any],
    *,
    unit: Unit | None = None,
    mailing_list: MailingList | None = None,
    stop: Sentence | None = None,
    stop_path: str | None = None,
    choices_path: str | None = None,
    answer: Purpose | None = None,
) -> Letter:
    """A mail of `municipality` that says `values`, answered by `unit` if one has the matter. `why`: why one gets it.
    `answer`: what an answer to it would be, where the house takes answers in.

    A site that speaks for several municipalities signs people in for none of them.
    """
    contact = _contact(municipality, unit)
    return Letter(
        values={
            "municipality": municipality.name if municipality else None,
            "why": why,
            "contact": contact,
            "stop": stop,
            "stop_path": stop_path,
            "choices_path": choices_path,
            **values,
        },
        sender_name=f"Dialogue, {municipality.name}" if municipality else "Dialogue",
        reply_to=contact["address"] if contact else None,
        zone=municipality.zone if municipality else None,
        mailing_list=mailing_list,
        answer=answer,
    )


def stop_path(session: Session, person: Person, ends: str) -> str:
    """The page that ends one subscription or digest of `person` ("request:12", "weekly:1")."""
    return f"/unsubscribe/{key_to_end(server_secret(session), person.mail_handle, ends)}"


def choices_path(session: Session, person: Person) -> str:
    """The page with all choices of `person`."""
    return f"/preferences/{key_to_choose(server_secret(session), person.mail_handle)}"


def answer_about(data_request: DataRequest, writer: Person | Unit | None) -> Purpose | None:
    """What `writer`, who gets a mail about the request, may answer; None when it takes no answers any more."""
    if writer is None or not takes_replies(data_request):
        return None
    if isinstance(writer, Unit):
        return MailboxAnswer(writer.id, data_request.id)
    return PersonsAnswer(writer.mail_handle, data_request.id)


def mailing_list(municipality: Municipality, ends: str, name: str, path: str) -> MailingList:
    """What is followed, as mail programs know it: they may end it by POST to `path`."""
    return MailingList(
        key=ends.replace(":", "-"),
        name=f"{name}, {municipality.name}",
        stop_path=path,
        mailbox=municipality.contact_email,
    )


def find_reader(session: Session, mail: Claim) -> Person | None:
    """Whom `mail` is for, unless the account is closed or has another address now."""
    person = session.get(Person, mail.person_id) if mail.person_id is not None else None
    if person is None or person.disabled_at is not None or person.email != mail.recipient:
        return None
    return person


def find_readers(session: Session, mails: Sequence[Claim]) -> Sequence[Person]:
    """Whom `mails` are for. While somebody holds them, `find_reader` need not ask the database."""
    ids = {mail.person_id for mail in mails if mail.person_id is not None}
    wanted = select(Person).where(Person.id.in_(ids)).options(lazyload("*"))
    return session.scalars(wanted).all() if ids else []


def _contact(municipality: Municipality | None, unit: Unit | None) -> dict[str, str] | None:
    if unit is not None:
        return {"name": unit.name, "address": unit.mailbox}
    if municipality is not None and municipality.contact_email:
        return {"name": municipality.name, "address": municipality.contact_email}
    return None
