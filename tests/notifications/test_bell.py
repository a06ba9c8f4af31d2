"""The bell between web and worker: the same over a file and over Redis, and never in the way."""

import logging
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from flask import Flask

from dialogue.notifications import bell as bells
from dialogue.notifications.bell import Bell, make_engine

REDIS = "redis://127.0.0.1:6379/15"


@pytest.mark.parametrize("queue_url", ["", REDIS])
def test_many_rings_are_one_wake_up(
    app: Flask, tmp_path: Path, queue_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if queue_url:
        try:
            with redis.Redis.from_url(queue_url) as server:
                server.ping()
        except redis.ConnectionError:
            pytest.skip(f"Redis cannot be reached at {queue_url}, its test is left out")
    monkeypatch.setitem(app.config, "QUEUE_URL", queue_url)
    monkeypatch.setitem(app.config, "VAR", tmp_path)
    # The same server may serve another test at the same time.
    monkeypatch.setattr(bells, "_NAME", f"dialogue-test-{uuid4().hex}")
    done: list[int] = []
    engine, _ = make_engine(app, lambda: done.append(1))
    engine.storage.flush_queue()
    bell = Bell(app)
    for _ in range(5):
        bell.ring()
    assert engine.pending_count() == 1
    engine.execute(engine.dequeue())
    assert done == [1]
    assert engine.dequeue() is None
    for each in (engine, bell._engine):
        each.storage.close()
        if queue_url:
            each.storage.pool.disconnect()


def test_a_bell_that_cannot_ring_harms_nobody(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(app.config, "QUEUE_URL", "redis://127.0.0.1:1/0")
    with caplog.at_level(logging.WARNING):
        Bell(app).ring()
    assert "could not be woken" in caplog.text


def test_a_queue_that_cannot_be_opened_stops_no_web_process(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setitem(app.config, "QUEUE_URL", "")
    monkeypatch.setitem(app.config, "VAR", tmp_path / "file")
    bell = Bell(app)
    with caplog.at_level(logging.WARNING):
        bell.open()
        bell.ring()
    assert caplog.text.count("Traceback") == 2


def test_a_web_process_has_its_queue_before_the_first_visitor(app: Flask, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setitem(app.config, "QUEUE_URL", "")
    monkeypatch.setitem(app.config, "VAR", tmp_path)
    bell = Bell(app)
    bell.open()
    opened = bell._engine
    bell.ring()
    assert bell._engine is opened
    bell._process = 0  # as a child finds it that was forked from here
    bell.ring()
    assert bell._engine is not opened
    for engine in (opened, bell._engine):
        engine.storage.close()
