"""Every route, asked by everybody, about what is theirs, somebody else's, hidden, a draft and not there.

What each cell must answer follows from the policy (which tests/accounts/test_policy.py writes out by hand) and from the
one line that each route has in ROUTES below. A new route fails here until it has its line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from dialogue.accounts.models import Area, Municipality, Person, RoleGrant, Unit
from dialogue.accounts.operations.kept_forms import keep_form
from dialogue.accounts.operations.proofs import ask_for_proof
from dialogue.accounts.policy import NOBODY, POLICY, Permission, Relation, Viewer, allows
from dialogue.accounts.rules import ProofPurpose, Role
from dialogue.catalogue.models import Dataset
from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.conversation.models import Message
from dialogue.core.clock import now
from dialogue.requests.models import DataRequest
from dialogue.requests.rules import Status
from tests.factories import Factory
from tests.page import Page

OK, FORBIDDEN, ABSENT, GONE, SIGN_IN = "answered", "forbidden", "absent", "gone", "sign in first"

#: What a route is about. REQUEST, MESSAGE and PLACE are asked about each of World.subjects.
PUBLIC = "everybody gets an answer"
PERMITTED = "whoever has the permission, whatever it is about"
REQUEST = "about the request {number}"
MESSAGE = "about the post {message_id} of a request"
OWN_MESSAGE = "about the post {message_id}, and only by its author"
OWN_VOTE = "about one's own vote or subscription for the request {number}"
PUBLISHED = "machines read it as everybody sees it"
PLACE = "about the municipality {place}, by its administrators"
NOT_MINE = "with the id of something that is somebody else's or nobody's"

#: One line a route: its endpoint, and what it is about.
ROUTES: dict[str, str] = {
    "absences.be_away": PERMITTED,
    "absences.be_back": NOT_MINE,
    "absences.show_absences": PERMITTED,
    "account.edit_person": PERMITTED,
    "account.end_other_sessions": PERMITTED,
    "account.end_session": NOT_MINE,
    "account.go_on": NOT_MINE,
    "account.show_account": PERMITTED,
    "account.show_person_form": PERMITTED,
    "actions.already_available": REQUEST,
    "actions.ask": REQUEST,
    "actions.assess": REQUEST,
    "actions.assign": REQUEST,
    "actions.confirm_delivery": REQUEST,
    "actions.decline": REQUEST,
    "actions.hide": REQUEST,
    "actions.move_date": REQUEST,
    "actions.not_a_data_request": REQUEST,
    "actions.plan": REQUEST,
    "actions.publish": REQUEST,
    "actions.reclassify": REQUEST,
    "actions.redirect": REQUEST,
    "actions.reopen": REQUEST,
    "actions.show": REQUEST,
    "actions.show_already_available": REQUEST,
    "actions.show_ask": REQUEST,
    "actions.show_assess": REQUEST,
    "actions.show_assign": REQUEST,
    "actions.show_confirm_delivery": REQUEST,
    "actions.show_decline": REQUEST,
    "actions.show_hide": REQUEST,
    "actions.show_move_date": REQUEST,
    "actions.show_not_a_data_request": REQUEST,
    "actions.show_plan": REQUEST,
    "actions.show_publish": REQUEST,
    "actions.show_reclassify": REQUEST,
    "actions.show_redirect": REQUEST,
    "actions.show_reopen": REQUEST,
    "actions.show_show": REQUEST,
    "actions.show_take": REQUEST,
    "actions.show_withdraw": REQUEST,
    "actions.take": REQUEST,
    "actions.withdraw": REQUEST,
    "answering.answer": REQUEST,
    "answering.show_answer": REQUEST,
    "areas.create_area": PLACE,
    "areas.edit_area": PLACE,
    "areas.show_area": PLACE,
    "areas.show_areas": PLACE,
    "api_catalogue.list_datasets": PUBLIC,
    "api_catalogue.show_description": PUBLIC,
    "api_requests.list_events": PUBLISHED,
    "api_requests.list_messages": PUBLISHED,
    "api_requests.list_requests": PUBLIC,
    "api_requests.show_request": PUBLISHED,
    "api_statistics.show_statistics": PUBLIC,
    "catalogue.list_datasets": PUBLIC,
    "catalogue.show_dataset": PUBLIC,
    "choices.show_unsubscribe": NOT_MINE,
    "choices.unsubscribe": NOT_MINE,
    "conversation.edit": OWN_MESSAGE,
    "conversation.hide": MESSAGE,
    "conversation.post": REQUEST,
    "conversation.show": MESSAGE,
    "conversation.show_edit": OWN_MESSAGE,
    "conversation.show_hide": MESSAGE,
    "conversation.show_history": MESSAGE,
    "conversation.show_thread": REQUEST,
    "development.show_components": PUBLIC,
    "development_sign_in.show_people": PUBLIC,
    "development_sign_in.sign_in_as": NOT_MINE,
    "feeds.show_calendar": PUBLISHED,
    "feeds.show_feed": PUBLIC,
    "feeds.show_request_feed": PUBLISHED,
    "feeds.show_table": PUBLIC,
    "filing.change_draft": NOT_MINE,
    "filing.file": PUBLIC,
    "filing.show_draft": NOT_MINE,
    "filing.show_form": PUBLIC,
    "from_mail.show_link": NOT_MINE,
    "from_mail.use": NOT_MINE,
    "inbox.show_inbox": PERMITTED,
    "information.show_accessibility": PUBLIC,
    "information.show_api": PUBLIC,
    "information.show_contact": PUBLIC,
    "information.show_how_it_works": PUBLIC,
    "information.show_privacy": PUBLIC,
    "information.show_rules": PUBLIC,
    "kept_forms.drop_form": PERMITTED,
    "kept_forms.show_kept_form": PERMITTED,
    "lists.list_requests": PUBLIC,
    "mail_domain.show_domain": PLACE,
    "machines.show_live": PUBLIC,
    "machines.show_ready": PUBLIC,
    "machines.show_robots": PUBLIC,
    "machines.show_security_contact": PUBLIC,
    "machines.show_sitemap": PUBLIC,
    "mail_development.list_mail": PUBLIC,
    "mail_development.show_html": NOT_MINE,
    "mail_development.show_mail": NOT_MINE,
    "mail_development.show_source": NOT_MINE,
    "notes.add_note": REQUEST,
    "notes.show_notes": REQUEST,
    "notifications.follow_request": REQUEST,
    "notifications.show_follow": REQUEST,
    "notifications.unfollow_request": OWN_VOTE,
    "officials.add_official": PLACE,
    "officials.remove_official": PLACE,
    "officials.show_officials": PLACE,
    "own_data.delete": PERMITTED,
    "own_data.export": PERMITTED,
    "own_data.show_delete": PERMITTED,
    "pages.show_theme": PUBLIC,
    "preferences.change_own_preferences": PERMITTED,
    "preferences.change_preferences": NOT_MINE,
    "preferences.keep": NOT_MINE,
    "preferences.show_keep": NOT_MINE,
    "preferences.show_own_preferences": PERMITTED,
    "preferences.show_preferences": NOT_MINE,
    "previews.find_reader": PLACE,
    "previews.show_digests": NOT_MINE,
    "previews.show_form": PLACE,
    "previews.show_html": NOT_MINE,
    "proofs.check_code": PUBLIC,
    "proofs.confirm": PUBLIC,
    "proofs.correct_address": PUBLIC,
    "proofs.renew_link": PUBLIC,
    "proofs.send_mail_again": PUBLIC,
    "proofs.show_check_email": PUBLIC,
    "proofs.show_confirm": PUBLIC,
    "quarantine.discard": NOT_MINE,
    "quarantine.preview": NOT_MINE,
    "quarantine.publish": NOT_MINE,
    "quarantine.show_held": NOT_MINE,
    "quarantine.show_quarantine": PERMITTED,
    "queue.show_done": PERMITTED,
    "queue.show_queue": PERMITTED,
    "queue.show_waiting": PERMITTED,
    "replies.publish": NOT_MINE,
    "replies.show_reply": NOT_MINE,
    "requests.show_request": REQUEST,
    "reports.send_report": REQUEST,
    "reports.settle": NOT_MINE,
    "reports.show_report": REQUEST,
    "settings.edit_municipality": PLACE,
    "settings.show_municipality": PLACE,
    "settings.show_places": PERMITTED,
    "sign_in.ask_to_sign_in": PUBLIC,
    "sign_in.show_sign_in": PUBLIC,
    "sign_in.sign_out": PUBLIC,
    "similar.show_similar": PUBLIC,
    "start.show_start": PUBLIC,
    "statistics.show_statistics": PUBLIC,
    "statistics.show_table": PUBLIC,
    "stops.replay": NOT_MINE,
    "stops.show_stops": PLACE,
    "stops.start": NOT_MINE,
    "units.close": PLACE,
    "units.create_unit": PLACE,
    "units.edit_unit": PLACE,
    "units.reopen": PLACE,
    "units.show_unit": PLACE,
    "units.show_units": PLACE,
    "subscribing.show_subscribe": PUBLIC,
    "subscribing.subscribe": PUBLIC,
    "voting.cast": REQUEST,
    "voting.show_reasons": REQUEST,
    "voting.show_vote": REQUEST,
    "voting.withdraw": OWN_VOTE,
}


@dataclass
class Subject:
    """What a route is asked about: a request, the posts in it, and the municipality it was sent to."""

    name: str
    place: Municipality
    data_request: DataRequest | None
    message_id: int = 0
    grant_id: int = 0


class World:
    """Two municipalities, somebody of each kind, and a request of each kind, with its posts."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app, self.session = app, session
        session.expire_on_commit = False  # what is read here below must not open a transaction again
        self.make = make = Factory(session)
        self.here = make.municipality("halmstad", theme=":root { --accent: light-dark(#004b23, #a7f3d0); }")
        self.there = make.municipality("falkenberg")
        self.units = {place.id: self._unit(place) for place in (self.here, self.there)}
        unit, elsewhere = self.units[self.here.id], make.unit("kultur")
        self.people: dict[str, Person | None] = {
            "anonymous": None,
            "person": make.person(),
            "asker": make.person(),
            "official": make.official(unit),
            "official of another unit": make.official(elsewhere),
            "coordinator": make.official(elsewhere, Role.COORDINATOR),
            "decider": make.official(unit, Role.DECIDER),
            "administrator": make.official(elsewhere, Role.ADMINISTRATOR),
            "coordinator of another municipality": make.official(self.units[self.there.id], Role.COORDINATOR),
            "administrator of another municipality": make.official(self.units[self.there.id], Role.ADMINISTRATOR),
        }
        make.official(elsewhere, Role.ADMINISTRATOR)  # so that nobody is the last one
        self.grants = {
            place.id: session.query(RoleGrant).filter_by(role=Role.ADMINISTRATOR, unit_id=home.id).first()
            for place, home in ((self.here, elsewhere), (self.there, self.units[self.there.id]))
        }
        self.subjects = [
            self._subject("own", self.here),
            self._subject("other's", self.there),
            self._subject("hidden", self.here, hidden_at=now(), hidden_reason="Personuppgifter"),
            self._subject("draft", self.here, status=Status.DRAFT),
            Subject("not there", self.there, None),
        ]
        self.dataset = self._keep(
            Dataset(
                municipality_id=self.here.id,
                title="Laddplatser",
                url="https://data.example/laddplatser",
                licence=Licence.CC0,
                format=Format.CSV,
                update_frequency=Frequency.DAILY,
                published_at=now(),
            )
        )
        self.proof = ask_for_proof(
            session, ProofPurpose.SIGN_IN, "new@prov.example", {"next": ""}, locale="sv", ip="", template="sign_in"
        )
        self.kept = keep_form(session, "/account/edit", [("name", "Anna")], ip="")
        session.commit()
        self.viewers = {name: make.viewer(person) if person else NOBODY for name, person in self.people.items()}
        self.cookies = {name: self._cookie(person) for name, person in self.people.items()}

    def _keep(self, row: Any) -> Any:
        self.session.add(row)
        self.session.commit()
        return row

    def _unit(self, place: Municipality) -> Unit:
        self._keep(Area(municipality_id=place.id, slug="trafik", name_sv="Trafik", name_en="Traffic", theme="TRAN"))
        unit: Unit = self.make.unit("gata", municipality=place)
        return unit

    def _subject(self, name: str, place: Municipality, status: Status = Status.ASSESSING, **values: Any) -> Subject:
        asker = self.people["asker"] if place is self.here else self.make.person()
        data_request = self.make.request(
            status, municipality=place, unit=self.units[place.id], asker=asker, title=f"Titel {name}", **values
        )
        message = self._keep(
            Message(
                request_id=data_request.id,
                author_id=asker.id if asker else None,
                body="Hej",
                body_html="<p>Hej</p>",
                posted_at=now(),
            )
        )
        return Subject(name, place, data_request, message.id)

    def _cookie(self, person: Person | None) -> tuple[str, str]:
        page = Page(self.app, self.session)
        if person:
            page.sign_in(self.make.cookie(person))
        with page.client.session_transaction() as cookie:
            cookie["proof_id"] = self.proof.proof.id
            cookie["kept_form"] = self.kept
        proof = page.csrf_token()
        held = page.client.get_cookie("dialogue")
        assert held is not None
        return held.value, proof

    def values(self, subject: Subject) -> dict[str, Any]:
        """What the variable parts of addresses stand for, when they are about `subject`."""
        return {
            "number": subject.data_request.id if subject.data_request else 99999,
            "message_id": subject.message_id or 99999,
            "place": subject.place.slug if subject.data_request else "nowhere",
            "unit": "gata",
            "area": "trafik",
            "grant_id": self.grants[subject.place.id].id,
            "sign_in_id": 99999,
            "person_id": 99999,
            "absence_id": 99999,
            "held_id": 99999,
            "stop_id": 99999,
            "proof_id": self.proof.proof.id,
            "report_id": 99999,
            "mail_id": 99999,
            "dataset_id": self.dataset.id,
            "slug": self.here.slug,
            "token": self.proof.token,
            "key": "no-such-key",
        }


