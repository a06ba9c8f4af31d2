"""What happens to every text that comes in, and the words of an address."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.core.text import (
    SLUG_LENGTH,
    SUMMARY_LENGTH,
    clean_line,
    clean_text,
    first_sentence,
    slugify,
    swedish_order,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # half characters (surrogates) too


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hej\r\ndär\rnu\n", "Hej\ndär\nnu"),  # line ends of every system
        ("a\u2028b\u2029c\x85d\x0be\x0cf", "a\nb\nc\nd\ne\nf"),  # rarer line ends
        ("rad  \n  indrag\t\n", "rad\n  indrag"),  # spaces at line ends go, indents stay
        ("\n\n ett\n\n\ntvå\n\n", " ett\n\n\ntvå"),  # blank lines go at the ends only
        ("a\tb", "a\tb"),  # tab stays
        ("a\x00b\x07c\x1bd\x7fe\x9bf", "abcdef"),  # NUL, bell, escape, delete, C1
        ("gnp.\u202eexe\u202c \u2066x\u2069", "gnp.exe x"),  # overrides and isolates of direction
        ("ﷺ \u200fعربي\u200e", "ﷺ \u200fعربي\u200e"),  # marks that Arabic needs stay
        ("in\u200bvoice \u00adså \ufeffhär\u2060", "invoice så här"),  # unseen characters
        ("👩\u200d💻", "👩\u200d💻"),  # joined emoji stay joined
        ("a\ud83dz\ufffe\uffff", "az"),  # what UTF-8 or XML cannot hold
        ("A\u030angstro\u0308m", "Ångström"),  # composed
        (" \n\t\n ", ""),  # nothing but white space
        ("", ""),  # nothing
    ],
)
def test_clean_text(text: str, expected: str) -> None:
    assert clean_text(text) == expected


@pytest.mark.parametrize(
    ("text", "max_length", "expected"),
    [
        ("  Laddstolpar \r\n i\tHalmstad ", None, "Laddstolpar i Halmstad"),  # one line
        ("Subject\r\nBcc: x@example.se", None, "Subject Bcc: x@example.se"),  # no second header
        ("100\u00a0000 träd", None, "100 000 träd"),  # no-break space
        ("abc def", 5, "abc d"),  # cut
        ("abc def", 4, "abc"),  # no space at the cut
        ("abc", 3, "abc"),  # fits exactly
        ("", 10, ""),  # nothing
    ],
)
def test_clean_line(text: str, max_length: int | None, expected: str) -> None:
    assert clean_line(text, max_length) == expected


@given(ANY_TEXT)
def test_clean_text_is_stable_and_can_be_stored(text: str) -> None:
    cleaned = clean_text(text)
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", cleaned)
    cleaned.encode()


@given(ANY_TEXT, st.integers(0, 30))
def test_clean_line_is_one_short_line(text: str, max_length: int) -> None:
    line = clean_line(text, max_length)
    assert clean_line(line, max_length) == line
    assert len(line) <= max_length
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Laddstolpar i Halmstad", "laddstolpar-i-halmstad"),  # plain
        ("Båtplatser, kö & väntetid – år för år", "batplatser-ko-vantetid-ar-for-ar"),  # Swedish letters
        ("ÅÄÖ", "aao"),  # capitals
        ("Café à la Crème", "cafe-a-la-creme"),  # other accents
        ("Øl æbler Straße Łódź", "ol-abler-strasse-lodz"),  # letters without a decomposition
        ("A\u030a", "a"),  # decomposed
        ("  --Hej!!--  ", "hej"),  # no hyphens at the ends
        ("3D-modell 2026", "3d-modell-2026"),  # digits
        ("ﬁl m²", "fil-m2"),  # compatibility forms
        ("東京", "forfragan"),  # nothing usable
        ("", "forfragan"),  # nothing
        ("a" * 70, "a" * 60),  # one long word
        ("ord " * 20, "ord-" * 14 + "ord"),  # cut after a whole word
        ("a" * 60 + " b", "a" * 60),  # the last word ends at the limit
    ],
)
def test_slugify(title: str, expected: str) -> None:
    assert slugify(title) == expected


@given(ANY_TEXT)
def test_a_slug_always_fits_an_address(title: str) -> None:
    slug = slugify(title)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug)
    assert len(slug) <= SLUG_LENGTH
    assert slugify(slug) == slug


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vilka platser som är lediga. Och deras effekt.", "Vilka platser som är lediga."),  # the first of two
        ("Enligt 5 kap. 1 § gäller t.ex. Halmstad. Mer.", "Enligt 5 kap. 1 § gäller t.ex. Halmstad."),  # abbreviations
        ("Version 2.0 av data", "Version 2.0 av data"),  # no end after a digit
        ("en\n rad\ttill ", "en rad till"),  # one line
        ("ord " * 60, "ord " * 36 + "ord…"),  # cut between words
        ("a" * 400, "a" * (SUMMARY_LENGTH - 1) + "…"),  # no word to cut at
        ("", ""),  # nothing
    ],
)
def test_first_sentence(text: str, expected: str) -> None:
    assert first_sentence(text) == expected


@given(ANY_TEXT)
def test_a_summary_is_one_short_line(text: str) -> None:
    summary = first_sentence(text)
    assert len(summary) <= SUMMARY_LENGTH
    assert summary == " ".join(summary.split())


def test_swedish_order() -> None:
    assert sorted(["Ö", "ä", "a", "Å", "z", "B"], key=swedish_order) == ["a", "B", "z", "Å", "ä", "Ö"]
