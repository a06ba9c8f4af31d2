"""Reading a file of requests that came from elsewhere: bytes in, rows out. Nothing is guessed in silence."""

import codecs
import csv
import io
import json
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dialogue.core.errors import DialogueError

#: Longest field of a CSV file, in characters; a quotation mark that is never closed ends here.
_LONGEST_FIELD = 10_000_000

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

# What a file is that begins so, and is no text.
_BINARY = {
    b"PK\x03\x04": "an Excel workbook or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "compressed with gzip",
    b"SQLite format 3": "a SQLite database",
}

# Western European text in windows-1252: Latin-1, dashes, quotation marks, … • € ™. Text in another old encoding gives
# other characters, or quotation marks in the middle of words (ä and ö of MS-DOS).
_WESTERN = re.compile("[\x09-\x7e\u00a0-\u00ff\u2013\u2014\u2018-\u201a\u201c-\u201e\u2026\u2022\u20ac\u2122]*")
_TORN = re.compile("[a-zA-Z][\u201c-\u201e\u2026][a-z]")


class SourceRefused(DialogueError):
    """A file that cannot be imported; the message is one English sentence that says why and what to do."""


@dataclass(frozen=True)
class Row:
    """One request as the file has it: where it stands there, and its fields by the names the file gives them."""

    place: str
    fields: dict[str, Any]


@dataclass(frozen=True)
class SourceFile:
    """What a file turned out to be: in words, its fields' names in order, its rows."""

    kind: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]


def read_source(content: bytes, known_names: Collection[str]) -> SourceFile:
    """Read JSON or CSV. `known_names` are names that fields may have, to tell which character parts them.

    Raises SourceRefused for what is neither, and for text in an encoding that cannot be told.
    """
    for beginning, what in _BINARY.items():
        if content.startswith(beginning):
            raise SourceRefused(f"The file is {what}: save it as CSV or JSON first.")
    text, encoding = _decode(content)
    if not text.strip():
        raise SourceRefused("The file is empty.")
    if "\0" in text:
        raise SourceRefused("The file holds characters of value zero, as UTF-16 without a mark or binary files do.")
    if text.lstrip()[0] in "[{":
        return _read_json(text, encoding)
    return _read_csv(text, encoding, known_names)


def _decode(content: bytes) -> tuple[str, str]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError:
            raise SourceRefused("The file begins like UTF-16 but is broken: save it as UTF-8.") from None
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    with suppress(UnicodeDecodeError):
        text = content.decode("windows-1252")
        if _WESTERN.fullmatch(text) and not _TORN.search(text):
            return text, "windows-1252"
    raise SourceRefused(f"The file is neither UTF-8 nor windows-1252 (see line {line}): save it as UTF-8.")


def _read_json(text: str, encoding: str) -> SourceFile:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceRefused(
            f"The file is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from None
    except (RecursionError, ValueError):
        raise SourceRefused("The file is JSON with too many levels or digits.") from None
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        content = lists[0] if len(lists) == 1 else None
    if not isinstance(content, list) or not all(isinstance(item, dict) for item in content):
        raise SourceRefused("The JSON must be a list of objects, one a request, or an object with one such list.")
    names = dict.fromkeys(name for item in content for name in item)
    rows = tuple(Row(f"item {number}", item) for number, item in enumerate(content, 1))
    return SourceFile(f"JSON, {encoding}", tuple(names), rows)


def _read_csv(text: str, encoding: str, known_names: Collection[str]) -> SourceFile:
    csv.field_size_limit(_LONGEST_FIELD)
    delimiter = max(_DELIMITERS, key=lambda mark: _recognised(text, mark, known_names))
    records = _records(text, delimiter)
    names = [name.strip() for name in next(records)[1]]
    twice = [name for name in dict.fromkeys(names) if name and names.count(name) > 1]
    if twice:
        raise SourceRefused(f"The column “{twice[0]}” stands there twice.")
    rows = []
    for number, record in records:
        if not any(field.strip() for field in record):
            continue
        if len(record) != len(names):
            raise SourceRefused(
                f"Row {number} has {len(record)} fields and the first row {len(names)}: "
                f"put quotation marks around fields that hold a {_DELIMITERS[delimiter]}."
            )
        rows.append(Row(f"row {number}", dict(zip(names, record, strict=True))))
    return SourceFile(f"CSV with {_DELIMITERS[delimiter]}, {encoding}", tuple(filter(None, names)), tuple(rows))


def _recognised(text: str, delimiter: str, known_names: Collection[str]) -> tuple[int, int]:
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return 0, 0
    return sum(name.strip().casefold() in known_names for name in names), len(names)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The records with their numbers: the first row is 1, as a spreadsheet counts."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, record in enumerate(reader, 1):
            yield number, record
    except csv.Error as error:
        why = "has a quotation mark that is never closed" if "end of data" in str(error) else f"is broken ({error})"
        raise SourceRefused(f"Row {number + 1} {why}.") from None
