"""Keyset paging: a page starts after the last row of the one before, so no page costs more than the first."""

import base64
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

#: Rows a page, in lists and in the API.
PAGE_SIZE = 20


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows to show, and the cursor of the next page (None on the last one)."""

    rows: list[T]
    after: str | None


def encode_cursor(*values: str | int | float | None) -> str:
    """The place after a row, as text for an address."""
    packed = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def decode_cursor(text: str | None, length: int) -> list[str | int | float | None] | None:
    """The values of a cursor, or None when there is none or it is not one of ours (then the list starts over)."""
    if not text or len(text) > 400:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return None
    if not isinstance(values, list) or len(values) != length:
        return None
    return values if all(value is None or isinstance(value, str | int | float) for value in values) else None
