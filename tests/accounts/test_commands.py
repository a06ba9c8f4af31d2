"""The commands that set a site up: what they do, and one sentence for what they cannot do."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Municipality, Person, RoleGrant, Unit
from dialogue.accounts.rules import Role
from dialogue.cli import run_command
from tests.accounts.mailbox import newest_mail
from tests.factories import Factory


@pytest.fixture
def command(app: Flask, session: Session, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs `dialogue …` and returns its exit status, what it said, and what it complained of."""

    def run(*words: str) -> tuple[int, str, str]:
        session.commit()
        monkeypatch.setattr("sys.argv", ["dialogue", *words])
        status = run_command(app)
        said = capsys.readouterr()
        session.commit()
        return status, said.out, said.err

    return run


def test_a_site_is_set_up_from_nothing(command, session: Session) -> None:  # type: ignore[no-untyped-def]
    assert command("municipality", "add", "halmstad", "Halmstads  kommun")[0] == 0
    assert command("unit", "add", "teknik", "Teknik och fritid", "--email", "Teknik@halmstad.example")[0] == 0
    assert command("unit", "add", "gata", "Gata", "--email", "gata@halmstad.example", "--parent", "teknik")[0] == 0
    assert command("official", "add", "Eva@halmstad.example", "--unit", "gata", "--role", "administrator")[0] == 0
    assert session.scalars(select(Municipality.name)).all() == ["Halmstads kommun"]
    gata = session.scalars(select(Unit).where(Unit.slug == "gata")).one()
    assert gata.parent is not None
    assert (gata.parent.slug, gata.parent.mailbox) == ("teknik", "teknik@halmstad.example")
    assert session.scalars(select(Person.email)).all() == ["eva@halmstad.example"]
    assert session.scalars(select(RoleGrant.role)).all() == [Role.ADMINISTRATOR]
    mail = newest_mail(session, "eva@halmstad.example")
    assert mail.template == "role_granted"
    assert command("municipality", "list")[1] == "halmstad\tHalmstads kommun\n"
    assert command("unit", "list")[1].splitlines()[0] == "gata\tGata\tgata@halmstad.example"
    assert command("official", "list")[1] == "eva@halmstad.example\tadministrator\tgata\n"
    again = command("official", "add", "eva@halmstad.example", "--unit", "gata", "--role", "administrator")
    assert again[:2] == (0, "eva@halmstad.example was already administrator in Gata.\n")


def test_roles_are_taken_back(command, make: Factory, session: Session) -> None:  # type: ignore[no-untyped-def]
    unit, other = make.unit("gata"), make.unit("kultur")
    make.official(unit, Role.ADMINISTRATOR)
    person = make.official(unit, email="eva@prov.example")
    for place, role in ((unit, Role.DECIDER), (other, Role.OFFICIAL)):
        make.session.add(RoleGrant(person_id=person.id, unit_id=place.id, role=role, granted_at=person.created_at))
    make.session.commit()

    def held() -> int:
        return len(session.scalars(select(RoleGrant).where(RoleGrant.person_id == person.id)).all())

    assert command("official", "remove", "eva@prov.example", "--role", "decider")[0] == 0
    assert held() == 2
    assert command("official", "remove", "eva@prov.example", "--unit", "kultur")[0] == 0
    assert held() == 1
    assert command("official", "remove", "Eva@prov.example")[0] == 0
    assert held() == 0
    status, _, complaint = command("official", "remove", "eva@prov.example")
    assert status == 1
    assert "dialogue official list" in complaint


ADD_UNIT = ("unit", "add", "gata", "Gata", "--email", "g@prov.example")


@pytest.mark.parametrize(
    ("words", "status", "cure"),
    [
        (ADD_UNIT, 1, "dialogue municipality add SLUG NAME"),
        (("official", "add", "a@b.se", "--unit", "gata", "--role", "official"), 1, "dialogue municipality add"),
        (("unit", "list"), 1, "dialogue municipality add"),
        (("unit", "add", "gata", "Gata"), 2, "--email"),
        (("official", "add", "a@b.se", "--unit", "gata", "--role", "king"), 2, "decider"),
        (("municipality", "add", "halmstad", "  "), 2, "NAME"),
        (("municipality", "add", "Halm stad", "Halmstad"), 1, "Use small letters"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_on_an_empty_database_commands_say_what_to_do(command, words, status: int, cure: str) -> None:  # type: ignore[no-untyped-def]
    code, said, complaint = command(*words)
    assert (code, said) == (status, "")
    assert cure.lower() in complaint.lower()
    assert "Traceback" not in complaint


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (("unit", "add", "gata", "Gata", "--email", "g@prov.example"), "There is one with the short name gata already"),
        (("unit", "add", "ny", "Ny", "--email", "mailbox"), "no email address"),
        (("unit", "add", "ny", "Ny", "--email", "n@prov.example", "--parent", "nowhere"), "Use one of: gata"),
        (("unit", "add", "ny", "Ny", "--email", "n@prov.example", "--municipality", "nowhere"), "Use one of: halmstad"),
        (("municipality", "add", "halmstad", "Halmstad"), "There is one with the short name halmstad already"),
        (("official", "add", "a@b.se", "--unit", "nowhere", "--role", "official"), "Use one of: gata"),
        (("official", "remove", "admin@prov.example"), "must have an administrator"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(  # type: ignore[no-untyped-def]
    command, make: Factory, session: Session, words, cure: str
) -> None:
    make.municipality("halmstad")
    make.official(make.unit("gata"), Role.ADMINISTRATOR, email="admin@prov.example")
    code, said, complaint = command(*words)
    assert (code, said) == (1, "") or (words[1] == "remove" and code == 1)
    assert cure in complaint
    assert len(complaint.splitlines()) == 1
    assert len(session.scalars(select(Unit)).all()) == len(session.scalars(select(RoleGrant)).all()) == 1


def test_among_several_municipalities_one_is_named(command, make: Factory, session: Session) -> None:  # type: ignore[no-untyped-def]
    make.municipality("falkenberg")
    make.municipality("halmstad")
    code, _, complaint = command(*ADD_UNIT)
    assert code == 1
    assert "--municipality" in complaint
    assert command(*ADD_UNIT, "--municipality", "halmstad")[0] == 0
    assert session.scalars(select(Unit)).one().municipality.slug == "halmstad"
    code, _, complaint = command(
        "official", "add", "a@b.se", "--unit", "x", "--role", "official", "--municipality", "falkenberg"
    )
    assert "dialogue unit add" in complaint
    assert command("unit", "list", "--municipality", "falkenberg")[:2] == (0, "")
