"""Texts in templates, translated quickly: a page asks for some eighty of them, and asking cost more than all its rows.
What has nothing to fill in is translated when the template is compiled (`templates.py`).

The functions do what Jinja's and Flask-Babel's do together: texts are format strings, values are escaped where the
template escapes. A text that was found once is kept for its language.
"""

from typing import Any

from flask import g
from flask_babel import get_locale, get_translations
from jinja2 import Environment, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

#: Bounded by the catalogues: only texts that stand in templates come here, with a singular and a plural.
_FOUND: dict[tuple[str, str, str | bool], Markup] = {}


def reader_language() -> str:
    """The language that Flask-Babel has settled on for this request or mail, as a code."""
    # Read where it keeps it, because it is asked for with every text; where it is not known yet, Flask-Babel says.
    locale = getattr(g.get("_flask_babel"), "babel_locale", None) or get_locale()
    return locale.language if locale else ""


def plain(text: str) -> str:
    """A marked text in the reader's language, as it stands: placeholders are not filled in."""
    return str.__str__(_text(text))


def _text(text: str) -> Markup:
    key = reader_language(), text, True
    found = _FOUND.get(key)
    if found is None:
        found = _FOUND[key] = Markup(get_translations().ugettext(text))  # noqa: S704 (our own text)
    return found


@pass_eval_context
def gettext(context: EvalContext, text: str, /, **values: Any) -> str:
    """`text` in the reader's language."""
    found = _text(text)
    if context.autoescape:
        return found % values if "%" in found else found
    return str(found) % values


@pass_eval_context
def pgettext(context: EvalContext, about: str, text: str, /, **values: Any) -> str:
    """`text` as it is said `about` something, in the reader's language."""
    key = reader_language(), text, about
    found = _FOUND.get(key)
    if found is None:
        found = _FOUND[key] = Markup(get_translations().upgettext(about, text))  # noqa: S704 (our own text)
    if context.autoescape:
        return found % values if "%" in found else found
    return str(found) % values


@pass_eval_context
def ngettext(context: EvalContext, singular: str, plural: str, num: int, /, **values: Any) -> str:
    """The singular or the plural in the reader's language, with `num` filled in. Both languages have one plural."""
    key = reader_language(), singular, num == 1
    found = _FOUND.get(key)
    if found is None:
        found = _FOUND[key] = Markup(get_translations().ungettext(singular, plural, num))  # noqa: S704 (our own text)
    if context.autoescape:
        return found % {"num": num, **values} if "%" in found else found
    return str(found) % {"num": num, **values}


#: What templates call them.
TEXT_FUNCTIONS = {"_": gettext, "ngettext": ngettext, "pgettext": pgettext}


def install_texts(environment: Environment) -> None:
    """Give the templates of `environment` their gettext functions, as functions and as filters."""
    environment.globals.update(TEXT_FUNCTIONS)
    environment.filters.update(TEXT_FUNCTIONS)
