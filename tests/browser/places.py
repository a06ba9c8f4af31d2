"""Every page there is, and how to come to it: what `test_pages.py` looks at, in both languages."""

import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from flask import Flask, abort
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality, Person, Unit
from dialogue.accounts.operations.proofs import NewProof, renew_proof
from dialogue.accounts.policy import Viewer
from dialogue.accounts.queries import get_viewer
from dialogue.accounts.rules import ProofPurpose
from dialogue.catalogue.models import Dataset
from dialogue.conversation.models import ReplyPreview
from dialogue.conversation.operations.incoming import Opened
from dialogue.conversation.operations.messages import edit_message, post_message
from dialogue.conversation.operations.moderation import hide_message
from dialogue.conversation.operations.quarantine import hold
from dialogue.conversation.rules import Held
from dialogue.core.clock import as_of, now
from dialogue.core.errors import RateLimited
from dialogue.core.tokens import hash_token, new_token
from dialogue.mail.bounces import Report, note_bounce
from dialogue.mail.compose import queue_email
from dialogue.mail.models import OutgoingEmail
from dialogue.mail.rules import MailState
from dialogue.notifications.keys import key_to_choose, key_to_end
from dialogue.notifications.operations.following import follow
from dialogue.notifications.operations.work_links import make_links
from dialogue.notifications.queries.targets import target_of
from dialogue.notifications.rules import Cadence
from dialogue.notifications.worker import drain
from dialogue.requests.forms.actions import FORMS
from dialogue.requests.models import DataRequest
from dialogue.requests.operations.moves import open_actions
from dialogue.requests.rules import ACTIONS, Status
from dialogue.web.extensions import db
from tests.factories import Factory

#: Who looks: each is signed in as somebody of the example, "nobody" as no one. A newcomer has asked for a mail.
VIEWERS = {
    "nobody": None,
    "newcomer": None,
    "asker": "hej@laddkusten-ab.example",
    "official": "gata@halmstad.example",
    "decider": "beslut@halmstad.example",
    "coordinator": "samordnare@halmstad.example",
    "administrator": "administrator@halmstad.example",
}


_NAMES = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Place:
    """A page that `who` comes to at `path`, or by pressing `press` there, after a field was given another value.

    What others see of a page, or what it looks like in another state, is looked at less closely (`again`).
    """

    who: str
    path: str
    status: int = 200
    press: str = ""
    spoil: tuple[str, str] | None = None
    again: bool = False

    @property
    def pattern(self) -> str:
        """The path with something in place of each {name}."""
        path = _NAMES.sub("1", self.path).partition("?")[0]
        return f"/requests/1/{path.removeprefix('act:')}" if path.startswith("act:") else path

    def __str__(self) -> str:
        return f"{self.who}-{self.path}{'-pressed' if self.press else ''}{f'-{self.spoil[0]}' if self.spoil else ''}"


def _send(path: str) -> str:
    return f"form[action$='{path}'] button[type=submit]:not([name]) >> nth=-1"


def _seen(who: str, *paths: str, again: bool = False) -> list[Place]:
    return [Place(who, path, again=again) for path in paths]


def _refused(who: str, path: str, press: str, *spoil: str, status: int = 422) -> Place:
    field = (f"[name={spoil[0]}]", spoil[1]) if spoil else None
    return Place(who, path, status, _send(press), field, again=status == 422)


