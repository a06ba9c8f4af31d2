"""HTML of a mail as lines: paragraphs, lists, links and tables in plain words, quotes as quotes.

Parsed as browsers do (selectolax), never rendered: what is no text is left out.
"""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from dialogue.mail.incoming.lines import Line, Mark
from dialogue.mail.incoming.linewriter import LineWriter
from dialogue.mail.incoming.taming import tamed
from dialogue.mail.incoming.vocabulary import programs

#: Elements looked at: more than any mail has that people write.
_MOST_NODES = 150_000
#: What stands in a Gmail quote before the quote itself: a line of text with addresses in it.
_MOST_BEFORE_QUOTE = 30

_DROPPED = {
    "head", "style", "script", "title", "meta", "link", "template", "noscript", "object", "embed", "iframe", "svg",
    "math", "select", "textarea", "button", "input", "audio", "video", "canvas", "xml", "map",
}  # fmt: skip
#: Elements with space around, and those that only begin a new line.
_PARAGRAPHS = {"p", "ul", "ol", "dl", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = {
    "div", "li", "tr", "dt", "dd", "section", "article", "header", "footer", "main", "aside", "nav", "address", "hr",
    "center", "figure", "figcaption", "fieldset", "form", "caption", "tbody", "thead", "tfoot", "body", "html",
    "details", "summary",
}  # fmt: skip

_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*hidden", re.IGNORECASE)
_NO_MARGIN = re.compile(r"margin(?:-top|-bottom)?\s*:\s*0", re.IGNORECASE)


def html_lines(html: str) -> list[Line]:
    """The lines that a reader of `html` sees."""
    walker = _Walker()
    walker.walk(LexborHTMLParser(tamed(html)).root)
    return walker.writer.finish()


@dataclass
class _Open:
    """An element that is open, and what is to be undone at its end."""

    node: LexborNode
    tag: str
    depth: int = 0
    mark: Mark = Mark.NONE
    href: str | None = None
    link_start: int = 0
    is_cell: bool = False
    #: Items of a list so far.
    items: int = 0


class _Walker:
    """Goes through the elements one by one, without recursion: a mail may nest them as deep as it likes."""

    def __init__(self) -> None:
        self.writer = LineWriter()
        self.open: list[_Open] = []
        self.captions: set[int] = set()

    def walk(self, root: LexborNode | None) -> None:
        """Write down everything in `root`."""
        node = root
        for _ in range(_MOST_NODES):
            if self.writer.is_full:
                return
            while node is None:
                if not self.open:
                    return
                left = self.open.pop()
                self._leave(left)
                # The root has nothing beside it.
                node = left.node.next if self.open else None
            if node.is_text_node:
                self.writer.text(node.text_content or "")
                node = node.next
            elif node.is_element_node and (element := self._enter(node)) is not None:
                self.open.append(element)
                node = node.child
            else:
                node = node.next

    def _enter(self, node: LexborNode) -> _Open | None:
        tag = (node.tag or "").lower()
        writer = self.writer
        if tag in _DROPPED:
            return None
        if tag == "br":
            writer.line_break()
            return None
        attributes = node.attributes
        style = attributes.get("style") or ""
        if "hidden" in attributes or _HIDDEN.search(style):
            return None
        element = _Open(node, tag)
        if tag == "img":
            writer.picture(attributes.get("alt") or "")
            return None
        if tag in _PARAGRAPHS or tag in _BLOCKS:
            has_space = tag in _PARAGRAPHS and not self._is_tight(tag, attributes, style)
            writer.block(has_space=has_space)
        self._note_program(element, attributes, style)
        if tag == "li":
            lists = [one for one in self.open if one.tag in ("ul", "ol")]
            if lists:
                lists[-1].items += 1
            writer.item(lists[-1].items if lists and lists[-1].tag == "ol" else 0, level=len(lists))
        elif tag == "pre":
            writer.preformatted += 1
        elif tag in ("td", "th"):
            element.is_cell = True
            writer.begin_cell()
        elif tag == "a":
            element.href, element.link_start = attributes.get("href"), writer.position
        return element

    def _note_program(self, element: _Open, attributes: dict[str, str | None], style: str) -> None:
        """What a mail program says by the names it gives."""
        names = programs.names(attributes)
        if programs.is_original(names, style):
            self.writer.next_mark = Mark.ORIGINAL
        if element.node.mem_id in self.captions:
            self.writer.marks.remove(Mark.CAPTION)
            self.captions.discard(element.node.mem_id)
        if programs.is_quote(element.tag, names, attributes, style):
            element.depth = 1
            self.writer.depth += 1
        elif programs.is_caption(names):
            element.mark = Mark.CAPTION
        elif programs.is_signature(names):
            element.mark = Mark.SIGNATURE
        elif "gmail_quote" in names and (quote := self._first_quote(element.node)) is not None:
            # What stands in it before the quote introduces the quote.
            self.captions.add(quote)
            self.writer.marks.append(Mark.CAPTION)
        if element.mark is not Mark.NONE:
            self.writer.marks.append(element.mark)

    @staticmethod
    def _first_quote(node: LexborNode) -> int | None:
        child = node.child
        for _ in range(_MOST_BEFORE_QUOTE):
            if child is None or child.tag == "blockquote":
                break
            child = child.next
        return child.mem_id if child is not None and child.tag == "blockquote" else None

    def _leave(self, element: _Open) -> None:
        writer = self.writer
        if element.tag == "a":
            writer.link(element.href or "", element.link_start)
        elif element.tag == "pre":
            writer.preformatted -= 1
        elif element.is_cell:
            writer.end_cell()
        if element.tag in _PARAGRAPHS or element.tag in _BLOCKS:
            attributes = element.node.attributes
            tight = self._is_tight(element.tag, attributes, attributes.get("style") or "")
            writer.block(has_space=element.tag in _PARAGRAPHS and not tight)
        writer.depth -= element.depth
        if element.mark is not Mark.NONE:
            writer.marks.remove(element.mark)

    def _is_tight(self, tag: str, attributes: dict[str, str | None], style: str) -> bool:
        """Whether there is no space around: Outlook's paragraphs are lines, and so are lists in lists."""
        if tag in ("ul", "ol"):
            return any(one.tag in ("ul", "ol") for one in self.open)
        if tag == "p" and self.open and self.open[-1].tag == "li":
            return True
        return tag == "p" and ("mso" in (attributes.get("class") or "").lower() or _NO_MARGIN.search(style) is not None)
