"""Running text put down as lines, as a page shows it: white space folded, blocks on lines of their own."""

import re

from dialogue.mail.incoming.lines import MAX_LINE, MAX_LINES, Line, Mark, clean, quoted

_FOLDED = re.compile(r"[ \t\n\r\f]+")
_SCHEME = re.compile(r"^(?:https?://|mailto:)(?:www\.)?", re.IGNORECASE)
#: As Word draws the items of its lists.
_BULLET = re.compile(r"^[·•▪◦§]\s+")
#: Longer addresses of links are left out: nobody reads them.
_LONGEST_LINK = 500
_SOFT = " | "


class LineWriter:
    """Lines that grow. What is set here holds for what is written next."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.pieces: list[str] = []
        self.depth = 0
        self.marks: list[Mark] = []
        #: For the next line alone.
        self.next_mark = Mark.NONE
        self.preformatted = 0
        self._wants_blank = False
        self._prefix = ""
        self._cells = 0
        self._cell_has_text = False
        self._wants_break = False
        self._wants_cell = False

    @property
    def is_full(self) -> bool:
        """Whether what is written next is left out."""
        return len(self.lines) >= MAX_LINES

    @property
    def position(self) -> int:
        """Where in the line the next text goes."""
        return len(self.pieces)

    def text(self, text: str) -> None:
        """Running text."""
        if self.preformatted:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self._add(first)
            for line in rest:
                self.line_break()
                self._add(line)
            return
        folded = _FOLDED.sub(" ", text)
        if not self.pieces or self.pieces[-1].endswith(" ") or self._wants_break or self._wants_cell:
            folded = folded.lstrip(" ")
        if folded:
            self._add(folded)

    def _add(self, text: str) -> None:
        if self._wants_break and self.pieces:
            self.flush()
        elif self._wants_cell and self.pieces:
            self.pieces.append(_SOFT)
        self._wants_break = self._wants_cell = False
        self._cell_has_text = True
        self.pieces.append(text)

    def line_break(self) -> None:
        """A line that the sender ended: another one after it leaves a blank line."""
        if any(piece.strip() for piece in self.pieces):
            self.flush()
        else:
            self.pieces.clear()
            self._blank()

    def block(self, *, has_space: bool) -> None:
        """The beginning or end of a block."""
        if self._cells:
            # In a table's cell a block is a line only when something else stands in the same cell.
            self._wants_break = self._cell_has_text
            return
        self.flush()
        self._wants_blank = self._wants_blank or has_space

    def begin_cell(self) -> None:
        """A cell of a table."""
        self._cells += 1
        self._cell_has_text = self._wants_break = False

    def end_cell(self) -> None:
        """The end of a cell: the next one goes on in the same line."""
        self._cells -= 1
        self._wants_break = False
        self._wants_cell = bool(self.pieces)

    def item(self, number: int, *, level: int) -> None:
        """What follows is an item of a list."""
        self._prefix = "  " * (level - 1) + (f"{number}. " if number else "- ")

    def picture(self, alt: str) -> None:
        """A picture: a smiley is text, anything else is not."""
        if alt and len(alt) <= 8 and not any(letter.isalnum() for letter in alt):
            self.text(alt)

    def link(self, address: str, start: int) -> None:
        """The end of a link whose text began at `start`; the address is added where the text does not say it."""
        shown = "".join(self.pieces[start:]).strip()
        address = address.strip()
        bare = _SCHEME.sub("", address).rstrip("/").casefold()
        if not shown or not _SCHEME.match(address) or len(address) > _LONGEST_LINK or bare in shown.casefold():
            return
        text = address.removeprefix("mailto:").partition("?")[0] if address.startswith("mailto:") else address
        self.pieces.append(f"{'' if self.pieces[-1].endswith(' ') else ' '}<{text}>")

    def flush(self) -> None:
        """End the line, if there is one."""
        self._wants_break = self._wants_cell = False
        text = "".join(self.pieces)
        self.pieces.clear()
        content = clean(text).rstrip() if self.preformatted else clean(text).strip()
        if content:
            self._line(content)
        elif "\xa0" in text:
            self._blank()  # a line that somebody left blank

    def _line(self, content: str) -> None:
        if self._wants_blank:
            self._blank()
        mark = self.next_mark if self.next_mark is not Mark.NONE else (self.marks[-1] if self.marks else Mark.NONE)
        prefix, self._prefix, self.next_mark = self._prefix, "", Mark.NONE
        for text in content.split("\n"):
            text = _BULLET.sub("- ", text)
            if not self.is_full:
                self.lines.append(self._unquoted(prefix + text[:MAX_LINE], mark))

    def _unquoted(self, text: str, mark: Mark) -> Line:
        # Old programs write the signs of quoting into HTML too.
        signs = re.match(r"(?:>\s?)+", text)
        if signs is None:
            return quoted(text, self.depth, mark)
        return quoted(text[signs.end() :], self.depth + signs[0].count(">"), mark)

    def _blank(self) -> None:
        self._wants_blank = False
        if self.lines and not self.lines[-1].is_blank and not self.is_full:
            depth = min(self.depth, self.lines[-1].depth)
            self.lines.append(quoted("", depth, self.marks[-1] if self.marks else Mark.NONE))

    def finish(self) -> list[Line]:
        """All lines."""
        self._cells = 0
        self.flush()
        return self.lines
