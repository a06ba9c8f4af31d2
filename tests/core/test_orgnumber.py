"""Organisation numbers: what people type, what is refused and why, and which are somebody's own number."""

import pytest

from dialogue.core.orgnumber import InvalidOrganisationNumber, Reason, display, is_personal, parse


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("5560160680", "5560160680"),  # ten digits
        ("556016-0680", "5560160680"),  # the usual form
        (" 556016 - 0680 ", "5560160680"),  # with spaces
        ("556016\u00a00680", "5560160680"),  # with a no-break space
        ("556016–0680", "5560160680"),  # with a dash
        ("165560160680", "5560160680"),  # twelve digits
        ("16556016-0680", "5560160680"),  # twelve digits with a hyphen
        ("212000-1215", "2120001215"),  # a municipality
        ("811228-9874", "8112289874"),  # a sole trader
    ],
)
def test_parse(typed: str, expected: str) -> None:
    assert parse(typed) == expected


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", Reason.FORMAT),  # nothing
        ("Firman AB", Reason.FORMAT),  # words
        ("556016-068", Reason.FORMAT),  # a digit too few
        ("556016-06800", Reason.FORMAT),  # a digit too many
        ("55-60160680", Reason.FORMAT),  # hyphen in the wrong place
        ("556016.0680", Reason.FORMAT),  # the library takes full stops, people do not write them
        ("195560160680", Reason.FORMAT),  # a century that no organisation has
        ("SE556016068001", Reason.FORMAT),  # a VAT number
        ("٥٥٦٠١٦٠٦٨٠", Reason.FORMAT),  # digits of another script
        ("0000000000", Reason.FORMAT),  # passes the check digit, but is nobody's
        ("556016-0681", Reason.CHECKSUM),  # mistyped
        ("811228-9873", Reason.CHECKSUM),  # a sole trader's, mistyped
    ],
)
def test_parse_refuses(typed: str, reason: Reason) -> None:
    with pytest.raises(InvalidOrganisationNumber) as caught:
        parse(typed)
    assert caught.value.reason == reason
    assert caught.value.reason in ("format", "checksum")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("5560160680", False),  # limited company
        ("2120001215", False),  # municipality
        ("8024002029", False),  # association
        ("8112289874", True),  # sole trader: a personal identity number
        ("7010632391", True),  # sole trader: a coordination number
    ],
)
def test_is_personal(number: str, expected: bool) -> None:
    assert is_personal(number) is expected


def test_display() -> None:
    assert display("5560160680") == "556016-0680"
