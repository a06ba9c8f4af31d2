"""How mail programs name the elements that they add to HTML."""

import re
from collections.abc import Mapping

_PREFIX = re.compile(r"^(?:x_|ecx|yiv\d+|ydp[0-9a-f]{1,20})+")
_OUTLOOK_RULE = re.compile(r"border-top\s*:\s*solid\s+#(?:e1e1e1|b5c4df)", re.IGNORECASE)
_LEFT_BAR = re.compile(r"border-left(?:-\w+)?\s*:\s*[^;]*?(?:[1-9]|solid|#)", re.IGNORECASE)
_OUTLOOK_BAR = re.compile(r"border-left\s*:\s*solid\s+\S+\s+1\.5pt", re.IGNORECASE)

#: From here on it is the mail that was answered. Outlook on the web and on telephones, Hotmail, Outlook for Mac.
_ORIGINAL = {
    "divrplyfwdmsg", "stopspelling", "mail-editor-reference-message-container", "olk_src_body_section",
    "outlookmessageheader", "moz-forward-container",
}  # fmt: skip
#: All inside is the mail that was answered: Yahoo, Proton, Tuta, Zoho.
_QUOTES = {
    "yahoo_quoted",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "zmail_extra_hr",
    "quoted-text",
    "messagereplysection",
}
_CAPTIONS = {"gmail_attr", "moz-cite-prefix"}
_SIGNATURES = re.compile(
    r"(?:gmail_|moz-|protonmail_|tutanota_|apple-?mail-?|zmail_|hey-|ms-outlook-mobile-)?signature(?:_block|_prefix|-\w+)?"
    r"|messagesignaturesection|composer_signature|protonmail_signature_block(?:-\w+)?"
)

Names = frozenset[str]


def names(attributes: Mapping[str, str | None]) -> Names:
    """Classes, id and name of an element, in lower case, without what other programs put in front when they pass it on."""
    found = (
        f"{attributes.get('class') or ''} {attributes.get('id') or ''} {attributes.get('name') or ''}"[:1_000]
        .lower()
        .split()
    )
    bare = {_PREFIX.sub("", name) for name in found}
    return frozenset({re.sub(r"_?\d+$", "", name) for name in bare} | bare)


def is_original(found: Names, style: str) -> bool:
    """Whether the mail that was answered begins with this element."""
    return not _ORIGINAL.isdisjoint(found) or _OUTLOOK_RULE.search(style) is not None


def is_quote(tag: str, found: Names, attributes: Mapping[str, str | None], style: str) -> bool:
    """Whether all in this element is quoted. An indent that the sender made for looks is not."""
    if tag == "blockquote":
        named = attributes.get("type") == "cite" or "cite" in attributes or any("quote" in name for name in found)
        return named or _LEFT_BAR.search(style) is not None or not style
    return not _QUOTES.isdisjoint(found) or (tag == "div" and _OUTLOOK_BAR.search(style) is not None)


def is_caption(found: Names) -> bool:
    """Whether this element says who wrote what follows, and when."""
    return not _CAPTIONS.isdisjoint(found)


def is_signature(found: Names) -> bool:
    """Whether this element is the sender's signature."""
    return any(_SIGNATURES.fullmatch(name) for name in found)
