"""What stands under a text and was not written for this mail: signatures, devices, footers. Only ever at the end."""

import re
from collections.abc import Sequence

from dialogue.mail.incoming.headers import ADDRESS
from dialogue.mail.incoming.lines import Line, Mark, paragraphs
from dialogue.mail.incoming.vocabulary.closings import CLOSING, GREETING, THANKS
from dialogue.mail.incoming.vocabulary.devices import is_device
from dialogue.mail.incoming.vocabulary.footers import is_banner, is_footer

#: Lines that a signature has at most, and their length. Longer ones are sentences.
_MOST_LINES = 16
_LONGEST_LINE = 110
_LONGEST_CLOSING = 60
#: Pieces that stand below one another, each taken away in its turn.
_MOST_ROUNDS = 8
#: Lines in which a warning above a text stands.
_MOST_FIRST = 40
#: Words of a line that is more than a name, a title or an address.
_MOST_WORDS = 10
#: Words of a line that is no sentence, whatever it ends in.
_FEW_WORDS = 4
#: Bars with which long lines of signatures keep things apart.
_MOST_BARS = 2

_SIGNED, _SIGNATURE = "-----BEGIN PGP SIGNED MESSAGE", "-----BEGIN PGP SIGNATURE"
_DELIMITER = re.compile(r"(?:--|—|––) ?")
_RULE = re.compile(r"\s*[-_=*–—~]{3,400}\s*")
_PHONE = re.compile(r"(?<![\d-])(?!(?:19|20)\d\d[-./]\d)\+?\(?\d(?:[\s()./–-]{0,3}\d){6,14}")
_WEB = re.compile(
    r"(?:https?://|www\.)\S|\b[\w-]{2,40}\.(?:se|com|net|org|no|dk|fi|de|fr|pl|nl|es|it|pt|eu|example)\b", re.IGNORECASE
)
_POST = re.compile(
    r"\b(?:SE-?|DK-?|NO-?|FI-?|D-?|PL-?)?\d{3}[ -]?\d{1,3}\s+[^\W\d_]{2}|\b(?:box|postboks|postfach|pb)\s?\d",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:tel\w*|tfn|tlf|mobil\w*|phone|cell|fax|puh\w*|gsm|växel|direkt|dir|sentralbord|e-?post|e-?mail|mail|mejl|web\w*"
    r"|org\.?\s?nr|orgnr|cvr|vat|ust-?id\w*|nip|siret|adress|besöksadress|postadress|m|t|e|w|f)\b\.?\s?[:.]?\s?(?:[\d+(<@\w]|$)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s{0,8}(?:[-*•]|\d{1,2}[.)])\s+\S")
_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"[^\W\d_]{3}[.!?]+[\"')\]]*$")


def strip_end(lines: Sequence[Line], sender_name: str = "") -> list[Line]:
    """`lines` without what is no part of the text at their end. May leave nothing; the caller decides then."""
    kept = _without_blank_end([line for line in lines if line.mark is not Mark.SIGNATURE])
    for _ in range(_MOST_ROUNDS):
        length = len(kept)
        for strip in (_without_delimited, _without_devices, _without_footer, _without_closing):
            kept = _without_blank_end(strip(kept))
        kept = _without_blank_end(_without_contact(kept, sender_name))
        if len(kept) == length:
            break
    return kept


def strip_start(lines: Sequence[Line]) -> list[Line]:
    """`lines` without what programs put above a text: a gateway's warning, and the frame of a signed mail."""
    kept = list(lines)
    if kept and kept[0].text.startswith(_SIGNED):
        blank = next((index for index, line in enumerate(kept) if line.is_blank), 0)
        end = next((index for index, line in enumerate(kept) if line.text.startswith(_SIGNATURE)), len(kept))
        kept = kept[blank + 1 : end]
    found = paragraphs(kept[:_MOST_FIRST])
    if len(found) > 1 and is_banner(" ".join(line.text for line in kept[slice(*found[0])])):
        return kept[found[1][0] :]
    return kept


def is_greeting(lines: Sequence[Line]) -> bool:
    """Whether nothing but "Hello!" stands there."""
    written = [line.text.strip() for line in lines if not line.is_blank]
    return len(written) == 1 and len(written[0]) <= 80 and GREETING.fullmatch(written[0]) is not None


