"""How models and migrations are compared, and how column types are written into a migration."""

from typing import Any, Literal

from dialogue.core.db import UTCDateTime
from dialogue.core.search.columns import Impacts


def render_item(kind: str, item: Any, context: Any) -> str | Literal[False]:
    """Write our own types as the plain ones they are, so that a migration never depends on today's code."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Impacts):
        return "sa.Text()"
    return False
