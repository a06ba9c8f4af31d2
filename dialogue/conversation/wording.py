"""Words for mail that was set aside."""

from dialogue.conversation.rules import Held
from dialogue.core.language import N_

#: Why, in a few words for lists, and in a sentence for the page.
HELD: dict[Held, tuple[str, str]] = {
    Held.MACHINE: (N_("Sent by a robot"), N_("A program wrote it, for instance an out-of-office note.")),
    Held.NO_ADDRESS: (
        N_("No valid address"),
        N_("It did not come to an address that one of our mails gave to somebody."),
    ),
    Held.OTHER_SENDER: (
        N_("Another sender"),
        N_("The address was given to somebody else than the sender. We have told that person."),
    ),
    Held.CLOSED: (N_("The request is over"), N_("The request takes no answers by mail any more.")),
    Held.TOO_MANY: (
        N_("Too many"),
        N_("The sender wrote more often than people do. It may be a robot that does not say so."),
    ),
    Held.EMPTY: (N_("Nothing written"), N_("We found no text of its own in it.")),
    Held.UNREADABLE: (N_("Cannot be read"), N_("Reading it failed. Look for it in the mail server if you expect one.")),
}
