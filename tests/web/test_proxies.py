"""Forwarded headers: believed from listed proxies only, counted from the right."""

from typing import Any

import pytest

from dialogue.web.proxies import TrustedProxies

PROXIES = ("10.0.0.1", "10.0.1.0/24", "2001:db8::1")


def seen(remote: str, **headers: str) -> tuple[str, str]:
    """Address and scheme of the client, as the app is told."""
    found: dict[str, Any] = {}

    def app(environ: dict[str, Any], start: object) -> list[bytes]:
        found.update(environ)
        return []

    environ = {"REMOTE_ADDR": remote, "wsgi.url_scheme": "http", "HTTP_HOST": "dialogue.example"}
    environ |= {f"HTTP_X_FORWARDED_{name}": value for name, value in headers.items()}
    TrustedProxies(app, PROXIES)(environ, None)  # type: ignore[arg-type]
    assert found["HTTP_HOST"] == "dialogue.example"
    return found["REMOTE_ADDR"], found["wsgi.url_scheme"]


@pytest.mark.parametrize(
    ("remote", "headers", "client"),
    [
        # Nobody's proxy: what it forwards is ignored.
        ("203.0.113.7", {"FOR": "198.51.100.1", "PROTO": "https"}, ("203.0.113.7", "http")),
        ("10.0.2.1", {"FOR": "198.51.100.1"}, ("10.0.2.1", "http")),
        # Ours: the right-most address that is no proxy counts, whatever stands left of it.
        ("10.0.0.1", {"FOR": "198.51.100.1"}, ("198.51.100.1", "http")),
        ("10.0.0.1", {"FOR": "1.1.1.1, 198.51.100.1"}, ("198.51.100.1", "http")),
        ("10.0.0.1", {"FOR": "1.1.1.1, 198.51.100.1, 10.0.1.9"}, ("198.51.100.1", "http")),
        ("10.0.0.1", {"FOR": "127.0.0.1, garbage"}, ("garbage", "http")),
        ("10.0.0.1", {"FOR": "10.0.1.3, 10.0.1.4"}, ("10.0.1.3", "http")),
        ("2001:db8::1", {"FOR": "2001:db8:5::9", "PROTO": "https"}, ("2001:db8:5::9", "https")),
        ("10.0.0.1", {"PROTO": "http, https"}, ("10.0.0.1", "https")),
        ("10.0.0.1", {"PROTO": "javascript", "HOST": "evil.example"}, ("10.0.0.1", "http")),
        ("10.0.0.1", {}, ("10.0.0.1", "http")),
        ("", {"FOR": "1.1.1.1"}, ("", "http")),
    ],
)
def test_who_the_client_is(remote: str, headers: dict[str, str], client: tuple[str, str]) -> None:
    assert seen(remote, **headers) == client