def routes(app: Flask) -> Iterator[tuple[Rule, str, Permission]]:
    """Every route with its method and permission; of several addresses for one view, the first."""
    seen = {"static"}
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in seen:
            seen.add(rule.endpoint)
            method = "POST" if "POST" in (rule.methods or ()) else "GET"
            yield rule, method, app.view_functions[rule.endpoint].permission  # type: ignore[attr-defined]


def expected(about: str, permission: Permission, world: World, role: str, subject: Subject) -> str:
    """What the policy says that the cell must answer."""
    viewer = world.viewers[role]
    if about == PUBLISHED:
        return _loaded(NOBODY, Permission.SEE_REQUEST, subject)
    refusal = _at_the_door(viewer, permission)
    if about == PUBLIC or refusal:
        return refusal or OK
    if about == PERMITTED:
        return OK
    if about == NOT_MINE:
        return ABSENT
    if about == PLACE:
        is_mine = subject.data_request and subject.place.id in viewer.municipality_ids(Role.ADMINISTRATOR)
        return OK if is_mine else ABSENT
    answer = _loaded(viewer, permission, subject)
    if about == OWN_VOTE and answer == OK and viewer.is_anonymous:
        return SIGN_IN
    if about == OWN_MESSAGE and answer == OK and subject.data_request is not None:
        is_mine = viewer.person_id == subject.data_request.asker_id
        return OK if is_mine else FORBIDDEN
    return answer


