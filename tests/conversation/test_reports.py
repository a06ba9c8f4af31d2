"""Reporting what is wrong: by anybody, to the coordinators, who hide it or are done with it."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.policy import Viewer
from dialogue.accounts.rules import Role
from dialogue.conversation.models import Message, Report
from dialogue.conversation.operations.messages import post_message
from dialogue.conversation.operations.reports import report, settle_report
from dialogue.conversation.rules import MAX_REPORT, REPORTS_PER_NETWORK, ReportKind
from dialogue.core.errors import Forbidden, InvalidValue
from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.operations.reports import tell_of_reports
from dialogue.notifications.worker import drain
from dialogue.requests.models import DataRequest, RequestEvent
from tests.factories import Factory
from tests.page import Page, fields_of

WORDS = "Det står ett telefonnummer i inlägget."
KIM = "kim@prov.example"


@pytest.fixture
def data_request(make: Factory) -> DataRequest:
    made = make.request(unit=make.unit("gata"))
    make.official(made.unit, Role.COORDINATOR, email=KIM)  # type: ignore[arg-type]
    return made


@pytest.fixture
def message(session: Session, make: Factory, data_request: DataRequest) -> Message:
    writer = make.viewer(make.person(organisation=make.organisation("Vindrosens Cykelbud")))
    made = post_message(session, writer, data_request, "Ring mig på 070-123 45 67.", paced=False)
    session.commit()
    return made


@pytest.fixture
def coordinator(app: Flask, session: Session, make: Factory, data_request: DataRequest) -> Page:
    page = Page(app, session)
    page.sign_in(make.cookie(make.official(make.unit("park"), Role.COORDINATOR)))
    return page


def mailed(session: Session) -> list[str]:
    return sorted(session.scalars(select(OutgoingEmail.recipient).where(OutgoingEmail.template == "reported")))


def test_anybody_reports_a_post_and_the_coordinator_hides_it(
    app: Flask, page: Page, coordinator: Page, session: Session, data_request: DataRequest, message: Message
) -> None:
    address = f"/requests/{data_request.id}-{data_request.slug}"
    assert f"/requests/{data_request.id}/report" in page.get(address).links()
    shown = page.get(f"/requests/{data_request.id}/report?message={message.id}")
    assert fields_of(shown.form("/report"))["about"] == str(message.id)
    sent = page.submit(
        f"/requests/{data_request.id}/report",
        {"about": str(message.id), "report_kind": "personal_data", "words": WORDS},
    )
    assert "Samordnaren tittar på det" in page.follow(sent).words
    assert session.scalars(select(RequestEvent.kind)).all() == ["message_posted"]  # nothing public tells of it
    for _ in range(2):
        session.commit()
        drain(app)
    assert KIM in mailed(session)
    assert len(mailed(session)) == len(set(mailed(session))) == 2
    inbox = coordinator.get("/inbox")
    assert "Anmält 1" in inbox.words
    assert WORDS in inbox.words
    assert "070-123 45 67" in inbox.words
    coordinator.submit(f"/messages/{message.id}/hide", {"reason": "Telefonnummer."})
    assert "Anmält" not in coordinator.get("/inbox").words
    assert "Vindrosens" not in page.get(f"/requests/{data_request.id}/report").words


def test_a_report_that_needs_nothing_is_taken_off_the_list(
    app: Flask, page: Page, coordinator: Page, session: Session, make: Factory, data_request: DataRequest
) -> None:
    page.sign_in(make.cookie(make.person()))
    page.submit(f"/requests/{data_request.id}/report", {"report_kind": "error"})
    found = session.scalars(select(Report)).one()
    assert (found.message_id, found.words) == (None, "")
    assert found.person_id is not None
    assert "Något är fel på sidan" in coordinator.get("/inbox").words
    elsewhere = Page(app, session)
    elsewhere.sign_in(make.cookie(make.official(make.unit(municipality=make.municipality()), Role.COORDINATOR)))
    assert "Något är fel" not in elsewhere.get("/inbox").words
    elsewhere.post(f"/reports/{found.id}/settle", status=403)
    page.post(f"/reports/{found.id}/settle", status=403)
    done = coordinator.submit("/inbox", action=f"/reports/{found.id}/settle")
    assert done.location == "/inbox"
    coordinator.post(f"/reports/{found.id}/settle")
    coordinator.post("/reports/99999/settle", status=404)
    session.commit()
    drain(app)
    session.expire_all()
    sent = session.scalars(select(OutgoingEmail).where(OutgoingEmail.template == "reported")).all()
    assert {mail.sent_copy for mail in sent} == {None}  # it was dealt with before the mail left


def test_a_report_says_what_is_wrong(page: Page, session: Session, data_request: DataRequest, message: Message) -> None:
    address = f"/requests/{data_request.id}/report"
    for typed in ({}, {"report_kind": "x"}, {"report_kind": "abuse", "about": "99999"},
                  {"report_kind": "abuse", "words": "x" * (MAX_REPORT + 1)}):  # fmt: skip
        refused = page.submit(address, typed, 422)
        assert refused.title.startswith("Fel: ")
    assert session.scalars(select(Report)).all() == []
    page.get("/requests/99999/report", 404)
    assert "Report a post or an error" in page.get(f"/en{address}").words


def test_reports_of_one_network_are_counted(page: Page, data_request: DataRequest) -> None:
    address = f"/requests/{data_request.id}/report"
    for _ in range(REPORTS_PER_NETWORK.tries):
        page.post(address, {"report_kind": "other"})
    refused = page.post(address, {"report_kind": "other", "words": WORDS}, 429)
    assert int(refused.response.headers["Retry-After"]) > 0
    assert WORDS in refused.words


def test_without_a_coordinator_the_municipality_s_mailbox_is_told(app: Flask, session: Session, make: Factory) -> None:
    data_request = make.request(unit=make.unit())
    report(session, Viewer(), data_request, None, ReportKind.OTHER, "Hej", ip="192.0.2.1")
    session.commit()
    drain(app)
    assert mailed(session) == ["dialog@prov.example"]
    data_request.municipality.contact_email = None
    report(session, Viewer(), data_request, None, ReportKind.OTHER, "Hej", ip="192.0.2.1")
    session.commit()
    drain(app)
    assert mailed(session) == ["dialog@prov.example"]


def test_who_has_left_the_desk_gets_no_mail(app: Flask, session: Session, make: Factory) -> None:
    unit = make.unit()
    data_request, person = make.request(unit=unit), make.official(unit, Role.COORDINATOR, email=KIM)
    report(session, make.viewer(person), data_request, None, ReportKind.OTHER, "Hej", ip="192.0.2.1")
    session.commit()
    drain(app)
    assert mailed(session) == ["dialog@prov.example"]  # not to oneself
    other = make.official(unit, Role.COORDINATOR, email="lo@prov.example")
    report(session, make.viewer(person), data_request, None, ReportKind.OTHER, "Hej", ip="192.0.2.1")
    session.commit()
    tell_of_reports(session, "sv")
    other.disabled_at = data_request.created_at
    session.commit()
    drain(app)
    session.expire_all()
    mail = session.scalars(select(OutgoingEmail).where(OutgoingEmail.recipient == "lo@prov.example")).one()
    assert mail.sent_copy is None


def test_only_who_moderates_settles_and_a_report_has_an_end(
    session: Session, make: Factory, data_request: DataRequest
) -> None:
    with pytest.raises(InvalidValue):
        report(session, Viewer(), data_request, None, ReportKind.OTHER, "x" * (MAX_REPORT + 1), ip="192.0.2.1")
    found = report(session, Viewer(), data_request, None, ReportKind.OTHER, "", ip="192.0.2.1")
    with pytest.raises(Forbidden):
        settle_report(session, make.viewer(make.person()), data_request, found)
