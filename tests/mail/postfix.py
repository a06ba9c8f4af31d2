"""A real Postfix on loopback, made of the lines in deploy/postfix that operators are told to add to theirs."""

import os
import pwd
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.mail.piped import PROGRAM

ROOT = Path(__file__).parent.parent.parent
LINES = ROOT / "deploy" / "postfix"

#: An address of loopback that nothing else here listens at, so that a port that was free a moment ago still is.
HOST = "127.25.25.25"

#: Two domains of the same Dialogue: mail to one is piped, mail to the other goes to where the worker listens.
PIPED, LISTENED = "svar.example", "lyssna.example"

#: What a server has anyway. The world outside is one server at {world}; no names are looked up.
_BASE = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/maillog
maillog_file_prefixes = {folder}
myhostname = mx.kommun.example
mydestination =
alias_maps =
alias_database =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
recipient_delimiter = +
relayhost = [127.0.0.1]:{world}
disable_dns_lookups = yes
smtpd_peername_lookup = no
in_flow_delay = 0
"""

#: After the lines from deploy/postfix: the second domain, which is handed to the worker.
_SECOND_DOMAIN = f"""
relay_domains = {PIPED} {LISTENED}
transport_maps = inline:{{ {{ {PIPED} = dialogue: }}, {{ {LISTENED} = lmtp:inet:127.0.0.1:{{listen}} }} }}
"""

_SERVICES = """\
{host}:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running server."""

    port: int
    #: Where Dialogue has to listen for the mail of LISTENED.
    listen: int
    #: Who runs the piped command. The SQLite file has to be theirs.
    account: pwd.struct_passwd
    #: Where that user may write.
    folder: Path
    _settings: Path
    _log: Path

    def set_up(self, environ: Mapping[str, str]) -> None:
        """Write the settings of the service, which the piped command reads."""
        self._settings.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in environ.items()))

    def log(self) -> str:
        """What the server has said."""
        return subprocess.run([*_as_root(), "cat", self._log], capture_output=True, text=True, check=False).stdout


def missing() -> str:
    """Why no Postfix can be run here; empty when one can."""
    if shutil.which("postfix", path=_PATH) is None:
        return "no real mail server was tried, Postfix is not installed (Debian: apt install postfix)"
    if os.geteuid() and subprocess.run(["sh", "-c", "sudo -n true"], capture_output=True, check=False).returncode:
        return "no real mail server was tried, only root can start Postfix"
    return ""


@contextmanager
def running_postfix(world: int) -> Iterator[Postfix]:
    """Start a Postfix that hands mail for others to port `world`; gone afterwards, with all it kept."""
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    folder.chmod(0o755)
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    ours = folder / "ours"
    ours.mkdir()
    os.chown(ours, account.pw_uid, account.pw_gid)
    port, listen = _free_port(HOST), _free_port("127.0.0.1")
    _configure(folder, account, host=HOST, port=port, listen=listen, world=world)
    made = Postfix(port, listen, account, ours, folder / "dialogue.env", folder / "log" / "maillog")
    try:
        _run("chown", "-R", "root:root", folder / "etc", folder / "queue", folder / "log")
        _run("chown", "postfix", folder / "data")
        _postfix(folder, "start")
        try:
            with _receiving(folder, account):
                yield made
        finally:
            _postfix(folder, "stop")
    finally:
        _run("rm", "-rf", folder)


@contextmanager
def _receiving(folder: Path, account: pwd.struct_passwd) -> Iterator[None]:
    """Run the commands that are piped to."""
    command = [sys.executable, "-m", "tests.mail.piped", folder / "bell", str(account.pw_uid), str(account.pw_gid)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    with subprocess.Popen(command, cwd=ROOT, env=environ) as process:
        try:
            yield
        finally:
            process.kill()


def _configure(folder: Path, account: pwd.struct_passwd, **values: str | int) -> None:
    """Write what /etc and /usr/local/bin of an operator's server hold, below `folder`."""
    for name in ("etc", "queue", "data", "log"):
        (folder / name).mkdir()
    etc = folder / "etc"
    ways = {
        "svar.example.se": PIPED,
        "/etc/postfix/dialogue-recipients": str(etc / "dialogue-recipients"),
        "user=dialogue": f"user={account.pw_name}",
        "/usr/local/bin/dialogue": str(folder / "dialogue"),
    }
    main = _BASE + _lines("main.cf", ways) + _SECOND_DOMAIN
    (etc / "main.cf").write_text(_filled(main, {"folder": folder, **values}))
    (etc / "master.cf").write_text(_filled(_SERVICES, values) + _lines("master.cf", ways))
    known = [_lines("dialogue-recipients", {r"svar\.example\.se": name}) for name in (PIPED, LISTENED)]
    (etc / "dialogue-recipients").write_text("".join(known))
    script = (ROOT / "deploy" / "dialogue").read_text(encoding="utf-8")
    for line, other in (
        ("cd /opt/dialogue", f"cd {folder}"),
        ("/etc/dialogue.env", str(folder / "dialogue.env")),
        ("/var/lib/dialogue", str(folder / "ours")),
        (".venv/bin/dialogue", "./program"),
    ):
        assert line in script
        script = script.replace(line, other)
    program = PROGRAM.format(folder=folder / "ours", bell=folder / "bell")
    for name, text in (("dialogue", script), ("program", program)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    os.mkfifo(folder / "bell")
    os.chown(folder / "bell", account.pw_uid, account.pw_gid)


def _lines(name: str, ways: Mapping[str, str]) -> str:
    text = (LINES / name).read_text(encoding="utf-8")
    for line, other in ways.items():
        text = text.replace(line, other)
    return text + "\n"


def _filled(text: str, values: Mapping[str, object]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


#: Debian keeps the programs of the administrator out of the way of others.
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def _run(*command: object) -> None:
    environ = os.environ | {"PATH": _PATH}
    done = subprocess.run([*_as_root(), *map(str, command)], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def _postfix(folder: Path, verb: str) -> None:
    _run("postfix", "-c", folder / "etc", verb)


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