def _at_the_door(viewer: Viewer, permission: Permission) -> str | None:
    """The refusal before anything is loaded, if any."""
    if Relation.ANYONE in POLICY[permission] or allows(viewer, permission):
        return None
    if viewer.is_anonymous:
        return SIGN_IN
    return None if Relation.ASKER in POLICY[permission] else FORBIDDEN


def _loaded(viewer: Viewer, permission: Permission, subject: Subject) -> str:
    data_request = subject.data_request
    if data_request is None:
        return ABSENT
    if data_request.status is Status.DRAFT and not allows(viewer, Permission.SEE_DRAFT, data_request):
        return ABSENT
    if data_request.hidden_at and not allows(viewer, Permission.SEE_HIDDEN, data_request):
        return GONE
    if allows(viewer, permission, data_request):
        return OK
    return SIGN_IN if viewer.is_anonymous else FORBIDDEN


def answered(client: FlaskClient, address: str, method: str, proof: str) -> str:
    """The class of the answer."""
    data = {"csrf_token": proof} if method == "POST" else None
    with client.open(address, method=method, data=data) as response:
        status, location = response.status_code, response.headers.get("Location", "")
        if status in (302, 303) and location.startswith("/sign-in?next="):
            return SIGN_IN
        # A form that lacks fields, or an act that the request's state does not allow: may be asked for all the same.
        if status < 400 or status in (409, 422):
            return OK
        return {403: FORBIDDEN, 404: ABSENT, 410: GONE}.get(status, f"{status}: {response.text[:300]}")


