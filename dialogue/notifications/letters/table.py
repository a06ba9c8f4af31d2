"""Every mail there is, by the name of its folder under templates/emails."""

from dialogue.mail.compose import LetterOf
from dialogue.notifications.letters import proofs, replies, roles
from dialogue.notifications.letters.digests import digest_letter
from dialogue.notifications.letters.events import event_letter
from dialogue.notifications.letters.questions import question_reminder
from dialogue.notifications.letters.reminders import reminder_letter
from dialogue.notifications.letters.reports import report_letter
from dialogue.notifications.letters.silence import still_there
from dialogue.notifications.letters.weeks import week_letter
from dialogue.notifications.rules import MAILS

LETTERS: dict[str, LetterOf] = {
    "sign_in": proofs.sign_in,
    "confirm_request": proofs.confirm_request,
    "confirm_vote": proofs.confirm_act,
    "confirm_message": proofs.confirm_act,
    "confirm_follow": proofs.confirm_follow,
    "draft_reminder": proofs.draft_reminder,
    "role_granted": roles.role_granted,
    "stand_in": roles.stand_in,
    "digest": digest_letter,
    "reminder": reminder_letter,
    "question_reminder": question_reminder,
    "reported": report_letter,
    "week": week_letter,
    "still_there": still_there,
    "reply_preview": replies.reply_preview,
    "reply_held": replies.reply_held,
    "reply_robot": replies.reply_robot,
    "reply_explained": replies.reply_explained,
    **{name: event_letter for mails in MAILS.values() for name in (mails.name, *mails.to.values())},
}
