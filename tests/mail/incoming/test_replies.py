"""What a person wrote, out of mails of many programs in many languages."""

import re

import pytest

from dialogue.mail.incoming.reading import read
from dialogue.mail.incoming.replies import Own, reply_text, whole_text
from tests.mail.incoming.corpus import OWN, Case, body, cases, shared, shared_expectations, tidy

REPLIES = cases("replies")


def written(text: str, kind: str = "text/plain") -> str:
    return reply_text(read(body(text, kind)), OWN)


def folded(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("case", REPLIES, ids=lambda case: case.name)
def test_what_was_written_is_left(case: Case) -> None:
    assert tidy(reply_text(read(case.raw), OWN)) == case.expected


def test_there_are_many_cases_in_many_languages() -> None:
    assert len(REPLIES) >= 190
    assert {case.name.partition("-")[0] for case in REPLIES} >= {
        *("sv", "en", "nb", "da", "de", "fi", "fr", "pl", "nl", "es", "it", "pt", "html")
    }


def test_the_shared_bodies() -> None:
    folder = shared("trim")
    files = sorted((folder / "in").iterdir())
    right = [
        file.name
        for file in files
        if tidy(reply_text(read(body(file.read_text(encoding="utf-8")))))
        == tidy((folder / "expected" / file.name).read_text(encoding="utf-8"))
    ]
    assert len(files) == 33
    assert right == [file.name for file in files]


def test_the_shared_mails_of_real_programs() -> None:
    folder = shared("clients")
    expected = shared_expectations("clients")
    assert {name: reply_text(read((folder / name).read_bytes())) for name in expected} == expected


def test_the_shared_html() -> None:
    folder = shared("html")
    expected = {name: folded(text) for name, text in shared_expectations("html").items()}
    found = {
        name: folded(reply_text(read(body((folder / name).read_text(encoding="utf-8"), "text/html"))))
        for name in expected
    }
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        "> only a quote",
        "Skickat från min iPhone",
        "Hej!",
        "--\nKartlabbet",
        "Mvh\nKartlabbet\n010-555 00 00",
        "Detta meddelande är konfidentiellt och avsett endast för mottagaren.",
        "On Tue, 3 Mar 2026 at 10:12, Dialog <dialog@sjovik.example> wrote:",
        "From: Dialog <dialog@sjovik.example>\nSent: 3 March 2026\nTo: You\nSubject: Us",
        "-----Ursprungligt meddelande-----",
        "Svara ovanför den här raden.",
        "_____________________",
        "CAUTION: This email originated from outside of the organization.",
        "-----BEGIN PGP SIGNED MESSAGE-----",
        ">>>>",
        "Från: Dialog <dialog@sjovik.example>\nSkickat: 3 mars 2026\nTill: Er\nÄmne: Vi\n\nSvara ovanför den här raden.",
    ],
)
def test_where_something_stands_something_is_left(text: str) -> None:
    assert written(text) == text


def test_a_greeting_alone_is_not_all() -> None:
    # What looked like a signature may be all that was written.
    assert written("Hej,\n\n--\nvi vill ha data") == "Hej,\n\n--\nvi vill ha data"
    assert written("Hello\n\nSent from my iPhone") == "Hello\n\nSent from my iPhone"
    assert written("Ja\n\nSent from my iPhone") == "Ja"


def test_a_long_quote_is_cut_to_the_paragraph_that_is_answered() -> None:
    quote = "\n".join(f"> rad {number}" for number in range(30))
    text = f"Svar nedan.\n\n{quote}\n>\n> Vilket år?\n\n2025.\n\n> Vilket format?\n\nCSV."
    assert written(text) == "Svar nedan.\n\n> Vilket år?\n\n2025.\n\n> Vilket format?\n\nCSV."
    endless = "\n".join(f"> rad {number}" for number in range(30))
    assert written(f"Ja.\n\n{endless}\n\nNej.").count(">") == 12


