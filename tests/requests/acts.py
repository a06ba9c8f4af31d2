"""How to take each action of the lifecycle in a test: on the domain's own doors, with values that are in order."""

from typing import Any

from sqlalchemy.orm import Session

from dialogue.accounts.models import Unit
from dialogue.accounts.policy import Viewer
from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.conversation.operations.answers import VERBS, answer_with
from dialogue.requests.models import DataRequest, RequestEvent
from dialogue.requests.operations.closing import Refusal, close_unanswered, reopen_request, withdraw_request
from dialogue.requests.operations.moves import guard
from dialogue.requests.operations.publishing import Publication, confirm_delivery
from dialogue.requests.operations.routing import (
    assign_request,
    hide_request,
    reclassify_request,
    show_request,
    take_request,
)
from dialogue.requests.rules import ACTIONS, Extent, Ground, Kind, Works
from tests.factories import Factory

ANSWER = "Vi tar reda på om avtalet låter oss publicera det."

#: Every action that somebody may take on a request; `confirm` needs a proof of the address and is tested with filing.
NAMES = sorted(ACTIONS.keys() - {"confirm"})


def take(
    name: str, session: Session, make: Factory, viewer: Viewer, data_request: DataRequest, unit: Unit | None = None
) -> RequestEvent:
    """Take the action `name`; `unit` is where `assign` sends the request (None: to the coordinator)."""
    day = make.workday(10)
    answers: dict[str, dict[str, Any]] = {
        "assess": {"next_on": day},
        "ask": {},
        "plan": {"next_on": day},
        "move_date": {"next_on": make.workday(12 if data_request.next_on != make.workday(12) else 13)},
        "publish": {
            "publication": Publication(
                "https://data.prov.example/fil.csv", Licence.CC0, Format.CSV, Frequency.DAILY, Extent.FULL
            )
        },
        "decline": {"refusal": Refusal(Ground.SECURITY, ANSWER, "Inget.", make.workday(40))},
        "redirect": {"redirected_to": "Trafikverket"},
        "already_available": {"dataset_url": "https://data.prov.example/finns"},
        "not_a_data_request": {},
    }
    version = data_request.version
    if name in VERBS:
        return answer_with(session, viewer, data_request, name, ANSWER, version=version, **answers[name])
    if name == "assign":
        return assign_request(session, viewer, data_request, version=version, unit=unit)
    if name == "take":
        return take_request(session, viewer, data_request, version=version)
    if name == "confirm_delivery":
        works = Works.NO if data_request.works is Works.YES else Works.YES
        return confirm_delivery(session, viewer, data_request, version=version, works=works)
    if name == "withdraw":
        return withdraw_request(session, viewer, data_request, version=version, heir=None)
    if name == "lapse":
        guard(viewer, data_request, name, version)
        return close_unanswered(session, data_request)
    if name == "reopen":
        return reopen_request(session, viewer, data_request, version=version, reason="Nya uppgifter.")
    if name == "reclassify":
        kind = Kind.WISH if data_request.kind is Kind.FORMAL else Kind.FORMAL
        return reclassify_request(session, viewer, data_request, version=version, kind=kind, reason="Fel slag.")
    if name == "hide":
        return hide_request(session, viewer, data_request, version=version, reason="Personuppgifter.")
    return show_request(session, viewer, data_request, version=version)
