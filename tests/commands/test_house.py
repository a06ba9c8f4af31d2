"""The commands of the whole house: run as a person runs them, refusals in one sentence."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text, update

from dialogue.app import create_app, main
from dialogue.checks import check_replies
from dialogue.cli import run_command
from dialogue.core.clock import now
from dialogue.demo.operations import fill_when_empty
from dialogue.mail.incoming.spool import take_in
from dialogue.requests.models import DataRequest, StatusTally
from dialogue.web.extensions import db
from tests.conftest import dispose, settings
from tests.mail.postman import configured

COMMAND = [sys.executable, "-c", "from dialogue.app import main; main()"]


@pytest.fixture
def typed(live_app: Flask, monkeypatch: pytest.MonkeyPatch) -> object:
    """Runs `dialogue …` in this process; returns its status."""

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["dialogue", *words])
        return run_command(live_app)

    return run


def test_the_example_is_sound_and_replayed_once(live_app: Flask, typed, capsys) -> None:  # type: ignore[no-untyped-def]
    assert typed("demo") == 0
    assert typed("demo") == 1
    assert "only goes into an empty database" in capsys.readouterr().err
    assert typed("verify") == 0
    assert capsys.readouterr().out.splitlines() == [
        "storage: ok",
        "counters: ok",
        "tallies: ok",
        "search: ok",
        "incoming mail: ok",
    ]


def test_verify_names_what_is_wrong(live_app: Flask, typed, capsys) -> None:  # type: ignore[no-untyped-def]
    with live_app.app_context():
        fill_when_empty(db.session)
        db.session.execute(update(DataRequest).where(DataRequest.id == 128).values(votes_count=99, title="Bytt"))
        db.session.execute(update(StatusTally).where(StatusTally.state == "planned").values(requests=7))
        db.session.commit()
    assert typed("verify") == 1
    out = capsys.readouterr().out
    assert "request 128 says votes_count = 99, but there are 27" in out
    assert "the tally of planned" in out
    assert "request 128 is not found by its words" in out
    assert typed("reindex") == 0
    capsys.readouterr()
    typed("verify")
    assert "search: ok" in capsys.readouterr().out


def test_doctor_says_what_needs_a_hand(live_app: Flask, typed, capsys) -> None:  # type: ignore[no-untyped-def]
    assert typed("doctor") == 1
    out = capsys.readouterr().out
    assert "DIALOGUE_MAIL_SERVER is not set" in out
    assert "needs https" in out
    with live_app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = 'old'"))
        db.session.commit()
    typed("doctor")
    assert "run dialogue db upgrade" in capsys.readouterr().out


def test_a_wrong_word_is_a_usage_error(typed, capsys) -> None:  # type: ignore[no-untyped-def]
    assert typed("nosuch") == 2
    assert "No such command" in capsys.readouterr().err


def test_a_database_that_is_not_there_is_one_sentence(tmp_path: Path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    app = create_app(settings("postgresql://nobody@127.0.0.1:1/none", tmp_path))
    monkeypatch.setattr(sys, "argv", ["dialogue", "db", "upgrade"])
    assert run_command(app) == 1
    err = capsys.readouterr().err
    assert err.startswith("The database does not answer, check DIALOGUE_DATABASE_URL")
    assert err.count("\n") == 1


def test_a_database_without_tables_is_one_sentence(tmp_path: Path, monkeypatch, capsys) -> None:  # type: ignore[no-untyped-def]
    app = create_app(settings(f"sqlite:///{tmp_path / 'empty.sqlite3'}", tmp_path))
    monkeypatch.setattr(sys, "argv", ["dialogue", "demo"])
    assert run_command(app) == 1
    assert capsys.readouterr().err == "The database has no tables of this version: run dialogue db upgrade\n"
    dispose(app)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"DIALOGUE_SECRET_KEY": ""}, "DIALOGUE_SECRET_KEY"),
        ({"DIALOGUE_SECRET_KEY": "short"}, "DIALOGUE_SECRET_KEY"),
        ({"DIALOGUE_SECRET_KEY": "a" * 64}, "DIALOGUE_SECRET_KEY"),
        ({"DIALOGUE_BASE_URL": ""}, "DIALOGUE_BASE_URL"),
        ({"DIALOGUE_BASE_URL": "http://data.example.se"}, "DIALOGUE_BASE_URL"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"DIALOGUE_MODE": "staging"}, "DIALOGUE_MODE"),
        ({"DIALOGUE_MAIL_SECURITY": "maybe"}, "DIALOGUE_MAIL_SECURITY"),
        ({"DIALOGUE_MAIL_PORT": "smtp"}, "DIALOGUE_MAIL_PORT"),
        ({"DIALOGUE_MAIL_RATE": "0,5"}, "DIALOGUE_MAIL_RATE"),
        ({"DIALOGUE_MAIL_DOMAIN_RATE": "0.001"}, "DIALOGUE_MAIL_DOMAIN_RATE"),
    ],
)
def test_production_refuses_weak_settings_by_name(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    named: str,
) -> None:
    for name in [name for name in os.environ if name.startswith(("DIALOGUE_", "FLASK_"))]:
        monkeypatch.delenv(name)
    for name, value in (production(tmp_path) | changes).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["dialogue", "db", "upgrade"])
    with pytest.raises(SystemExit) as refused:
        main()
    assert refused.value.code == 1
    said = capsys.readouterr().err
    assert named in said
    assert said.count("\n") == 1


def test_a_refusal_is_one_sentence_and_status_1(tmp_path: Path) -> None:
    weak = production(tmp_path) | {"DIALOGUE_SECRET_KEY": "short"}
    done = subprocess.run(
        [*COMMAND, "db", "upgrade"], env=_environment(weak), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "DIALOGUE_SECRET_KEY" in done.stderr
    assert done.stderr.count("\n") == 1


def production(var: Path) -> dict[str, str]:
    """Settings that production starts with."""
    return {
        "DIALOGUE_MODE": "production",
        "DIALOGUE_SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "DIALOGUE_BASE_URL": "https://data.example.se",
        "DIALOGUE_VAR": str(var),
    }


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], str]]]:
    """Starts `dialogue run` on a free port and one folder, in a group of processes of its own as a terminal does."""
    started: list[subprocess.Popen[str]] = []
    # Held, but not listened on: the site may take the port, and nobody else is given it.
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    port = held.getsockname()[1]

    def run() -> tuple[subprocess.Popen[str], str]:
        environment = _environment({"DIALOGUE_VAR": str(tmp_path), "PORT": str(port)})
        process = subprocess.Popen(
            [*COMMAND, "run"],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        started.append(process)
        return process, f"http://127.0.0.1:{port}"

    yield run
    for process in started:
        process.terminate()  # not killed at once: it has children of its own to stop
        process.communicate(timeout=300)
    held.close()


def test_run_starts_on_an_empty_folder_and_again_and_stops_both_at_once(
    start: Callable[[], tuple[subprocess.Popen[str], str]],
) -> None:
    for _ in range(2):  # the second time there is nothing to migrate and nothing to fill
        process, address = start()
        until = time.monotonic() + 300
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{address}/requests/128", timeout=60) as answer:
                    assert answer.status == 200
                    break
            except OSError:
                time.sleep(0.2)
        else:
            pytest.fail("the site did not answer within five minutes")
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=20)  # less than the server's patience with a worker that hangs
        assert process.returncode == 0
        assert f"{address}/dev/mail" in out
        assert "Traceback" not in out
        assert "ERROR" not in out


def _environment(values: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIALOGUE_", "FLASK_"))}
    return kept | values


def test_verify_names_mail_that_nobody_handles(live_app: Flask, typed, capsys) -> None:  # type: ignore[no-untyped-def]
    with live_app.app_context(), db.sessionmaker() as session, session.begin():
        take_in(session, b"Subject: Sv\n\nJa.\n", ["x@svar.example"], "")
    assert typed("verify") == 0
    with time_machine.travel(now() + timedelta(hours=2)):
        assert typed("verify") == 1
    assert "incoming mail: 1 mails" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("domain", "listen", "words"),
    [
        ("", None, ""),
        ("", ("127.0.0.1", 9), "no domain for answers"),
        ("svar.example", ("127.0.0.1", 9), "nothing listens"),
        ("svar.example", None, "no mail has come from there"),
    ],
)
def test_doctor_looks_for_answers_by_mail(
    live_app: Flask, domain: str, listen: tuple[str, int] | None, words: str
) -> None:
    with configured(live_app, MAIL_REPLY_DOMAIN=domain, MAIL_LISTEN=listen), live_app.app_context():
        found = list(check_replies(live_app))
    assert [words in sentence for sentence in found] == [True] * bool(words)
    with socket.create_server(("127.0.0.1", 0)) as server, live_app.app_context():
        with configured(live_app, MAIL_REPLY_DOMAIN="svar.example", MAIL_LISTEN=server.getsockname()):
            assert list(check_replies(live_app)) == []
        with db.sessionmaker() as session, session.begin():
            take_in(session, b"Subject: Sv\n\nJa.\n", ["x@svar.example"], "")
        with configured(live_app, MAIL_REPLY_DOMAIN="svar.example"):
            assert list(check_replies(live_app)) == []
