"""What `read` finds in the bytes of a mail."""

from datetime import UTC, datetime

import pytest

from dialogue.mail.incoming.message import MAX_DEPTH, MAX_HEADERS, MAX_NAMES, MAX_PARTS, MAX_TEXT, Body, IncomingMail
from dialogue.mail.incoming.reading import read
from dialogue.mail.incoming.replies import reply_text


def mail(text: str) -> IncomingMail:
    return read(text.encode())


def parts(*inside: str, kind: str = "mixed", boundary: str = "b1", head: str = "From: a@b.example\n") -> str:
    listed = "".join(f"--{boundary}\n{part}\n" for part in inside)
    return f"{head}Content-Type: multipart/{kind}; boundary={boundary}\n\n{listed}--{boundary}--\n"


def test_the_headers_that_others_need() -> None:
    found = mail(
        "Return-Path: <Bounce@There.example>\n"
        "Delivered-To: svar+k3m9@svar.sjovik.example\nX-Original-To: other@sjovik.example\n"
        "Message-ID:\n <one@there.example>\nIn-Reply-To: <two@dialog.example>\n"
        "References: <three@dialog.example>\n <two@dialog.example>\n"
        'From: "Kartor, Labbet" <Hej@There.example>\n'
        "To: Dialog <Svar+K3M9@svar.sjovik.example>, x@y.example\nCc: z@y.example (Kartor)\n"
        "Subject: =?utf-8?Q?F=C3=B6r?= =?utf-8?Q?fr=C3=A5gan?=\n klar\n"
        "Date: Tue, 3 Mar 2026 10:12:00 +0100\nX-Other: a\nX-Other: b\n\nhej"
    )
    assert found.message_id == "one@there.example"
    assert found.in_reply_to == "two@dialog.example"
    assert found.references == ("three@dialog.example", "two@dialog.example")
    assert (found.sender, found.sender_name) == ("hej@there.example", "Kartor, Labbet")
    assert found.return_path == "bounce@there.example"
    assert found.recipients == ("svar+k3m9@svar.sjovik.example", "x@y.example", "z@y.example")
    assert found.delivered_to == ("svar+k3m9@svar.sjovik.example", "other@sjovik.example")
    assert found.subject == "Förfrågan klar"
    assert found.date == datetime(2026, 3, 3, 9, 12, tzinfo=UTC)
    assert found.headers["x-other"] == ("a", "b")
    assert found.header("X-Other") == "a"
    assert found.header("X-Missing") == ""
    assert not found.is_truncated


def test_the_envelope_counts_before_the_header() -> None:
    raw = b"Return-Path: <forged@x.example>\nDelivered-To: a@b.example\n\nhej"
    found = read(raw, envelope_sender="", envelope_recipients=["<Svar@B.example>", "a@b.example"])
    assert found.return_path == ""
    assert found.delivered_to == ("svar@b.example", "a@b.example")
    assert read(raw, envelope_sender="<Real@x.example>").return_path == "real@x.example"


@pytest.mark.parametrize(
    "raw", [b"", b"\n", b"hej", b"\r\n\r\n", b"From:\nTo: ,,\nDate: never\n\n", b"\0\0", b": a\n\nb"]
)
def test_a_mail_without_anything(raw: bytes) -> None:
    found = read(raw)
    assert (found.message_id, found.sender, found.date, found.return_path) == ("", "", None, None)
    assert found.recipients == found.references == found.attachments == found.reports == ()


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("a@b.example", "", "a@b.example"),
        ("<a@b.example>", "", "a@b.example"),
        ("Kartor <A@B.example>", "Kartor", "a@b.example"),
        ("a@b.example (Kartor)", "Kartor", "a@b.example"),
        ('"boss@c.example" <a@b.example>', "boss@c.example", "a@b.example"),
        ("boss@c.example <a@b.example>", "boss@c.example", "a@b.example"),
        ('"x <boss@c.example>" <a@b.example>', "x <boss@c.example>", "a@b.example"),
        ("=?utf-8?B?w4V0ZXJ2aW5uaW5n?= <a@b.example>", "Återvinning", "a@b.example"),
        ("Räksmörgås <a@räk.example>", "Räksmörgås", "a@xn--rk-via.example"),
        ("odd <a b@c>", "odd", "a b@c"),
        # Two who say that they wrote it: nobody can be sure.
        ("a@b.example, c@d.example", "", ""),
        ("<a@b.example> <c@d.example>", "", ""),
        ("a@b.example, A@b.example", "", "a@b.example"),
        ("nobody", "", ""),
        ("nobody <nowhere>", "", ""),
    ],
)
def test_who_writes(value: str, name: str, address: str) -> None:
    found = mail(f"From: {value}\n\nhej")
    assert (found.sender_name, found.sender) == (name, address)


