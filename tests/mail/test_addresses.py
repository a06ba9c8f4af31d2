"""Addresses for answers: ours are read back, anything else is not, and upper case is lower case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.mail.addresses import (
    BounceOf,
    DigestAnswer,
    MailboxAnswer,
    PersonsAnswer,
    Purpose,
    local_part,
    looks_like_ours,
    read_local_part,
)

SECRET = "a secret that only tests know, long enough"
NUMBERS = st.integers(0, 2**31 - 1)
HANDLES = st.binary(min_size=8, max_size=8).map(bytes.hex)
PURPOSES = st.one_of(
    st.builds(PersonsAnswer, HANDLES, NUMBERS),
    st.builds(MailboxAnswer, NUMBERS, NUMBERS),
    st.builds(DigestAnswer, HANDLES),
    st.builds(BounceOf, NUMBERS),
)


@given(PURPOSES)
def test_what_was_written_is_read(purpose: Purpose) -> None:
    text = local_part(SECRET, purpose)
    assert read_local_part(SECRET, text) == read_local_part(SECRET, text.upper()) == purpose
    assert looks_like_ours(text)
    assert len(text) <= 64  # RFC 5321, 4.5.3.1.1
    assert text.isascii()
    assert read_local_part("another secret", text) is None


@given(PURPOSES, st.integers(0, 39), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_no_letter_may_differ(purpose: Purpose, place: int, letter: str) -> None:
    text = local_part(SECRET, purpose)
    place = len(text) - 1 - place % 28
    changed = text[:place] + letter + text[place + 1 :]
    assert (read_local_part(SECRET, changed) is None) is (changed != text)


@pytest.mark.parametrize(
    "text", ["", "dialogue", "postmaster", "a" * 28 + "1", "a" * 27, "bounce+", "bounce", "å" * 34, "a" * 41]
)
def test_other_names_are_not_ours(text: str) -> None:
    assert not looks_like_ours(text)
    assert read_local_part(SECRET, text) is None


@pytest.mark.parametrize("length", [28, 34, 40])
def test_the_shape_alone_opens_nothing(length: int) -> None:
    assert looks_like_ours("b" * length)
    assert read_local_part(SECRET, "b" * length) is None
    assert read_local_part(SECRET, "bounce+" + "b" * length) is None


def test_a_bounce_address_needs_its_prefix() -> None:
    text = local_part(SECRET, BounceOf(7))
    assert text.startswith("bounce+")
    assert read_local_part(SECRET, text.removeprefix("bounce+")) is None
    answer = local_part(SECRET, MailboxAnswer(1, 2))
    assert read_local_part(SECRET, f"bounce+{answer}") is None
