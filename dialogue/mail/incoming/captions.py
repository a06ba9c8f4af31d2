"""Where the mail that is answered begins: captions, separators, and the fields that Outlook shows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from dialogue.mail.incoming.headers import ADDRESS
from dialogue.mail.incoming.lines import Line, Mark
from dialogue.mail.incoming.vocabulary.captions import (
    BEGINNINGS,
    ENDS_IN_WROTE,
    OPENS,
    SEPARATORS,
    end_of_wrote,
)
from dialogue.mail.incoming.vocabulary.labels import Role, field_of

#: Lines of one caption, blank ones among them, and its length. Long names and addresses are folded more than once.
_MOST_LINES = 6
_MOST_BLANK = 2
_LONGEST = 400
#: Letters after the last piece of a caption: "Uhr", "följande".
_LONGEST_END = 14
#: A name and a verb alone.
_LONGEST_NAME = 100
#: Lines that end like a caption and are none: more stand in no mail before its quote.
_MOST_TRIED = 300
#: Fields of one block, and lines of it.
_MOST_FIELDS = 24

_TIME = re.compile(r"(?<!\d)\d{1,2}\s?[:.h]\s?\d{2}(?!\d)|\d{1,2}[时時點点]")
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}(?!\d)"
    r"|\d{1,2}[./ ]\s?(?:de )?[^\W\d_]{3,10}"
)
#: An address as programs write it.
_BRACKETED = re.compile(rf"[<(\[]\s?(?:mailto:)?{ADDRESS.pattern}\s?[>)\]]")
#: "On Thursday, 3", "El jueves, 3", as only programs begin.
_WEEKDAY = re.compile(r"\w{1,3}\s\w{3,12}[.,]{1,2}\s.{0,12}\d")
_CLOSE = re.compile(r"[:：]\s*$")
_DASHED = re.compile(r"\W{0,3}[-_=*–—~]{2,80}\s?([^-_=*–—~\s](?:.{0,60}?[^-_=*–—~\s])?)\s?:?\s?[-_=*–—~]{2,80}\W{0,3}")
_RULE = re.compile(r"\s*[-_=*–—~](?:\s?[-_=*–—~]){2,400}\s*")
#: A name and address after a date, and no verb, as Gmail once wrote it.
_BARE = re.compile(r"\s*\d{4}[/-]\d{1,2}[/-]\d{1,2}\s.{1,120}<[^<>\s]{3,200}>:?\s*")
_WRAPPED_BRACKET = re.compile(r"\s*>{1}\s*(?:[^\W\d_][^<>]{0,40})?[:：]\s*")


@dataclass(frozen=True)
class Cut:
    """Where something other than the sender's words begins."""

    start: int
    #: The first line after what introduces it.
    end: int
    #: The mail that is answered follows with signs of quoting, so that other lines may be the sender's again.
    is_quoted: bool
    #: A mail program wrote the introduction, not a person who quotes something.
    is_certain: bool = True


def find_cut(lines: Sequence[Line], start: int = 0) -> Cut | None:
    """The first place from `start` on where the mail that is answered begins, outside quotes."""
    tried = 0
    for index in range(start, len(lines)):
        line = lines[index]
        if line.mark in (Mark.ORIGINAL, Mark.CAPTION):
            return _marked(lines, index)
        if line.is_blank or (line.depth and not _WRAPPED_BRACKET.fullmatch(line.raw[:100])):
            continue
        cut = _separator(lines, index) or _fields(lines, index)
        if cut is None and tried < _MOST_TRIED and _may_end_caption(line):
            tried += 1
            cut = _caption(lines, index, start)
        if cut is not None:
            return _with_rule(lines, cut, start)
    return None


def _marked(lines: Sequence[Line], index: int) -> Cut:
    mark, end = lines[index].mark, index
    while end < len(lines) and (lines[end].mark is mark or lines[end].is_blank):
        end += 1
    if mark is Mark.ORIGINAL:
        fields = _fields(lines, index)
        return Cut(index, fields.end if fields else index + 1, is_quoted=False)
    return Cut(index, end, _quote_follows(lines, end))


def _with_rule(lines: Sequence[Line], cut: Cut, start: int) -> Cut:
    # A line of dashes or underscores directly above belongs to it.
    above = cut.start - 1
    while above >= start and lines[above].is_blank and cut.start - above <= _MOST_BLANK:
        above -= 1
    if above >= start and not lines[above].depth and _RULE.fullmatch(lines[above].text[:500]):
        return replace(cut, start=above)
    return cut


def _quote_follows(lines: Sequence[Line], index: int) -> bool:
    while index < len(lines) and not lines[index].raw.strip():
        index += 1
    return index < len(lines) and (lines[index].depth > 0 or lines[index].text.startswith("|"))


def _separator(lines: Sequence[Line], index: int) -> Cut | None:
    text = lines[index].text.strip()
    if len(text) > _LONGEST:
        return None
    matched = _DASHED.fullmatch(text)
    if (matched and matched[1].strip().casefold() in SEPARATORS) or text.rstrip(":： ").casefold() in BEGINNINGS:
        fields = _fields(lines, _next(lines, index + 1))
        return Cut(index, fields.end if fields else index + 1, _quote_follows(lines, index + 1))
    return None