def test_more_than_one_from_is_nobody() -> None:
    assert mail("From: a@b.example\nFrom: c@d.example\n\n").sender == ""


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        ("=?iso-8859-1?Q?=E5=E4=F6?=", "åäö"),
        ("=?UTF-8?B?w6XDpMO2?= och =?utf-8?q?_mer?=", "åäö och mer"),
        # A letter cut in two between words.
        ("=?utf-8?Q?=C3?= =?utf-8?Q?=A5r?=", "år"),
        ("=?utf-8*sv?Q?=C3=A5r?=", "år"),
        ("=?utf-8?Q?a?= =?iso-8859-1?Q?=E5?=", "aå"),
        ("=?nonsense?Q?=C3=A5?=", "å"),
        ("=?utf-8?B?!!!?=", ""),
        ("=?utf-8?Q?broken", "=?utf-8?Q?broken"),
        ("rå åäö", "rå åäö"),
        ("a\x00b\x1b[31m", "ab[31m"),
    ],
)
def test_subjects(value: str, subject: str) -> None:
    assert mail(f"Subject: {value}\n\n").subject == subject


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("3 Mar 2026 10:12", datetime(2026, 3, 3, 10, 12, tzinfo=UTC)),
        ("Tue, 3 Mar 2026 10:12:00 -0000", datetime(2026, 3, 3, 10, 12, tzinfo=UTC)),
        ("Tue, 3 Mar 2026 10:12:00 +9999999999", None),
        ("Fri, 31 Dec 9999 23:59:00 -2359", None),
        ("tomorrow", None),
        ("99 Foo 9999999999 99:99", None),
    ],
)
def test_dates(value: str, date: datetime | None) -> None:
    assert mail(f"Date: {value}\n\n").date == date


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "åäö".encode(), "åäö"),
        ("iso-8859-1", "åäö".encode("latin-1"), "åäö"),
        ("windows-1252", "å – ö".encode("cp1252"), "å – ö"),
        ("iso-8859-15", "å €".encode("iso8859-15"), "å €"),
        ("iso-8859-2", "łąś".encode("iso8859-2"), "łąś"),
        ("koi8-r", "привет".encode("koi8-r"), "привет"),
        ("utf-16", "hej".encode("utf-16"), "hej"),
        ("utf-7", b"+AOU-", "å"),
        ("unicode-1-1-utf-7", b"+AOU-", "å"),
        ("", "åäö".encode("latin-1"), "åäö"),
        # It says one thing and is another.
        ("us-ascii", "åäö".encode(), "åäö"),
        ("iso-8859-1", "åäö".encode(), "åäö"),
        ("utf-8", "åäö".encode("latin-1"), "åäö"),
        ("iso-2022-jp", "åäö".encode(), "åäö"),
        ("iso-2022-jp", "åäö".encode("latin-1"), "���"),
        ("rot13", b"hej", "hej"),
        ("idna", b"xn--rk-via", "xn--rk-via"),
        ("\x00", b"hej", "hej"),
        ("utf-8", "åäö ".encode() + b"\xe5", "åäö \ufffd"),
    ],
)
def test_charsets(charset: str, content: bytes, text: str) -> None:
    assert read(f"Content-Type: text/plain; charset={charset}\n\n".encode() + content).text == text


