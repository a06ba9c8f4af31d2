"""Text that people wrote: shown as they meant it, never as more than text, links and a little emphasis."""

import json
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from time import process_time
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.core.markdown import excerpt, plain, render

REL = 'rel="nofollow ugc noopener"'
LIMIT = 20_000  # characters that a form lets through
# Seconds of processor time for the longest text; measuring coverage makes Python some five times slower.
BUDGET = 5 if sys.gettrace() else 1
TAGS = {*"a blockquote br code em h3 h4 h5 h6 hr li ol p pre strong ul".split()}  # noqa: SIM905
REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("DIALOGUE_SHARED_DATA") or REPOSITORY.parent / "shared" / "data") / "attack"


class _Checker(HTMLParser):
    """Fails at the first element, attribute or link that user text may not have."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        given = dict(attrs)
        assert set(given) <= {"a": {"href", "rel"}, "ol": {"start"}}.get(tag, set())
        if "href" in given:
            assert urlsplit(given["href"] or "").scheme in ("http", "https", "mailto")
            assert given["rel"] == "nofollow ugc noopener"

    def handle_comment(self, data: str) -> None:
        raise AssertionError("comment in the page")

    handle_decl = handle_pi = unknown_decl = handle_comment


def check(text: str) -> str:
    html = render(text)
    checker = _Checker()
    checker.feed(html)
    checker.close()
    return html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hej", "<p>Hej</p>"),  # a paragraph
        ("rad 1\nrad 2", "<p>rad 1<br>\nrad 2</p>"),  # a line break as in mail
        ("ett\n\ntvå", "<p>ett</p>\n<p>två</p>"),  # paragraphs
        ("**fet** och *kursiv*", "<p><strong>fet</strong> och <em>kursiv</em></p>"),  # emphasis
        ("`a<b`", "<p><code>a&lt;b</code></p>"),  # code
        ("```json\n{}\n```", "<pre><code>{}\n</code></pre>"),  # fenced code, its language dropped
        ("    indrag", "<p>indrag</p>"),  # indented text is text
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),  # list
        ("3. tre\n4. fyra", '<ol start="3">\n<li>tre</li>\n<li>fyra</li>\n</ol>'),  # list that starts later
        ("> citat", "<blockquote>\n<p>citat</p>\n</blockquote>"),  # quote
        ("# Ett", "<h3>Ett</h3>"),  # headings start below the page's own
        ("## Två", "<h4>Två</h4>"),
        ("###### Sex", "<h6>Sex</h6>"),  # and never go below the last
        ("Hälsningar\n---\nAnna", "<p>Hälsningar</p>\n<hr>\n<p>Anna</p>"),  # a line under a name is a line
        ("| a | b |\n|---|---|\n| 1 | 2 |", "<p>| a | b |<br>\n|---|---|<br>\n| 1 | 2 |</p>"),  # no tables
        (
            "A &amp; B &#x202e;",
            "<p>A &amp;amp; B &amp;#x202e;</p>",
        ),  # entities as typed: none brings in a character
        ("[a]: https://x.se", f'<p>[a]: <a href="https://x.se" {REL}>https://x.se</a></p>'),  # nothing hides
        ("", ""),  # nothing
    ],
)
def test_render(text: str, expected: str) -> None:
    assert check(text).strip() == expected


@pytest.mark.parametrize(
    ("text", "href", "words"),
    [
        ("[SCB](https://www.scb.se/x)", "https://www.scb.se/x", "SCB"),  # a link
        ("[SCB](www.scb.se)", "https://www.scb.se", "SCB"),  # its scheme forgotten
        ("<https://scb.se>", "https://scb.se", "https://scb.se"),  # in angle brackets
        (
            "se https://scb.se/a_b_c/_d_.",
            "https://scb.se/a_b_c/_d_",
            None,
        ),  # typed, underscores and full stop
        ("(http://scb.se/x?y=1&z=2#f)", "http://scb.se/x?y=1&amp;z=2#f", None),  # typed in brackets
        ("HTTPS://SCB.SE!", "HTTPS://SCB.SE", "HTTPS://SCB.SE"),  # in capitals
        ("se www.scb.se/ åäö", "https://www.scb.se/", "www.scb.se/"),  # without scheme
        ("https://å.se/ö", "https://xn--5ca.se/%C3%B6", "https://å.se/ö"),  # shown as typed
        ("https://scb.se:8080/x", "https://scb.se:8080/x", "https://scb.se:8080/x"),  # with a port
        ("Mejla anna@example.se.", "mailto:anna@example.se", "anna@example.se"),  # e-mail
        ("[skriv](mailto:anna@example.se)", "mailto:anna@example.se", "skriv"),  # e-mail with words
        ("![karta](https://x.se/a.png)", "https://x.se/a.png", "karta"),  # a picture is only linked
        ("[se https://y.se](https://x.se)", "https://x.se", "se https://y.se"),  # no link in a link
        ("http[://y.se](https://x.se)", "https://x.se", "://y.se"),  # a scheme cut off by a bracket
        ("xhttp https://x.se/[1]/y", "https://x.se/%5B1%5D/y", "https://x.se/[1]/y"),  # brackets inside
        ('[a](https://x.se "titel")', "https://x.se", "a"),  # no title
    ],
)
def test_links(text: str, href: str, words: str | None) -> None:
    assert f'<a href="{href}" {REL}>{words or href}</a>' in check(text)


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))",  # script
        "[x](JaVaScRiPt:alert(1))",  # in mixed case
        "[x](java&#x73;cript:alert(1))",  # as an entity
        "[x](data:text/html;base64,PHNjcmlwdD4=)",  # a page in an address
        "[x](vbscript:x)",  # old script
        "<javascript:alert(1)>",  # in angle brackets
        "[x](//example.com)",  # another host without scheme
        "[x](/sign-out)",  # our own pages
        "[x](ftp://example.com)",  # other schemes
        "ftp://example.com",
        "https://halmstad.se@example.com",  # a lure
        "<https://halmstad.se@example.com>",
        "<https://halmstad.se:y@example.com>",  # with a password
        "[x](http://[::1)",  # no address at all
        "[x](http://[a:b])",  # a broken address of a machine
        "[x](https:///x)",  # no host
        "[x](mailto:anna)",  # no address
        "Klart.Se bilagan readme.md",  # a missing space, a file name
        "http://",  # only the beginning
        "://example.com",  # no scheme
        "xhttp://example.com",  # another scheme that ends like one
    ],
)
def test_not_a_link(text: str) -> None:
    assert "<a" not in check(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",  # script
        "<scr<script>ipt>alert(1)</scr</script>ipt>",  # script in script
        "<img src=x onerror=alert(1)>",  # event
        '"><svg/onload=alert(1)>',  # out of an attribute
        "<a href='javascript:alert(1)'>x</a>",  # raw link
        "<iframe srcdoc='&lt;script&gt;'></iframe>",  # a page in the page
        "<style>*{display:none}</style>",  # look
        "<form action=//example.com><input name=code></form>",  # a false form
        "<!-- <img src=x onerror=alert(1)> -->",  # comment
        "<![CDATA[<script>alert(1)</script>]]>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",  # parser differences
        '![" onerror="alert(1)](https://x.se/a.png)',  # attributes in a picture's words
        '[x](https://x.se/"onmouseover="alert(1))',  # attributes in an address
        "[x](<https://x.se/><script>alert(1)</script>)",
        "```<script>\nalert(1)\n```",  # in the language of a code block
        '```" onclick="alert(1)\nx\n```',
        "`<script>alert(1)</script>`",
        'www.x.se/"><script>alert(1)</script>',  # after a bare address
        "https://x.se/'onclick='alert(1)",
        "a@b.se<script>alert(1)</script>",
        "[a\n](https://x.se)<br onclick=alert(1)>",
        "\x00<script\x00>alert(1)</script>",  # NUL
        "＜script＞alert(1)＜/script＞",  # full-width  # noqa: RUF001
        "{{ config }} {% raw %} ${7*7}",  # templates
    ],
)
def test_attacks(text: str) -> None:
    html = check(text)
    assert "<script" not in html
    assert "<img" not in html


def _shared_attacks() -> list[str]:
    lines = [line for name in sorted(SHARED.glob("*.txt")) for line in name.read_text().splitlines()]
    strings = json.loads((SHARED / "blns.json").read_text())
    payloads = [row["payload"] for row in json.loads((SHARED / "html-payloads.json").read_text())]
    return lines + strings + payloads


@pytest.mark.skipif(
    not SHARED.is_dir(),
    reason=f"the collections of other people's attack strings are not at {SHARED}: set DIALOGUE_SHARED_DATA",
)
def test_shared_attacks() -> None:
    attacks = _shared_attacks()
    assert len(attacks) > 1000
    for attack in attacks:
        for text in (
            attack,
            f"[x]({attack})",
            f"[{attack}](https://x.se)",
            f"`{attack}`",
            f"https://x.se/{attack}",
        ):
            check(text)


@settings(max_examples=300)
@given(st.lists(st.sampled_from([*"[]()<>!*_`#&\"'\\/:@. \nax", "http://", "www.", "onx=", "javascript:", "\t"])))
def test_no_mixture_of_marks_gets_out(parts: list[str]) -> None:
    check("".join(parts))


HALF = (
    "http://",
    "https://",
    "www.",
    "mailto:",
    "http://a.",
    "http://a@",
    "://a://a.a",
    "www.a.se/",
    "a@b.",
    "a@b.se ",
)
MARKS = (
    "[",
    "![",
    "](",
    "[a](b",
    "[a](<",
    '[a](b "',
    "**a ",
    "*a_ ",
    "*_**__",
    "a**b",
    "`",
    "<",
    "<a:",
    "<a@",
    "\\",
)
BLOCKS = "> ", ">\n", "- ", "1. ", "* a\n ", "- - ", "```\n", "~~~ a\n", "# ", "a\n", "| a |\n", "&#1"
URLS = "https://a.se/?(", "https://a.se/[[", "https://a.se/'", "http://a.se/.", "[](", "a.", "xn--", "-_"


@pytest.mark.parametrize("part", [*HALF, *MARKS, *BLOCKS, *URLS])
def test_repetition_stays_quick(part: str) -> None:
    text = (part * LIMIT)[:LIMIT]
    began = process_time()
    check(text)
    assert process_time() - began < BUDGET


def test_rising_runs_of_backticks_stay_quick() -> None:
    text = " ".join("`" * length for length in range(1, 199))
    began = process_time()
    check(text)
    assert process_time() - began < BUDGET


def test_deep_nesting_is_cut() -> None:
    assert check("> " * 100 + "botten").count("<blockquote>") <= 20


def test_threads_share_the_parser() -> None:
    texts = [f"**{n}** www.scb.se/{n} och anna{n}@example.se" for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        rendered = list(pool.map(render, texts))
    render.cache_clear()
    assert rendered == [render(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Hej** `kod`\nrad 2", "Hej kod\nrad 2"),  # marks go, line breaks stay
        ("ett\n\n\n\ntvå", "ett\n\ntvå"),  # one blank line between paragraphs
        ("# Rubrik\ntext", "Rubrik\n\ntext"),  # heading
        ("Vi vill ha:\n- a\n- b\n\nTack", "Vi vill ha:\n- a\n- b\n\nTack"),  # list as typed
        ("1. a\n   - b\n   - c\n2. d", "1. a\n   - b\n   - c\n2. d"),  # list in a list
        ("- a\n\n  b", "- a\n\n  b"),  # two paragraphs in an item
        ("- a\n  # b", "- a\n\n  b"),  # heading in an item
        ("> a\n> b\n\nc", "> a\n> b\n\nc"),  # quote
        ("> - a\n>   b", "> - a\n>   b"),  # list in a quote
        ("```\nx = 1\n\ny\n```", "x = 1\n\ny"),  # code
        ("a\n\n---\n\nb", "a\n\nb"),  # a line
        ("-\n- b", "- b"),  # an empty item
        ("[SCB](https://scb.se) säger", "SCB (https://scb.se) säger"),  # address after the words
        ("[https://scb.se](https://scb.se)", "https://scb.se"),  # but not twice
        ("https://scb.se/å", "https://scb.se/å"),  # typed
        ("[skriv](mailto:a@b.se) eller a@b.se", "skriv (a@b.se) eller a@b.se"),  # e-mail
        ("[**a** b](https://x.se) [c](https://y.se)", "a b (https://x.se) c (https://y.se)"),  # two links
        ("<b>x</b> & \\*y\\*", "<b>x</b> & *y*"),  # text, not HTML
        ("", ""),  # nothing
    ],
)
def test_plain(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("Kort", 200, "Kort"),  # fits
        ("# Rubrik\n\nrad 1\nrad  2\n\n- a\n- b", 200, "Rubrik rad 1 rad 2 a b"),  # on one line
        ("[SCB](https://scb.se) säger", 200, "SCB säger"),  # no addresses behind words
        ("ett två tre", 11, "ett två tre"),  # fits exactly
        ("ett två tre", 10, "ett två…"),  # after a whole word
        ("ett två tre", 8, "ett två…"),  # the word ends just where it may
        ("ett två tre", 7, "ett…"),  # the next word would not leave room for …
        ("ett, två", 6, "ett…"),  # no comma before …
        ("Donaudampfschiff", 6, "Donau…"),  # one long word
        ("```\nx\n```\n\ny", 200, "x y"),  # code
        ("", 200, ""),  # nothing
    ],
)
def test_excerpt(text: str, length: int, expected: str) -> None:
    assert excerpt(text, length) == expected


@given(st.text(), st.integers(1, 50))
def test_an_excerpt_is_one_line_and_never_too_long(text: str, length: int) -> None:
    cut = excerpt(text, length)
    assert len(cut) <= length
    assert not re.search(r"[\n\r\t]", cut)