#: {names} in paths are filled in from `Things`.
PLACES = [
    *_seen(
        "nobody", "/", "/requests", "/requests/new/similar?q=laddplatser", "/requests/new",
        "/requests/drafts/{confirm_request}", "/requests/128", "/requests/128/vote", "/requests/128/report",
        "/requests/128/follow",
        "/requests/128/messages", "/requests/128/reasons", "/messages/{edited}/history", "/datasets", "/datasets/{dataset}",
        "/statistics", "/subscribe", "/preferences/{choose}", "/preferences/{choose}/keep", "/unsubscribe/{end}", "/how-it-works", "/rules", "/contact",
        "/privacy", "/accessibility", "/api", "/sign-in", "/confirm/{sign_in}", "/confirm/{confirm_request}",
        "/confirm/{cast_vote}", "/confirm/{post_message}", "/confirm/{subscribe}", "/dev/components", "/dev/mail",
        "/dev/mail/{mail}", "/dev/sign-in", "/work/{take}", "/work/{not_ours}", "/work/{more_time}",
        "/reply/{reply}",
    ),
    *_seen("asker", "/account", "/account/edit", "/account/delete", "/account/mail", "/messages/{own}/edit"),
    *_seen(
        "official", "/requests/112/answer", "/requests/112/notes", "/queue", "/queue?open=112", "/queue/waiting",
        "/queue/done", "/account/away",
    ),
    *_seen("coordinator", "/inbox", "/messages/{own}/hide", "/quarantine", "/quarantine/{held}", "/quarantine/{robot}"),
    *_seen(
        "administrator", "/settings", "/settings/halmstad", "/settings/halmstad/units",
        "/settings/halmstad/units/gata-och-trafik", "/settings/halmstad/officials", "/settings/halmstad/areas",
        "/settings/halmstad/areas/{area}", "/settings/halmstad/digests", "/settings/halmstad/digests/{reader}",
        "/settings/halmstad/mail", "/settings/halmstad/mail/domain",
    ),
    # The form of each action, for somebody who may take it.
    *(Place("whoever may", f"act:{name}") for name in FORMS),
    # What only a form leads to.
    Place("newcomer", "/sign-in", press=_send("/sign-in"), spoil=("[name=email]", "new@prov.example")),
    Place("nobody", "/unsubscribe/{ended}", press=_send("/unsubscribe/{ended}")),
    _refused("nobody", "/requests/128/vote", "/vote", "csrf_token", "x", status=403),
    _refused("official", "/requests/112/plan", "/plan", "version", "1", status=409),
    # What stands where something is wrong.
    Place("nobody", "/no-such-page", 404),
    Place("nobody", "/confirm/no-such-link", 404, again=True),
    Place("nobody", "/check-email", 404, again=True),
    Place("asker", "/send-again", 404, again=True),
    Place("nobody", "/requests/{hidden}", 410),
    Place("asker", "/queue", 403),
    *(Place("nobody", f"/broken/{status}", status) for status in (400, 405, 409, 413, 422, 429, 500, 503)),
    # Pages above in other states,
    *_seen(
        "nobody", "/requests?status=planned&sort=due", "/requests?q=laddplats", "/requests?q=zzzzqqqq",
        "/requests/new/similar?q=zzzzqqqq", "/requests/112", "/requests/107", "/requests/74", "/requests/104",
        "/requests/109", "/requests/118", "/requests/121", "/confirm/{used}", "/confirm/{expired}", "/work/{closed}",
        "/reply/{late_reply}", again=True,
    ),
    # forms of them that were not in order,
    _refused("nobody", "/sign-in", "/sign-in"),
    _refused("nobody", "/requests/new", "/requests/new"),
    _refused("nobody", "/requests/128/vote", "/vote"),
    _refused("nobody", "/requests/128/follow", "/follow"),
    _refused("nobody", "/requests/128/messages", "/messages"),
    _refused("nobody", "/subscribe", "/subscribe"),
    _refused("asker", "/account/edit", "/account/edit", "organisation", "x" * 500),
    _refused("official", "/requests/112/answer", "/answer"),
    _refused("official", "/requests/112/plan", "/plan"),
    _refused("official", "/requests/112/publish", "/publish"),
    _refused("official", "/requests/112/decline", "/decline"),
    _refused("coordinator", "/messages/{own}/hide", "/hide"),
    _refused("administrator", "/settings/halmstad", "/halmstad", "contact_email", "x"),
    _refused("administrator", "/settings/halmstad/units", "/units"),
    _refused("administrator", "/settings/halmstad/officials", "/officials"),
    # and what the others see of them.
    *(
        place
        for who in ("asker", "official", "decider", "coordinator", "administrator")
        for place in _seen(who, "/", "/requests", "/requests/128", "/account", again=True)
    ),
    *_seen("official", "/requests/112", again=True),
    *_seen("coordinator", "/requests/132", "/requests/{hidden}", again=True),
]  # fmt: skip

