"""Static files: addresses that may be cached for ever, because they change when the file does, and one style sheet.

The style sheets stand in small files, one a layer or a page; browsers get them as one, without comments, packed once.
"""

import gzip
import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request

#: The style sheets in the order of their layers, and the name they are served under together.
STYLES = (
    "tokens",
    "base",
    "frame",
    "controls",
    "components",
    "start",
    "request",
    "conversation",
    "queue",
    "account",
    "statistics",
    "preferences",
)
STYLE_SHEET = "css/dialogue.css"

_FOLDER = Path(__file__).resolve().parents[2] / "static"
_FOR_EVER = 365 * 24 * 3600
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r"\s*([{};])\s*")


def static_url(name: str) -> str:
    """The address of `static/<name>` with its content's fingerprint. Read once a process, each time in development."""
    return f"{request.script_root.removesuffix('/en')}/static/{name}?v={_version(name)}"


def theme_url(slug: str, css: str) -> str:
    """The address of the colours `css` of the municipality `slug`, with their fingerprint."""
    return f"{request.script_root.removesuffix('/en')}/theme/{slug}.css?v={_fingerprint(css.encode())}"


def theme_sheet(css: str) -> Response:
    """The colours `css` as a style sheet. Its address changes with it, therefore it may be kept for ever."""
    answer = Response(css, mimetype="text/css")
    _keep_for_ever(answer)
    return answer


def serve_static(app: Flask) -> None:
    """Let `app` send its static files, the style sheets as one, to be kept for ever under their fingerprint."""
    app.view_functions["static"] = _send


def _send(filename: str) -> Response:
    answer = _send_style_sheet() if filename == STYLE_SHEET else current_app.send_static_file(filename)
    if answer.status_code < 400 and request.args.get("v") == _version(filename):
        _keep_for_ever(answer)
    return answer


def _keep_for_ever(answer: Response) -> None:
    answer.cache_control.public = True
    answer.cache_control.no_cache = None
    answer.cache_control.max_age = _FOR_EVER
    answer.cache_control.immutable = True


def _send_style_sheet() -> Response:
    plain, gzipped = _packed(_changed_at(STYLE_SHEET))
    compressed = request.accept_encodings.quality("gzip") > 0
    answer = Response(gzipped if compressed else plain, mimetype="text/css")
    if compressed:
        answer.content_encoding = "gzip"
    answer.vary.add("Accept-Encoding")
    answer.set_etag(f"{_version(STYLE_SHEET)}{'-gzip' if compressed else ''}")
    answer.make_conditional(request)
    return answer


def squeezed(css: str) -> str:
    """`css` without comments and needless white space. A space before a colon stays: it may be a combinator."""
    return _AROUND.sub(r"\1", _SPACE.sub(" ", _COMMENT.sub("", css))).strip()


def _version(name: str) -> str:
    return _fingerprint_of(name, _changed_at(name))


def _changed_at(name: str) -> float:
    """When the files behind `name` last changed. In production they do not, and nobody looks."""
    if not current_app.config["DEVELOPMENT"]:
        return 0.0
    return max(part.stat().st_mtime for part in _parts(name))


@cache
def _fingerprint_of(name: str, changed_at: float) -> str:
    return _fingerprint(_content(name))


@cache
def _packed(changed_at: float) -> tuple[bytes, bytes]:
    plain = _content(STYLE_SHEET)
    return plain, gzip.compress(plain, mtime=0)


@cache
def _parts(name: str) -> list[Path]:
    return [_FOLDER / "css" / f"{style}.css" for style in STYLES] if name == STYLE_SHEET else [_FOLDER / name]


def _content(name: str) -> bytes:
    parts = _parts(name)
    if name != STYLE_SHEET:
        return parts[0].read_bytes()
    return "".join(squeezed(part.read_text(encoding="utf-8")) for part in parts).encode()


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
