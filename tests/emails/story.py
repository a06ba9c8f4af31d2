"""One of every mail, brought about by what people really do, on a day that never changes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from email import message_from_string, policy
from email.message import EmailMessage

import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Locale, Person, Unit
from dialogue.accounts.operations.proofs import ask_for_proof
from dialogue.accounts.operations.roles import grant_role
from dialogue.accounts.rules import ProofPurpose, Role
from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.conversation.models import Message
from dialogue.conversation.operations.answers import answer_with, post_answer
from dialogue.conversation.operations.incoming import Opened, handle_mail
from dialogue.conversation.operations.messages import post_message
from dialogue.conversation.operations.moderation import hide_message, show_message
from dialogue.conversation.operations.reports import report
from dialogue.conversation.rules import ReportKind
from dialogue.core.clock import now, today
from dialogue.mail.addresses import DigestAnswer, local_part
from dialogue.mail.compose import queue_email
from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.operations.absences import AbsenceFields, add_absence
from dialogue.notifications.operations.following import follow
from dialogue.notifications.operations.questions import tend_questions
from dialogue.notifications.queries.targets import Target, target_of
from dialogue.notifications.rules import Cadence, Scope
from dialogue.notifications.worker import Worker, drain
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.closing import Heir, Refusal, reopen_request, withdraw_request
from dialogue.requests.operations.filing import confirm_request
from dialogue.requests.operations.planning import note_answer_from_asker
from dialogue.requests.operations.publishing import Publication, confirm_delivery
from dialogue.requests.operations.routing import (
    assign_request,
    hide_request,
    reclassify_request,
    show_request,
    take_request,
)
from dialogue.requests.rules import Extent, Ground, Kind, Status, Works
from dialogue.voting.operations import cast_vote, withdraw_vote
from tests.factories import Factory
from tests.mail.postman import DOMAIN, address_of, configured

TITLE = "Lediga laddplatser i realtid"
NEED = "Vilka av kommunens laddplatser som är lediga just nu, med plats, effekt och pris."
ANSWER = """Hej! Vi har läget för **alla** våra laddplatser, men leverantören äger en del av det.

- plats och effekt kan vi lämna ut
- pris behöver vi fråga om

Avtalet finns på https://halmstad.example/avtal."""


