"""The one way to show text that people wrote: Markdown without raw HTML, then an allow-list.

People write as they do in mail, so some of CommonMark is left out on purpose: a line break is a line break,
a dashed line under a paragraph does not make it a heading, indented text is not code, entities and link
definitions are shown as they were typed (both can hide text from the reader), and there are no images.
Tables are off because their cost grows with the square of the input.

Both the parser and the cleaner are built once; neither keeps state between calls, so threads may share
them.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

import nh3
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

#: How deep lists and quotes may nest; what lies deeper is not shown.
MAX_NESTING = 20

#: The page owns h1 and h2.
_FIRST_HEADING = 3

_LINK_SCHEMES = frozenset({"http", "https", "mailto"})
_BLOCKS = frozenset({"blockquote", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "ul"})
_INLINE = frozenset({"a", "br", "code", "em", "strong"})
# The rest of a web address typed as plain text. Every part is bounded: a text full of half addresses stays
# quick. A closing full stop or bracket belongs to the sentence, and no name may stand before the host.
_HOST_AND_PATH = (
    r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,7}(?::[0-9]{1,5})?(?!:?[\w@-])"
    r"""(?:[/?#](?:[^\s<>"]{0,1000}[^\s<>"'.,;:!?()\]*])?)?"""
)
_AFTER_WWW = re.compile(_HOST_AND_PATH)
_AFTER_SCHEME = re.compile("://" + _HOST_AND_PATH)
_SCHEME_AT_END = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)


class _Parser(MarkdownIt):
    """A parser that links only to whole web and mail addresses, and shows an address as it was typed."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        if url.lower().startswith("www."):
            url = "https://" + url
        return super().normalizeLink(url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return link

    def length_after_www(self, text: str, position: int) -> int:
        """How much of `text` from `position`, right behind "www.", belongs to an address; 0 if none does."""
        found = _AFTER_WWW.match(text, position)
        return len(found.group()) if found else 0

    def validateLink(self, url: str) -> bool:  # noqa: N802
        """Whether to make a link. A name before the host (https://halmstad.se@other.example) is a lure."""
        try:
            address = urlsplit(url)
        except ValueError:
            return False
        if address.scheme == "mailto":
            return "@" in address.path
        return address.scheme in _LINK_SCHEMES and bool(address.hostname) and "@" not in address.netloc


def _demote_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + _FIRST_HEADING - 1)}"


def _link_web_address(state: StateInline, silent: bool) -> bool:
    """Links https://… in running text. The library's own rule looks through the whole rest each time."""
    rest = _AFTER_SCHEME.match(state.src, state.pos)
    scheme = _SCHEME_AT_END.search(state.pending[-6:])
    if silent or rest is None or scheme is None or state.linkLevel > 0:
        return False
    typed = scheme[1] + rest.group()
    state.pending = state.pending[: -len(scheme[1])]
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": state.md.normalizeLink(typed)}
    opening.info = "auto"
    state.push("text", "", 0).content = typed
    state.push("link_close", "a", -1)
    state.pos += len(rest.group())
    return True


def _build_parser() -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False, "linkify": True, "breaks": True, "maxNesting": MAX_NESTING})
    parser.enable("linkify")
    parser.disable(["image", "html_inline", "html_block", "lheading", "code", "reference", "entity"])
    parser.core.ruler.after("block", "demote_headings", _demote_headings)
    parser.inline.ruler.at("linkify", _link_web_address)
    # Bare host names are not linked ("Klart.Se bilagan" would be one), but what starts with www. is.
    addresses = LinkifyIt(options={"fuzzy_link": False})
    for scheme in ("http:", "https:", "ftp:", "//"):
        addresses.add(scheme, None)
    addresses.add("www.", {"validate": parser.length_after_www})
    parser.linkify = addresses
    return parser


_PARSER = _build_parser()
_CLEANER = nh3.Cleaner(
    tags=_BLOCKS | _INLINE,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes=_LINK_SCHEMES,
    url_relative="deny",
    link_rel="nofollow ugc noopener",
)


@lru_cache(maxsize=512)
def render(text: str) -> str:
    """Safe HTML for `text` (Markdown). The caller limits its length and marks the result as safe."""
    return _CLEANER.clean(_PARSER.render(text))


def plain(text: str) -> str:
    """`text` (Markdown) without its markup, laid out as one would type it in a mail.

    Lists and quotes keep their marks, and a link's address follows its words in brackets. The result is
    text: it still has to be escaped where HTML is written.
    """
    written = ""
    margins: list[tuple[str, str]] = []  # of each open quote or list item: before its next line, and before the rest
    tight = False
    for token in _PARSER.parse(text):
        if token.type == "blockquote_open":
            margins.append(("> ", "> "))
        elif token.type == "list_item_open":
            mark = f"{token.info}{token.markup} " if token.info else "- "
            margins.append((mark, " " * len(mark)))
        elif token.type in ("blockquote_close", "list_item_close"):
            margins.pop()
        elif token.type == "paragraph_open":
            tight = token.hidden
        elif token.type in ("inline", "fence"):
            lines = []
            for line in _words(token, addresses=True).split("\n"):
                lines.append(("".join(first for first, _ in margins) + line).rstrip())
                margins = [(rest, rest) for _, rest in margins]
            written += ("\n" if tight else "\n\n") + "\n".join(lines)
        elif token.type == "heading_open":
            tight = False
    return written.strip("\n")


@lru_cache(maxsize=1024)
def excerpt(text: str, length: int = 200) -> str:
    """The beginning of `text` (Markdown) on one line: at most `length` characters, whole words, then …"""
    tokens = (token for token in _PARSER.parse(text) if token.type in ("inline", "fence"))
    words = " ".join(" ".join(_words(token, addresses=False) for token in tokens).split())
    if len(words) <= length:
        return words
    head = words[: length - 1]
    if words[length - 1] != " " and " " in head:
        head = head[: head.rindex(" ")]
    return head.rstrip(" ,;:.!?-–") + "…"


def _words(token: Token, *, addresses: bool) -> str:
    """The words of one block, with the address after a link's words if `addresses`."""
    if token.children is None:
        return token.content.rstrip("\n")
    return "".join(_inline_words(token.children, addresses=addresses))


def _inline_words(children: Iterable[Token], *, addresses: bool) -> Iterable[str]:
    label: list[str] = []
    address = ""
    for child in children:
        if child.type == "link_open":
            label = []
            address = "" if child.info == "auto" else str(child.attrs["href"]).removeprefix("mailto:")
        elif child.type == "link_close":
            if addresses and address and address != "".join(label):
                yield f" ({address})"
        else:
            words = "\n" if child.type in ("softbreak", "hardbreak") else child.content
            label.append(words)
            yield words
