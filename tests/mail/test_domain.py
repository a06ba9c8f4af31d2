"""What DNS says of a sender, judged: records good and bad, and what to put instead."""

import base64
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from dialogue.core.language import Sentence
from dialogue.mail.domain import keys, mailboxes, policies, senders, spf
from dialogue.mail.domain.checking import check, domains_of, is_selector
from dialogue.mail.domain.findings import Domains, Finding, Level, NoAnswer, txt_line
from tests.mail.zone import Zone

GOOD, ADVICE, BAD, UNKNOWN = Level.GOOD, Level.ADVICE, Level.BAD, Level.UNKNOWN

OURS = Domains("dialog.kommun.se", "svar.kommun.se", True, "smtp.kommun.se", ("mail",), "dialog.kommun.se")
SERVER = "smtp.kommun.se A 193.180.1.2\n"


def english(sentence: Sentence) -> str:
    values = {name: english(v) if isinstance(v, Sentence) else v for name, v in sentence.values.items()}
    return sentence.text % values


def short(findings: Iterator[Finding]) -> list[tuple[Level, str, str]]:
    """Level, meaning and the line for DNS without its name."""
    return [(f.level, english(f.meaning), f.line.partition(" IN ")[2]) for f in findings]


def check_one(findings: list[tuple[Level, str, str]], level: Level, words: str, line: str) -> None:
    """The one finding has these words and this line."""
    ((found, meaning, written),) = findings
    assert found is level
    assert words in meaning
    assert written == line


@pytest.mark.parametrize(
    ("record", "level", "words", "line"),
    [
        ("v=spf1 a:smtp.kommun.se -all", GOOD, "in 1 of 10 lookups", ""),
        ("v=spf1  ip4:193.180.1.2   -all", GOOD, "in 0 of 10", ""),
        ("V=SPF1 +IP4:193.180.1.0/24 ~ALL", GOOD, "in 0 of 10", ""),
        ("v=spf1 mx//64 include:_spf.lev.se ?ip6:2001:db8::/32 a/24//64 exp=x.se new=1 -all", GOOD, "in 3 of 10", ""),
        ("v=spf1 redirect=_spf.lev.se", GOOD, "in 1 of 10", ""),
        ("v=spf1 exists:%{i}.lev.se include:%{d}.lev.se a:smtp.kommun.se -all", GOOD, "in 3 of 10", ""),
        ("v=spf1 exists:smtp.kommun.se -all", GOOD, "in 1 of 10", ""),
        ("v=spf1 ip4:193.180.1.2", ADVICE, "anybody can write as", '"v=spf1 ip4:193.180.1.2 ~all"'),
        ("v=spf1 ip4:193.180.1.2 ?all", ADVICE, "anybody can write as", '"v=spf1 ip4:193.180.1.2 ~all"'),
        ("v=spf1 +all", BAD, "every server in the world", '"v=spf1 ~all"'),
        ("v=spf1 ip4:198.51.100.7 -all", ADVICE, "does not name smtp.kommun.se (193.180.1.2)",
         '"v=spf1 ip4:193.180.1.2 ip4:198.51.100.7 -all"'),
        ("v=spf1 ~include:_spf.lev.se -ip4:193.180.1.2 -all", ADVICE, "does not name", None),
        ("v=spf1 ptr a:smtp.kommun.se -all", ADVICE, "ptr", ""),
        ("v=spf1 a:x.se mx:y.se exists:z.se ip4:193.180.1.2 -all", ADVICE, "3 of the names in it lead nowhere", ""),
        ("v=spf1 include:tom.se -all", BAD, "tom.se is included and has no SPF record", ""),
        ("v=spf1 include:dubbel.se -all", BAD, "dubbel.se is included and has several", ""),
        ("v=spf1 include:trasig.se -all", BAD, "“trasig.se: ip5:1” cannot be read", ""),
        ("v=spf1 include:ring.se -all", BAD, "ring.se includes itself", ""),
        ("v=spf1 redirect=svar.kommun.se", BAD, "svar.kommun.se includes itself", ""),
        ("v=spf1 " + "a:smtp.kommun.se " * 11 + "-all", BAD, "it takes 11 lookups, and receivers stop after 10", ""),
        ("v=spf1 " + "a:smtp.kommun.se " * 10 + "-all", GOOD, "in 10 of 10", ""),
        ("v=spf1 include:lång.se -all", BAD, "it takes 41 lookups", ""),
        ("v=spf1 mx all- -all", BAD, "“all-” cannot be read", '"v=spf1 mx -all"'),
        ("v=spf1 ip4:300.1.1.1 -all", BAD, "“ip4:300.1.1.1” cannot", '"v=spf1 -all"'),
        ("v=spf1 ip4:1.2.3.4/33 -all", BAD, "cannot be read", '"v=spf1 -all"'),
        ("v=spf1 ip6:1.2.3.4 -all", BAD, "cannot be read", '"v=spf1 -all"'),
        ("v=spf1 a/33 -all", BAD, "cannot be read", '"v=spf1 -all"'),
        ("v=spf1 all:x.se", BAD, "cannot be read", '"v=spf1"'),
        ("v=spf1 include -all", BAD, "cannot be read", '"v=spf1 -all"'),
        ("v=spf1 ptr/24 -all", BAD, "cannot be read", '"v=spf1 -all"'),
        ("v=spf1 redirect= -all", BAD, "“redirect=” cannot", '"v=spf1 -all"'),
        ("v=spf1 mail.kommun.se -all", BAD, "“mail.kommun.se” cannot", '"v=spf1 -all"'),
        ("v=spf10 -all", BAD, "Nobody can tell", '"v=spf1 a:smtp.kommun.se -all"'),
        ("google-site-verification=1", BAD, "Nobody can tell", '"v=spf1 a:smtp.kommun.se -all"'),
    ],
)  # fmt: skip
def test_spf(record: str, level: Level, words: str, line: str | None) -> None:
    zone = Zone(
        SERVER
        + f"svar.kommun.se TXT {record}\n"
        + """\
svar.kommun.se MX 10 smtp.kommun.se.
svar.kommun.se A 193.180.1.9
_spf.lev.se TXT v=spf1 ip4:193.180.1.2 -all
dubbel.se TXT v=spf1 -all
dubbel.se TXT v=spf1 mx -all
trasig.se TXT v=spf1 ip5:1 -all
ring.se TXT v=spf1 include:ring.se -all
lång.se TXT v=spf1 include:längre.se include:längre.se include:längre.se include:längre.se -all
längre.se TXT v=spf1 """
        + "a:smtp.kommun.se " * 12
        + "-all"
    )
    found = short(senders.examine(OURS, zone))
    check_one(found, level, words, found[0][2] if line is None else f"TXT {line}" if line else "")