@pytest.mark.parametrize(
    ("encoding", "content", "text"),
    [
        ("quoted-printable", "r=C3=A4k=\nor", "räkor"),
        ("Quoted-Printable", "=ZZ=4", "=ZZ=4"),
        ("base64", "aGVq", "hej"),
        ("base64", "aGV\n q!!", "hej"),
        ("base64", "aGVqa", "hej"),
        ("base64", "aGVqaA", "hejh"),
        ("8bit", "hej", "hej"),
        ("nonsense", "hej", "hej"),
    ],
)
def test_transfer_encodings(encoding: str, content: str, text: str) -> None:
    assert mail(f"Content-Transfer-Encoding: {encoding}\n\n{content}").text == text


def test_line_ends_of_all_kinds() -> None:
    raw = "From: a@b.example\nSubject: hej\n\nett\ntvå\n"
    for end in ("\n", "\r\n", "\r"):
        found = read(raw.replace("\n", end).encode())
        assert (found.sender, found.subject, found.text) == ("a@b.example", "hej", "ett\ntvå\n")


def test_the_parts_of_an_alternative_say_the_same() -> None:
    found = mail(
        parts(
            parts(
                "Content-Type: text/plain\n\nhej",
                parts("Content-Type: text/html\n\n<p>hej</p>", "Content-Type: image/png; name=a.png\n\nx", kind="related",
                      boundary="b3", head=""),
                kind="alternative", boundary="b2", head="",
            ),
            "Content-Type: application/pdf\nContent-Disposition: attachment; filename=karta.pdf\n\nx",
            "\nslut",
        )
    )  # fmt: skip
    assert found.bodies == (Body("hej", "<p>hej</p>"), Body("slut"))
    assert found.attachments == ("a.png", "karta.pdf")
    assert (found.text, found.html) == ("hej\n\nslut", "<p>hej</p>")
    assert reply_text(found) == "hej\n\nslut"
    assert not found.is_empty


def test_names_of_files() -> None:
    found = mail(
        parts(
            "\nhej",
            "Content-Disposition: attachment; filename*=iso-8859-1'sv'r%E4ka.txt\n\nx",
            "Content-Disposition: attachment; filename*0*=utf-8''l%C3%A5ng; filename*1=t; filename*2*=%20namn\n\nx",
            'Content-Disposition: attachment; filename="a\\"b;c.txt"\n\nx',
            "Content-Type: text/plain\nContent-Disposition: inline; filename=notes.txt\n\nx",
            "Content-Type: application/pdf; name==?utf-8?Q?=C3=A5.pdf?=\n\nx",
            "Content-Type: image/png\n\nx",
            "Content-Type: message/rfc822\nContent-Disposition: attachment; filename=mail.eml\n\nSubject: x\n\nhej",
            "Content-Type: text/calendar; method=REQUEST; name=m.ics\n\nBEGIN:VCALENDAR",
        )
    )
    assert found.attachments == ("räka.txt", "långt namn", 'a"b;c.txt', "notes.txt", "å.pdf", "",
                                 "mail.eml", "m.ics")  # fmt: skip
    assert found.text == "hej"


def test_text_with_a_name_is_read_when_there_is_no_other() -> None:
    assert (
        mail("Content-Type: text/plain; name=a.txt\nContent-Disposition: inline; filename=a.txt\n\nhej").text == "hej"
    )


def test_flowed_text_is_put_together() -> None:
    text = "One sentence \nthat goes on.\n> quoted \n> text\n>> deeper \n\n Stuffed\n-- \nName \n"
    assert mail(f"Content-Type: text/plain; format=flowed\n\n{text}").text == (
        "One sentence that goes on.\n> quoted text\n>> deeper \n\nStuffed\n-- \nName "
    )
    assert mail("Content-Type: text/plain; format=flowed; delsp=yes\n\nabc \ndef\n").text == "abcdef\n"


