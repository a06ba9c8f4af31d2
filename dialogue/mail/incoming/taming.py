"""HTML made harmless before a parser sees it: what is long and no text goes, and what takes a parser long.

Parsers that follow the standard need time that grows with the square of some things: elements left open inside one
another, letters in bold that were never closed, attributes of one element. People's mails have few of each.
"""

import re
from collections import Counter

from dialogue.mail.incoming.message import MAX_HTML

# Elements that only say how letters look. A parser that follows the standard opens those that were left open again in
# every paragraph, so a hostile mail could make many of few.
_LETTERS = re.compile(
    r"<(/?)(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u|ins|del|mark|sub|sup)(?=[\s/>])", re.IGNORECASE
)
_INLINE_DATA = re.compile(r";base64,[A-Za-z0-9+/=%]{200,}")
_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]{0,30})")
_TAG_BEGINS = re.compile(r"<[A-Za-z]")
#: A tag as the standard reads it, all its attributes with it.
_WHOLE_TAG = re.compile(
    r"""<[A-Za-z][^\s/>]*+(?:[\s/]++|[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|(?=>)|[^\s>"'][^\s>]*+))?+)*+>"""
)
#: Letters of one tag. A parser compares each attribute with all before it.
_LONGEST_TAG = 2_500
#: Elements that end by themselves when the next one begins, or hold nothing.
_UNCOUNTED = {
    "p", "li", "dt", "dd", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "br", "hr", "img", "meta", "link",
    "input", "col", "area", "base", "wbr", "embed", "source", "o:p",
}  # fmt: skip
#: Elements open inside one another. A parser looks through all of them for each new one.
_MOST_OPEN = 800
_BULK = re.compile(r"<(style|script)\b[^<>]*>", re.IGNORECASE)
_BULK_ENDS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("style", "script")}


def tamed(html: str) -> str:
    """`html` without what is long and no text, and never longer or deeper than the limits."""
    html = _INLINE_DATA.sub(";base64,", _without_bulk(_without_comments(html.replace("\x00", ""))))
    html = _LETTERS.sub(r"<\1span", html)[:MAX_HTML]
    html = _without_long_tags(html)
    counts: Counter[str] = Counter()
    total = 0
    for tag in _TAG.finditer(html):
        name = tag[2].lower()
        if name in _UNCOUNTED:
            continue
        if not tag[1]:
            counts[name] += 1
            total += 1
        elif counts[name]:
            counts[name] -= 1
            total -= 1
        if total > _MOST_OPEN:
            return html[: tag.start()]
    return html


def _without_comments(html: str) -> str:
    pieces: list[str] = []
    position = 0
    while (opened := html.find("<!--", position)) >= 0:
        pieces.append(html[position:opened])
        closed = html.find("-->", opened + 2)
        if closed < 0:
            return "".join(pieces)
        position = closed + 3
    return "".join([*pieces, html[position:]])


def _without_bulk(html: str) -> str:
    """Without the contents of styles and scripts, which are often longer than the text."""
    pieces: list[str] = []
    position = 0
    while opened := _BULK.search(html, position):
        pieces.append(html[position : opened.start()])
        closed = _BULK_ENDS[opened[1].lower()].search(html, opened.end())
        if closed is None:
            return "".join(pieces)
        position = closed.start()
    return "".join([*pieces, html[position:]])


def _without_long_tags(html: str) -> str:
    pieces: list[str] = []
    done = position = 0
    while begins := _TAG_BEGINS.search(html, position):
        start = begins.start()
        whole = _WHOLE_TAG.match(html, start, start + _LONGEST_TAG)
        if whole is not None:
            position = whole.end()
            continue
        pieces.append(html[done:start])
        done = position = html.find(">", start) + 1 or len(html)
    return "".join([*pieces, html[done:]])
