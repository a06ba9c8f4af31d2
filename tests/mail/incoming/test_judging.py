"""Who writes: a person, or a program; and what a mail server says about a mail that did not arrive."""

import pytest

from dialogue.mail.incoming.judging import MOST_HOPS, judge
from dialogue.mail.incoming.reading import read
from dialogue.mail.incoming.verdicts import Failure, Kind, Verdict
from tests.mail.incoming.corpus import OWN, Case, cases, shared, shared_expectations, whole

ROBOTS = cases("robots.txt")
PEOPLE = cases("people.txt")


def verdict(mail: str) -> Verdict:
    return judge(read(whole(mail)), OWN)


@pytest.mark.parametrize("case", ROBOTS, ids=lambda case: case.name)
def test_a_robot_is_known_and_the_rule_is_named(case: Case) -> None:
    found = judge(read(case.raw), OWN)
    assert found.kind == case.name.split()[0].replace("_", "-")
    assert not found.is_person
    assert found.rule


def test_people_are_taken_for_people() -> None:
    assert len(PEOPLE) >= 40
    assert [case.name for case in PEOPLE if not judge(read(case.raw), OWN).is_person] == []


def test_there_are_many_robots_in_many_languages() -> None:
    languages = {case.name.split()[1].partition("-")[0] for case in ROBOTS}
    assert len(ROBOTS) >= 40
    assert languages >= {"sv", "en", "de", "fr", "nb", "da", "fi", "pl", "nl", "es", "it", "pt"}


def test_the_shared_machine_mail() -> None:
    folder = shared("machine")
    expected = shared_expectations("machine")
    assert {name: judge(read((folder / name).read_bytes())).kind for name in expected} == expected


REPORT = """Return-Path: <>
From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail Returned to Sender
To: studs+q7@svar.sjovik.example
Content-Type: multipart/report; report-type=delivery-status; boundary=b1

--b1

Not delivered.
--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

{groups}
--b1
Content-Type: message/rfc822

Return-Path: <studs+q7@svar.sjovik.example>
Message-ID: <abc@dialog.example>
To: hej@bud.example

Hej
--b1--
"""


@pytest.mark.parametrize(
    ("groups", "kind", "failures"),
    [
        (
            "Final-Recipient: rfc822; hej@bud.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user",
            Kind.BOUNCE,
            [("hej@bud.example", "5.1.1", True)],
        ),
        (
            "Original-Recipient: rfc822;Hej@Bud.example\nFinal-Recipient: rfc822; inner@x.example\nAction: failed\nStatus: 4.2.2",
            Kind.BOUNCE,
            [("hej@bud.example", "4.2.2", False)],
        ),
        # One failed for good, one is tried on, one arrived: what failed counts.
        (
            "Final-Recipient: rfc822; a@x.example\nAction: delivered\nStatus: 2.0.0\n\n"
            "Final-Recipient: rfc822; b@x.example\nAction: delayed\nStatus: 4.4.1\n\n"
            "Final-Recipient: rfc822; c@x.example\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.7.1 refused",
            Kind.BOUNCE,
            [("c@x.example", "5.7.1", True)],
        ),
        ("Final-Recipient: rfc822; a@x.example\nAction: delayed\nStatus: 4.4.1", Kind.DELAY, [("a@x.example", "4.4.1", False)]),
        ("Final-Recipient: rfc822; a@x.example\nAction: relayed\nStatus: 2.0.0", Kind.RECEIPT, []),
        # No action, no status: what the other server said.
        ("Final-Recipient: rfc822; a@x.example\nDiagnostic-Code: smtp; 552 too big", Kind.BOUNCE, [("a@x.example", "", True)]),
        ("Final-Recipient: rfc822; a@x.example\nDiagnostic-Code: smtp; 450 later", Kind.BOUNCE, [("a@x.example", "", False)]),
        ("Final-Recipient: rfc822; a@x.example\nStatus: 4.0.0", Kind.DELAY, [("a@x.example", "4.0.0", False)]),
        ("Final-Recipient: X400; /CN=Kartor/\nAction: failed\nStatus: 5.1.1", Kind.BOUNCE, [("/cn=kartor/", "5.1.1", True)]),
        # Nothing that can be used.
        ("X-Nothing: here", Kind.BOUNCE, [("", "", False)]),
    ],
)  # fmt: skip
def test_a_report_tells_who_and_how_hard(groups: str, kind: Kind, failures: list[tuple[str, str, bool]]) -> None:
    found = verdict(REPORT.format(groups=groups))
    assert found.kind is kind
    assert [(failure.recipient, failure.status, failure.is_hard) for failure in found.failures] == failures
    for failure in found.failures:
        assert failure.message_id == "abc@dialog.example"
        assert failure.return_path == "studs+q7@svar.sjovik.example"


