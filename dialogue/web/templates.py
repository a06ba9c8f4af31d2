"""Templates, compiled once for each language: texts that stand in them are translated then, not on every page."""

from collections.abc import Callable, Hashable, MutableMapping
from functools import lru_cache
from typing import Any

from flask import g
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from dialogue.web.texts import TEXT_FUNCTIONS, reader_language


class LanguageEnvironment(Environment):
    """The templates of an app: for each language one overlay, which shares everything but the compiled templates."""

    #: The language of an overlay.
    language: str | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._overlays: dict[str, LanguageEnvironment] = {}

    def get_template(
        self, name: str | Template, parent: str | None = None, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        """The template `name` in the reader's language; what it includes and imports comes from the same overlay."""
        if self.language is not None:
            return super().get_template(name, parent, globals)
        return self._overlay(reader_language()).get_template(name, parent, globals)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The names that a template finds everywhere, with `d` on top.

        Without `d`, which no page uses, the plain dict: looking through a chain of them took a twentieth of a page.
        """
        return super().make_globals(d) if d else self.globals

    def _overlay(self, language: str) -> "LanguageEnvironment":
        if language not in self._overlays:
            overlay = self.overlay()
            overlay.language = language
            self._overlays[language] = overlay
        return self._overlays[language]

    def _generate(self, source: nodes.Template, *arguments: Any, **options: Any) -> str:
        """Jinja's hook between a parsed template and its Python."""
        source = source if self.language is None else _TextsAsFilters().visit(source)
        return super()._generate(source, *arguments, **options)


def kept(macro: Callable[..., Markup], /, *values: Hashable) -> Markup:
    """What `macro` makes of `values`, kept for the next page: for rows that many pages show unchanged.

    Only for macros that look at nothing but `values`, the language and the zone.
    """
    return _made(macro, g.get("zone"), *values)


#: Rows of a kilobyte or two: as many as the busiest lists show, in both languages.
@lru_cache(maxsize=1024)
def _made(macro: Callable[..., Markup], _: str | None, /, *values: Hashable) -> Markup:
    # A macro belongs to the template of one language, so the language is part of the key.
    return macro(*values)


class _TextsAsFilters(NodeTransformer):
    """Makes `_("Answer")` the filter `"Answer"|_`, which Jinja applies while compiling unless a value is filled in."""

    def visit_Call(self, call: nodes.Call) -> nodes.Node:  # noqa: N802 (the visitor's own spelling)
        self.generic_visit(call)
        if not isinstance(call.node, nodes.Name) or call.node.name not in TEXT_FUNCTIONS:
            return call
        text, *more = call.args
        return nodes.Filter(text, call.node.name, more, call.kwargs, call.dyn_args, call.dyn_kwargs, lineno=call.lineno)
