"""A mail as three templates write it: templates/emails/<name>/subject.txt, body.txt and body.html."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import css_inline
from flask import current_app, g
from flask_babel import force_locale

from dialogue.mail.addresses import DigestAnswer, MailboxAnswer, PersonsAnswer
from dialogue.mail.compose import Letter, MailingList
from dialogue.mail.message import encoded

_BLANK_LINES = re.compile(r"\n{3,}")
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@dataclass(frozen=True)
class Written:
    """A mail in words."""

    subject: str
    text: str
    html: str


def write(template: str, locale: str, letter: Letter) -> Written:
    """What the templates of mail `template` say in `locale`. Needs an app context."""
    g.zone = letter.zone
    takes_answers = bool(current_app.config["MAIL_REPLY_DOMAIN"] and letter.answer)
    values = {
        "address": partial(address, locale=locale),
        "locale": locale,
        "answer_is_post": takes_answers and isinstance(letter.answer, PersonsAnswer | MailboxAnswer),
        "answer_is_lost": takes_answers and isinstance(letter.answer, DigestAnswer),
    }
    with force_locale(locale):
        subject = " ".join(_render(template, "subject.txt", letter, values).split())
        text = _render(template, "body.txt", letter, values)
        html = _render(template, "body.html", letter, values | {"subject": subject})
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    return Written(
        subject=subject,
        text=_BLANK_LINES.sub("\n\n", "\n".join(lines)) + "\n",
        html=_INLINER.inline(html),
    )


def address(local: str, locale: str) -> str:
    """The whole address of `local` (a path) in the reader's language. Built from the settings alone."""
    return str(current_app.config["BASE_URL"]) + ("/en" if locale == "en" else "") + local


def list_headers(mailing_list: MailingList, locale: str, domain: str) -> dict[str, str]:
    """The headers by which mail programs know a list and unsubscribe with one click (RFC 2369, 2919, 8058)."""
    stop = address(mailing_list.stop_path, locale)
    ways = [f"<{stop}>"]
    if mailing_list.mailbox:
        ways.append(
            f"<mailto:{mailing_list.mailbox}?{urlencode({'subject': 'unsubscribe', 'body': stop}, quote_via=quote)}>"
        )
    name = mailing_list.name.replace('"', "'").replace("<", "(").replace(">", ")")
    named = f'"{name}"' if name.isascii() else encoded(name, "List-Id")
    return {
        "List-Id": f"{named} <{mailing_list.key}.{domain}>",
        "List-Unsubscribe": ",\r\n ".join(ways),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _render(template: str, part: str, letter: Letter, values: Mapping[str, Any]) -> str:
    # Not render_template: the context of pages belongs to somebody's request, and here is none.
    return current_app.jinja_env.get_template(f"emails/{template}/{part}").render(letter.values, **values)
