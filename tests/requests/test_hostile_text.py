"""What people type is shown as text, wherever it is shown: no string of theirs becomes markup that does something."""

import json
import os
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.rules import Role
from dialogue.conversation.models import Message
from dialogue.conversation.operations.messages import edit_message, post_message
from dialogue.conversation.operations.moderation import hide_message
from dialogue.core.errors import InvalidValue
from dialogue.core.text import clean_text
from dialogue.requests.models import DataRequest
from dialogue.voting.operations import cast_vote
from dialogue.voting.rules import ReasonKind
from tests.factories import Factory
from tests.page import Opened, Page

OWN = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    '<a href="javascript:alert(1)">x</a>',
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<style>*{display:none}</style>",
    "<form action=https://evil.example><input name=x>",
    "{{ 7*7 }}{% raw %}%(x)s%s",
    "\u202etxt.exe\u0000\ud800",
)

#: What only our own templates may write.
ACTIVE = {"script", "iframe", "object", "embed", "base", "style", "math", "video", "audio", "frameset", "applet"}


def corpus() -> list[str]:
    """Our own handful, and the lists of the shared test data where they are (DIALOGUE_SHARED_DATA)."""
    here = Path(__file__).parent
    shared = Path(os.environ.get("DIALOGUE_SHARED_DATA", here.parents[2] / "shared" / "data")) / "attack"
    if not shared.is_dir():
        return []
    blns = json.loads((shared / "blns.json").read_text(encoding="utf-8"))
    payloads = [row["payload"] for row in json.loads((shared / "html-payloads.json").read_text(encoding="utf-8"))]
    strings = (shared / "xss-strings.txt").read_text(encoding="utf-8").splitlines()
    return [text for text in (*blns, *payloads, *strings) if text.strip()]


def live_parts(opened: Opened) -> list[str]:
    """Elements, attributes and addresses on the page that do something and are not ours."""
    found = []
    for element in opened.tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ACTIVE and not _is_ours(element):
            found.append(f"<{element.tag}>")
        for name, value in element.attrib.items():
            if str(name).startswith("on") or name in ("style", "srcdoc"):
                found.append(f"{element.tag} {name}={value}")
            if name in ("href", "src", "action", "formaction") and not _is_safe(str(value)):
                found.append(f"{element.tag} {name}={value}")
    return found


def _is_ours(element: Element) -> bool:
    return element.tag == "script" and (
        "/static/js/" in element.get("src", "") or element.get("type") == "application/ld+json"
    )


def _is_safe(address: str) -> bool:
    return address.startswith(("/", "#", "?", "http://", "https://", "mailto:"))


def fill(make: Factory, texts: list[str]) -> DataRequest:
    """A request that says `texts` wherever people may write."""
    session = make.session
    unit = make.unit()
    coordinator = make.viewer(make.official(unit, Role.COORDINATOR))
    first = next((text for text in texts if text.strip()), "x")
    data_request = make.request(
        title=_line(first) or "x",
        need=_plain("\n".join(texts)),
        purpose=_plain(first),
        format=_line(first),
        unit=unit,
    )
    author = make.viewer(make.person())
    for number, text in enumerate(texts):
        try:
            message = post_message(session, author, data_request, _plain(text)[:5000] or "x", paced=False)
            if number % 8 == 0:
                person = make.person(organisation=make.organisation(f"{data_request.id}-{number} {_line(text)}"[:120]))
                cast_vote(session, person, data_request, ReasonKind.OTHER, _plain(text)[:1000])
        except InvalidValue:
            continue  # a personal number, say
        if number == 0:
            edit_message(session, author, data_request, message, f"{_plain(text)} ändrat")
        if number == 1:
            hide_message(session, coordinator, data_request, message, _line(text) or "x")
    session.commit()
    return data_request


def _plain(text: str) -> str:
    return clean_text(text)


def _line(text: str) -> str:
    return " ".join(_plain(text).split())[:120]


def check_everywhere(page: Page, session: Session, data_request: DataRequest) -> None:
    address = f"/requests/{data_request.id}-{data_request.slug}"
    message_id = session.scalar(select(Message.id).where(Message.request_id == data_request.id).order_by(Message.id))
    own = f"/requests/{data_request.id}"
    for place in (f"{address}?all=1", address, f"/en{own}/reasons", f"{own}/vote", f"/messages/{message_id}/history"):
        opened = page.get(place)
        assert live_parts(opened) == [], place


def test_our_own_handful_does_nothing(page: Page, make: Factory, session: Session) -> None:
    for text in OWN:
        check_everywhere(page, session, fill(make, [text, *OWN]))


def test_what_is_sent_back_in_a_refused_form_does_nothing(page: Page, make: Factory) -> None:
    data_request = make.request()
    for text in OWN:
        typed = {"body": text, "reason": text, "organisation": text, "email": text, "reason_kind": text}
        for part in ("messages", "vote"):
            refused = page.post(f"/requests/{data_request.id}/{part}", {k: _plain(v) for k, v in typed.items()}, 422)
            assert live_parts(refused) == []


def test_the_shared_lists_do_nothing(page: Page, make: Factory, session: Session) -> None:
    texts = corpus()
    if not texts:
        pytest.skip("the shared attack lists are not here, set DIALOGUE_SHARED_DATA")
    for start in range(0, len(texts), 190):
        check_everywhere(page, session, fill(make, texts[start : start + 190]))
