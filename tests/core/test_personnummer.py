"""Personal identity numbers in text. All numbers here are test numbers or made up."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from dialogue.core.personnummer import find_lookalikes, find_personal_numbers, is_personal_number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mitt nummer är 811228-9874.", ["811228-9874"]),  # the usual form in a sentence
        ("8112289874", ["8112289874"]),  # without hyphen
        ("19811228-9874", ["19811228-9874"]),  # with century
        ("198112289874", ["198112289874"]),  # twelve digits in a row
        ("811228 9874", ["811228 9874"]),  # a space instead
        ("811228 - 9874", ["811228 - 9874"]),  # spaces around the hyphen
        ("811228–9874", ["811228–9874"]),  # a dash put in by the word processor
        ("811228+9874", ["811228+9874"]),  # a hundred years old
        ("701063-2391", ["701063-2391"]),  # coordination number, 60 added to the day
        ("811228-9874, 811228-9874 och 8112289874", ["811228-9874", "8112289874"]),  # once each
        ("000229-0005", ["000229-0005"]),  # 29 February 2000 (there was none in 1900)
        ("19000229-0005", []),  # the same day where the century says 1900
        ("811228-9873", []),  # wrong check digit
        ("811328-9872", []),  # no thirteenth month
        ("810230-0004", []),  # no 30 February
        ("812260-0008", []),  # day 60 is neither a day nor a coordination day
        ("556016-0680", []),  # an organisation number
        ("16556016-0680", []),  # an organisation number with its prefix
        ("212000-1215", []),  # a municipality's
        ("18112289874", []),  # part of a longer number
        ("81122898745", []),  # part of a longer number
        ("035-13 70 00", []),  # telephone number
        ("2026-12-03", []),  # date
        ("", []),  # nothing
    ],
)
def test_find_personal_numbers(text: str, expected: list[str]) -> None:
    assert find_personal_numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mitt nummer är 811228-9873.", ["811228-9873"]),  # a slip of the pen
        ("19811228-9873", ["19811228-9873"]),  # with century
        ("811228–XXXX, 811228-****", ["811228–XXXX", "811228-****"]),  # the end left out
        ("811228-9873 och 811228-9873", ["811228-9873"]),  # once each
        ("811228-9874", []),  # a valid one is refused elsewhere
        ("811328-9873", []),  # no thirteenth month
        ("556016-0681", []),  # an organisation number with a slip
        ("8112289873", []),  # digits in a row are more often something else
        ("202611231430", []),  # a time
        ("070-123 45 67, 0701-234567", []),  # telephone numbers
        ("", []),
    ],
)
def test_find_lookalikes(text: str, expected: list[str]) -> None:
    assert find_lookalikes(text) == expected


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("8112289874", True),  # valid
        ("8112289873", False),  # wrong check digit
        ("198112289874", False),  # not ten digits
        ("hej", False),  # no digits
    ],
)
def test_is_personal_number(digits: str, expected: bool) -> None:
    assert is_personal_number(digits) is expected


@given(day=st.dates(), serial=st.integers(0, 999), coordination=st.booleans())
def test_every_valid_number_is_found_in_a_sentence(day: date, serial: int, coordination: bool) -> None:
    digits = f"{day.year % 100:02d}{day.month:02d}{day.day + 60 * coordination:02d}{serial:03d}"
    if digits[2:6] in ("0229", "0289") and day.year % 4:
        return
    number = f"{digits[:6]}-{digits[6:]}{luhn.calc_check_digit(digits)}"
    assert find_personal_numbers(f"Ring mig ({number}).") == [number]


def test_long_runs_of_digits_stay_quick() -> None:
    assert find_personal_numbers("8" * 20_000) == []
