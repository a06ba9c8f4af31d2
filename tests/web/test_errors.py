"""What is said when something is refused for a while."""

from datetime import timedelta

import pytest
from flask import Flask

from dialogue.core.errors import RateLimited
from dialogue.web.errors import refuse


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (timedelta(seconds=1), "om 1 minut."),
        (timedelta(minutes=4, seconds=1), "om 5 minuter."),
        (timedelta(minutes=90), "om 90 minuter."),
        (timedelta(minutes=121), "om 3 timmar."),  # never too early
    ],
)
def test_who_must_wait_is_told_how_long(app: Flask, wait: timedelta, words: str) -> None:
    with app.test_request_context("/api/v1/requests"):
        answer = refuse(RateLimited(wait))
    assert (answer.get_json() or {})["title"] == f"Försök igen {words}"
    assert answer.headers["Retry-After"] == str(int(wait.total_seconds()))
