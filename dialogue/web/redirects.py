"""Addresses to go back to, which come from the browser and are believed only when they are pages of ours."""

import re
from urllib.parse import quote, unquote

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from dialogue.web.language import path

#: What a path and a query may hold (RFC 3986, 3.3 and 3.4). No backslash, which browsers read as a slash.
_PLAIN = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*(\?[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*)?")
_LONGEST = 1000


def own_page(address: str | None) -> str | None:
    """`address` when it is the path of a page of this site that can be opened, else None.

    It must lead to one of the routes, so nothing that a browser could read as another site gets through.
    """
    if not address or len(address) > _LONGEST or not _PLAIN.fullmatch(address):
        return None
    root = request.script_root.removesuffix("/en")
    local = address.partition("?")[0].removeprefix(root)
    if local == "/en" or local.startswith("/en/"):
        local = local.removeprefix("/en") or "/"
    try:
        current_app.url_map.bind("localhost").match(unquote(local), method="GET")
    except HTTPException:  # no such page, none that can be opened, or one that would redirect by itself
        return None
    return address


def this_page() -> str:
    """The address of this request, to come back to."""
    return quote(request.script_root + request.path, safe="/") + (
        f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
    )


def with_next(local: str, address: str | None) -> str:
    """The page `local` in the reader's language, which leads on to `address` when it is done."""
    return path(local) + (f"?next={quote(address, safe='')}" if address else "")
