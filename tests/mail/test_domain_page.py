"""The look at DNS as administrators get it, on the page and as a command; and the door to DNS, on loopback."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Thread

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from flask import Flask

from dialogue.accounts.rules import Role
from dialogue.mail.domain.findings import NoAnswer
from dialogue.mail.domain.resolver import Resolver
from tests.factories import Factory
from tests.mail.postman import configured
from tests.mail.zone import Zone
from tests.page import Page

RIGHT = """\
kommun.se TXT v=spf1 ip4:198.51.100.7 -all
_dmarc.kommun.se TXT v=DMARC1; p=none; rua=mailto:dmarc@kommun.se
kommun.se MX 10 smtp.kommun.se.
smtp.kommun.se A 198.51.100.7
"""


@contextmanager
def looking(app: Flask, zone: Zone) -> Iterator[None]:
    """`app` with `zone` for the DNS of the world."""
    before, app.extensions["dialogue.dns"] = app.extensions["dialogue.dns"], zone
    try:
        with configured(app, MAIL_SENDER="dialogue@kommun.se", MAIL_DKIM_SELECTORS=("mail",)):
            yield
    finally:
        app.extensions["dialogue.dns"] = before


def test_the_administrator_sees_what_to_put_in_dns(app: Flask, make: Factory, page: Page) -> None:
    page.sign_in(make.cookie(make.official(make.unit("gata"), Role.ADMINISTRATOR)))
    root = f"/settings/{make.the_municipality().slug}/mail"
    assert f"{root}/domain" in page.get(root).text
    zone = Zone(RIGHT)
    with looking(app, zone):
        opened = page.get(f"{root}/domain")
        assert "v=DMARC1; p=none; rua=mailto:dmarc@kommun.se" in opened.words
        assert '_dmarc.kommun.se. IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@kommun.se"' in opened.words
        assert "mail._domainkey.kommun.se" in opened.words
        assert "s2026._domainkey.kommun.se" in page.get(f"{root}/domain?selector=s2026").words
        zone.asked.clear()
        refused = page.get(f"{root}/domain?selector=a..b", status=422)
        assert "a..b" in refused.text
        assert zone.asked == []
        with configured(app, MAIL_REPLY_DOMAIN="svar.kommun.se"):
            assert "svar.kommun.se" in page.get(f"{root}/domain").words


@pytest.mark.parametrize(("more", "status"), [("", 1), ("mail._domainkey.kommun.se TXT v=DKIM1; p=", 1), (None, 0)])
def test_the_command_ends_with_what_it_found(app: Flask, more: str | None, status: int) -> None:
    runner, key = app.test_cli_runner(), "k=ed25519; p=" + "A" * 43 + "="
    with looking(app, Zone(RIGHT + (f"mail._domainkey.kommun.se TXT {key}" if more is None else more))):
        done = runner.invoke(args=["mail", "check-domain"])
    assert done.exit_code == status
    assert "SPF: good: It says which servers may send for kommun.se" in done.output
    assert "  _dmarc.kommun.se: v=DMARC1; p=none" in done.output
    assert '  put in DNS: _dmarc.kommun.se. IN TXT "v=DMARC1; p=quarantine' in done.output


def test_the_command_takes_no_wrong_name(app: Flask) -> None:
    with looking(app, Zone("")):
        assert app.test_cli_runner().invoke(args=["mail", "check-domain", "--selector", "a b"]).exit_code == 2


ANSWERS = {
    ("kommun.se.", "TXT"): ['"v=spf1 mx" " -all"', '"\\195\\165"'],
    ("kommun.se.", "MX"): ["20 b.kommun.se.", "10 a.kommun.se.", "30 ."],
    ("kommun.se.", "A"): ["198.51.100.7"],
    ("kommun.se.", "AAAA"): ["2001:db8::7"],
}


@contextmanager
def name_server(asked: list[str]) -> Iterator[None]:
    """Answers what is in ANSWERS; has no empty.se, refuses broken.se and is silent about silent.se."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire, pytest.MonkeyPatch.context() as patch:
        wire.bind(("127.0.0.1", 0))
        ours = dns.resolver.Resolver(configure=False)
        ours.nameservers, ours.port = ["127.0.0.1"], wire.getsockname()[1]
        patch.setattr(dns.resolver, "default_resolver", ours)

        def serve() -> None:
            while (received := wire.recvfrom(4096))[0] != b"stop":
                query = dns.message.from_wire(received[0])
                (question,) = query.question
                name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
                asked.append(f"{name} {kind}")
                answer = dns.message.make_response(query)
                if name == "empty.se.":
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                if name == "broken.se.":
                    answer.set_rcode(dns.rcode.SERVFAIL)
                if values := ANSWERS.get((name, kind)):
                    answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
                if name != "silent.se.":
                    wire.sendto(answer.to_wire(), received[1])

        server = Thread(target=serve)
        server.start()
        try:
            yield
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"stop", wire.getsockname())
            server.join()


def test_the_door_to_dns() -> None:
    asked: list[str] = []
    with name_server(asked):
        resolver = Resolver(120)
        assert sorted(resolver.texts("kommun.se")) == ["v=spf1 mx -all", "å"]
        assert resolver.mail_hosts("kommun.se") == [(10, "a.kommun.se"), (20, "b.kommun.se"), (30, "")]
        assert resolver.addresses("kommun.se") == [ip_address("198.51.100.7"), ip_address("2001:db8::7")]
        assert resolver.texts("kommun.se")
        assert len(asked) == 4  # each question once
        assert resolver.knows("kommun.se")
        assert not resolver.knows("empty.se")
        assert resolver.texts("empty.se") == resolver.addresses("other.se") == []
        assert resolver.texts(f"{'a' * 64}.se") == resolver.texts("a..se") == []
        with pytest.raises(NoAnswer):
            resolver.texts("broken.se")


def test_what_dns_is_silent_about_ends_the_look() -> None:
    asked: list[str] = []
    with name_server(asked):
        resolver = Resolver(0.2)
        for name in ("silent.se", "kommun.se"):
            with pytest.raises(NoAnswer):
                resolver.texts(name)
    assert set(asked) == {"silent.se. TXT"}
