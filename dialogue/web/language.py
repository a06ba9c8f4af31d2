"""Two languages, one set of addresses: Swedish at the root, English under /en.

`LanguagePrefix` moves /en from the path to SCRIPT_NAME, so routes are declared once and `url_for` keeps the reader's
language by itself.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from flask import current_app, g, has_request_context, request

from dialogue.core.language import Phrase, Sentence, Weekday
from dialogue.web.texts import plain, reader_language

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LANGUAGES = ("sv", "en")
_ENVIRON_KEY = "dialogue.locale"
_NO_BREAK_SPACE = "\u00a0"

#: Within this many days a date needs no year.
_NEAR_DAYS = 180


class LanguagePrefix:
    """WSGI middleware: a path under /en is the same path, read in English."""

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/en" or path.startswith("/en/"):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + "/en"
            environ["PATH_INFO"] = path[3:] or "/"
            environ[_ENVIRON_KEY] = "en"
        return self.app(environ, start_response)


def request_locale() -> str:
    """The language of this request; outside one, the site's default."""
    if has_request_context():
        return str(request.environ.get(_ENVIRON_KEY, "sv"))
    return str(current_app.config["LOCALE"])


def reader_locale() -> Locale:
    """The same as Babel knows it."""
    return _locale(request_locale())


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


def path(local: str) -> str:
    """The address of `local` (starting with /) in the reader's language."""
    return request.script_root + local


def other_language_url() -> str:
    """This page in the other language."""
    root, local = request.script_root, request.full_path.rstrip("?")
    if root.endswith("/en"):
        return root.removesuffix("/en") + local
    return f"{root}/en{local}"


def say(sentence: Sentence | None) -> str:
    """`sentence` in the reader's language, dates and nested sentences among its values written out too."""
    if sentence is None:
        return ""
    text = plain(sentence.text)
    return text % {name: _spoken(value) for name, value in sentence.values.items()} if sentence.values else text


def _spoken(value: object) -> object:
    if isinstance(value, Phrase):
        said = say(value)
        return said[:1].lower() + said[1:]
    if isinstance(value, Sentence):
        return say(value)
    if isinstance(value, Weekday):
        return weekday(value.day)
    if isinstance(value, datetime):
        return day(value)
    if isinstance(value, date):
        return day(value)
    return value


def translate(text: str | StrEnum) -> str:
    """A marked msgid in the reader's language."""
    return plain(str(text)) if text else ""


def day(value: date | datetime) -> str:
    """3 december: for dates near enough that the year goes without saying."""
    return _written(_local(value), "d MMMM", reader_language())


def full_day(value: date | datetime) -> str:
    """3 december 2026."""
    return _written(_local(value), "d MMMM y", reader_language())


def near_day(value: date | datetime, today: date) -> str:
    """3 december, and with its year when that does not go without saying: more than some months from `today`."""
    local = _local(value)
    return day(local) if abs((local - today).days) <= _NEAR_DAYS else full_day(local)


def short_day(value: date | datetime) -> str:
    """3 dec: for narrow columns."""
    return _written(_local(value), "d MMM", reader_language()).rstrip(".")


def weekday(value: date | datetime) -> str:
    """torsdag."""
    return _written(_local(value), "EEEE", reader_language())


def moment(value: datetime) -> str:
    """3 december 2026 14:05, in the municipality's zone."""
    text = format_datetime(value.astimezone(_zone()), "d MMMM y HH:mm", locale=reader_language())
    return text.replace(" ", _NO_BREAK_SPACE)


def _local(value: date | datetime) -> date:
    return value.astimezone(_zone()).date() if isinstance(value, datetime) else value


def initials(name: str) -> str:
    """The letters that stand for `name` beside what it wrote: those of its first two words."""
    return "".join(word[0] for word in name.split()[:2])


def _zone() -> ZoneInfo:
    zone = g.get("zone")
    return ZoneInfo(zone or current_app.config["TIMEZONE"])


@lru_cache(maxsize=4096)
def _written(value: date, pattern: str, locale: str) -> str:
    # Babel reads its pattern anew each time, and a list shows the same few dates over and over.
    return format_date(value, pattern, locale=locale).replace(" ", _NO_BREAK_SPACE)
