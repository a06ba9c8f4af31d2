"""The administrator sees what somebody's digests would say: nothing is sent, marked or given away."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.rules import Role
from dialogue.core.clock import as_of, now
from dialogue.mail.models import OutgoingEmail
from dialogue.notifications.models import Digest
from dialogue.notifications.operations.following import follow
from dialogue.notifications.queries.targets import target_of
from dialogue.notifications.rules import Cadence
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind, Status
from tests.factories import Factory
from tests.page import Page


def test_the_digests_of_somebody_in_a_browser(page: Page, make: Factory, session: Session) -> None:
    place, other = make.municipality("prov"), make.municipality("annan")
    unit = make.unit("gata")
    administrator = make.official(unit, Role.ADMINISTRATOR)
    make.official(make.unit("dit", municipality=other), Role.ADMINISTRATOR)
    data_request = make.request(Status.ASSESSING, unit=unit, title="Lediga laddplatser")
    reader, stranger = make.person(), make.person()
    with as_of(now() - timedelta(hours=2)):
        follow(session, reader, target_of(data_request), Cadence.WEEKLY, "wording")
    with as_of(now() - timedelta(hours=1)):
        record(session, make.viewer(make.person()), data_request, EventKind.REQUEST_PLANNED)
    session.commit()
    page.sign_in(make.cookie(administrator))
    address = f"/settings/{place.slug}/digests"
    for nobody in (stranger.email, "ingen@prov.example"):
        refused = page.submit(address, {"email": nobody}, 422)
        assert "Ingen med den adressen får mejl från Provkommun" in refused.words
    page.submit(address, {"email": "x"}, 422)
    found = page.submit(address, {"email": reader.email})
    shown = page.follow(found)
    assert reader.email not in found.location
    assert "Lediga laddplatser" in shown.words
    assert "frame-src 'self'" in shown.response.headers["Content-Security-Policy"]
    (frame,) = shown.tree.iter("iframe")
    assert frame.get("sandbox") == "allow-top-navigation-by-user-activation"
    html = page.client.get(frame.get("src") or "")
    assert "frame-ancestors 'self'" in html.headers["Content-Security-Policy"]
    assert "script-src" not in html.headers["Content-Security-Policy"]
    assert html.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "Lediga laddplatser" in html.text
    for text in (shown.text, html.text):
        assert "/unsubscribe/" not in text
        assert "/preferences/" not in text
    assert page.client.get(f"{found.location}/html?cadence=daily").status_code == 404
    page.get(f"{address}/{stranger.id}", 404)
    page.get(f"/settings/{other.slug}/digests/{reader.id}", 404)
    assert session.scalars(select(Digest)).all() == []
    assert session.scalars(select(OutgoingEmail).where(OutgoingEmail.template == "digest")).all() == []


def test_nothing_to_show(page: Page, make: Factory, session: Session) -> None:
    unit, reader = make.unit(), make.person()
    follow(session, reader, target_of(make.request(unit=unit)), Cadence.DAILY, "wording")
    page.sign_in(make.cookie(make.official(unit, Role.ADMINISTRATOR)))
    shown = page.get(f"/settings/{make.the_municipality().slug}/digests/{reader.id}")
    assert "inget skulle skickas" in shown.words
