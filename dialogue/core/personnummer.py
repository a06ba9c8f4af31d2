"""Finds Swedish personal identity and coordination numbers in text, so that nobody publishes one.

A valid one is refused. What only looks like one may be a slip of the pen or half hidden ("811228-XXXX"), or something
else altogether: its author is asked to look again, and nothing is stopped.

The form is YYMMDD-NNNN or YYYYMMDD-NNNN with a Luhn check digit over the last ten digits
(folkbokföringslagen 1991:481, 18 §); + instead of - from the year a person turns 100. A coordination number
has 60 added to its day. An organisation number has at least 20 where the month stands (lag 1974:174), so it
is never taken for a person's.
"""

import re
from datetime import date

from stdnum import luhn

from dialogue.core.errors import InvalidValue
from dialogue.core.language import N_

_CANDIDATE = re.compile(
    r"(?<![0-9])(?P<century>18|19|20)?(?P<born>[0-9]{6})"
    r"(?:[ \u00a0]?[-+\u2010-\u2014\u2212][ \u00a0]?|[ \u00a0])?"
    r"(?P<serial>[0-9]{4})(?![0-9])"
)
#: Only with a sign between: digits in a row are more often a telephone number or a time.
_LOOKALIKE = re.compile(
    r"(?<![0-9])(?P<century>18|19|20)?(?P<born>[0-9]{6})[ \u00a0]?[-+\u2010-\u2014\u2212][ \u00a0]?"
    r"(?P<serial>[0-9]{4}|[Xx*]{4})(?![0-9Xx*])"
)
_COORDINATION_DAYS = 60


def find_personal_numbers(text: str) -> list[str]:
    """Every valid personal identity number in `text`, as it was typed, once each, in order.

    Ten digits in a row that happen to be a date and pass the check digit are found too, even if they were
    meant as something else (about 6 in 100 mobile numbers that start with 070, written without spaces).
    """
    found = (match for match in _CANDIDATE.finditer(text) if _is_valid(match))
    return list(dict.fromkeys(match.group() for match in found))


def find_lookalikes(*texts: str) -> list[str]:
    """What looks like a personal identity number in `texts` without being a valid one, as it was typed, once each."""
    found = (match for text in texts for match in _LOOKALIKE.finditer(text) if _looks_like_one(match))
    return list(dict.fromkeys(match.group() for match in found))


def refuse_personal_numbers(field: str, text: str) -> None:
    """Raise InvalidValue for form field `field` when `text`, which is going to be public, holds such a number."""
    if found := find_personal_numbers(text):
        raise InvalidValue(
            field,
            N_("%(number)s looks like a personal identity number. Everybody can read this, so take it out."),
            number=found[0],
        )


def is_personal_number(digits: str) -> bool:
    """Whether ten digits are a valid personal identity number or coordination number."""
    match = _CANDIDATE.fullmatch(digits)
    return match is not None and match["century"] is None and _is_valid(match)


def _is_valid(match: re.Match[str]) -> bool:
    return luhn.is_valid(match["born"] + match["serial"]) and _has_birthday(match)


def _has_birthday(match: re.Match[str]) -> bool:
    centuries = (match["century"],) if match["century"] else ("19", "20")
    return any(_is_birthday(f"{century}{match['born']}") for century in centuries)


def _looks_like_one(match: re.Match[str]) -> bool:
    return _has_birthday(match) and not luhn.is_valid(match["born"] + match["serial"])


def _is_birthday(digits: str) -> bool:
    """Whether YYYYMMDD is a day in the calendar, 60 added to the day or not."""
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    try:
        date(year, month, day - _COORDINATION_DAYS if day > _COORDINATION_DAYS else day)
    except ValueError:
        return False
    return True