DAEMON = "From: mailer-daemon@mx.example\nTo: studs+q7@svar.sjovik.example\nSubject: failure notice\n"


@pytest.mark.parametrize(
    ("mail", "kind", "failure"),
    [
        # In a server's own words, with our mail below.
        (
            DAEMON + "\nHi. I wasn't able to deliver your message.\n\n<Hej@bud.example>:\n550 5.1.1 no such user\n\n"
            "--- Below this line is a copy of the message.\n\nMessage-ID: <abc@dialog.example>\n"
            "Return-Path: <studs+q7@svar.sjovik.example>\n\nHej",
            Kind.BOUNCE,
            Failure("hej@bud.example", "5.1.1", True, "550 5.1.1 no such user", "abc@dialog.example", "studs+q7@svar.sjovik.example"),
        ),
        (
            DAEMON + "\nCould not be delivered to hej@bud.example: user unknown",
            Kind.BOUNCE,
            Failure("hej@bud.example", is_hard=True, diagnostic="Could not be delivered to hej@bud.example: user unknown"),
        ),
        (
            DAEMON + "X-Failed-Recipients: a@x.example\n\n421 try later",
            Kind.BOUNCE,
            Failure("a@x.example", diagnostic="421 try later"),
        ),
        (DAEMON.replace("failure notice", "Delayed mail"), Kind.DELAY, Failure()),
    ],
)  # fmt: skip
def test_a_report_in_plain_words(mail: str, kind: Kind, failure: Failure) -> None:
    found = verdict(mail)
    assert found.kind is kind
    assert found.failures == (failure,)


@pytest.mark.parametrize(
    ("mail", "kind", "rule"),
    [
        ("From: dialog@sjovik.example\n\nhej", Kind.LOOP, "sender:our own"),
        ("From: a@x.example\nX-Loop: dialog@sjovik.example\n\nhej", Kind.LOOP, "header:x-loop"),
        ("From: a@x.example\n" + "Received: by mx\n" * (MOST_HOPS + 1) + "\nhej", Kind.LOOP, "header:received"),
        ("From: a@x.example\n" + "Received: by mx\n" * MOST_HOPS + "\nhej", Kind.PERSON, ""),
        ("From: mailer-daemon@x.example\nSubject: hej\n\nhej", Kind.NOTICE, "sender:daemon"),
        ("From: a@x.example\nX-Auto-Response-Suppress: OOF, AutoReply\n\nhej", Kind.NOTICE, "header:x-auto-response-suppress"),
        ("From: a@x.example\nSubject: Autosvar: hej\nPrecedence: bulk\n\nhej", Kind.AUTO_REPLY, "header:precedence"),
        ("Return-Path: <>\nFrom: a@x.example\nSubject: Automatiskt svar: hej\n\nhej", Kind.AUTO_REPLY, "subject:automatic"),
        # Away, says the text; the subject, and that it answers us, say so too.
        (
            "From: a@x.example\nSubject: Semester\nIn-Reply-To: <abc@dialog.example>\n\nJag är på semester.",
            Kind.AUTO_REPLY,
            "subject:away",
        ),
        ("From: a@x.example\nSubject: Semester\n\nJag är på semester.", Kind.PERSON, ""),
        (
            "From: a@x.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n"
            "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--",
            Kind.COMPLAINT,
            "report:feedback",
        ),
        # Called a report, and nothing in it that can be read.
        ("From: a@x.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\nhej\n--b--", Kind.BOUNCE, "words:delivery"),
        ("", Kind.PERSON, ""),
    ],
)  # fmt: skip
def test_the_rule_that_matched(mail: str, kind: Kind, rule: str) -> None:
    found = verdict(mail)
    assert (found.kind, found.rule) == (kind, rule)


def test_a_complaint_names_the_reader_when_the_provider_does() -> None:
    mail = (
        "From: a@x.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
        "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n{}\n"
        "--b\nContent-Type: text/rfc822-headers\n\nTo: Hej <hej@bud.example>\nMessage-ID: <abc@dialog.example>\n--b--\n"
    )
    named = verdict(mail.format("Original-Rcpt-To: <Annan@bud.example>")).failures
    assert named == (Failure("annan@bud.example", message_id="abc@dialog.example"),)
    assert verdict(mail.format("Version: 1")).failures[0].recipient == "hej@bud.example"
