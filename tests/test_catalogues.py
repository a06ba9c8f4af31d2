"""The texts of both languages: all there, and written as people speak."""

import re
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
CURE = "Run `make messages`, write the Swedish, and commit both catalogues."

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|(?<!%)%[sd]|\{\w*\}|</?[a-z]+[^>]*>")
SENTENCE_END = re.compile(r"(?<=[.!?:])\s+|\n+")
LONGEST_SENTENCE, MEAN_SENTENCE = 25, 15
BANNED = {
    "sv": re.compile(
        r"\b(ej|vänligen|erhåll(a|er|it|en|na|as|s)|erhöll|avseende|samt|ok)\b|\w\((er|ar|or|na|en|et|s|t)\)",
        re.IGNORECASE,
    ),
    "en": re.compile(r"\b(kindly|in order to|utili[sz]e|ok)\b|\w\(s\)", re.IGNORECASE),
}

Key = tuple[str, str]


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """The singular and the plural, or the one text there is."""
    return (text,) if isinstance(text, str) else tuple(text)


def key_of(message: Message) -> Key:
    return message.context or "", forms(message.id)[0]


def texts_of(catalogue: Catalog) -> dict[Key, Message]:
    return {key_of(message): message for message in catalogue if message.id}


def read(locale: str) -> Catalog:
    with (ROOT / f"dialogue/translations/{locale}/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=locale)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> dict[Key, Message]:
    """The texts that stand in code and templates, found as `make messages` finds them."""
    template = tmp_path_factory.mktemp("catalogues") / "messages.pot"
    folders = [str(ROOT / name) for name in ("dialogue", "templates") if (ROOT / name).is_dir()]
    mapping = str(ROOT / "pyproject.toml")
    command = ["pybabel", "--quiet", "extract", "--mapping-file", mapping, "--output-file", str(template)]
    CommandLineInterface().run([*command, *folders])
    with template.open("rb") as file:
        return texts_of(read_po(file))


def shown(locale: str, message: Message) -> tuple[str, ...]:
    """What people read: the translation, or in English the key itself when there is none."""
    written = forms(message.string)
    return written if all(written) else forms(message.id) if locale == "en" else ()


def unequal_placeholders(message: Message) -> list[str]:
    """The translations that lose or invent a placeholder or tag. A singular may omit one ("one vote")."""
    keys = [sorted(PLACEHOLDER.findall(key)) for key in forms(message.id)]
    known = set(keys[-1]) | set(keys[0])
    wrong = []
    for number, text in enumerate(forms(message.string)):
        found = sorted(PLACEHOLDER.findall(text))
        is_singular = len(keys) > 1 and number == 0
        if text and not (set(found) <= known if is_singular else found == keys[-1]):
            wrong.append(text)
    return wrong


def sentences(text: str) -> Iterator[str]:
    for sentence in SENTENCE_END.split(PLACEHOLDER.sub("x", re.sub(r"</?[a-z]+[^>]*>", "", text))):
        if sentence.strip():
            yield sentence.strip()


def words_in(sentence: str) -> int:
    return len(re.findall(r"\w[\w'’:./@-]*", sentence))


def complaints(locale: str, text: str) -> list[str]:
    """What the house style has against `text`, each with the cure."""
    found = [
        f"{words_in(sentence)} words in one sentence, {LONGEST_SENTENCE} at most: split it"
        for sentence in sentences(text)
        if words_in(sentence) > LONGEST_SENTENCE
    ]
    if banned := BANNED[locale].search(text):
        found.append(f"“{banned[0]}”: say it in everyday words, and plurals with ngettext")
    return found


@pytest.mark.parametrize("locale", ["sv", "en"])
def test_every_text_is_in_the_catalogue(locale: str, used: dict[Key, Message]) -> None:
    missing = used.keys() - texts_of(read(locale)).keys()
    assert not missing, f"Not in the {locale} catalogue: {sorted(missing)}. {CURE}"


@pytest.mark.parametrize("locale", ["sv", "en"])
def test_every_text_of_the_catalogue_is_used(locale: str, used: dict[Key, Message]) -> None:
    stale = texts_of(read(locale)).keys() - used.keys()
    assert not stale, f"In the {locale} catalogue and nowhere else: {sorted(stale)}. Run `make messages` and commit."


def test_every_text_is_swedish() -> None:
    texts = texts_of(read("sv"))
    empty = sorted(key for key, message in texts.items() if not all(forms(message.string)))
    unsure = sorted(key for key, message in texts.items() if message.fuzzy)
    assert not empty, f"Without Swedish: {empty}. {CURE}"
    assert not unsure, f"Marked fuzzy: {unsure}. Check the Swedish and remove the mark."


@pytest.mark.parametrize("locale", ["sv", "en"])
def test_placeholders_are_those_of_the_key(locale: str) -> None:
    wrong = {key: found for key, m in texts_of(read(locale)).items() if (found := unequal_placeholders(m))}
    assert not wrong, f"Placeholders or tags differ from the key's: {wrong}. Copy them from the key."


@pytest.mark.parametrize("locale", ["sv", "en"])
def test_texts_are_written_as_people_speak(locale: str) -> None:
    found = [
        f"{text!r}: {complaint}"
        for message in texts_of(read(locale)).values()
        for text in shown(locale, message)
        for complaint in complaints(locale, text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("locale", ["sv", "en"])
def test_sentences_are_short_on_the_whole(locale: str) -> None:
    lengths = [
        words_in(sentence)
        for message in texts_of(read(locale)).values()
        for text in shown(locale, message)
        for sentence in sentences(text)
        if sentence.endswith((".", "!", "?"))  # labels and buttons would only flatter the figure
    ]
    assert mean(lengths or [0]) < MEAN_SENTENCE, "Sentences are too long on the whole. Shorten the longest."


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("sv", "Det går ej."),
        ("sv", "Vänligen försök igen"),
        ("sv", "Frågor avseende data"),
        ("sv", "Ni erhåller ett svar"),
        ("sv", "Namn samt adress"),
        ("sv", "3 röst(er)"),
        ("sv", "OK"),
        ("en", "3 vote(s)"),
        ("en", "OK"),
        ("en", "one " * 26),
        ("sv", "Kort. " + "ord " * 26 + "Kort."),
    ],
)
def test_the_lint_sees_bad_style(locale: str, text: str) -> None:
    assert complaints(locale, text)


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("sv", "Tillsammans svarar %(unit)s senast 4 december."),  # "samt" inside a word
        ("sv", "Nejdå"),
        ("sv", "Svar (utkast)"),
        ("en", "word " * 20 + "end. " + "word " * 20),  # two sentences
        ("en", "Publish request"),
    ],
)
def test_the_lint_lets_good_style_pass(locale: str, text: str) -> None:
    assert not complaints(locale, text)


@pytest.mark.parametrize(
    ("key", "text", "is_wrong"),
    [
        ("%(n)s days", "%(n)s dagar", False),
        ("%(n)s days", "dagar", True),
        ("%(n)s days", "%(m)s dagar", True),
        ("100 %", "100 %", False),
        ("<b>Now</b>", "Nu", True),
        (("%(num)s vote", "%(num)s votes"), ("en röst", "%(num)s röster"), False),
        (("%(num)s vote", "%(num)s votes"), ("en röst", "röster"), True),
        (("%(num)s vote", "%(num)s votes"), ("%(x)s röst", "%(num)s röster"), True),
    ],
)
def test_a_lost_placeholder_is_seen(key: str, text: str, is_wrong: bool) -> None:
    assert bool(unequal_placeholders(Message(key, text))) is is_wrong
