"""Swedish organisation numbers: ten digits, the last a Luhn check digit, shown as NNNNNN-NNNN (lag
1974:174).

A sole trader has no number of its own but uses the owner's personal identity number. The third digit tells
them apart: in an organisation number it is at least 2.
"""

import re
from enum import StrEnum

from stdnum.exceptions import InvalidChecksum
from stdnum.se import orgnr

from dialogue.core.personnummer import is_personal_number

# stdnum takes separators anywhere and any ten digits; people write only these forms.
_FORM = re.compile(r"(?:16)?([0-9]{6})[-\u2010-\u2015\u2212]?([0-9]{4})")


class Reason(StrEnum):
    """Why a number was refused."""

    FORMAT = "format"
    CHECKSUM = "checksum"


class InvalidOrganisationNumber(ValueError):
    """Not an organisation number. `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"not an organisation number: {reason}")
        self.reason = reason


def parse(text: str) -> str:
    """The ten digits of an organisation number.

    Takes 5566778899, 556677-8899 and twelve digits that start with 16 (the form of the tax agency), with
    spaces anywhere. A sole trader's personal identity number is taken too: ask `is_personal`. Raises
    InvalidOrganisationNumber.
    """
    match = _FORM.fullmatch("".join(text.split()))
    if match is None:
        raise InvalidOrganisationNumber(Reason.FORMAT)
    try:
        number = orgnr.validate(match[1] + match[2])
    except InvalidChecksum as error:
        raise InvalidOrganisationNumber(Reason.CHECKSUM) from error
    if is_personal(number) and not is_personal_number(number):
        raise InvalidOrganisationNumber(Reason.FORMAT)
    return number


def is_personal(number: str) -> bool:
    """Whether ten digits are a sole trader's personal identity number, which is never shown or exported."""
    return number[2] < "2"


def display(number: str) -> str:
    """Ten digits in the form people know, NNNNNN-NNNN."""
    return f"{number[:6]}-{number[6:]}"
