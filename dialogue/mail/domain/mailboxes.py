"""MX (RFC 5321, 7505): which server mail to the return path is brought to, and with it bounces and answers."""

from collections.abc import Iterator
from ipaddress import ip_address

from dialogue.core.language import N_, Sentence
from dialogue.mail.domain.findings import Domains, Finding, Level, Lookups

_LOST = N_(
    "Nobody knows where mail to %(domain)s goes: answers and bounces are lost. The line names the server of this site;"
    " write the one that takes mail in."
)
_UNHEARD = N_(
    "Nobody knows where mail to %(domain)s goes: bounces are lost, and some refuse mail from where none is taken."
    " The line names the server of this site; write the one that takes mail in."
)


def examine(domains: Domains, ask: Lookups) -> Iterator[Finding]:
    """Look where mail to us is brought to. Raises NoAnswer."""
    name = domains.return_path
    hosts = ask.mail_hosts(name)
    here = f"{name}. IN MX 10 {domains.site}."
    if not hosts and ask.addresses(name):
        said = N_("Mail to %(domain)s goes to the server of that name, as nothing else is said. Better say it.")
        yield _finding(name, hosts, Level.ADVICE, said, f"{name}. IN MX 10 {name}.")
    elif not hosts:
        yield _finding(name, hosts, Level.BAD, _LOST if domains.takes_answers else _UNHEARD, here)
    elif not any(host for _, host in hosts):
        said = N_("It says that %(domain)s takes no mail at all, so nothing comes back.")
        yield _finding(name, hosts, Level.BAD, said, here)
    else:
        yield from _examine_hosts(name, hosts, ask)


def _examine_hosts(name: str, hosts: list[tuple[int, str]], ask: Lookups) -> Iterator[Finding]:
    astray = False
    for _, host in hosts:
        if _is_number(host):
            astray = True
            said = N_("%(host)s is an address, and a name has to stand here.")
            yield _finding(name, hosts, Level.BAD, said, host=host)
        elif not ask.addresses(host):
            astray = True
            yield _finding(name, hosts, Level.BAD, N_("%(host)s has no address, so no mail gets there."), host=host)
    if not astray:
        said = N_("Mail to %(domain)s is brought to %(servers)s.")
        yield _finding(name, hosts, Level.GOOD, said, servers=", ".join(host for _, host in hosts))


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _finding(
    name: str, hosts: list[tuple[int, str]], level: Level, said: str, line: str = "", **values: object
) -> Finding:
    found = "\n".join(f"{preference} {host or '.'}" for preference, host in hosts)
    return Finding("MX", level, name, Sentence(said, {"domain": name} | values), found, line)
