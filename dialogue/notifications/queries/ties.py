"""How people stand to a request, as columns of what its page reads anyway: who has voted, and who follows."""

from sqlalchemy import BindParameter, ColumnElement, bindparam, exists

from dialogue.conversation.models import Message
from dialogue.notifications.models import Subscription
from dialogue.notifications.rules import Cadence
from dialogue.requests.models import DataRequest
from dialogue.voting.queries import has_voted

_READER: BindParameter[int] = bindparam("reader_id")

#: Of a request: whether the reader has voted for it.
READER_HAS_VOTED: ColumnElement[bool] = has_voted(DataRequest.id, _READER)

#: Of a request: whether the reader follows it.
READER_FOLLOWS: ColumnElement[bool] = exists().where(
    Subscription.request_id == DataRequest.id,
    Subscription.person_id == _READER,
    Subscription.cadence != Cadence.OFF,
)

#: Of a post: whether its author has voted for the request that it is about.
AUTHOR_HAS_VOTED: ColumnElement[bool] = has_voted(Message.request_id, Message.author_id)