#: Addresses that machines read, or that answer with a file.
MACHINES = {
    "static", "api_catalogue.list_datasets", "api_catalogue.show_description", "api_requests.list_requests",
    "api_requests.show_request", "api_requests.list_messages", "api_requests.list_events",
    "api_statistics.show_statistics", "feeds.show_feed", "feeds.show_request_feed", "feeds.show_calendar",
    "feeds.show_table", "machines.show_live", "machines.show_ready", "machines.show_robots", "machines.show_sitemap",
    "machines.show_security_contact", "pages.show_theme", "statistics.show_table",
    "mail_development.show_html", "previews.show_html", "mail_development.show_source",
}  # fmt: skip


def break_on_demand(app: Flask) -> None:
    """Give `app` an address for each thing that can go wrong and is not easily brought about."""

    def broken(status: int) -> str:
        if status == 429:
            raise RateLimited(timedelta(minutes=5))
        abort(status) if status != 500 else 1 / 0
        return ""

    app.add_url_rule("/broken/<int:status>", "broken", broken)


class Things:
    """What the pages are about and the example does not have: a post that was edited, links in mails, and the like."""

    def __init__(self, app: Flask) -> None:
        self.app, self.names = app, dict[str, object]()
        #: Numbers of requests in every state.
        self.own: list[int] = []
        with app.app_context():
            maker = db.sessionmaker
        with maker() as session, session.begin():
            self._make(session, Factory(session))
        drain(app)
        with maker() as session:
            # One that has gone: of the others there is no copy to show.
            sent = select(OutgoingEmail.id).where(OutgoingEmail.sent_copy.is_not(None))
            self.names["mail"] = session.scalar(sent.order_by(OutgoingEmail.id).limit(1))

    def address(self, place: Place) -> tuple[str, str | None, str]:
        """Who goes there, the address (of mail) that they are signed in with, and where."""
        if place.path.startswith("act:"):
            email, path = self._act(place.path.removeprefix("act:"))
            return email, email, path
        return place.who, VIEWERS[place.who], place.path.format(**self.names)

    def press(self, place: Place) -> str:
        """What to press."""
        return place.press.format(**self.names)

    def _make(self, session: Session, make: Factory) -> None:
        make._municipality = session.scalars(select(Municipality)).one()
        gata = session.scalars(select(Unit).where(Unit.slug == "gata-och-trafik")).one()
        people = {who: self._person(session, email) for who, email in VIEWERS.items() if email}
        asker, coordinator = (get_viewer(session, people[who]) for who in ("asker", "coordinator"))
        about = session.get_one(DataRequest, 128)
        session.commit, commit = session.flush, session.commit  # type: ignore[method-assign]
        words = {"title": "Cykelkartor för vintern", "need": "Vilka vägar som plogas först."}
        hidden = make.request(unit=gata, hidden_at=now(), hidden_reason="Personuppgifter.", **words)
        draft = make.request(Status.DRAFT, **words)
        # What other tests do to the example changes nothing here.
        live = [
            make.request(status, unit=gata, asker=people["asker"], **words) for status in Status if status != "draft"
        ]
        self.own = [request.id for request in (*live, hidden)]
        edited = post_message(session, asker, about, "Hur ofta uppdateras det?", paced=False)
        edit_message(session, asker, about, edited, "Hur ofta uppdateras läget?")
        own = post_message(session, asker, about, "Vi kan testa i vår app.", paced=False)
        unseen = post_message(session, asker, about, "Ring mig.", paced=False)
        hide_message(session, coordinator, about, unseen, "Telefonnummer.")
        self._links(session, draft, about)
        secret = self.app.config["SECRET_KEY"]
        readers = [make.person(email=email) for email in ("reader@prov.example", "former-reader@prov.example")]
        for reader in readers:
            follow(session, reader, target_of(about), Cadence.WEEKLY, "wording")
        works, closed = (
            make_links(session, people["official"].id, [(number, gata.id, None)])[str(number)] for number in (112, 107)
        )
        held = hold(
            session, Opened("", "anna@privat.example", "Sv", "Ja.", "Ja."), Held.OTHER_SENDER, live[0], people["asker"]
        )
        robot = hold(
            session, Opened("", people["asker"].email, "Sv", "Ja.", "Ja.", "header:precedence"), Held.MACHINE, live[0],
            people["asker"], is_sender=True,
        )  # fmt: skip
        reply, late_reply = new_token(), new_token()
        for token, days in ((reply, 7), (late_reply, -1)):
            session.add(ReplyPreview(
                request_id=live[0].id, person_id=people["asker"].id, sender=people["asker"].email, body="Ja, **varje minut**.",
                text_hash=token, token_hash=hash_token(token), received_at=now(), expires_at=now() + timedelta(days=days),
            ))  # fmt: skip
        for number in range(2):
            queue_email(
                session, template="role_granted", recipient=gata.mailbox, locale="sv", context={"grant_id": 0},
                dedupe_key=f"bounced:{number}",
            )  # fmt: skip
        for mail_id in session.scalars(select(OutgoingEmail.id).where(OutgoingEmail.recipient == gata.mailbox)):
            note_bounce(session, mail_id, Report(True, "550 5.1.1 User unknown"))
            session.get_one(OutgoingEmail, mail_id).state = MailState.REFUSED
            session.get_one(OutgoingEmail, mail_id).finished_at = now()
        handle, former = (reader.mail_handle for reader in readers)
        self.names |= {
            "hidden": hidden.id, "edited": edited.id, "own": own.id, "area": about.area.slug if about.area else "",
            "dataset": session.scalar(select(Dataset.id).limit(1)),
            "reader": readers[0].id, "choose": key_to_choose(secret, handle), "end": key_to_end(secret, handle, "request:128"), "ended": key_to_end(secret, former, "request:128"),
            "held": held.id, "robot": robot.id, "reply": reply, "late_reply": late_reply, "closed": closed["take"], **works,
        }  # fmt: skip
        session.commit = commit  # type: ignore[method-assign]

    @staticmethod
    def _person(session: Session, email: str) -> Person:
        return session.scalars(select(Person).where(Person.email == email)).one()

    def _links(self, session: Session, draft: DataRequest, about: DataRequest) -> None:
        """The links of one mail of each kind, of one that was used, and of one that is too old."""
        business = {"organisation": "Vinterväg AB", "organisation_number": ""}
        payloads: dict[ProofPurpose, dict[str, object]] = {
            ProofPurpose.SIGN_IN: {"next": ""},
            ProofPurpose.CONFIRM_REQUEST: {"request_id": draft.id, **business},
            ProofPurpose.CAST_VOTE: {"request_id": about.id, "reason_kind": "other", "reason": "Vi behöver det.", **business},
            ProofPurpose.POST_MESSAGE: {"request_id": about.id, "body": "Hej!", "body_html": "<p>Hej!</p>", **business},
            ProofPurpose.SUBSCRIBE: {"target": f"request:{about.id}", "cadence": "weekly", "wording": "Ett mejl i veckan."},
        }  # fmt: skip

        def link(purpose: ProofPurpose) -> NewProof:
            return renew_proof(session, purpose, "pages@prov.example", payloads[purpose], locale="sv")

        self.names |= {purpose.value: link(purpose).token for purpose in ProofPurpose}
        used = link(ProofPurpose.CAST_VOTE)
        used.proof.used_at = now()
        with as_of(now() - timedelta(days=8)):
            expired = link(ProofPurpose.CONFIRM_REQUEST)
        self.names |= {"used": used.token, "expired": expired.token}

    def _act(self, name: str) -> tuple[str, str]:
        """Somebody who may take the action `name`, and the page of its form."""
        with self.app.app_context(), db.sessionmaker() as session:
            people = session.scalars(select(Person).order_by(Person.id)).all()
            viewers: list[tuple[str, Viewer]] = [(person.email, get_viewer(session, person)) for person in people]
            for number, (email, viewer) in product(self.own, viewers):
                if ACTIONS[name] in open_actions(viewer, session.get_one(DataRequest, number)):
                    return email, f"/requests/{number}/{name.replace('_', '-')}"
        raise AssertionError(f"nobody may {name}: let Things make a request where somebody may")
