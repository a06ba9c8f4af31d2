"""Tokens and codes: enough chance in them, safe to send, compared without leaks."""

import re
from collections import Counter

import pytest

from dialogue.core import tokens


def test_tokens_differ_and_hold_at_least_128_bits() -> None:
    made = {tokens.new_token() for _ in range(500)}
    assert len(made) == 500
    # Hexadecimal, four bits a character; nothing that a mail program would cut off the end of a link.
    assert all(re.fullmatch(r"[0-9a-f]{32,}", token) for token in made)


def test_a_stored_token_is_its_sha256() -> None:
    assert tokens.hash_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_codes_are_six_digits_and_use_them_all() -> None:
    codes = [tokens.new_code() for _ in range(3000)]
    assert all(re.fullmatch(r"[0-9]{6}", code) for code in codes)
    for place in range(6):
        counts = Counter(code[place] for code in codes)
        assert len(counts) == 10  # a leading zero is as likely as any other digit
        assert max(counts.values()) < 450  # 300 expected; nine standard deviations off


def test_a_stored_code_depends_on_code_and_salt() -> None:
    stored = tokens.hash_code("123456", "salt")
    assert stored == tokens.hash_code("123456", "salt")
    assert stored != tokens.hash_code("123457", "salt")
    assert stored != tokens.hash_code("123456", "other")
    assert re.fullmatch(r"[0-9a-f]{64}", stored)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("123456", "123456"),  # as it was sent
        (" 123 456\n", "123456"),  # pasted with spaces around and inside
        ("123-456", "123456"),  # with a hyphen
        ("123\u00a0456", "123456"),  # with a no-break space
        ("Din kod är 012345.", "012345"),  # the whole sentence pasted, leading zero kept
        ("１２３４５６", "123456"),  # full-width digits of another keyboard  # noqa: RUF001
        ("12345²", "12345"),  # a superscript is no digit of a code
        ("abc", ""),  # nothing usable
        ("", ""),  # nothing at all
    ],
)
def test_normalise_code(typed: str, expected: str) -> None:
    assert tokens.normalise_code(typed) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("abc", "abc", True),  # equal
        ("abc", "abd", False),  # one character differs
        ("abc", "abcd", False),  # another length
        ("", "", True),  # both empty
        ("ö", "ö", True),  # not ASCII
        ("\ud800", "\ud800", True),  # half a character out of broken JSON
    ],
)
def test_same(a: str, b: str, expected: bool) -> None:
    assert tokens.same(a, b) is expected