@pytest.fixture
def world(app: Flask, session: Session) -> World:
    return World(app, session)


@pytest.fixture
def nothing_lasts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell finds the world as it was: what a request does is undone where it would be committed."""

    def undo(session: Session) -> None:
        session.flush()
        session.rollback()

    monkeypatch.setattr(Session, "commit", undo)


def test_every_route_has_its_line(app: Flask) -> None:
    there = {rule.endpoint for rule, _, _ in routes(app)}
    missing, stale = sorted(there - set(ROUTES)), sorted(set(ROUTES) - there)
    assert not missing, (
        f"new routes {missing}: add a line for each to ROUTES in tests/test_permissions.py that says what it is about"
        " (REQUEST, MESSAGE, PLACE, PERMITTED, PUBLIC, …); who may then follows from its permission"
    )
    assert not stale, f"routes that are gone, remove their lines from ROUTES in tests/test_permissions.py: {stale}"


#: Routes of these kinds are asked about every subject, the others about one.
ABOUT_SUBJECTS = (REQUEST, MESSAGE, OWN_MESSAGE, OWN_VOTE, PLACE, PUBLISHED)


@pytest.mark.usefixtures("nothing_lasts")
@pytest.mark.no_cover  # what it runs is covered by the tests of what it runs; counting would double its price
def test_every_route_answers_everybody_as_the_policy_says(app: Flask, world: World) -> None:
    # The policy is the same code on both engines; on PostgreSQL one subject shows that every statement runs.
    everything = world.subjects if "sqlite" in app.config["DATABASE_URL"] else world.subjects[:1]
    few = ("anonymous", "asker", "official", "coordinator")  # for what is the same to all others
    wrong: list[str] = []
    cells = 0
    for rule, method, permission in routes(app):
        about = ROUTES.get(rule.endpoint, PUBLIC)
        for subject in everything if about in ABOUT_SUBJECTS else world.subjects[:1]:
            address = _address(app, rule, world.values(subject))
            for role, (cookie, proof) in world.cookies.items():
                if subject.name in ("draft", "not there") and role not in few:
                    continue
                client = app.test_client()
                client.set_cookie("dialogue", cookie)
                want = expected(about, permission, world, role, subject)
                got = answered(client, address, method, proof)
                cells += 1
                if got != want:
                    wrong.append(f"{method} {address} ({subject.name}) by {role}: {got}, not {want}")
    assert not wrong, f"{len(wrong)} of {cells} cells:\n" + "\n".join(wrong)


def _address(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    built = app.url_map.bind("localhost").build(rule.endpoint, {name: values[name] for name in rule.arguments})
    return str(built)


def test_what_is_hidden_or_a_draft_is_in_no_list(app: Flask, world: World) -> None:
    """Hidden looks like absent: no page, feed or file that lists requests names one, whoever asks."""
    found = []
    for rule, method, _ in routes(app):
        if method != "GET" or rule.arguments:
            continue
        for role, (cookie, _) in world.cookies.items():
            client = app.test_client()
            client.set_cookie("dialogue", cookie)
            with client.get(rule.rule) as response:
                text = response.text
            if rule.rule == "/account" and role == "asker":
                continue  # one's own page says what became of one's own requests
            names = ("Titel draft", "Titel hidden")
            found += [f"{rule.rule} shows {role} {name!r}" for name in names if name in text]
    assert not found, "\n".join(found)
