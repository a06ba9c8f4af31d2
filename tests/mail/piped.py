"""Runs `dialogue mail receive` for Postfix, where it cannot be started: python -m tests.mail.piped BELL UID GID.

Postfix runs commands as a user without rights, who may not be able to read this checkout or its Python. So what is put
in the place of the program (PROGRAM) only writes down what it was given and rings; here the command is run with just
that, in a process of that user, which has everything loaded already.
"""

import os
import signal
import sys
import traceback
from pathlib import Path

import huey  # noqa: F401 (loaded late by the house, when this user could not read it any more)

from dialogue.app import create_app, run_command
from dialogue.web.extensions import db

#: What Postfix's user runs: hands over input, arguments and environment, and takes the status.
PROGRAM = """\
#!/bin/sh
job=$(mktemp -d {folder}/job-XXXXXX) && mkfifo "$job/status" || exit 75
cat >"$job/mail"
printf '%s\\n' "$@" >"$job/arguments"
env -0 >"$job/environ"
echo "$job" >{bell}
read -r status <"$job/status"
exit "$status"
"""


def main() -> None:
    """Wait for jobs until killed."""
    bell, user, group = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with os.fdopen(os.open(bell, os.O_RDWR)) as jobs:  # for writing too: it must not end when one job has rung
        for job in jobs:
            if os.fork() == 0:
                _run(Path(job.strip()), user, group)


def _run(job: Path, user: int, group: int) -> None:
    """Do one job in this process, and end it."""
    status = os.EX_SOFTWARE
    try:
        os.environ.clear()
        os.environ.update(line.split("=", 1) for line in (job / "environ").read_text().split("\0") if line)
        app = create_app()
        with app.app_context():
            assert db.engine
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(group)
            os.setuid(user)
        os.dup2(os.open(job / "mail", os.O_RDONLY), 0)
        sys.argv = ["dialogue", *(job / "arguments").read_text().splitlines()]
        status = run_command(app)
    except BaseException:
        traceback.print_exc()
    (job / "status").write_text(f"{status}\n")
    os._exit(0)


if __name__ == "__main__":
    main()
