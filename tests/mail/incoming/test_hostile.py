"""Bytes that nobody means well with are decided like any others, and soon: where a pattern or a loop needed quadratic
time, these tests would take minutes.
"""

import re
import tracemalloc
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.core.text import clean_text
from dialogue.mail.incoming.judging import judge
from dialogue.mail.incoming.lines import clean
from dialogue.mail.incoming.markup import html_lines
from dialogue.mail.incoming.message import MAX_BYTES, MAX_HTML, MAX_TEXT
from dialogue.mail.incoming.reading import read
from dialogue.mail.incoming.replies import reply_text, whole_text
from dialogue.mail.incoming.vocabulary import captions, closings, devices, footers, labels, robots, servers
from tests.mail.incoming.corpus import OWN, body

MEGABYTE = 2**20


def decide(raw: bytes) -> str:
    mail = read(raw)
    judge(mail, OWN)
    whole_text(mail)
    return reply_text(mail, OWN)


#: What lines are made of that our patterns look for, to be repeated until they are long.
PIECES = [
    "a", " ", "\t", ">", "> ", "> a\n", "\n", "a\n", "-", "--\n", "-- a --\n", "_\n", "@", "a@b.example ", "1 ", "10:12 ",
    "skrev:\n", "skrev ", "wrote: ", "Den 3 mars 2026 kl. 10:12 skrev <a@b.example>\n", "3 mars 2026 <a@b.example>:\n",
    "Från: a\n", "From: a@b.example\nSent: 1\n", "From: a@b.example\nTo: x\n", "Mvh\n", "Tack\na@b.example\n",
    "Skickat från min iPhone\n", "Sent from ", "konfidentiellt meddelande mottagare\n\n", "%", "%41", "svar+a", "(", '"', "<",
    "svar+a@svar.sjovik.example ", "svar+a@svar.\nsjovik.example\n", "https://", "www.a.se ", "070-1", "this is an ", "=?",
    "out of office ", "återkommer ", "=?utf-8?q?a?= ", "å", "\u200b", "\u202e", "e\u0301", "𝔄", "\x00", "\r", "…",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_lines_of_one_thing_over_and_over(piece: str) -> None:
    text = piece * (MAX_TEXT // len(piece))
    decide(body(text))
    head = text[:20_000].replace("\n", " ")
    decide(
        f"From: {head}\nSubject: {head}\nContent-Type: text/html; {head}\nContent-Disposition: {head}\n\n{head}".encode()
    )


@pytest.mark.parametrize(
    "piece",
    [
        "<div>", "<div>a</div>", "<b>", "<font size=1>", "<font a='<'>", "<span><p>", "<table>x", "<table><tr><td>", "<blockquote>",
        "<a href=x>", "<ul><li>", "<li>x", "<ol><li>x</ol>", "<!--", "<style>", "<script>", "<p ", "<p a=", "<p>", "&amp;", "&", "<br>",
        "<svg><p>", "<select>", "<template>", "<button><p>", "<h1><i>", "<dd><span>", "</p>", "</div>", "<pre>\n", "<hr>",
        "<p style='display:none'>", "<div id=divRplyFwdMsg>x", "<div class=gmail_quote><blockquote>", "<div class=gmail_signature>x",
        ";base64,AAAA", "<x><nobr>", "<![CDATA[", "<?",
    ],
    ids=repr,
)  # fmt: skip
def test_html_of_one_thing_over_and_over(piece: str) -> None:
    decide(body(piece * (MAX_HTML // len(piece) + 1), "text/html"))


def test_many_letters_that_are_left_open_are_not_opened_again_and_again() -> None:
    opened = "".join(f"<font a='<' size={number}>" for number in range(20_000))
    lines = html_lines(f"{opened}{'<p>x' * 20_000}")
    assert len(lines) <= 5_000
    many = "".join(f"a{number}=b " for number in range(50_000))
    assert [line.text for line in html_lines(f"<p {many}>hej</p>")] == ["hej"]


def test_what_lies_too_deep_is_left_out() -> None:
    assert [line.text for line in html_lines("a" + "<div>" * 5_000 + "b")] == ["a"]
    assert [line.text for line in html_lines("<div><i>" * 300 + "b")] == ["b"]


@pytest.mark.parametrize(
    ("head", "piece", "times", "end"),
    # Put together in the test, or every process that collects it would hold all of them.
    [
        (b"From: a@b.example\n\n", b"a\n", 12 * MEGABYTE, b""),
        (b"From: a@b.example\r\n\r\n", b"a\r\n", 8 * MEGABYTE, b""),
        (b"From: a@b.example\nContent-Type: text/html\n\n", b"<p>a", 6 * MEGABYTE, b""),
        (b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n\nhej\n", 2 * MEGABYTE, b""),
        (b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n\n" + b"hej\n" * 6_000, 1_000, b""),
        (
            b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(100)).replace(b"--b0\n", b""),
            b"\n--b", 6 * MEGABYTE, b"",
        ),
        (b"X: ", b"a ", 12 * MEGABYTE, b"\n\nhej"),
        (b"Subject: x", b"\n y", 8 * MEGABYTE, b"\n\nhej"),
        (b"From: a@b.example\nContent-Transfer-Encoding: base64\n\n", b"QUJD", 6 * MEGABYTE, b""),
        (b"", b"\0", 25 * MEGABYTE, b""),
        (b"", b"a", MAX_BYTES + 1, b""),
    ],
    ids=["lines", "crlf", "html", "many parts", "big parts", "nested", "header", "folded", "base64", "nulls", "too big"],
)  # fmt: skip
def test_the_greatest_mails_need_little_room(head: bytes, piece: bytes, times: int, end: bytes) -> None:
    raw = head + piece * times + end
    tracemalloc.start()
    try:
        decide(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100 * MEGABYTE


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_are_decided(raw: bytes) -> None:
    decide(raw)


_HEADERS = st.sampled_from([
    "From", "Subject", "Date", "Message-ID", "Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "To",
    "Return-Path", "Precedence", "Auto-Submitted", "X-Failed-Recipients", "References",
])  # fmt: skip
_VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from([
        "multipart/mixed; boundary=b", "multipart/report; boundary=b", "text/html; charset=x", "base64", "quoted-printable",
        "message/delivery-status", "message/rfc822", 'attachment; filename*0*="', "text/plain; format=flowed", "<>", "a@b.example",
        "text/plain; charset=utf-7",
    ]),
)  # fmt: skip
_CONTENT = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from([
            "--b", "--b--", "", "> a", "Från: a@b.example", "Skickat: 2026", "Ämne: x", "Den 3 mars 2026 10:12 skrev a@b.example:",
            "-- ", "Mvh", "<blockquote type=cite>", "<p>", "</p>", "<table><td>", "Final-Recipient: rfc822; a@b.example",
            "Action: failed", "svar+k3m9@svar.sjovik.example", "Svara ovanför den här raden", "-----Original Message-----",
        ]),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(_HEADERS, _VALUES), max_size=6), _CONTENT)
def test_mails_with_anything_in_them_are_decided(headers: list[tuple[str, str]], content: list[str]) -> None:
    head = "".join(f"{name}: {value}\n" for name, value in headers)
    text = "\n".join(content)
    decide(f"{head}\n{text}".encode("utf-8", "surrogatepass"))


@settings(max_examples=200, deadline=None)
@given(_CONTENT)
def test_never_nothing_where_something_was_written_and_never_a_secret(content: list[str]) -> None:
    text = "\n".join(content)
    left = reply_text(read(body(text)), OWN)
    assert not any(secret.search(left) for secret in OWN.secrets)
    without_ours = OWN.secrets[0].sub("", clean_text(clean(text)))
    if any(letter.isalnum() for letter in without_ours) and not OWN.secrets[0].search(text):
        assert left.strip()


@pytest.mark.parametrize("module", [captions, closings, devices, footers, labels, robots, servers])
def test_no_phrase_repeats_without_a_bound(module: ModuleType) -> None:
    lines = Path(str(module.__file__)).read_text(encoding="utf-8").split("\n")
    tables = [line for line in lines if re.match(r"\s+[a-z]{2}: ", line)]
    assert len(tables) > 10
    assert [line for line in tables if re.search(r"(?<!\\)[*+]", line)] == []
