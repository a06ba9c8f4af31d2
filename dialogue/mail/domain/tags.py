"""Lists of tags, as DKIM keys and DMARC policies are written (RFC 6376, 3.2): `v=DKIM1; k=rsa; p=…`."""

import re

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class BadTags(Exception):
    """A list that cannot be read. The argument is the part that is wrong."""


def read_tags(text: str) -> dict[str, str]:
    """The values by name, in their order, without white space around them. Raises BadTags."""
    tags: dict[str, str] = {}
    for part in text.split(";"):
        name, sign, value = (piece.strip() for piece in part.partition("="))
        if not part.strip():
            continue
        if not sign or not _NAME.fullmatch(name) or name in tags:
            raise BadTags(part.strip())
        tags[name] = value
    return tags
