"""E-mail addresses: one form for each, nothing that could end up in a mail's headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogue.core.emailaddress import MAX_LENGTH, InvalidEmail, mask, normalise


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("anna@example.se", "anna@example.se"),  # as it should be
        ("  Anna.Berg@Example.SE\r\n", "anna.berg@example.se"),  # capitals, and white space around
        ("\u200banna@example.se\ufeff", "anna@example.se"),  # pasted with characters nobody sees
        ("anna+data@example.se", "anna+data@example.se"),  # a tag is part of the address
        ("anna@blåbär.se", "anna@xn--blbr-noae.se"),  # the form that mail servers know
        ("anna@xn--blbr-noae.se", "anna@xn--blbr-noae.se"),  # already in that form
        ("anna@foretaget.example", "anna@foretaget.example"),  # reserved for examples
        ("anna@foretaget.test", "anna@foretaget.test"),  # reserved for trials
        ("a" * 64 + "@example.se", "a" * 64 + "@example.se"),  # longest part before the @
    ],
)
def test_normalise(typed: str, expected: str) -> None:
    assert normalise(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",  # nothing
        "anna",  # no @
        "anna@",  # no domain
        "@example.se",  # no name
        "anna@example",  # no top domain
        "anna@test",  # a top domain alone
        "anna@localhost",  # the machine itself
        "anna@example..se",  # an empty part
        "anna berg@example.se",  # a space
        "anna@example.se, bo@example.se",  # two addresses
        "Anna <anna@example.se>",  # a name around it
        '"anna berg"@example.se',  # quoted: hardly any server takes it
        "anna@[127.0.0.1]",  # an address of a machine
        "åsa@example.se",  # not ASCII before the @
        "anna@example.se\r\nBcc: bo@example.se",  # a second header
        "anna\r\n@example.se",  # a line break inside
        "anna\x00@example.se",  # NUL
        "an\u200bna@example.se",  # unseen character inside
        "anna@exam\u202eple.se",  # turned around
        "a" * 65 + "@example.se",  # name too long
        "a@" + "b" * 64 + ".se",  # part of the domain too long
        "a@" + "b." * 126 + "se",  # too long by one character
        "a" * 1_000_000 + "@example.se",  # absurdly long
        "a@" + "å." * 50 + "se",  # short as typed, too long as sent
    ],
)
def test_normalise_refuses(typed: str) -> None:
    with pytest.raises(InvalidEmail):
        normalise(typed)


@given(st.text(max_size=40).flatmap(lambda name: st.sampled_from([name, f"{name}@example.se", f"a@{name}.se"])))
def test_whatever_is_taken_is_safe_and_stable(typed: str) -> None:
    try:
        address = normalise(typed)
    except InvalidEmail:
        return
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address
    assert len(address) <= MAX_LENGTH
    assert normalise(address) == address == address.lower()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("anna.berg@example.se", "a…@example.se"),  # the usual
        ("a@example.se", "a…@example.se"),  # length not told
        ("erased", "…"),  # no address at all
        ("", "…"),  # nothing
    ],
)
def test_mask(address: str, expected: str) -> None:
    assert mask(address) == expected
