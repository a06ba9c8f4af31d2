"""What is done to every text that comes in before anything else looks at it, and how it is cut short."""

import re
import unicodedata
from functools import lru_cache

#: A slug's greatest length, and the slug of a title without a single usable letter.
SLUG_LENGTH = 60
EMPTY_SLUG = "forfragan"

#: A summary's greatest length.
SUMMARY_LENGTH = 150

# Abbreviations (t.ex., 5 kap. 1 §) are short, or go on in lower case or with a figure.
_SENTENCE_END = re.compile(r"(?<=[^\W\d_]{3}[.!?])\s(?=[A-ZÅÄÖ])")
_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_REMOVED = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters but tab and line break
    "\u202a-\u202e\u2066-\u2069"  # make text read in another order than it is written
    "\u00ad\u200b\u2060\ufeff"  # unseen, and a word with one inside is not found by search
    "\ud800-\udfff\ufffe\uffff"  # cannot be written in UTF-8 or XML
    "]"
)
_SLUG_LETTERS = str.maketrans({"ø": "o", "æ": "a", "ß": "ss", "đ": "d", "ð": "d", "þ": "th", "ł": "l"})
_SWEDISH_LAST = str.maketrans("åäö", "{|}")
_NOT_IN_SLUG = re.compile("[^a-z0-9]+")


def clean_text(text: str) -> str:
    """`text` in the form in which it is stored: NFC, lines end in LF, no spaces at their ends, no unseen
    characters.

    Blank lines at both ends go; tabs, indents and blank lines inside stay. Cleaning twice changes nothing.
    """
    kept = unicodedata.normalize("NFC", _REMOVED.sub("", _LINE_BREAKS.sub("\n", text)))
    return "\n".join(line.rstrip() for line in kept.split("\n")).strip("\n")


def clean_line(text: str, max_length: int | None = None) -> str:
    """`text` as one line: cleaned like `clean_text`, each run of white space one space, at most
    `max_length` long.

    A form says that a text is too long; the cut here is for what comes from elsewhere.
    """
    return " ".join(clean_text(text).split())[:max_length].rstrip()


@lru_cache(maxsize=2048)
def first_sentence(text: str) -> str:
    """What `text` begins with, in one line: its first sentence, cut when that is too long."""
    return shorten(_SENTENCE_END.split(" ".join(text.split()), maxsplit=1)[0])


def shorten(text: str, max_length: int = SUMMARY_LENGTH) -> str:
    """`text` in one line, cut between words when it is longer than `max_length`."""
    line = " ".join(text.split())
    if len(line) <= max_length:
        return line
    head = line[:max_length].rpartition(" ")[0] or line[: max_length - 1]
    return head.rstrip(",;:–-") + "…"


def swedish_order(text: str) -> str:
    """A key that sorts as Swedes do: å, ä and ö last, upper and lower case alike."""
    return text.casefold().translate(_SWEDISH_LAST)


@lru_cache(maxsize=4096)
def slugify(title: str) -> str:
    """The words of an address for `title`: a–z, 0–9 and hyphens, at most 60 characters, never empty."""
    letters = unicodedata.normalize("NFKD", title.lower().translate(_SLUG_LETTERS))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    slug = _NOT_IN_SLUG.sub("-", plain).strip("-")
    if len(slug) > SLUG_LENGTH:
        head = slug[: SLUG_LENGTH + 1]
        slug = head[: head.rindex("-")] if "-" in head else slug[:SLUG_LENGTH]
    return slug or EMPTY_SLUG


def whole_words(text: str, room: int, least: int = 20) -> str:
    """The beginning of a line that fits into `room` characters, then …; nothing when that would make no sense."""
    if len(text) <= room:
        return text
    if room < least:
        return ""
    head = text[: room - 1]
    return head[: head.rindex(" ")].rstrip(" ,;:.!?-–") + "…" if " " in head else ""
