"""A page makes eight SQL statements at most, whoever opens it and however much there is to show."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count, product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from dialogue.accounts.models import Person
from dialogue.accounts.operations.kept_forms import keep_form
from dialogue.accounts.operations.proofs import NewProof, renew_proof
from dialogue.accounts.rules import ProofPurpose, Role
from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.conversation.models import HeldEmail, InternalNote, MessageEdit, ReplyPreview
from dialogue.conversation.operations.writing import write_message
from dialogue.conversation.rules import Held
from dialogue.core.clock import now, today
from dialogue.core.tokens import hash_token, new_token
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.keys import key_to_choose, key_to_end
from dialogue.notifications.models import Absence
from dialogue.notifications.operations.following import follow
from dialogue.notifications.operations.work_links import make_links
from dialogue.notifications.queries.targets import find_target, target_of
from dialogue.notifications.rules import Cadence, WorkAct
from dialogue.pages.start import FIGURES_KEY
from dialogue.requests.models import AnswerDraft, DataRequest
from dialogue.requests.operations.filing import proof_payload
from dialogue.requests.operations.indexing import index_requests
from dialogue.requests.operations.moves import record
from dialogue.requests.operations.routing import hide_request
from dialogue.requests.rules import EventKind, Kind, Status, WaitingOn
from dialogue.voting.models import Vote
from dialogue.voting.rules import ReasonKind
from tests.factories import Factory
from tests.page import Page

_numbers = count(1)

BUDGET = 8

#: So many of everything: more than the budget could pay for one by one.
MANY = 10


class Town:
    """A municipality with many of everything, and somebody of each kind."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app, self.session = app, session
        session.expire_on_commit = False  # or whatever is read below would be read again for each page
        self.make = make = Factory(session)
        with make.at_once():
            self.place = make.municipality("halmstad", theme=":root { --accent: light-dark(#004b23, #a7f3d0); }")
            parent = make.unit("samhall")
            self.units = [make.unit(parent_id=parent.id) for _ in range(MANY)]
            self.unit = make.unit("gata", parent_id=parent.id, usual_answer_days=3)
            self.areas = [make.area("trafik"), *(make.area() for _ in range(MANY))]
            self.asker = make.person(organisation=make.organisation())
            self.official = make.official(self.unit)
            self.people: dict[str, Person | None] = {
                "anonymous": None,
                "asker": self.asker,
                "official": self.official,
                "coordinator": make.official(self.unit, Role.COORDINATOR),
                "decider": make.official(self.unit, Role.DECIDER),
                "administrator": make.official(self.unit, Role.ADMINISTRATOR),
            }
            self.crowd = [make.person(organisation=make.organisation()) for _ in range(MANY)]
            self.colleagues = [make.official(self.unit) for _ in range(MANY)]
        self.viewers = {name: make.viewer(person) for name, person in self.people.items() if person}
        with make.at_once():
            requests = list(self._requests())
            #: Those whose pages are opened, one of each kind.
            self.opened = requests[::MANY]
            for data_request in self.opened:
                self._talk(data_request)
            hide_request(session, self.viewers["coordinator"], self.opened[-1], reason="Personuppgifter", version=None)
            index_requests(session, requests)
            self._follow_everything(requests)
            self.links = [self._link(act) for act in WorkAct]
            self.proofs = [self._proof(number) for number in range(MANY)]
            self.kept = keep_form(session, "/account/edit", [("name", "Anna")], ip="")
            self._away()
            self.held = [self._held(held) for held in (Held.OTHER_SENDER, Held.MACHINE) * (MANY // 2)]
            self._set_aside()
            self.reply = self._reply()
        self.cookies = {name: make.cookie(person) for name, person in self.people.items() if person}
        for _ in range(MANY):
            make.cookie(self.asker)

    def page(self, name: str) -> Page:
        """The browser of one of the people."""
        page = Page(self.app, self.session)
        if name in self.cookies:
            page.sign_in(self.cookies[name])
        with page.client.session_transaction() as cookie:
            cookie["proof_id"], cookie["kept_form"] = self.proofs[0].proof.id, self.kept
        return page

    def _requests(self) -> Iterator[DataRequest]:
        late, soon = {"next_on": today("Europe/Stockholm") - timedelta(days=7)}, {"next_on": self.make.workday(3)}
        for status, values in (
            (Status.RECEIVED, soon),
            (Status.RECEIVED, late | {"unit": self.unit, "kind": Kind.FORMAL}),
            (Status.ASSESSING, soon | {"unit": self.unit}),
            (Status.ASSESSING, late | {"unit": self.unit, "waiting_on": WaitingOn.REQUESTER}),
            (Status.PLANNED, soon | {"unit": self.unit}),
            (Status.PUBLISHED, {"unit": self.unit}),
            (Status.CLOSED, {"unit": self.unit}),
            (Status.DRAFT, {}),
            (Status.ASSESSING, {"unit": self.unit}),
        ):
            for number in range(MANY):
                yield self.make.request(
                    status,
                    asker=self.crowd[number] if number else self.asker,
                    area_id=self.areas[number].id,
                    title=f"Lediga laddplatser vid stationen {number}",
                    **values,
                )

    def _talk(self, data_request: DataRequest) -> None:
        """What hangs on a request: votes with reasons, posts with their older texts, notes, data and a draft."""
        session, public = self.session, data_request.status is not Status.DRAFT
        for person in [*self.crowd, self.asker] if public else ():
            session.add(
                Vote(
                    request_id=data_request.id,
                    person_id=person.id,
                    organisation_id=person.organisation_id,
                    voice=f"p{person.id}",
                    reason_kind=ReasonKind.SAVES_TIME,
                    reason="Det sparar tid.",
                    cast_at=now(),
                )
            )
            message = write_message(
                session, data_request, "Hej.", author_id=person.id, organisation_id=person.organisation_id
            )
            session.add_all(MessageEdit(message_id=message.id, body="Hej", replaced_at=now()) for _ in range(MANY))
            session.add(
                InternalNote(
                    request_id=data_request.id,
                    author_id=self.official.id,
                    unit_id=self.unit.id,
                    body="Ring systemleverantören.",
                    written_at=now(),
                )
            )
            record(session, self.viewers["official"], data_request, EventKind.REQUEST_TAKEN)
        if data_request is self.opened[2]:
            #: The asker's own, to change or hide.
            self.message_id = message.id
        for person in (self.official, self.people["coordinator"]):
            session.add(
                AnswerDraft(
                    request_id=data_request.id, person_id=person.id, fields={"answer": "Vi ser."}, saved_at=now()
                )
            )
        if data_request.status is Status.PUBLISHED:
            data_request.datasets = [self._dataset(data_request) for _ in range(MANY)]
        if not public:
            data_request.organisation_id = None  # known when it is confirmed
        data_request.votes_count = data_request.messages_count = MANY + 1

    def _dataset(self, data_request: DataRequest) -> Dataset:
        return Dataset(
            municipality_id=self.place.id,
            unit_id=self.unit.id,
            title="Laddplatser",
            url=f"https://data.example/{next(_numbers)}",
            licence=Licence.CC0,
            format=Format.CSV,
            update_frequency=Frequency.DAILY,
            published_at=now(),
        )

    def _follow_everything(self, requests: list[DataRequest]) -> None:
        things = [target_of(each) for each in requests if each.status is not Status.DRAFT and each.hidden_at is None]
        keys = [f"area:{each.id}" for each in self.areas] + [f"unit:{each.id}" for each in self.units]
        for target in [*things[:MANY], *(find_target(self.session, key) for key in keys)]:
            for person in (self.asker, self.official):
                follow(self.session, person, target, Cadence.WEEKLY, "Ja")

    def _away(self) -> None:
        day = today("Europe/Stockholm")
        for number, colleague in enumerate(self.colleagues):
            for person, stand_in in ((colleague, self.official), (self.official, colleague)):
                first_on = day + timedelta(days=number)
                self.session.add(
                    Absence(person_id=person.id, stand_in_id=stand_in.id, first_on=first_on, last_on=first_on)
                )

    def _link(self, act: WorkAct) -> str:
        links = make_links(self.session, self.official.id, [(self.opened[2].id, self.unit.id, None)])
        return links[str(self.opened[2].id)][act.value]

    def _held(self, held: Held) -> HeldEmail:
        """A mail that came to an address of the asker's, from somebody else or as if from a robot."""
        mail = HeldEmail(
            municipality_id=self.place.id,
            request_id=self.opened[2].id,
            person_id=self.asker.id,
            held=held,
            rule="",
            sender=self.asker.email if held is Held.MACHINE else "annan@prov.example",
            reply="Det behövs." if held is Held.MACHINE else None,
            subject="Sv: Laddplatser",
            body="Det behövs.",
            received_at=now(),
        )
        self.session.add(mail)
        return mail

    def _set_aside(self) -> None:
        for number in range(MANY):
            recipient = f"ingen{number}@prov.example"
            self.session.add(
                OutgoingEmail(
                    template="planned",
                    recipient=recipient,
                    locale="sv",
                    context={},
                    message_id=recipient,
                    dedupe_key=recipient,
                    created_at=now(),
                    not_before_at=now(),
                    state=MailState.REFUSED,
                    finished_at=now(),
                    last_error="550 5.1.1 User unknown",
                )
            )

    def _reply(self) -> str:
        """The token of an answer that came by mail and waits for the yes of its writer, the asker."""
        token = new_token()
        self.session.add(
            ReplyPreview(
                request_id=self.opened[2].id,
                person_id=self.asker.id,
                sender=self.asker.email,
                body="Det behövs.",
                text_hash="",
                token_hash=hash_token(token),
                received_at=now(),
                expires_at=now() + timedelta(days=7),
            )
        )
        return token

    def _proof(self, number: int) -> NewProof:
        return renew_proof(
            self.session,
            ProofPurpose.CONFIRM_REQUEST,
            self.asker.email,
            proof_payload(self.opened[7], "Laddkusten AB", "") | {"number": number},
            locale="sv",
            template="confirm_request",
        )

    def addresses(self, rule: Rule) -> Iterator[str]:
        """Every address of a route that is worth opening."""
        if rule.rule == "/requests/<int:number>-<slug>":
            for each in self.opened:
                yield from (f"/requests/{each.id}-{each.slug}", f"/requests/{each.id}-{each.slug}?all=1")
            return
        secret = str(self.app.config["SECRET_KEY"])
        values: dict[str, list[Any]] = {
            "number": [each.id for each in self.opened],
            "message_id": [self.message_id],
            "person_id": [self.asker.id],
            "dataset_id": [each.id for each in self.opened[5].datasets[:1]],
            "place": [self.place.slug],
            "slug": [self.place.slug],
            "unit": [self.unit.slug],
            "area": [self.areas[0].slug],
            "token": {"/work/<token>": self.links, "/reply/<token>": [self.reply]}.get(
                rule.rule, [self.proofs[0].token]
            ),
            "held_id": [each.id for each in self.held[:2]],
            "key": [
                key_to_choose(secret, self.asker.mail_handle)
                if rule.rule.startswith("/preferences")
                else key_to_end(secret, self.asker.mail_handle, f"request:{self.opened[2].id}")
            ],
        }
        names = sorted(rule.arguments)
        assert set(names) <= set(values), f"say in this file's Town.addresses what {rule.rule} is opened with"
        addresses = self.app.url_map.bind("localhost")
        for chosen in product(*(values[name] for name in names)):
            yield str(addresses.build(rule.endpoint, dict(zip(names, chosen, strict=True))))
        yield from MORE.get(rule.rule, ())
        if rule.rule == "/queue":
            yield f"/queue?open={self.opened[2].id}"


#: What else a route is asked for: what its address may carry in its query.
MORE = {
    "/": ["/?sort=newest"],
    "/requests": [
        "/requests?q=laddplatser",
        "/requests?q=laddplatser&sort=due&status=assessing",
        "/requests?unit=gata&area=trafik&sort=due",
        "/requests?q=laddplatser&unit=gata",
    ],
    "/requests/new/similar": ["/requests/new/similar?q=laddplatser"],
    "/subscribe": ["/subscribe?unit=gata", "/subscribe?q=laddplatser&unit=gata"],
}

#: What is no page that people wait for, and why it asks for more. Nothing here grows with the rows either.
EXCEPT = {
    "/settings/<place>/digests/<int:person_id>": "makes three digests as the worker does, to look at them",
    "/settings/<place>/digests/<int:person_id>/html": "the same",
}


def pages(app: Flask) -> Iterator[Rule]:
    """Every route that shows something, but for those of development."""
    for rule in app.url_map.iter_rules():
        is_page = "GET" in (rule.methods or ()) and rule.endpoint != "static"
        if is_page and not rule.rule.startswith("/dev/") and rule.rule not in EXCEPT:
            yield rule


@pytest.mark.no_cover  # what it runs is covered by the tests of what it runs; counting would double its price
def test_a_page_makes_few_statements(app: Flask, session: Session) -> None:
    town = Town(app, session)
    dear: list[str] = []
    opened = set()
    for name in town.people:
        page = town.page(name)
        for rule in pages(app):
            for address in town.addresses(rule):
                app.extensions.pop(FIGURES_KEY, None)  # kept for some minutes; what they cost must not be missed
                status = page.open(address)
                if status == 302 and name == "anonymous":
                    break  # to the sign-in, whatever it is about
                if status < 400:
                    opened.add(rule.rule)
                    if len(page.statements) > BUDGET:
                        dear.append(f"{name}: {address} makes {len(page.statements)} statements")
    assert not dear, "\n".join(dear)
    stale = set(EXCEPT) - {rule.rule for rule in app.url_map.iter_rules()}
    assert not stale, f"routes that are gone, remove them from EXCEPT: {stale}"
    closed = {rule.rule for rule in pages(app)} - opened
    assert not closed, f"nobody here can open {closed}: give them what it takes in this file's Town"