def test_the_caption_of_an_answered_quote_goes_too() -> None:
    text = "Se svar:\n\n> On 3 Mar 2026, at 10:12, X <x@y.example> wrote:\n>\n> Vilket år?\n\n2025."
    assert written(text) == "Se svar:\n\n> Vilket år?\n\n2025."
    only = "Se svar:\n\n> On 3 Mar 2026, at 10:12, X <x@y.example> wrote:\n\n2025."
    assert written(only) == only


def test_the_marker_is_found_whatever_stands_around_it() -> None:
    assert written("Ja.\n\n*-- SVARA OVANFÖR DEN HÄR RADEN --*\n\nfråga") == "Ja."
    assert written("Ja.\n\nDialog ütles:\n\nSvara ovanför den här raden.\nfråga") == "Ja."
    assert written("Svara ovanför den här raden.\n\nMitt svar under.") == "Mitt svar under."
    assert written("Ja.\nSvara ovanför den här raden.\nfråga") == "Ja."


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Skriv till svar+k3m9@svar.sjovik.example.", "Skriv till ."),
        ("Adressen <svar+k3m9@svar.sjovik.example> gäller.", "Adressen gäller."),
        ("Ja.\n<mailto:svar+k3m9@svar.sjovik.example>", "Ja."),
        ("Bruten svar+k3m9@svar.sjo\nvik.example här.", "Bruten här."),
        ("> citat svar+k3\n> m9@svar.sjovik.example\n\nMitt svar.\n\n> a\n\nb", "> citat\n\nMitt svar.\n\n> a\n\nb"),
        ("Länk https://x.example/?to=svar%2Bk3m9%40svar.sjovik.example här", "Länk här"),
        ("Länk https://x.example/?u=%252Fsvar%252Bk3m9%2540svar.sjovik.example&a=1 här", "Länk här"),
        ("Andelen är 100%25 av svaren.", "Andelen är 100%25 av svaren."),
        ("svar+k3m9@svar.sjovik.example", ""),
        ("Två\nrader utan något.", "Två\nrader utan något."),
    ],
)
def test_our_secret_addresses_never_get_out(text: str, left: str) -> None:
    assert written(text) == left
    assert "k3m9" not in written(text.replace("\n", "<br>"), "text/html")


def test_a_pattern_that_fits_nothing_takes_nothing() -> None:
    own = Own(secrets=(re.compile("x*"),))
    assert reply_text(read(body("a\nb")), own) == "a\nb"


def test_everything_can_be_read_by_whoever_looks_at_a_mail_that_is_held() -> None:
    mail = read(body("Ja.\n\n-- \nKartlabbet\n\n> fråga"))
    assert whole_text(mail) == "Ja.\n\n--\nKartlabbet\n\n> fråga"
    assert whole_text(read(b"")) == ""


@pytest.mark.parametrize(
    ("plain", "html", "left"),
    [
        # As good as the HTML: the plain one.
        ("Ja, gärna.", "<p>Ja, <b>gärna</b>!</p>", "Ja, gärna."),
        ("", "<p>Ja.</p>", "Ja."),
        # Much poorer.
        ("Ja", "<p>Ja, och vi vill ha alla år från 2018.</p>", "Ja, och vi vill ha alla år från 2018."),
        ("This mail is in HTML format.", "<p>Bara ett blad per år.</p>", "Bara ett blad per år."),
        # The HTML knows where the quote begins.
        ("Ja.\n\nkell kolm\n\nfråga", "Ja.<div class=gmail_attr>kell kolm</div><blockquote>fråga</blockquote>", "Ja."),
        ("Ja.", "", "Ja."),
    ],
)  # fmt: skip
def test_plain_text_is_read_unless_the_html_tells_more(plain: str, html: str, left: str) -> None:
    raw = (
        "From: a@b.example\nContent-Type: multipart/alternative; boundary=x\n\n"
        f"--x\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n"
        f"--x\nContent-Type: text/html; charset=utf-8\n\n{html}\n--x--\n"
    )
    assert reply_text(read(raw.encode()), OWN) == left