def _without_blank_end(lines: Sequence[Line]) -> list[Line]:
    end = len(lines)
    while end and (
        lines[end - 1].is_blank or (not lines[end - 1].depth and _RULE.fullmatch(lines[end - 1].text[:500]))
    ):
        end -= 1
    return list(lines[:end])


def _without_delimited(lines: list[Line]) -> list[Line]:
    for index, line in enumerate(lines):
        if not line.depth and _DELIMITER.fullmatch(line.text.strip()):
            # Answers between quotes may follow the signature.
            end = next((at for at in range(index + 1, len(lines)) if lines[at].depth), len(lines))
            if not _is_prose(lines[index + 1 : end]):
                return [*lines[:index], Line(""), *lines[end:]]
    return lines


def _without_devices(lines: list[Line]) -> list[Line]:
    end = len(lines)
    while end and (lines[end - 1].is_blank or (not lines[end - 1].depth and is_device(lines[end - 1].text))):
        end -= 1
    return lines[:end] if end < len(lines) else lines


def _without_footer(lines: list[Line]) -> list[Line]:
    if not lines:
        return lines
    start, end = paragraphs(lines)[-1]
    if lines[start].depth == 0 and is_footer(" ".join(line.text for line in lines[start:end])):
        return lines[:start]
    return lines


def _without_closing(lines: list[Line]) -> list[Line]:
    """Without "Kind regards" and the block below it. With a name alone below, both stay: that much people write."""
    for index in range(len(lines) - 1, max(-1, len(lines) - 2 * _MOST_LINES), -1):
        text = lines[index].text.strip()
        if lines[index].depth or not text or len(text) > _LONGEST_CLOSING:
            continue
        below = [line for line in lines[index + 1 :] if not line.is_blank]
        if not _is_block(below):
            continue
        if CLOSING.fullmatch(text) and (len(below) > 1 or _tells_contact(below[0].text)):
            return lines[:index]
        # A link after thanks may be what the mail is about; who can be reached where is not.
        if THANKS.fullmatch(text) and len(below) > 1 and any(_tells_where(line.text) for line in below):
            return lines[: index + 1]
    return lines


def _without_contact(lines: list[Line], sender_name: str) -> list[Line]:
    """Without a block that begins with the sender's own name and tells how to reach them."""
    name = set(_WORD.findall(sender_name.casefold()))
    if not name:
        return lines
    for start, _ in reversed(paragraphs(lines)[-3:]):
        # "Last, First (Office)" signs as "First Last".
        first = set(_WORD.findall(lines[start].text[:_LONGEST_LINE].casefold()))
        below = [line for line in lines[start + 1 :] if not line.is_blank]
        is_named = first == name or (len(first) > 1 and first < name)
        if is_named and _is_block(below) and any(_tells_contact(line.text) for line in below):
            return lines[:start]
    return lines


def _tells_contact(text: str) -> bool:
    return _tells_where(text) or _WEB.search(text[:300]) is not None


def _tells_where(text: str) -> bool:
    text = text[:300].strip()
    return any(what.search(text) for what in (_PHONE, ADDRESS, _POST)) or _LABELLED.match(text) is not None


def _is_block(lines: Sequence[Line]) -> bool:
    """Whether these lines can be a signature that nothing sets apart: few, short, and no text of their own."""
    texts = [line.text.strip() for line in lines]
    is_list = sum(_ITEM.match(text) is not None for text in texts) > 1
    leads_on = any(text.endswith((":", "?")) and not _tells_contact(text) for text in texts)
    is_short = 0 < len(lines) <= _MOST_LINES and not any(line.depth for line in lines)
    return is_short and not is_list and not leads_on and not _is_prose(lines)


def _is_prose(lines: Sequence[Line]) -> bool:
    """Whether somebody wrote sentences there. One slogan does not make a text."""
    written = [line.text.strip() for line in lines if not line.is_blank and not line.depth]
    sentences = [text for text in written if _is_sentence(text)]
    words = sum(len(text.split()) for text in sentences)
    return len(sentences) > 1 or words > _MOST_WORDS or any(text.endswith("?") for text in written)


def _is_sentence(text: str) -> bool:
    if len(text) > _LONGEST_LINE:
        return text.count("|") < _MOST_BARS
    words = len(text.split()) - len(ADDRESS.findall(text)) - len(_WEB.findall(text))
    return words > _FEW_WORDS and _SENTENCE_END.search(text[-80:]) is not None
