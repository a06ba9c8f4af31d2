"""Flowed text (RFC 3676): long lines that a mail program folded are put together again."""

import re

_QUOTE = re.compile(r">*")
_DELIMITER = "-- "


def unflow(text: str, *, delete_space: bool = False) -> str:
    """`text` with each paragraph on one line again, quotes with `> ` for each level."""
    done: list[str] = []
    open_depth = -1
    pieces: list[str] = []

    def close() -> None:
        nonlocal open_depth
        if open_depth >= 0:
            done.append(">" * open_depth + (" " if open_depth else "") + "".join(pieces))
            pieces.clear()
            open_depth = -1

    for line in text.split("\n"):
        depth = len(_QUOTE.match(line)[0])  # type: ignore[index]
        content = line[depth:].removeprefix(" ")
        flows = content.endswith(" ") and content != _DELIMITER
        if depth != open_depth or content == _DELIMITER:
            close()
        open_depth = depth
        pieces.append(content[:-1] if flows and delete_space else content)
        if not flows:
            close()
    close()
    return "\n".join(done)