def test_several_spf_records_become_one() -> None:
    zone = Zone(SERVER + "svar.kommun.se TXT v=spf1 mx -all\nsvar.kommun.se TXT v=spf1 mx include:_spf.lev.se ~all")
    found = short(senders.examine(OURS, zone))
    check_one(found, BAD, "There are 2 SPF records", 'TXT "v=spf1 mx include:_spf.lev.se ~all"')


@pytest.mark.parametrize(
    ("server", "findings"),
    [("193.180.7.7", 1), ("10.0.0.5", 1), ("localhost", 1), ("smtp.intern.kommun.se", 1), ("smtp.kommun.se", 1)],
)
def test_a_server_of_ones_own_is_not_asked_for(server: str, findings: int) -> None:
    zone = Zone(SERVER + "smtp.intern.kommun.se A 10.0.0.5\nsvar.kommun.se TXT v=spf1 ip4:198.51.100.7 -all")
    ours = Domains("kommun.se", "svar.kommun.se", True, server, (), "x.se")
    ((level, _, line),) = short(senders.examine(ours, zone))
    is_public = server in ("193.180.7.7", "smtp.kommun.se")
    assert level is (ADVICE if is_public else GOOD)
    assert bool(line) is is_public
    without = Domains("kommun.se", "tom.se", True, server, (), "x.se")
    ((_, _, line),) = short(senders.examine(without, zone))
    assert line == ('TXT "v=spf1 mx -all"' if "smtp" not in server else f'TXT "v=spf1 a:{server} -all"')


def test_ip6_counts_too() -> None:
    zone = Zone("smtp.kommun.se AAAA 2a00:801::5\nsvar.kommun.se TXT v=spf1 a:smtp.kommun.se -all")
    assert spf.Walk(zone, ip_address("2a00:801::5")).result("svar.kommun.se") == "+"
    assert spf.Walk(zone, ip_address("2a00:801::6")).result("svar.kommun.se") == "-"


