"""Texts in templates come out in the reader's language, with values escaped where the template escapes."""

import pytest
from flask import Flask
from flask_babel import force_locale
from markupsafe import Markup


@pytest.mark.parametrize(
    ("locale", "template", "text"),
    [
        ("sv", '{{ _("Search") }}', "Sök"),
        ("en", '{{ _("Search") }}', "Search"),
        ("sv", '{{ _("vote for %(title)s", title=name) }}', "rösta på &lt;b&gt;"),
        ("sv", '{{ _("vote for %(title)s", title=safe) }}', "rösta på <b>"),
        ("sv", '{% autoescape false %}{{ _("vote for %(title)s", title=name) }}{% endautoescape %}', "rösta på <b>"),
        ("sv", '{% autoescape false %}{{ _("Search") ~ name }}{% endautoescape %}', "Sök<b>"),
        ("sv", '{{ ngettext("vote", "votes", 1) }} {{ ngettext("vote", "votes", 0) }}', "röst röster"),
        ("sv", '{{ pgettext("requests", "Received") }} {{ _("Received") }}', "Mottagna Mottagen"),
        ("sv", '{% autoescape false %}{{ pgettext("requests", "Received") ~ name }}{% endautoescape %}', "Mottagna<b>"),
        (
            "en",
            '{{ ngettext("%(num)s thing needs to be changed", "%(num)s things need to be changed", 2) }}',
            "2 things need to be changed",
        ),
        ("sv", '{{ _("A text that is in no catalogue, 100 %%") }}', "A text that is in no catalogue, 100 %"),
    ],
)
def test_texts_in_templates(app: Flask, locale: str, template: str, text: str) -> None:
    for _ in range(2):  # found, and found again
        with app.app_context(), force_locale(locale):
            shown = app.jinja_env.from_string(template).render(name="<b>", safe=Markup("<b>"))
        assert shown == text