def _next(lines: Sequence[Line], index: int) -> int:
    while index < len(lines) and lines[index].is_blank:
        index += 1
    return index


def _fields(lines: Sequence[Line], start: int) -> Cut | None:
    """From, Sent, To and Subject above the mail, in any order, folded or with blank lines between them."""
    found: dict[Role, str] = {}
    names: set[str] = set()
    index = end = start
    loose = 0
    while index < len(lines) and index - start < _MOST_FIELDS and not lines[index].depth:
        text = lines[index].text
        field = field_of(text)
        if field is not None:
            found.setdefault(*field)
            names.add(text.partition(":")[0].strip(" *_").casefold())
            loose = 0
            end = index + 1
        elif not found:
            return None
        else:
            loose += 1
            # One blank line, or the rest of a folded value, may stand between two fields; more is the text.
            if loose > 1:
                break
        index += 1
    if Role.FROM not in found or len(names) < 3:
        return None
    is_dated = _DATE.search(found.get(Role.DATE, "")) is not None
    is_addressed = ADDRESS.search(found[Role.FROM]) is not None and Role.SUBJECT in found
    return Cut(start, end, is_quoted=False) if is_dated or is_addressed else None


def _may_end_caption(line: Line) -> bool:
    ending = line.raw.rstrip()
    if _CLOSE.search(ending[-4:]) or ENDS_IN_WROTE.search(ending[-60:]):
        return True
    return _BARE.fullmatch(ending[:_LONGEST]) is not None


def _caption(lines: Sequence[Line], last: int, start: int) -> Cut | None:
    """A caption that ends in line `last`: "On such a day somebody wrote:"."""
    follows = _quote_follows(lines, last + 1)
    if follows and _BARE.fullmatch(lines[last].raw[:_LONGEST]):
        return Cut(last, last + 1, is_quoted=True)
    text, blank = "", 0
    found = None
    for first in range(last, max(start, last - _MOST_LINES + 1) - 1, -1):
        line = lines[first]
        blank += line.is_blank
        if (line.depth and first != last) or len(line.raw) + len(text) > _LONGEST or blank > _MOST_BLANK:
            break
        if found is not None and not _goes_on(lines, first, found):
            break
        text = f"{line.raw.strip()} {text}"
        if line.is_blank:
            continue
        says = _introduces(text, follows)
        if says is not _Says.NOTHING:
            found = Cut(first, last + 1, follows, is_certain=says is _Says.ALL)
        if says is _Says.ALL and OPENS.match(line.text.lstrip()):
            break
    return found


def _goes_on(lines: Sequence[Line], above: int, found: Cut) -> bool:
    """Whether a caption that is known from the lines below may have been folded at line `above`."""
    text = lines[above].text.strip()
    if len(text) <= 1:
        return True
    if text[-1] in ".!?:" or len(text) > _LONGEST_NAME:
        return False
    is_dated = _DATE.search(text) is not None or _TIME.search(text) is not None
    if is_dated and OPENS.match(text):
        return True
    below = lines[found.start].text.lstrip()
    is_folded = above == found.start - 1 and (below[0].islower() or below[0] == "<")
    return is_folded and (is_dated or not found.is_certain or ADDRESS.search(text) is not None)


class _Says(Enum):
    NOTHING = 0
    #: A name and a verb above a quote: a person may have written that.
    ENOUGH = 1
    ALL = 2


def _introduces(text: str, quote_follows: bool) -> _Says:
    """How sure it is that `text` introduces another mail."""
    wrote = end_of_wrote(text)
    if wrote < 0 and not quote_follows and _TIME.search(text) is None:
        return _Says.NOTHING
    address, date, time = (_last(what, text) for what in (ADDRESS, _DATE, _TIME))
    # A caption ends in what it is made of; a sentence goes on after it.
    rest = len(text.rstrip(" :：-–—>)\"'")) - max(address, date, time, wrote)
    if wrote < 0:
        # No verb that we know: only what nobody writes in a sentence.
        is_timed = time >= 0 and (quote_follows or (date >= 0 and rest <= _LONGEST_END))
        is_one = _BRACKETED.search(text) is not None and (is_timed or (quote_follows and rest <= 0))
        return _Says.ALL if is_one else _Says.NOTHING
    ends_in_verb = ENDS_IN_WROTE.search(text.strip()) is not None
    is_dated = date >= 0 or time >= 0
    if quote_follows:
        if address >= 0 or is_dated:
            return _Says.ALL
        return _Says.ENOUGH if len(text) <= _LONGEST_NAME else _Says.NOTHING
    if address >= 0:
        is_one = (ends_in_verb and wrote - address <= _LONGEST_END) or (is_dated and rest <= _LONGEST_END)
    else:
        is_one = date >= 0 and ends_in_verb and (time >= 0 or _WEEKDAY.match(text.lstrip()) is not None)
    return _Says.ALL if is_one else _Says.NOTHING


def _last(what: re.Pattern[str], text: str) -> int:
    """Where the last match ends; -1 for none."""
    return max((matched.end() for matched in what.finditer(text)), default=-1)