@dataclass(frozen=True)
class Mail:
    """A mail as it was sent, with what differs from run to run taken out."""

    name: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return _part(self.message, "plain")

    @property
    def html(self) -> str:
        return _part(self.message, "html")


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def opened(name: str, source: str) -> Mail:
    """The mail whose whole message is `source`."""
    head, _, body = source.partition("\r\n\r\n")
    source = head + "\r\n\r\n" + body.replace("=\r\n", "")
    steady = re.sub(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])", "0" * 40, source)
    steady = re.sub(r"(?<=/(?:unsubscribe|preferences)/)[0-9a-f]{48}", "0" * 48, steady)
    steady = re.sub(r"\b\d{6}(?= (?:is|=C3=A4r) )", "123456", steady)
    message = message_from_string(steady, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return Mail(name, message)


class Story:
    """A municipality, some people, and a request for each thing that can happen."""

    def __init__(self, app: Flask, session: Session, make: Factory, locale: str) -> None:
        self.app, self.session, self.make, self.locale = app, session, make, Locale(locale)
        app.config["LOCALE"] = locale
        make.municipality(slug="halmstad", name="Halmstads kommun", contact_email="dialog@halmstad.example")
        self.unit = make.unit("gata", name="Gata och trafik", mailbox="gata@halmstad.example")
        self.asker = self.person("anna@laddkusten.example", "Laddkusten AB")
        self.voter = self.person("bo@elbil.example", "Elbil Syd AB")
        self.follower = self.person("cia@karta.example", "Kartverket i Väst HB")
        self.official = make.viewer(make.official(self.unit, email="olle@halmstad.example", locale=self.locale))
        coordinator = make.official(self.unit, Role.COORDINATOR, email="kim@halmstad.example", locale=self.locale)
        self.coordinator = make.viewer(coordinator)
        self.mails: dict[str, Mail] = {}
        self._seen = 0

    def person(self, email: str, business: str) -> Person:
        """Somebody who speaks for a business."""
        return self.make.person(email, self.make.organisation(business), locale=self.locale)

    def request(self, status: Status = Status.ASSESSING, **values: object) -> DataRequest:
        """A request by the asker, with a voter and a follower."""
        data_request = self.make.request(
            status, title=TITLE, need=NEED, purpose="En tjänst som visar förare en ledig plats.",
            update_frequency=Frequency.CONTINUOUS, asker=self.asker, **{"unit": self.unit, **values},
        )  # fmt: skip
        cast_vote(self.session, self.voter, data_request) if data_request.status in (
            Status.RECEIVED, Status.ASSESSING, Status.PLANNED
        ) else None  # fmt: skip
        follow(self.session, self.follower, target_of(data_request), Cadence.INSTANT, "")
        self.session.commit()
        return data_request

    def get(self, name: str, recipient: str, happen: Callable[[], object]) -> None:
        """Keep the mail that `recipient` gets because of what `happen` does, as `name`."""
        self._forget()
        happen()
        self._drain()
        self._keep(name, recipient)

    def get_both(self, first: str, to_first: str, second: str, to_second: str) -> None:
        """Keep the two mails that are due by now."""
        self._seen = max(self.session.scalars(select(OutgoingEmail.id)).all(), default=0)
        self._drain()
        self._keep(first, to_first)
        self._keep(second, to_second)

    def _drain(self) -> None:
        self.session.commit()
        drain(self.app)
        self.session.expire_all()

    def _keep(self, name: str, recipient: str) -> None:
        wanted = select(OutgoingEmail).where(OutgoingEmail.recipient == recipient, OutgoingEmail.id > self._seen)
        mail = self.session.scalars(wanted).one()
        assert mail.sent_copy, f"{name}: {mail.state} {mail.last_error}"
        self.mails[name] = opened(name, mail.sent_copy)
        self.session.commit()

    def _keep_queued(self, name: str, recipient: str) -> None:
        """Send what is queued for `recipient`, among much else, and keep it."""
        Worker(self.app).sender.send_batch(1000)
        self.session.expire_all()
        wanted = select(OutgoingEmail.sent_copy).where(OutgoingEmail.recipient == recipient)
        self.mails[name] = opened(name, self.session.scalars(wanted.order_by(OutgoingEmail.id.desc())).first() or "")
        self.session.commit()

    def _forget(self) -> None:
        """Send what the preparations caused, so that only what comes now is looked at."""
        self.session.commit()
        drain(self.app)
        self._seen = max(self.session.scalars(select(OutgoingEmail.id)).all(), default=0)
        self.session.commit()

    def tell(self) -> dict[str, Mail]:
        """Let everything happen."""
        self._prove()
        self._file()
        self._answer()
        self._end()
        self._talk()
        self._moderate()
        self._end_otherwise()
        self._give_up()
        self._remind()
        self._report()
        return self.mails

    def _prove(self) -> None:
        session, email = self.session, "anna@laddkusten.example"
        draft = self.make.request(Status.DRAFT, title=TITLE, need=NEED)
        public = self.make.request(Status.RECEIVED, title=TITLE, need=NEED)

        def ask(purpose: ProofPurpose, template: str, payload: dict[str, object]) -> Callable[[], object]:
            return lambda: ask_for_proof(
                session, purpose, email, payload, locale=self.locale, ip="192.0.2.1", template=template
            )

        self.get("sign_in", email, ask(ProofPurpose.SIGN_IN, "sign_in", {"next": ""}))
        # With all that the forms keep for the moment in which the button is pressed.
        business = {"organisation": "Laddkusten AB", "organisation_number": ""}
        about = {"request_id": draft.id, **business}
        self.get("confirm_request", email, ask(ProofPurpose.CONFIRM_REQUEST, "confirm_request", about))
        about = {"request_id": public.id, "reason_kind": None, "reason": "Vi behöver det.", **business}
        self.get("confirm_vote", email, ask(ProofPurpose.CAST_VOTE, "confirm_vote", about))
        about = {"request_id": public.id, "body": "Hej!", **business}
        self.get("confirm_message", email, ask(ProofPurpose.POST_MESSAGE, "confirm_message", about))
        wording = "Ett mejl på måndagar, när något har hänt: " + TITLE
        about = {"target": f"request:{public.id}", "cadence": "weekly", "wording": wording}
        self.get("confirm_follow", email, ask(ProofPurpose.SUBSCRIBE, "confirm_follow", about))
        made = ask_for_proof(
            session, ProofPurpose.CONFIRM_REQUEST, email, {"request_id": draft.id, **business},
            locale=self.locale, ip="192.0.2.1", template="confirm_request",
        )  # fmt: skip
        self.get(
            "draft_reminder",
            email,
            lambda: queue_email(
                session, template="draft_reminder", recipient=email, locale=self.locale, dedupe_key="reminder:1",
                context={"proof_id": made.proof.id, "token": made.token, "code": made.code},
            ),
        )  # fmt: skip
        new = self.person("ny@halmstad.example", "Halmstads kommun")
        self.get("role_granted", new.email, lambda: grant_role(session, new, self.unit, Role.OFFICIAL))
        away, period = self.make.official(self.unit, name="Kim"), (self.make.workday(5), self.make.workday(9))
        fields = AbsenceFields(*period, stand_in=new)
        self.get("stand_in", new.email, lambda: add_absence(session, away, fields, period[0]))

    def _file(self) -> None:
        session, payload = self.session, {"organisation": "Laddkusten AB", "organisation_number": ""}

        def file(**values: object) -> Callable[[], object]:
            draft = self.make.request(
                Status.DRAFT, title=TITLE, need=NEED, purpose="En tjänst för förare.",
                update_frequency=Frequency.CONTINUOUS, **values,
            )  # fmt: skip
            return lambda: confirm_request(session, self.asker, draft, payload)

        self.get("receipt", self.asker.email, file())
        self.get("receipt_of_formal", self.asker.email, file(kind=Kind.FORMAL, unit=self.unit))
        self.get("new_for_coordinator", "kim@halmstad.example", file())
        self.get("new_for_unit", self.unit.mailbox, file(unit=self.unit))
        place = self.make.the_municipality()
        everything = Target(Scope.EVERYTHING, place.id, place, place.name, place.name)
        follow(session, self.follower, everything, Cadence.INSTANT, "")
        self.get("new_request", self.follower.email, file(unit=self.unit))
        follow(session, self.follower, everything, Cadence.OFF, "")
        waiting = self.request(Status.RECEIVED, unit=None)
        assign = lambda: assign_request(session, self.coordinator, waiting, version=None, unit=self.unit)  # noqa: E731
        self.get("assigned", self.asker.email, assign)
        back = self.request(Status.RECEIVED)
        give_back = lambda: assign_request(session, self.coordinator, back, version=None, unit=None)  # noqa: E731
        self.get("assigned_to_nobody", self.asker.email, give_back)

    def _with(self, name: str, data_request: DataRequest, **values: object) -> Callable[[], object]:
        return lambda: answer_with(self.session, self.official, data_request, name, ANSWER, version=None, **values)

    def _answer(self) -> None:
        make, asker = self.make, self.asker.email
        self.get("answer", asker, self._with("assess", self.request(Status.RECEIVED), next_on=make.workday(10)))
        self.get(
            "answer_to_voter",
            self.voter.email,
            self._with("assess", self.request(Status.RECEIVED), next_on=make.workday(10)),
        )
        posted = self.request()
        self.get(
            "answer_to_follower",
            self.follower.email,
            lambda: post_answer(self.session, self.official, posted, ANSWER, version=None),
        )
        self.get("planned", asker, self._with("plan", self.request(), next_on=make.workday(40)))
        self.get("date_moved", asker, self._with("move_date", self.request(), next_on=make.workday(12)))
        self.get("question", asker, self._with("ask", self.request()))
        publication = Publication(
            "https://data.halmstad.example/laddplatser", Licence.CC0, Format.GEOJSON, Frequency.CONTINUOUS, Extent.FULL,
            title="Laddplatser i Halmstad",
        )  # fmt: skip
        self.get("published", asker, self._with("publish", self.request(), publication=publication))
        partial = Publication(
            "https://data.halmstad.example/laddplatser-del", Licence.CC_BY, Format.CSV, Frequency.DAILY, Extent.PARTIAL
        )
        self.get("partly_published", self.follower.email, self._with("publish", self.request(), publication=partial))

    def _end(self) -> None:
        session, asker = self.session, self.asker.email
        refusal = Refusal(
            Ground.THIRD_PARTY_RIGHTS, ANSWER, "Ett nytt avtal från 2028.", self.make.workday(250), "Laddbolaget AB"
        )
        self.get("declined", asker, self._with("decline", self.request(), refusal=refusal))
        self.get("declined_to_follower", self.follower.email, self._with("decline", self.request(), refusal=refusal))
        self.get("redirected", asker, self._with("redirect", self.request(), redirected_to="Trafikverket"))
        url = "https://data.halmstad.example/parkering"
        self.get("already_available", asker, self._with("already_available", self.request(), dataset_url=url))
        withdrawn, own = self.request(), self.make.viewer(self.asker)
        leave = lambda: withdraw_request(session, own, withdrawn, version=None, heir=None)  # noqa: E731
        self.get("withdrawn", self.voter.email, leave)
        inherited, heir = self.request(), Heir(self.voter.id, self.voter.organisation_id)
        pass_on = lambda: withdraw_request(session, own, inherited, version=None, heir=heir)  # noqa: E731
        self.get("passed_on", self.voter.email, pass_on)
        closed = self.request(Status.CLOSED)
        reopen = lambda: reopen_request(  # noqa: E731
            session, self.coordinator, closed, version=None, reason="Avtalet är omförhandlat."
        )
        self.get("reopened", asker, reopen)
        kind = self.request()
        reclassify = lambda: reclassify_request(  # noqa: E731
            session, self.official, kind, version=None, kind=Kind.FORMAL, reason="Du skriver att du vill ha ett beslut."
        )
        self.get("reclassified", asker, reclassify)
        done = self.request(Status.PUBLISHED)
        confirm = lambda: confirm_delivery(  # noqa: E731
            session, own, done, version=None, works=Works.PARTLY, note="Priset saknas, men resten används i vår app."
        )
        self.get("delivery_confirmed", self.unit.mailbox, confirm)

    def _end_otherwise(self) -> None:
        self.get("set_aside", self.asker.email, self._with("not_a_data_request", self.request()))
        referred = self._with("redirect", self.request(), redirected_to="Trafikverket")
        self.get("redirected_to_follower", self.follower.email, referred)

    def _give_up(self) -> None:
        asker, make = self.asker.email, self.make

        def asked(**values: object) -> DataRequest:
            data_request = self.request(**values)
            answer_with(self.session, self.official, data_request, "ask", ANSWER, version=None)
            return data_request

        def wait(data_request: DataRequest, days: int, reminded: int | None = None) -> Callable[[], object]:
            def tend() -> None:
                day = timedelta(days=1)
                data_request.asked_on = today(place.zone) - days * day
                data_request.reminded_at = now() - reminded * day if reminded is not None else None
                self.session.flush()
                tend_questions(self.session)

            return tend

        place = make.the_municipality()
        self.get("question_reminder", asker, wait(asked(), 25))
        self.get("question_reminder_of_formal", asker, wait(asked(kind=Kind.FORMAL), 14))
        self.get("question_lapsed", asker, wait(asked(), 30, 5))
        alone = asked()
        withdraw_vote(self.session, self.voter, alone)
        self.get("lapsed", asker, wait(alone, 30, 5))

    def _report(self) -> None:
        session, coordinator, data_request = self.session, "kim@halmstad.example", self.request()
        voter = self.make.viewer(self.voter)
        message = post_message(session, voter, data_request, "Ring mig på 070-123 45 67.", paced=False)

        def tell(about: Message | None, words: str) -> Callable[[], object]:
            kind = ReportKind.PERSONAL_DATA if about else ReportKind.ERROR
            return lambda: report(session, voter, data_request, about, kind, words, ip="192.0.2.1")

        self.get("reported_post", coordinator, tell(message, "Det står ett telefonnummer här."))
        self.get("reported_request", coordinator, tell(None, ""))

    def _talk(self) -> None:
        data_request, voter, asker = self.request(), self.make.viewer(self.voter), self.make.viewer(self.asker)
        body = "Vi behöver också veta om platsen *går att boka*."
        self.get(
            "message", self.asker.email, lambda: post_message(self.session, voter, data_request, body, paced=False)
        )
        asked = self.request()
        answer_with(self.session, self.official, asked, "ask", ANSWER, version=None)

        def reply() -> None:
            message = post_message(self.session, asker, asked, "En gång i minuten räcker.", paced=False)
            note_answer_from_asker(self.session, asker, asked, message.id)

        self.get("question_answered", self.unit.mailbox, reply)

    def _moderate(self) -> None:
        session, voter, data_request = self.session, self.make.viewer(self.voter), self.request()
        message = post_message(session, voter, data_request, "Ring mig på 070-123 45 67.", paced=False)
        hide = lambda: hide_message(session, self.coordinator, data_request, message, "Telefonnummer.")  # noqa: E731
        self.get("hidden_post", self.voter.email, hide)
        show = lambda: show_message(session, self.coordinator, data_request, message)  # noqa: E731
        self.get("shown_post", self.voter.email, show)
        put_away = lambda: hide_request(  # noqa: E731
            session, self.coordinator, data_request, version=None, reason="Namn på en privatperson."
        )
        self.get("hidden_request", self.asker.email, put_away)
        put_back = lambda: show_request(  # noqa: E731
            session, self.coordinator, data_request, version=None, reason="Namnet är borta ur texten."
        )
        self.get("shown_request", self.asker.email, put_back)

    def tell_of_answers(self) -> dict[str, Mail]:
        """Mails that can be answered, and what becomes of the answers."""
        with configured(self.app, MAIL_REPLY_DOMAIN=DOMAIN):
            self._reply()
        return self.mails

    def _reply(self) -> None:
        session, data_request = self.session, self.request()
        asker, official, unit, locale = self.asker, self.official, self.unit, self.locale
        answer = "Vi behöver läget **varje minut**.\n\nDet räcker med CSV."

        def write(sender: str, text: str, who: Person | Unit | None = None) -> Callable[[], object]:
            to = (
                address_of(self.app, who, data_request)
                if who
                else f"{local_part(self.app.config['SECRET_KEY'], DigestAnswer(asker.mail_handle))}@{DOMAIN}"
            )
            return lambda: handle_mail(session, Opened(to, sender, "Sv", text, text), locale)

        post = lambda: post_answer(session, official, data_request, ANSWER, version=None)  # noqa: E731
        self.get("answer_that_takes_replies", asker.email, post)
        self.get("reply_preview", asker.email, write(asker.email, answer, asker))
        self.get("reply_preview_of_unit", unit.mailbox, write(unit.mailbox, answer, unit))
        self.get("reply_held", asker.email, write("anna@privat.example", answer, asker))
        self.get("reply_explained", asker.email, write(asker.email, "Hej!"))
        for number in range(2):
            write(asker.email, f"Tack {number}", asker)()
        self.get("reply_robot", unit.mailbox, write(asker.email, "Tack", asker))

    def _remind(self) -> None:
        """Requests at every stage, on the morning of the next day."""
        make, stays = self.make, {"asker": self.asker, "need": NEED}
        tuesday = make.workday(1)

        def about(title: str, next_on: date, status: Status = Status.ASSESSING, **values: object) -> DataRequest:
            return make.request(status, title=title, next_on=next_on, **{**stays, "unit": self.unit, **values})

        first, second = (
            about("Trafikmängd per timme", make.workday(4)),
            about("Lastplatser med tider", make.workday(3), Status.PLANNED),
        )
        for taken in (first, second):
            take_request(self.session, self.official, taken, version=None)
        about("Parkeringsavgifter", tuesday, Status.RECEIVED)
        about("Lekplatser", make.workday(0))
        about("Gatubelysning", tuesday - timedelta(days=11), Status.PLANNED)
        about("Bänkar och papperskorgar", make.workday(8))
        waiting = about("Badplatser", make.workday(9), Status.RECEIVED, unit=None)
        waiting.received_at = now() - timedelta(days=4)
        self._forget()
        # Everything else of the story is over by then.
        self.session.query(DataRequest).where(DataRequest.id < first.id).update({"hidden_at": now()})
        with time_machine.travel("2026-11-24T07:00:00Z", tick=False):
            self._drain()
            self._keep("reminder", "olle@halmstad.example")
            self._keep("reminder_to_mailbox", self.unit.mailbox)
            self._keep("reminder_to_coordinator", "kim@halmstad.example")
        self._forget()
        with time_machine.travel("2026-11-30T07:00:00Z", tick=False):
            Worker(self.app).plan_week()
            self._keep_queued("week", "olle@halmstad.example")
            self._keep_queued("week_of_coordinator", "kim@halmstad.example")
