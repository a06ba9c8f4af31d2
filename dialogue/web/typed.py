"""What was typed in a form that could not be taken: shown again in words, and sent again as it was."""

import re
from collections.abc import Mapping

from flask import current_app, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from dialogue.core.language import N_

#: Fields that go along when a form is sent again, but mean nothing to the person who reads the page.
_UNSEEN = frozenset(
    {
        "version",
        "back",
        "form_key",
        "next",
        "filing_key",
        "draft",
        "template",
        "list",
        "resend",
        "shown",
        "stand_in",
        "stop",
        "stop_all",
    }
)

#: What the fields of the site's forms are called. A name that is not here is shown as it is.
_LABELS = {
    "about": N_("What is it about?"),
    "administrative_court": N_("Administrative court"),
    "answer": N_("Answer"),
    "area": N_("Area"),
    "benefit": N_("What would it be worth?"),
    "body": N_("Message"),
    "code": N_("Code"),
    "contact_email": N_("Contact mailbox"),
    "court_of_appeal": N_("Administrative court of appeal"),
    "dataset_url": N_("Link to the data"),
    "email": N_("Email address"),
    "example_url": N_("Link to an example"),
    "explanation": N_("Explanation"),
    "extent": N_("Extent"),
    "first_answer_days": N_("Working days to the first answer"),
    "first_on": N_("First day away"),
    "format": N_("Format"),
    "frequency": N_("How often?"),
    "ground": N_("Ground"),
    "kind": N_("Kind of request"),
    "language": N_("Language of your mails"),
    "last_on": N_("Last day away"),
    "licence": N_("Licence"),
    "locale": N_("Language of your mails"),
    "mailbox": N_("Mailbox"),
    "municipality": N_("Municipality"),
    "name": N_("Name"),
    "name_en": N_("Name in English"),
    "name_sv": N_("Name in Swedish"),
    "need": N_("Describe the data"),
    "next_on": N_("Next date"),
    "next_word_days": N_("Most working days to the next update"),
    "note": N_("Note"),
    "organisation": N_("Business"),
    "organisation_number": N_("Organisation number"),
    "parent": N_("Part of"),
    "phase_line": N_("Say on every page that the service is new"),
    "purpose": N_("What will it be used for?"),
    "q": N_("Words to look for"),
    "question": N_("Question"),
    "reason": N_("Reason"),
    "reason_kind": N_("Why do you need the data?"),
    "redirected_to": N_("Referred to"),
    "report_kind": N_("What is wrong?"),
    "review_on": N_("Looked at again"),
    "rights_holder": N_("Whose rights?"),
    "role": N_("Role"),
    "selector": N_("Name of the DKIM key (selector)"),
    "slug": N_("Short name in addresses"),
    "status": N_("Where does the request stand now?"),
    "sure": N_("I want to delete my account"),
    "theme": N_("Theme"),
    "title": N_("What data do you need?"),
    "unit": N_("Unit"),
    "until": N_("Send nothing before"),
    "update_frequency": N_("How often must it be updated?"),
    "what_would_change_it": N_("What would change it"),
    "words": N_("In your own words"),
    "works": N_("Does the data work for you?"),
    "zone": N_("Time zone"),
}

#: What tells fields of one kind apart, where a page has several: frequency-12.
_NUMBERED = re.compile(r"-[0-9]+$")

#: Name and value of every field, in the order of the form; a name may come more than once.
Fields = list[tuple[str, str]]


def typed_fields() -> Fields:
    """Every field of this request's form but its proof, which is worth nothing in another form."""
    form: MultiDict[str, str] = request.form
    return [(name, value) for name, value in form.items(multi=True) if name != "csrf_token"]


def in_words(fields: Fields) -> Fields:
    """The fields that a person filled in, each under its label and each choice by its name."""
    return [
        (gettext(_LABELS[base]) if base in _LABELS else base.replace("_", " "), _called(base, value))
        for base, value in ((_NUMBERED.sub("", name), value) for name, value in fields)
        if value.strip() and base not in _UNSEEN
    ]


def _called(name: str, value: str) -> str:
    choices: Mapping[str, Mapping[str, str]] = current_app.extensions["dialogue.choices"]
    return gettext(choices[name][value]) if value in choices.get(name, ()) else value