@pytest.mark.parametrize(
    "raw",
    [
        "Content-Type: multipart/mixed\n\nhej",
        "Content-Type: multipart/mixed; boundary=\n\nhej",
        "Content-Type: multipart/mixed; boundary=b1\n\nhej",
        "Content-Type: multipart/mixed; boundary=b1\n\npreamble\n--b1\n\nhej",
        "Content-Type: multipart/mixed; boundary=b1\n\n--b1\n\nhej\n--b1--\nepilogue",
        "Content-Type: multipart/mixed; boundary=b1\n\n--b1x\nno\n--b1 \n\nhej\n--b1--",
        "Content-Type: multipart/mixed; boundary=b1\n\n--b1x\n--b1\n\nhej",
        "Content-Type: multipart/mixed; boundary=b1\n\n--b1--",
        "Content-Type: multipart/mixed; boundary=b1\n\n--b1",
        "Content-Type: nonsense\n\nhej",
        "Content-Type: ;\n\nhej",
        "Content-Type: text/plain; charset\n\nhej",
        "hej",
        "From a@b.example Thu Jan  1\nSubject: x\n\nhej",
        "From a@b.example Thu Jan  1",
        " folded from the beginning\n\nhej",
        "Subject: x\nnot a field\nhej",
    ],
)
def test_badly_built_mails_can_be_read(raw: str) -> None:
    text = mail(raw).text.strip()
    assert text.endswith("hej") == ("hej" in raw and "nonsense" not in raw)
    assert "epilogue" not in text


def test_a_digest_holds_mails() -> None:
    found = mail(parts("Subject: ett\n\nhej", kind="digest"))
    assert found.text == ""
    assert [report.kind for report in found.reports] == ["message/rfc822"]
    assert found.is_empty


def test_an_attached_mail_is_not_what_was_written() -> None:
    found = mail(parts("\nse bilagan", "Content-Type: message/rfc822\n\nSubject: x\n\nhemligt"))
    assert found.text == "se bilagan"
    assert found.reports[0].text.startswith("Subject: x")


def test_more_than_the_limits_is_left_out_and_told() -> None:
    assert mail(f"\n{'a' * (MAX_TEXT + 1)}").is_truncated
    assert read(b"\n" + b"a" * (4 * MAX_TEXT - 1) + "å".encode()).text == "a" * MAX_TEXT
    assert len(mail(f"\n{'a' * (MAX_TEXT + 1)}").text) == MAX_TEXT
    many = mail(parts(*["\nhej"] * (MAX_PARTS + 10)))
    assert many.is_truncated
    assert 0 < len(many.bodies) <= MAX_PARTS
    assert len(mail(parts(*["Content-Type: a/b\n\nx"] * 200)).attachments) == MAX_NAMES
    assert len(mail(parts(*["Content-Type: message/delivery-status\n\nx"] * 50)).reports) == 20
    headers = mail("".join(f"X-{number}: a\n" for number in range(MAX_HEADERS * 2)) + "\nhej")
    assert len(headers.headers) <= MAX_HEADERS + 1
    assert headers.text == "hej"
    giant = read(b"Subject: x\nX-Giant: " + b"a" * 300_000 + b"\nX-After: b\n\nhej")
    assert (giant.subject, giant.text, giant.header("x-after")) == ("x", "hej", "")
    assert read(b"X-Giant: " + b"a" * 300_000).text == ""


def test_parts_in_parts_are_opened_so_far_and_no_further() -> None:
    text = "Content-Type: text/plain\n\nhej"
    for level in range(MAX_DEPTH - 1):
        text = parts(text, boundary=f"x{level}-", head="")
    assert mail(text).text == "hej"
    for level in range(MAX_DEPTH, 100):
        text = parts(text, boundary=f"x{level}-", head="")
    deep = mail(text)
    assert deep.is_empty
    assert deep.attachments == ("",)


def test_one_part_inside_another_that_ends_it() -> None:
    # The outer boundary ends the inner multipart too.
    raw = parts("Content-Type: multipart/alternative; boundary=b2\n\n--b2\n\nhej", "\nslut")
    assert [body.text for body in mail(raw).bodies] == ["hej", "slut"]
