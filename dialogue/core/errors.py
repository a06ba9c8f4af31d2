"""What can go wrong in the domain, said without any word of HTTP. `web/errors.py` turns each kind into an answer."""

from datetime import timedelta


class DialogueError(Exception):
    """A refusal the user can understand. `message` is an English msgid, translated where it is shown."""

    def __init__(self, message: str = "", **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values


class NotFound(DialogueError):
    """There is no such thing, or the viewer may not know that there is (hidden looks like absent)."""


class Gone(DialogueError):
    """It was here and was taken away by the municipality; `message` is the reason given."""


class Forbidden(DialogueError):
    """The viewer is known and may not do this."""


class SignInNeeded(DialogueError):
    """Nobody is signed in, and this needs somebody."""


class InvalidValue(DialogueError):
    """A value that the operation cannot accept; `field` names the form field that it came from."""

    def __init__(self, field: str, message: str, **values: object) -> None:
        super().__init__(message, **values)
        self.field = field


class InvalidTransition(DialogueError):
    """The action is not open from the state the request is in."""


class StaleVersion(DialogueError):
    """Somebody else changed the row after the form was opened."""


class RateLimited(DialogueError):
    """Too many tries; `retry_after` says how long to wait."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("")
        self.retry_after = retry_after
