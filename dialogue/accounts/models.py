"""Tables: who is who."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dialogue.accounts.rules import ProofPurpose, Role
from dialogue.core.clock import now
from dialogue.core.db import Base, choice
from dialogue.core.tokens import new_handle


class Locale(StrEnum):
    """The languages every page and mail exists in."""

    SV = "sv"
    EN = "en"


class Municipality(Base):
    """A municipality and its promises. All of it is data: nothing about a certain municipality is code."""

    __tablename__ = "municipality"
    __table_args__ = (
        CheckConstraint("first_answer_days > 0", name="first_answer_days_positive"),
        CheckConstraint("next_word_days > 0", name="next_word_days_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    organisation_number: Mapped[str | None] = mapped_column(String(10))
    contact_email: Mapped[str | None] = mapped_column(String(254))
    #: Court that tries appeals on format, fee and conditions (förvaltningsrätt), and on secrecy (kammarrätt).
    administrative_court: Mapped[str | None] = mapped_column(String(120))
    court_of_appeal: Mapped[str | None] = mapped_column(String(120))
    zone: Mapped[str] = mapped_column(String(60), default="Europe/Stockholm")
    #: Promise for a wish: working days to the first answer, and at most this many to the next word.
    first_answer_days: Mapped[int] = mapped_column(default=5)
    next_word_days: Mapped[int] = mapped_column(default=20)
    #: CSS custom properties that override section 1 of static/css/tokens.css.
    theme: Mapped[str | None] = mapped_column(Text)
    phase_line: Mapped[bool] = mapped_column(default=True)


class Unit(Base):
    """A förvaltning or a part of one, reachable at its own mailbox."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("municipality_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    area_id: Mapped[int | None] = mapped_column(ForeignKey("area.id"))
    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(120))
    mailbox: Mapped[str] = mapped_column(String(254))
    #: Working days to a first answer, in the middle of the newest ones. Kept so that no page has to work it out.
    usual_answer_days: Mapped[int | None]
    closed_at: Mapped[datetime | None]

    municipality: Mapped[Municipality] = relationship()
    parent: Mapped["Unit | None"] = relationship(remote_side=[id])


class Area(Base):
    """What a request is about, in the municipality's own words, each tied to one of the EU data themes."""

    __tablename__ = "area"
    __table_args__ = (UniqueConstraint("municipality_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    slug: Mapped[str] = mapped_column(String(60))
    name_sv: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    #: Code in http://publications.europa.eu/resource/authority/data-theme/ (dcat:theme), for instance TRAN.
    theme: Mapped[str] = mapped_column(String(4))


class Organisation(Base):
    """The business a person speaks for. Votes are counted per organisation."""

    __tablename__ = "organisation"
    __table_args__ = (
        Index("ix_organisation_name_key", "name_key"),
        # Two businesses may share a name, but only numbers tell them apart: without numbers they are one.
        Index(
            "uq_organisation_name_without_number",
            "name_key",
            unique=True,
            sqlite_where=text("number IS NULL"),
            postgresql_where=text("number IS NULL"),
        ),
        # Votes go on counting under the number of a business that was forgotten, so no other one may get it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    #: The name folded for comparison, so that "Laddkusten AB" and "laddkusten  ab" are one.
    name_key: Mapped[str] = mapped_column(String(120))
    #: Ten digits. A sole trader's number is the owner's personal number: never shown, never exported.
    number: Mapped[str | None] = mapped_column(String(10), unique=True)
    created_at: Mapped[datetime]


class Person(Base):
    """Somebody who has proved an e-mail address. There are no passwords."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str | None] = mapped_column(String(80))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    locale: Mapped[Locale] = mapped_column(choice(Locale), default=Locale.SV)
    created_at: Mapped[datetime]
    #: Shut out by the municipality, or gone.
    disabled_at: Mapped[datetime | None]
    #: When somebody had their account deleted. What is left is an empty shell that holds posts and votes together.
    erased_at: Mapped[datetime | None]
    #: When the person last did something here by hand, to within a week; and when they were asked, after a long
    #: silence, whether they still want their mail.
    alive_at: Mapped[datetime] = mapped_column(default=now)
    asked_at: Mapped[datetime | None]
    #: Stands for the person in links that end or change their mail (notifications/keys.py).
    mail_handle: Mapped[str] = mapped_column(String(16), unique=True, default=new_handle)

    organisation: Mapped[Organisation | None] = relationship(lazy="joined")


class RoleGrant(Base):
    """A role that a person holds in a unit."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("person_id", "unit_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role))
    granted_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    unit: Mapped[Unit] = relationship()


class SignInSession(Base):
    """A device that is signed in. The cookie holds the token, the table only its hash."""

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class EmailProof(Base):
    """A mail that proves an address, by link or by code, and the act that waits for it. Used once, by POST."""

    __tablename__ = "email_proof"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The same for every mail about one act: when one of them is used, all are.
    act_key: Mapped[str] = mapped_column(String(40), index=True)
    purpose: Mapped[ProofPurpose] = mapped_column(choice(ProofPurpose))
    #: Folder of the mail under templates/emails, for sending it again.
    template: Mapped[str] = mapped_column(String(60))
    email: Mapped[str] = mapped_column(String(254), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str | None] = mapped_column(String(64))
    code_tries: Mapped[int] = mapped_column(default=0)
    #: What to do when the address is proved: ids and typed text, by purpose.
    payload: Mapped[dict[str, Any]]
    locale: Mapped[Locale] = mapped_column(choice(Locale))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class KeptForm(Base):
    """Fields of a form that could not be taken because nobody was signed in any more. Shown again after sign-in."""

    __tablename__ = "kept_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    path: Mapped[str] = mapped_column(String(500))
    #: [name, value] of every field, in order.
    fields: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)
