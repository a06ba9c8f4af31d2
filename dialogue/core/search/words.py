"""From raw text to words: any text goes in, lower-case words come out. Pure; nothing a user types makes it raise."""

import re
import unicodedata
from collections.abc import Iterator

#: Longest word kept, in characters. Longer runs (addresses, encoded data) are cut, so that no index entry is long.
LONGEST_WORD = 40

#: Longest text read, in characters. What follows is not searched.
LONGEST_TEXT = 20_000

# Genitives and contractions: "EU:s", "UK's", "can't". The ending says nothing about the subject.
_ENDING = re.compile(r"(?<=[^\W\d_])[:'’`](?:s|n|en|et|t|re|ve|ll|d|m)\b")
_WORD = re.compile(r"[^\W_]+(?:\+\+|#(?!\w))?")
# Begins where a run of letters does: tried at each letter, one run of 20,000 letters would take three seconds.
_HYPHENATED = re.compile(r"(?<![^\W_])[^\W_]+(?:-[^\W_]+)+")
_LIKE_A_LETTER = {"æ": "ä", "ø": "ö", "ß": "ss", "đ": "d", "ð": "d", "ł": "l", "þ": "th"}
_FOLDED = str.maketrans("åäö", "aao")

# Only words that carry no subject in either language: "it", "is" and "by" stay, since IT, ice and village are subjects.
_SWEDISH_STOP = """
    alla allt att av blev bli blir blivit de dem den denna deras dess dessa det detta dig din dina ditt dock du där då
    efter ej eller en er era ert ett från för genom ha hade han har hennes hon honom hur här i icke in inte jag ju kan
    kunde kunna med mellan men mig min mina mitt mot mycket ni nu när något några nån och också om oss på samt sedan
    sig sin sina sitt själv ska skall skulle som så sådan till under upp ut utan vad var vara varför varit varje vars
    vart vem vi vid vilka vilkas vilken vilket vår våra vårt är även över
"""
_ENGLISH_STOP = """
    a about also am an and any are as at be because been being but can could did do does for from had has have he her
    hers him his how i if in into its me my no nor not of on or our ours she should so some such than that the their
    theirs them then there these they this those to too us was we were what when where which who whom why will with
    would you your yours
"""
_STOP = frozenset(_SWEDISH_STOP.split()) - {"men", "under", "in", "ut"} | frozenset(_ENGLISH_STOP.split())


def words_of(text: str) -> list[str]:
    """Give the words of `text` in order, with repeats and without stop words.

    "SCB:s e-tjänst" gives `scb`, `e`, `tjänst`, `etjänst`. Letters with accents lose them, except å, ä and ö, which
    are letters of their own in Swedish.
    """
    plain = _ENDING.sub("", unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).lower())
    return [word for word in _runs(plain) if word not in _STOP]


def fold(word: str) -> str:
    """Write `word` as somebody without å, ä and ö on the keyboard would."""
    return word.translate(_FOLDED)


def is_folded(word: str) -> bool:
    """Whether `word` holds no å, ä or ö, so that it may stand for a word that does."""
    return fold(word) == word


def _runs(plain: str) -> Iterator[str]:
    for match in _WORD.finditer(plain):
        yield _without_accents(match[0])[:LONGEST_WORD]
    for match in _HYPHENATED.finditer(plain):
        if not match[0].replace("-", "").isdecimal():
            yield _without_accents(match[0].replace("-", ""))[:LONGEST_WORD]


def _without_accents(word: str) -> str:
    return word if word.isascii() else "".join(map(_without_accent, word))


def _without_accent(letter: str) -> str:
    if letter.isascii() or letter in "åäö":
        return letter
    base = unicodedata.normalize("NFD", letter)[0]
    return base if base.isascii() else _LIKE_A_LETTER.get(letter, letter)
