"""What an official can do from a mail, as links."""

from collections.abc import Mapping
from dataclasses import dataclass

from dialogue.notifications.rules import WorkAct
from dialogue.notifications.wording import WORK_ACTS
from dialogue.requests.rules import Status


@dataclass(frozen=True)
class Act:
    """One link: its words (msgid), and where it leads."""

    text: str
    path: str


def acts_on(number: int, status: Status, links: Mapping[str, Mapping[str, str]]) -> list[Act]:
    """What can be done with the request `number`: by the links that were made for its reader, if any were.

    A mailbox that is nobody's account has none. There the same pages are opened by whoever logs in.
    """
    made = links.get(str(number))
    if made is not None:
        return [Act(WORK_ACTS[act], f"/work/{made[act]}") for act in WorkAct if act in made]
    later = "assess" if status is Status.RECEIVED else "move-date"
    pages = {WorkAct.TAKE: "take", WorkAct.NOT_OURS: "assign", WorkAct.MORE_TIME: later}
    return [Act(WORK_ACTS[act], f"/requests/{number}/{page}") for act, page in pages.items()]
