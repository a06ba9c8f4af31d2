"""Every setting, read from the environment (prefix DIALOGUE_).

Municipality, units and officials are data, not settings.
"""

import os
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent
PREFIX = "DIALOGUE_"

#: The slowest pace of mail that can be set, in mails a second: one in 100 seconds.
LOWEST_RATE = 0.01


class InvalidSetting(Exception):
    """A setting that Dialogue refuses to start with. The message names it and says what to do."""


class Config:
    """The settings of one running Dialogue. Attributes in capitals are read by Flask and its extensions."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

        #: development | production. Production refuses weak settings and has no /dev pages.
        self.MODE = self._one_of("MODE", "development", ("development", "production"))
        self.DEVELOPMENT = self.MODE == "development"
        self.DEBUG = False

        #: Where the SQLite file, the queue and other local state live.
        self.VAR = Path(self._get("VAR", str(ROOT / "var")))

        #: Signs cookies and derives unsubscribe links. Development makes one and keeps it in var/.
        self.SECRET_KEY = self._get("SECRET_KEY") or self._development_secret()

        #: The one address the site is reached at; every link is built from it, never from the Host header.
        self.BASE_URL = self._get("BASE_URL", self._development_address()).rstrip("/")

        #: sqlite:///… or postgresql+psycopg://…
        self.DATABASE_URL = self._get("DATABASE_URL", f"sqlite:///{self.VAR / 'dialogue.sqlite3'}")

        #: Where the worker is woken: empty for a SQLite file beside the database, redis://… for several machines.
        self.QUEUE_URL = self._get("QUEUE_URL")

        #: The SMTP server. Empty in development: mails are only shown at /dev/mail.
        self.MAIL_SERVER = self._get("MAIL_SERVER", "" if self.DEVELOPMENT else "localhost")
        self.MAIL_PORT = self._number("MAIL_PORT", 25)
        self.MAIL_USERNAME = self._get("MAIL_USERNAME") or None
        self.MAIL_PASSWORD = self._get("MAIL_PASSWORD") or None
        #: none | starttls | tls. Certificates are always verified.
        self.MAIL_SECURITY = self._one_of("MAIL_SECURITY", "none", ("none", "starttls", "tls"))
        self.MAIL_USE_TLS = self.MAIL_SECURITY == "starttls"
        self.MAIL_USE_SSL = self.MAIL_SECURITY == "tls"
        #: From address of every mail.
        self.MAIL_SENDER = self._get("MAIL_SENDER", f"dialogue@{urlsplit(self.BASE_URL).hostname or 'localhost'}")
        #: Domain of the addresses that answers and bounces come to. Empty: answers go to the unit's own mailbox.
        self.MAIL_REPLY_DOMAIN = self._get("MAIL_REPLY_DOMAIN").lower()
        #: Mails a second that leave at most, of all workers together; 0: as fast as the server takes them.
        self.MAIL_RATE = self._rate("MAIL_RATE", "10")
        #: The same for the recipients at one domain; 0: only MAIL_RATE counts.
        self.MAIL_DOMAIN_RATE = self._rate("MAIL_DOMAIN_RATE", "0")
        #: The names of the DKIM keys that the mail server signs with, separated by commas: to look at.
        self.MAIL_DKIM_SELECTORS = tuple(
            name.strip() for name in self._get("MAIL_DKIM_SELECTORS").split(",") if name.strip()
        )
        #: host:port where `dialogue work` (or `dialogue mail listen`) takes mail in by SMTP or LMTP. Empty: nowhere.
        self.MAIL_LISTEN = self._address("MAIL_LISTEN")

        #: imaps://host[:port][/folder] of a mailbox that `dialogue mail fetch` reads, and who logs in. Empty: none.
        self.MAIL_IMAP = self._mailbox("MAIL_IMAP_URL")
        self.MAIL_IMAP_USERNAME = self._get("MAIL_IMAP_USERNAME")
        self.MAIL_IMAP_PASSWORD = self._get("MAIL_IMAP_PASSWORD")

        #: Language and zone where nothing else decides.
        self.LOCALE = self._one_of("LOCALE", "sv", ("sv", "en"))
        self.TIMEZONE = self._get("TIMEZONE", "Europe/Stockholm")

        #: When digests are due, on the municipality's own wall clock.
        self.DIGEST_AT = self._time_of_day("DIGEST_AT", "07:30")

        #: Web processes and threads in each, for `dialogue serve`.
        self.WEB_WORKERS = self._number("WEB_WORKERS", 2)
        self.WEB_THREADS = self._number("WEB_THREADS", 4)

        #: Addresses of reverse proxies whose forwarded headers are believed, separated by commas.
        self.TRUSTED_PROXIES = tuple(
            address.strip() for address in self._get("TRUSTED_PROXIES").split(",") if address.strip()
        )

        self._derive()
        if not self.DEVELOPMENT:
            self._refuse_weakness()

    def _derive(self) -> None:
        """Settings of Flask and its extensions that follow from ours."""
        #: A connection for every thread, and some for what else goes on. Who finds none waits a while, then gets a 503.
        pool = {"pool_size": max(5, self.WEB_THREADS), "max_overflow": 10, "pool_timeout": 10}
        url = self._normal_database_url()
        self.SQLALCHEMY_ENGINES = {"default": {"url": url} | ({} if url.startswith("sqlite:") else pool)}
        self.ALEMBIC = {"script_location": str(ROOT / "migrations"), "file_template": "%%(rev)s_%%(slug)s"}
        self.ALEMBIC_CONTEXT = {"render_as_batch": True}
        self.BABEL_DEFAULT_LOCALE = self.LOCALE
        self.BABEL_DEFAULT_TIMEZONE = self.TIMEZONE
        self.BABEL_TRANSLATION_DIRECTORIES = str(ROOT / "dialogue" / "translations")
        self.MAIL_DEFAULT_SENDER = self.MAIL_SENDER
        #: Domain of Message-ID and List-Id.
        self.MAIL_ID_DOMAIN = self.MAIL_REPLY_DOMAIN or self.MAIL_SENDER.rpartition("@")[2]
        self.MAIL_SUPPRESS_SEND = False
        #: Bytes of a request's body, and of its form fields; more is answered 413.
        self.MAX_CONTENT_LENGTH = 1_000_000
        self.MAX_FORM_MEMORY_SIZE = 500_000
        #: What a request may call this site; anything else is answered 400. Addresses are never built from it anyway.
        self.TRUSTED_HOSTS = self._hosts()
        self.SESSION_COOKIE_NAME = "dialogue"
        self.SESSION_REFRESH_EACH_REQUEST = False  # a cookie with every answer would keep all of them out of caches
        self.SESSION_COOKIE_PATH = "/"
        self.SESSION_COOKIE_HTTPONLY = True
        self.SESSION_COOKIE_SAMESITE = "Lax"
        self.SESSION_COOKIE_SECURE = self.BASE_URL.startswith("https://")
        self.PERMANENT_SESSION_LIFETIME = 90 * 24 * 3600
        #: A form may lie open for a day and a night (no time limit shorter than 20 hours).
        self.WTF_CSRF_TIME_LIMIT = 48 * 3600
        self.WTF_CSRF_SSL_STRICT = False

    def _refuse_weakness(self) -> None:
        """Raise InvalidSetting for what a production site must not run with."""
        if len(self.SECRET_KEY) < 32 or len(set(self.SECRET_KEY)) < 10:
            raise InvalidSetting(
                "DIALOGUE_SECRET_KEY is missing or weak: set at least 32 random characters,"
                " for instance the output of: openssl rand -hex 32"
            )
        if self._get("DEBUG") or os.environ.get("FLASK_DEBUG", "0") not in ("", "0"):
            raise InvalidSetting("FLASK_DEBUG is on: remove it, production never shows tracebacks")
        if not self._get("BASE_URL"):
            raise InvalidSetting("DIALOGUE_BASE_URL is missing: set the address the site is reached at, with https")
        address = urlsplit(self.BASE_URL)
        loopback = address.hostname in ("127.0.0.1", "localhost", "::1")
        if address.scheme != "https" and not (address.scheme == "http" and loopback):
            raise InvalidSetting("DIALOGUE_BASE_URL must start with https://")

    def _development_secret(self) -> str:
        if not self.DEVELOPMENT:
            return ""
        kept = self.VAR / "secret_key"
        if not kept.exists():
            self.VAR.mkdir(parents=True, exist_ok=True)
            kept.write_text(secrets.token_hex(32), encoding="ascii")
            kept.chmod(0o600)
        return kept.read_text(encoding="ascii").strip()

    def _development_address(self) -> str:
        host = self._environ.get("HOST", "127.0.0.1")
        return f"http://{host}:{self._environ.get('PORT', '5000')}"

    def _hosts(self) -> list[str] | None:
        """The names that the site answers to: its own, and this machine's for health checks. None: any."""
        if self.DEVELOPMENT and self._environ.get("HOST") in ("0.0.0.0", "::"):  # noqa: S104 (only compared)
            return None  # development, shown to the whole network on purpose
        name = urlsplit(self.BASE_URL).hostname or "localhost"
        return list(dict.fromkeys((f"[{name}]" if ":" in name else name, "localhost", "127.0.0.1", "[::1]")))

    def _normal_database_url(self) -> str:
        """Plain postgresql:// addresses mean the driver that is installed."""
        scheme, separator, rest = self.DATABASE_URL.partition("://")
        return (
            f"postgresql+psycopg://{rest}" if separator and scheme in ("postgres", "postgresql") else self.DATABASE_URL
        )

    def _get(self, name: str, default: str = "") -> str:
        return self._environ.get(PREFIX + name, default).strip()

    def _one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self._get(name, default).lower() or default
        if value not in allowed:
            raise InvalidSetting(f"{PREFIX}{name} is {value!r}: use one of {', '.join(allowed)}")
        return value

    def _time_of_day(self, name: str, default: str) -> time:
        value = self._get(name, default) or default
        try:
            return datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007 (a time of day has no zone)
        except ValueError as error:
            raise InvalidSetting(f"{PREFIX}{name} is {value!r}: use hours and minutes, like 07:30") from error

    def _address(self, name: str) -> tuple[str, int] | None:
        value = self._get(name)
        host, _, port = value.rpartition(":")
        if not value:
            return None
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise InvalidSetting(f"{PREFIX}{name} is {value!r}: use host:port, for instance 127.0.0.1:8024")
        return host.strip("[]"), int(port)

    def _mailbox(self, name: str) -> tuple[str, int, str] | None:
        """Host, port and folder. Never without encryption: the password would be sent in clear."""
        value = self._get(name)
        if not value:
            return None
        try:
            address = urlsplit(value)
            host, port = address.hostname, address.port or 993
        except ValueError:
            host, port = None, 0
        if not host or address.scheme != "imaps" or "@" in address.netloc:
            raise InvalidSetting(
                f"{PREFIX}{name} is not understood: use imaps://host/folder, for instance imaps://mail.example.org/INBOX,"
                f" and {PREFIX}MAIL_IMAP_USERNAME and {PREFIX}MAIL_IMAP_PASSWORD"
            )
        return host, port, unquote(address.path.strip("/")) or "INBOX"

    def _number(self, name: str, default: int) -> int:
        value = self._get(name, str(default))
        if not value.isdigit():
            raise InvalidSetting(f"{PREFIX}{name} is {value!r}: use a whole number")
        return int(value)

    def _rate(self, name: str, default: str) -> float:
        value = self._get(name, default) or default
        rate = float(value) if re.fullmatch(r"\d{1,4}(?:\.\d{1,4})?", value, re.ASCII) else -1.0
        if rate != 0 and rate < LOWEST_RATE:
            raise InvalidSetting(
                f"{PREFIX}{name} is {value!r}: use mails a second, from {LOWEST_RATE} to 9999, or 0 for no limit"
            )
        return rate
