"""The digests: one with every part, and the one after a pause."""

from datetime import date, timedelta

import time_machine

from dialogue.accounts.models import Person
from dialogue.core.clock import now, today
from dialogue.notifications.operations.following import follow
from dialogue.notifications.operations.resting import rest_mail
from dialogue.notifications.operations.silence import ask_the_silent
from dialogue.notifications.queries.targets import Target, target_of
from dialogue.notifications.rules import SILENT_AFTER, Cadence, Scope
from dialogue.requests.operations.moves import record
from dialogue.requests.rules import EventKind, Ground, Status
from tests.emails.story import ANSWER, NEED, Mail, Story

#: Half past seven in Stockholm on the Monday after the story.
MONDAY = "2026-11-30T06:31:00Z"


def tell_digests(story: Story) -> dict[str, Mail]:
    """Let a week's news come on Monday, to somebody who follows an area and to somebody whose mail has rested."""
    make, session = story.make, story.session
    area = make.area("naringsliv", name_sv="Näringsliv", name_en="Business")
    reader = story.person("bo@bygg.example", "Byggservice Halmstad AB")
    rested = story.person("bea@torg.example", "Torghandel i Halmstad HB")
    target = Target(Scope.AREA, area.id, make.the_municipality(), area.name_sv, area.name_en)

    def happened(kind: EventKind, title: str, status: Status, **values: object) -> None:
        data_request = make.request(status, title=title, need=NEED, unit=story.unit, area_id=area.id, **values)
        for person in (reader, rested):
            follow(session, person, target_of(data_request), Cadence.WEEKLY, "")
        record(session, story.official, data_request, kind, new={"next_on": "2027-01-22", "ground": Ground.SECRECY})

    def be_silent() -> None:
        session.get_one(Person, reader.id).alive_at = now() - SILENT_AFTER
        ask_the_silent(session)

    for person in (reader, rested):
        follow(session, person, target, Cadence.WEEKLY, "")
    rest_mail(session, rested, date(2026, 11, 30), story.app.config["DIGEST_AT"])
    happened(EventKind.REQUEST_PUBLISHED, "Serveringstillstånd", Status.PUBLISHED)
    happened(EventKind.REQUEST_PLANNED, "Beviljade bygglov", Status.PLANNED, next_on=date(2027, 1, 22))
    happened(EventKind.REQUEST_DECLINED, "Tillsyn av restauranger", Status.CLOSED, explanation=ANSWER)
    for title in ("Evenemang", "Torgplatser", "Lokaler att hyra", "Upphandlingar", "Tomtkö", "Marknader"):
        happened(EventKind.REQUEST_CONFIRMED, title, Status.RECEIVED)
    happened(EventKind.MESSAGE_POSTED, "Detaljplaner", Status.ASSESSING, votes_count=7)
    soon = today("Europe/Stockholm") + timedelta(days=14)
    make.request(Status.ASSESSING, title="Leveranszoner", need=NEED, unit=story.unit, area_id=area.id, next_on=soon)
    with time_machine.travel(MONDAY, tick=False):
        story.get_both("digest", reader.email, "digest_after_pause", rested.email)
        story.get("still_there", reader.email, be_silent)
    return story.mails
