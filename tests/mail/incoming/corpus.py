"""Mails to read: our own, written before the code in `cases/`, and those of the shared test data where they are.

A case file holds many: `#### name`, the mail, and for replies `==== expected` and what its sender wrote.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from dialogue.mail.incoming.replies import Own

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("DIALOGUE_SHARED_DATA", HERE.parents[3] / "shared" / "data")) / "email"

#: Ours in the cases: the line above our mails, and the addresses that people answer to.
OWN = Own(
    addresses=("dialog@sjovik.example",),
    markers=("Svara ovanför den här raden.",),
    secrets=(re.compile(r"svar\+[a-z0-9-]+@svar\.sjovik\.example", re.IGNORECASE),),
)


@dataclass(frozen=True)
class Case:
    """One mail, and what is expected of it."""

    name: str
    raw: bytes
    expected: str = ""


def cases(path: str) -> list[Case]:
    """The cases in one file, or in all files of a folder, below `cases/`."""
    place = HERE / "cases" / path
    files = sorted(place.glob("*.txt")) if place.is_dir() else [place]
    return [_case(text) for file in files for text in file.read_text(encoding="utf-8").split("#### ")[1:]]


def _case(text: str) -> Case:
    name, _, rest = text.partition("\n")
    mail, _, expected = rest.partition("==== expected\n")
    return Case(name, whole(mail), tidy(expected))


def whole(mail: str, kind: str = "text/plain") -> bytes:
    """`mail` in bytes; one that names no type is of `kind`."""
    has_type = "\ncontent-type:" in f"\n{mail.partition(chr(10) * 2)[0]}".lower()
    return (mail if has_type else f"Content-Type: {kind}; charset=utf-8\n{mail}").encode()


def body(text: str, kind: str = "text/plain") -> bytes:
    """A mail that holds `text` and no more."""
    return whole(f"From: Someone <someone@there.example>\n\n{text}", kind)


def tidy(text: str) -> str:
    """`text` without white space at the ends of its lines and its own."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()


def shared(folder: str) -> Path:
    """A folder of the shared e-mails; skips the test where it is missing."""
    path = SHARED / folder
    if not path.is_dir():
        pytest.skip(f"NOT TESTED: {path} is missing; set DIALOGUE_SHARED_DATA to the folder that holds email/{folder}")
    return path


def shared_expectations(folder: str) -> dict[str, str]:
    """What is expected of each file in a folder of the shared e-mails."""
    found: dict[str, str] = json.loads((shared(folder) / "expected.json").read_text(encoding="utf-8"))
    return found
