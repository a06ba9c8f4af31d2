"""What the values of choices are called: for pages that show a sent form in words without having the form itself."""

from collections.abc import Mapping
from typing import Any

from dialogue.accounts.models import Locale
from dialogue.accounts.wording import ROLES
from dialogue.catalogue.rules import FORMATS, FREQUENCIES, LICENCES, THEMES
from dialogue.conversation.rules import REPORT_LABELS
from dialogue.core.language import N_
from dialogue.notifications.wording import CADENCES
from dialogue.requests.wording.states import EXTENTS, GROUNDS, KINDS, OUTCOMES, STATUSES, WORKS
from dialogue.voting.rules import REASON_LABELS

_LANGUAGES = {Locale.SV: "Svenska", Locale.EN: "English"}
_STATES: dict[Any, str] = {**STATUSES, **OUTCOMES}
_TICKED = {"y": N_("Yes")}

#: Name of a field → value → what it is called (msgid). Places and units stand under the words of their addresses.
CHOICES: Mapping[str, Mapping[Any, str]] = {
    "extent": EXTENTS,
    "format": {key: term.label for key, term in FORMATS.items()},
    "frequency": CADENCES,
    "ground": GROUNDS,
    "kind": KINDS,
    "language": _LANGUAGES,
    "licence": {key: term.label for key, term in LICENCES.items()},
    "locale": _LANGUAGES,
    "phase_line": _TICKED,
    "reason_kind": REASON_LABELS,
    "report_kind": REPORT_LABELS,
    "role": ROLES,
    "status": {"unchanged": N_("Only answer, change nothing")} | _STATES,
    "sure": _TICKED,
    "theme": {key: term.label for key, term in THEMES.items()},
    "update_frequency": {key: term.label for key, term in FREQUENCIES.items()},
    "works": WORKS,
}
