"""What two words have in common: the same word inflected, or one a part of the other. Pure.

Swedish and English live side by side in the same texts, so every word has a stem in each. Snowball's Swedish stems
leave some everyday forms apart (cykel, cykeln, cyklar; avfall, avfallet; plats, platser), which is mended here.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from threading import local

import snowballstemmer

from dialogue.core.search.words import fold, is_folded

#: Shortest part of a compound that is looked for at its beginning or end, and in its middle.
SHORTEST_PART = 3
SHORTEST_INNER_PART = 5

#: How alike two words are, from 1 (the same) to 0 (nothing in common).
SAME, SAME_BUT_FOLDED, SAME_STEMS, SAME_STEM = 1.0, 0.95, 0.9, 0.75
IN_COMPOUND, OF_COMPOUND = 0.4, 0.3

# Plurals that change their vowel, also at the end of a compound ("bostäder", "skogsbränderna").
_VOWEL_CHANGES = (
    (re.compile(r"([hlrt])[äa]nder(?:na|nas|s)?$"), r"\1and"),
    (re.compile(r"st[äa]der(?:na|nas|s)?$"), "stad"),
    (re.compile(r"b[öo]cker(?:na|nas|s)?$"), "bok"),
    (re.compile(r"n[äa]tter(?:na|nas|s)?$"), "natt"),
    (re.compile(r"([fr])[öo]tter(?:na|nas|s)?$"), r"\1ot"),
)
_CONSONANT = "[bcdfghjklmnpqrstvwxz]"
# Nouns whose -en, -er or -el loses its vowel before an ending: vatten and vattnet, öken and öknen, fönster and
# fönstret, nummer and numret, himmel and himlen. With the vowel put back the ending is like any other. No noun ends in
# -pn, -tn or -kn, and none in a consonant and r before -et, so the letters tell.
_LOST_VOWELS = (
    (re.compile(r"(?<=[ptk])n(?:et|en)s?$"), "en"),
    (re.compile(r"(?<=[aeiouyåäö])m([rl])(?:et|en)s?$"), r"mme\1"),
    (re.compile(r"(?<=[aeiouyåäö])mrar(?:na)?s?$"), "mmar"),
    (re.compile(rf"(?<={_CONSONANT})r(?:et|en)s?$"), "er"),
)
# What Snowball leaves on Swedish words, taken off in this order: "cykeln", "skolan", "områdena", "avfallet", "sensor",
# "museum", "plats", "cykel", "namnet"; and of short words that begin with a vowel, "åkern", "ämnet", "öken".
_MENDS = (
    (re.compile(rf"(?<=^[aeiouyåäö]{_CONSONANT}e[lr])n$"), ""),
    (re.compile(rf"(?<=^[aeiouyåäö]{_CONSONANT}{_CONSONANT})e[nt]$"), ""),
    (re.compile(rf"(?<=^[aeiouyåäö]{_CONSONANT})e([lnr])$"), r"\1"),
    (re.compile(r"(?<=...[eo][lr])n$"), ""),
    (re.compile(r"(?<=...)an$"), ""),
    (re.compile(r"(?<=....)e[nt]$"), ""),
    (re.compile(r"(?<=...)or$"), ""),
    (re.compile(r"(?<=....)um$"), ""),
    (re.compile(r"(?<=...[^s])s$"), ""),
    (re.compile(rf"(?<=..{_CONSONANT})e([lnr])$"), r"\1"),
    (re.compile(rf"(?<=..{_CONSONANT}{_CONSONANT})[nr]$"), ""),
)
# Snowball takes "kostnad" and "byggnad" for verbs; "data" is neither "datum" nor "dator".
_KEPT = re.compile(r"(.*nad|data)(?:s|en|ens|er|ers|erna|ernas|t|n)?$")
_LOST_E = re.compile(rf"({_CONSONANT})([lnr])$")
_stemmers = local()


@lru_cache(maxsize=50_000)
def swedish_stem(word: str) -> str:
    """Give the part of `word` that all its Swedish inflections share: `cykl` for cykel, cykeln, cyklar, cyklarnas."""
    if kept := _KEPT.match(word):
        return kept[1]
    for pattern, singular in (*_VOWEL_CHANGES, *_LOST_VOWELS):
        word = pattern.sub(singular, word)
    stem = _snowball("swedish", word)
    if stem[-2:-1] != stem[-1:] and stem[-1:] in ("d", "t") and word[len(stem) : len(stem) + 1] == stem[-1]:
        # Snowball halves a double d or t in long words only, so vatten would be no part of badvatten.
        stem += stem[-1]
    for pattern, ending in _MENDS:
        stem = pattern.sub(ending, stem)
    return stem


@lru_cache(maxsize=50_000)
def english_stem(word: str) -> str:
    """Give the part of `word` that all its English inflections share: `compani` for company and companies."""
    return _snowball("english", word)


@lru_cache(maxsize=50_000)
def part_forms(word: str) -> tuple[str, ...]:
    """Give the forms in which `word` stands inside compounds: cyklar as `cykl` and `cykel` (motorcyklar, cykelväg)."""
    stem = swedish_stem(word)
    forms = {stem, _LOST_E.sub(r"\1e\2", stem)} | ({word} if not word.startswith(stem) else set())
    return tuple(sorted(form for form in forms if len(form) >= SHORTEST_PART and not form.isdecimal()))


def inner_parts(stem: str) -> list[str]:
    """Give the ends of `stem` that another word could be, longest first: motorcykl gives `torcykl` … `ykl`."""
    return [stem[start:] for start in range(2, len(stem) - SHORTEST_PART + 1)]


def end_parts(stem: str) -> list[str]:
    """Give the beginnings and ends of `stem` that could be words of their own: cykelväg gives `cykel` and `väg`."""
    starts = [stem[:end] for end in range(SHORTEST_PART, len(stem) - 1)]
    return sorted({*starts, *inner_parts(stem)})


def likeness(query: str, word: str) -> float:
    """Say how alike a word typed by somebody searching and a `word` found in a text are, from 1 down to 0.

    Less than SAME_STEM means that `word` is a compound of which the typed word is a part. A typed å, ä or ö only
    matches itself; a typed a or o also stands for them.
    """
    if query == word:
        return SAME
    told = _reading(query)
    if query == told(word):
        return SAME_BUT_FOLDED
    stem = told(swedish_stem(word))
    swedish = swedish_stem(query) == stem
    english = english_stem(query) == told(english_stem(word))
    if swedish or english:
        return SAME_STEMS if swedish and english else SAME_STEM
    share = max((_share(form, stem) for form in part_forms(query)), default=0.0)
    return IN_COMPOUND * (0.5 + share) if share else 0.0


def likeness_of_part(query: str, word: str) -> float:
    """Say how much of a typed compound a `word` found in a text is: "väg" for "cykelvägar". Weaker than `likeness`."""
    told = _reading(query)
    share = max((_share(told(form), swedish_stem(query)) for form in part_forms(word)), default=0.0)
    return OF_COMPOUND * (0.5 + share) if share else 0.0


def may_be_alike(query: str, word: str) -> bool:
    """Whether a `word` in a text can count as the typed word at all: the glance that spares a look at the index."""
    return bool(likeness(query, word) or likeness_of_part(query, word))


def _reading(query: str) -> Callable[[str], str]:
    return fold if is_folded(query) else str


def _share(part: str, whole: str) -> float:
    """How much of the compound `whole` its `part` is; 0 when it is no part of it."""
    rest = len(whole) - len(part)
    if rest < 2 or part not in whole:
        return 0.0
    if not (whole.startswith(part) or whole.endswith(part)) and len(part) < SHORTEST_INNER_PART:
        return 0.0
    return len(part) / len(whole)


def _snowball(language: str, word: str) -> str:
    # A Snowball stemmer keeps the word it works on in itself, so each thread has its own.
    stemmer = getattr(_stemmers, language, None)
    if stemmer is None:
        stemmer = snowballstemmer.stemmer(language)
        setattr(_stemmers, language, stemmer)
    stem: str = stemmer.stemWord(word)
    return stem