def rsa(bits: int, *, bare: bool = False) -> str:
    """A key of that length, as DNS has it."""

    def element(kind: int, content: bytes) -> bytes:
        size = len(content)
        return bytes([kind, 0x82, size >> 8, size & 255]) + content

    modulus = b"\0" + ((1 << bits) - 1).to_bytes(-(-bits // 8), "big")
    key = element(0x30, element(2, modulus) + bytes([2, 3, 1, 0, 1]))
    wrapped = element(0x30, element(0x30, b"\6\1\1\5\0") + element(3, b"\0" + key))
    return base64.b64encode(key if bare else wrapped).decode()


@pytest.mark.parametrize(
    ("record", "level", "words", "line"),
    [
        (f"v=DKIM1; k=rsa; p={rsa(2048)}", GOOD, "RSA, 2048 bits", ""),
        (f"p={rsa(4096)[:99]} {rsa(4096)[99:]}", GOOD, "4096 bits", ""),
        (f"v=DKIM1;k=rsa;h=sha1:sha256;s=email;t=s;p={rsa(2048, bare=True)};", GOOD, "2048 bits", ""),
        (f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(32)).decode()}", GOOD, "Ed25519, 256 bits", ""),
        (f"v=DKIM1; p={rsa(1024)}", ADVICE, "The key has 1024 bits", "?"),
        (f"v=DKIM1; t=y; p={rsa(2048)}", ADVICE, "only being tried", f'TXT "v=DKIM1; p={rsa(2048)}"'),
        (f"v=DKIM1; p={rsa(768)}", BAD, "Receivers believe none under 1024", "?"),
        ("v=DKIM1; p=", BAD, "has been withdrawn", "?"),
        ("v=DKIM1; k=rsa", BAD, "no DKIM key", "?"),
        (f"p={rsa(2048)}; v=DKIM1", BAD, "no DKIM key", "?"),
        (f"v=DKIM2; p={rsa(2048)}", BAD, "no DKIM key", "?"),
        (f"v=DKIM1; h=sha1; p={rsa(2048)}", BAD, "leaves out sha256", ""),
        (f"v=DKIM1; s=tlsrpt; p={rsa(2048)}", BAD, "not meant for mail", ""),
        ("v=DKIM1; p=A", BAD, "is damaged", "?"),
        (f"v=DKIM1; p={rsa(2048)[:-8]}", BAD, "is damaged", "?"),
        ("v=DKIM1; p=AAAA", BAD, "is damaged", "?"),
        ("v=DKIM1; p=MAA=", BAD, "is damaged", "?"),
        (f"v=DKIM1; p={base64.b64encode(bytes([0x30, 6, 0x30, 0, 2, 1, 1, 0])).decode()}", BAD, "is damaged", "?"),
        (f"v=DKIM1; p={base64.b64encode(bytes([0x30, 2, 4, 0])).decode()}", BAD, "is damaged", "?"),
        (f"v=DKIM1; p={base64.b64encode(bytes([0x31, 2, 2, 0])).decode()}", BAD, "is damaged", "?"),
        (f"v=DKIM1; k=ed25519; p={rsa(2048)[:40]}", BAD, "is damaged", "?"),
        ("v=DKIM1; p", BAD, "“p” cannot be read", "?"),
        ("v=DKIM1; p=; p=", BAD, "“p=” cannot be read", "?"),
    ],
)
def test_dkim(record: str, level: Level, words: str, line: str) -> None:
    zone = Zone(f"mail._domainkey.dialog.kommun.se TXT {record}")
    found = short(keys.examine(OURS, zone))
    check_one(found, level, words, 'TXT "v=DKIM1; k=rsa; p=…"' if line == "?" else line)


def test_dkim_keys_that_are_none_or_many() -> None:
    check_one(short(keys.examine(OURS, Zone(""))), BAD, "There is no key", 'TXT "v=DKIM1; k=rsa; p=…"')
    twice = "mail._domainkey.dialog.kommun.se TXT v=DKIM1; p=\n" * 2
    check_one(short(keys.examine(OURS, Zone(twice))), BAD, "There are 2 records", "")
    unnamed = Domains("kommun.se", "kommun.se", False, "", (), "x.se")
    check_one(short(keys.examine(unnamed, Zone(""))), UNKNOWN, "the selector", "")


@pytest.mark.parametrize(
    ("name", "record", "level", "words", "line"),
    [
        ("kommun.se", "v=DMARC1; p=reject; rua=mailto:d@kommun.se", GOOD, "refused or hidden", ""),
        ("dialog.kommun.se", "v=DMARC1;p=quarantine;rua=mailto:d@kommun.se;pct=100", GOOD, "refused", ""),
        ("kommun.se", "v=DMARC1; p=none; sp=reject; rua=mailto:d@kommun.se", GOOD, "refused", ""),
        ("dialog.kommun.se", "v=DMARC1; p=none; rua=mailto:d@k.se", ADVICE, "delivered all the same",
         "v=DMARC1; p=quarantine; rua=mailto:d@k.se"),
        ("kommun.se", "v=DMARC1; p=reject; sp=none; rua=mailto:d@k.se", ADVICE, "delivered all the same",
         "v=DMARC1; p=quarantine; sp=quarantine; rua=mailto:d@k.se"),
        ("kommun.se", "v=DMARC1; p=reject", ADVICE, "Nobody gets the reports",
         "v=DMARC1; p=reject; rua=mailto:postmaster@kommun.se"),
        ("kommun.se", "v=DMARC1; p=reject; pct=20; rua=mailto:d@k.se", ADVICE, "for 20 % of the mail",
         "v=DMARC1; p=reject; rua=mailto:d@k.se"),
        ("kommun.se", "v=DMARC1; p=reject; aspf=s; rua=mailto:d@k.se", ADVICE, "only a DKIM signature",
         "v=DMARC1; p=reject; aspf=r; rua=mailto:d@k.se"),
        ("kommun.se", "v=DMARC1; p=rejct", BAD, "“p=rejct” cannot", "usual"),
        ("kommun.se", "v=DMARC1; rua=mailto:d@k.se", BAD, "“p=” cannot", "usual"),
        ("kommun.se", "v=DMARC1; p=none; sp=maybe", BAD, "“sp=maybe”", "usual"),
        ("kommun.se", "v=DMARC1; p=none; adkim=x", BAD, "“adkim=x”", "usual"),
        ("kommun.se", "v=DMARC1; p=none; pct=200", BAD, "“pct=200”", "usual"),
        ("kommun.se", "v=DMARC1; p=none; pct=all", BAD, "“pct=all”", "usual"),
        ("kommun.se", "v=dmarc1; p=none", BAD, "“v=dmarc1”", "usual"),
        ("kommun.se", "v=DMARC1, p=none", BAD, "“v=DMARC1, p=none” cannot", "usual"),
        ("se", "v=DMARC1; p=reject", BAD, "Nothing ties SPF", "first"),
        ("kommun.se", "v=spf1 -all", BAD, "Nothing ties SPF", "first"),
    ],
)  # fmt: skip
def test_dmarc(name: str, record: str, level: Level, words: str, line: str) -> None:
    usual = "v=DMARC1; p=none; rua=mailto:postmaster@dialog.kommun.se"
    (found,) = policies.examine(OURS, Zone(f"_dmarc.{name} TXT {record}"))
    assert found.level is level
    assert words in english(found.meaning)
    place = "dialog.kommun.se" if line == "first" else name
    wanted = {"usual": usual, "first": usual}.get(line, line)
    assert found.line == (txt_line(f"_dmarc.{place}", wanted) if line else "")


def test_two_policies_count_as_none() -> None:
    zone = Zone("_dmarc.kommun.se TXT v=DMARC1; p=reject\n_dmarc.kommun.se TXT v=DMARC1; p=none")
    check_one(short(policies.examine(OURS, zone)), BAD, "There are 2 policies", 'TXT "v=DMARC1; p=reject"')


@pytest.mark.parametrize(
    ("return_path", "tags", "is_aligned"),
    [
        ("dialog.kommun.se", "", True),
        ("kommun.se", "", True),
        ("svar.dialog.kommun.se", "aspf=r", True),
        ("svar.kommun.se", "", True),
        ("annankommun.se", "", False),
        ("svar.leverans.se", "", False),
        ("dialog.kommun.se", "aspf=s", True),
        ("svar.kommun.se", "aspf=s", False),
    ],
)
def test_alignment(return_path: str, tags: str, is_aligned: bool) -> None:
    text = f"v=DMARC1; p=reject; rua=mailto:d@kommun.se; {tags}"
    policy = policies.read_policy("kommun.se", text, is_below=True)
    assert policies.is_aligned(return_path, "dialog.kommun.se", policy) is is_aligned
    ours = Domains("dialog.kommun.se", return_path, True, "", (), "x.se")
    (found,) = policies.examine(ours, Zone(f"_dmarc.kommun.se TXT {text}"))
    assert found.level is (GOOD if is_aligned else ADVICE)
    assert bool(found.line) is (not is_aligned and "kommun.se" in return_path[-10:] and tags == "aspf=s")


@pytest.mark.parametrize(
    ("records", "level", "words", "line"),
    [
        ("svar.kommun.se MX 10 smtp.kommun.se.", GOOD, "is brought to smtp.kommun.se", ""),
        ("svar.kommun.se MX 20 b.kommun.se\nsvar.kommun.se MX 10 smtp.kommun.se\nb.kommun.se A 193.180.1.3", GOOD,
         "to smtp.kommun.se, b.kommun.se", ""),
        ("svar.kommun.se A 193.180.1.9", ADVICE, "nothing else is said", "MX 10 svar.kommun.se."),
        ("", BAD, "answers and bounces are lost", "MX 10 dialog.kommun.se."),
        ("svar.kommun.se MX 0 .", BAD, "takes no mail at all", "MX 10 dialog.kommun.se."),
        ("svar.kommun.se MX 10 borta.kommun.se", BAD, "borta.kommun.se has no address", ""),
        ("svar.kommun.se MX 10 193.180.1.9", BAD, "193.180.1.9 is an address", ""),
    ],
)  # fmt: skip
def test_mx(records: str, level: Level, words: str, line: str) -> None:
    check_one(short(mailboxes.examine(OURS, Zone(SERVER + records))), level, words, line)


def test_mx_without_answers_by_mail() -> None:
    ours = Domains("kommun.se", "kommun.se", False, "", (), "x.se")
    check_one(short(mailboxes.examine(ours, Zone(""))), BAD, "bounces are lost", "MX 10 x.se.")


def test_what_is_not_answered_is_said_and_the_rest_too() -> None:
    found = check(
        OURS, Zone("svar.kommun.se SILENT\n_dmarc.dialog.kommun.se TXT v=DMARC1; p=reject; rua=mailto:d@k.se")
    )
    assert [(f.subject, f.level) for f in found] == [
        ("SPF", UNKNOWN), ("DKIM", BAD), ("DMARC", GOOD), ("MX", UNKNOWN),
    ]  # fmt: skip


def test_a_long_text_is_cut() -> None:
    assert txt_line("x.se", "a" * 256) == f'x.se. IN TXT "{"a" * 255}" "a"'


@pytest.mark.parametrize("domain", ["127.0.0.1", "localhost", "dialogue", "kommun.se..", ""])
def test_what_is_no_domain_is_not_asked_for(domain: str) -> None:
    zone = Zone("")
    (found,) = check(Domains(domain, "kommun.se", True, "", (), "x.se"), zone)
    assert (found.subject, found.level) == ("DNS", UNKNOWN)
    assert zone.asked == []


def test_a_name_that_dns_does_not_know_is_judged_no_further() -> None:
    (found,) = check(OURS, Zone("annankommun.se A 193.180.1.2"))
    assert (found.subject, found.level, found.name) == ("DNS", UNKNOWN, "kommun.se")
    assert len(check(OURS, Zone("kommun.se A 193.180.1.2"))) > 1


def test_dns_that_is_silent_is_waited_for_once() -> None:
    class Silent(Zone):
        def knows(self, name: str) -> bool:
            raise NoAnswer(name)

    (found,) = check(OURS, Silent(""))
    assert (found.subject, found.level) == ("DNS", UNKNOWN)


def test_from_the_settings() -> None:
    config = {
        "MAIL_SENDER": "dialogue@Kommun.se", "MAIL_REPLY_DOMAIN": "", "MAIL_SERVER": "",
        "MAIL_DKIM_SELECTORS": ("a", "b"), "BASE_URL": "https://dialog.kommun.se",
    }  # fmt: skip
    assert domains_of(config) == Domains("kommun.se", "kommun.se", False, "", ("a", "b"), "dialog.kommun.se")
    other = domains_of({**config, "MAIL_REPLY_DOMAIN": "svar.kommun.se", "BASE_URL": "http://127.0.0.1:5000"}, "c")
    assert other == Domains("kommun.se", "svar.kommun.se", True, "", ("c",), "mail.svar.kommun.se")


def test_which_names_a_key_may_have() -> None:
    assert all(map(is_selector, ("mail", "s1", "2026.q4", "a-b_c")))
    assert not any(map(is_selector, ("", "a..b", "-a", "a b", "å", "a" * 63, "a.")))
