"""What counts as a word, which words are the same, and what a word is worth."""

from time import process_time

import pytest

from dialogue.core.search.ranking import BODY, FULL_IMPACT, TITLE, Question, impacts
from dialogue.core.search.stems import (
    SAME,
    SAME_BUT_FOLDED,
    SAME_STEM,
    end_parts,
    english_stem,
    inner_parts,
    likeness,
    likeness_of_part,
    part_forms,
    swedish_stem,
)
from dialogue.core.search.words import LONGEST_TEXT, LONGEST_WORD, fold, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Cykelvägar i Halmstad", ["cykelvägar", "halmstad"]),
        ("VÄG väg Väg", ["väg", "väg", "väg"]),
        ("va\u0308g A\u030a", ["väg", "å"]),  # letters and their dots written apart
        ("Café, résumé, Müller", ["cafe", "resume", "muller"]),  # accents are no letters of their own
        ("Århus smørrebrød ægte", ["århus", "smörrebröd", "ägte"]),
        ("SCB:s EU:s kommunens UK's UK’s can't", ["scb", "eu", "kommunens", "uk", "uk"]),
        ("kl. 12:30", ["kl", "12", "30"]),
        ("e-tjänst", ["e", "tjänst", "etjänst"]),
        ("2011-2013 2011/2012", ["2011", "2013", "2011", "2012"]),
        ("C++ och C# #taggar", ["c++", "c#", "taggar"]),
        ("wifi_hotspots", ["wifi", "hotspots"]),
        ("PM2,5 m² ½", ["pm2", "5", "m2", "1", "2"]),
        ('NEAR( AND OR NOT "a" * ^ %_\' --', ["near"]),
        ("😀 🏳️‍🌈 \x00 \ud800 \u202e", []),
        ("数据 данные", ["数据", "данные"]),
        ("och att det the of for", []),
        ("IT is by", ["it", "is", "by"]),  # IT, ice and a village are subjects
        ("", []),
        ("a" * 100, ["a" * LONGEST_WORD]),
    ],
)
def test_words_of(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_very_long_text_is_read_to_its_limit_only() -> None:
    assert len(words_of("ord " * LONGEST_TEXT)) == LONGEST_TEXT // 4


def test_a_text_without_spaces_takes_no_longer() -> None:
    began = process_time()
    assert words_of("x" * LONGEST_TEXT) == ["x" * LONGEST_WORD]
    assert process_time() - began < 1  # it was three seconds


@pytest.mark.parametrize(
    "forms",
    [
        "cykel cykeln cykelns cyklar cyklarna cyklarnas",
        "skola skolan skolans skolor skolorna skolornas",
        "gata gatan gator gatorna",
        "väg vägen vägens vägar vägarna",
        "plats platsen platser platserna platsernas",
        "lekplats lekplatsen lekplatser",
        "förskola förskolor förskolornas",
        "avfall avfallet avfallets",
        "vatten vattnet vattens vattnets",
        "badvatten badvattnet badvattens badvattnets",
        "vapen vapnet vapnen",
        "tecken tecknet tecknens",
        "öken öknen öknar",
        "botten bottnen",
        "fönster fönstret fönstren",
        "läger lägret lägren",
        "organisationsnummer organisationsnumret organisationsnumren",
        "sommar sommaren somrar somrarna",
        "himmel himlen",
        "åker åkern åkrar",
        "nyckel nyckeln nycklar",
        "ämne ämnet ämnen",
        "väderskydd väderskyddet",
        "fastighetsskatt fastighetsskatten fastighetsskatter",
        "område området områden områdena",
        "ärende ärendet ärenden ärendena",
        "möte mötet möten",
        "byggnad byggnaden byggnader byggnadernas",
        "kostnad kostnaden kostnader",
        "månad månaden månader",
        "museum museet museer museerna",
        "sensor sensorer sensorerna",
        "motor motorn motorer",
        "stad staden städer städerna",
        "strand stranden stränder",
        "skogsbrand skogsbränder skogsbränderna",
        "bok boken böcker böckerna",
        "natt nätter nätterna",
        "rot rötter rötternas",
        "kommun kommunen kommunens kommuner kommunernas",
        "avgift avgiften avgifter avgifterna",
        "register registret registren",
        "data datan datat datas",
        "polis polisen poliser",
        "buss bussen bussar bussarnas",
    ],
)
def test_swedish_inflections_share_a_stem(forms: str) -> None:
    assert len({swedish_stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "words",
    [
        "barn bar",
        "hamn ham",
        "regn regen",
        "data datum",
        "data dator",
        "väg vägg",
        "kör korv",
        "buss bus",
        "plan plats",
        "bil bild",
    ],
)
def test_other_swedish_words_do_not(words: str) -> None:
    one, other = words.split()
    assert swedish_stem(one) != swedish_stem(other)


@pytest.mark.parametrize("forms", ["company companies", "rate rates", "manage managed managing", "council councils"])
def test_english_inflections_share_a_stem(forms: str) -> None:
    assert len({english_stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("query", "word", "how"),
    [
        ("väg", "väg", "same"),
        ("vag", "väg", "folded"),  # typed without dots: they are found
        ("väg", "vag", "not"),  # typed with dots: they count
        ("vagen", "vägarna", "inflected"),
        ("vägen", "vagarna", "not"),
        ("skola", "skolornas", "inflected"),
        ("companies", "company", "inflected"),
        ("forskola", "förskolornas", "inflected"),
        ("skolor", "förskolor", "part"),
        ("skola", "grundskolornas", "part"),
        ("cykel", "cykelvägar", "part"),
        ("cyklar", "cykelvägar", "part"),
        ("cyklar", "motorcyklar", "part"),
        ("cyklar", "motorcykelparkering", "part"),  # in the middle
        ("vagar", "cykelvägarna", "part"),
        ("vägar", "cykelvagarna", "not"),
        ("väg", "cykelvägar", "part"),
        ("bil", "elbil", "part"),
        ("vatten", "badvattnets", "part"),
        ("badvatten", "badvattnets", "inflected"),
        ("skydd", "väderskydden", "part"),
        ("skatter", "fastighetsskatten", "part"),
        ("kör", "korv", "not"),
        ("kor", "korv", "not"),  # one letter is no part of a compound
        ("är", "järnväg", "not"),
        ("2013", "20131", "not"),  # a number is never a part
        ("rat", "corporately", "not"),  # a short part in the middle
    ],
)
def test_likeness(query: str, word: str, how: str) -> None:
    like = likeness(query, word)
    if how == "same":
        assert like == SAME
    elif how == "folded":
        assert like == SAME_BUT_FOLDED
    elif how == "inflected":
        assert SAME_STEM <= like < SAME_BUT_FOLDED
    elif how == "part":
        assert 0 < like < SAME_STEM
    else:
        assert like == 0


@pytest.mark.parametrize(
    ("query", "word", "is_part"),
    [
        ("cykelvägar", "väg", True),
        ("cykelvägar", "cyklar", True),
        ("cykelvagar", "väg", True),
        ("cykelvägar", "vag", False),
        ("cykelvägar", "gata", False),
    ],
)
def test_a_part_stands_in_for_a_compound(query: str, word: str, is_part: bool) -> None:
    assert (likeness_of_part(query, word) > 0) == is_part
    assert likeness_of_part(query, word) < SAME_STEM


def test_parts() -> None:
    assert part_forms("cyklar") == ("cykel", "cykl")
    assert part_forms("2013") == ()
    assert part_forms("ö") == ()
    assert inner_parts("cykelväg") == ["kelväg", "elväg", "lväg", "väg"]
    assert {"cykel", "väg"} <= set(end_parts("cykelväg"))
    assert inner_parts("väg") == end_parts("väg") == []
    assert fold("åäö") == "aao"


def test_a_word_in_the_title_is_worth_more_than_repeats_in_the_body() -> None:
    document = impacts([(TITLE, "Laddplatser"), (BODY, "Elbil elbil elbil och mycket annat")])
    assert FULL_IMPACT > document["laddplatser"] > document["elbil"] > document["annat"] > 0
    assert impacts([(TITLE, ""), (BODY, "och")]) == {}


def test_a_long_text_is_worth_less_a_word() -> None:
    short, long = (impacts([(BODY, "buller " + "annat " * n)])["buller"] for n in (5, 500))
    assert short > long


def test_rare_words_decide_and_inflections_are_no_rarities() -> None:
    asked = [{"data": 1.0, "datat": 0.9}, {"buller": 1.0}]
    question = Question.of(asked, {"data": 90, "datat": 1, "buller": 2}, 100)
    assert question.score({"buller": 500}) > question.score({"data": 500})
    assert question.score({"datat": 500}) < question.score({"data": 500})
    assert question.score({"annat": 500}) == 0
    # The best match of each asked word counts, not all of them.
    assert question.score({"data": 500, "datat": 500}) == question.score({"data": 500})
    assert set(question.worth()) == {"data", "datat", "buller"}


def test_a_word_that_nobody_uses_lowers_what_a_perfect_answer_is_compared_with() -> None:
    known = Question.of([{"buller": 1.0}], {"buller": 2}, 100)
    half = Question.of([{"buller": 1.0}, {}], {"buller": 2}, 100)
    assert known.score({"buller": 500}) == half.score({"buller": 500})
    assert half.perfect > known.perfect
