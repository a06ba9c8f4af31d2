"""Signing in as anybody, which only development has."""

from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from dialogue.accounts.rules import Role
from dialogue.app import create_app
from tests.conftest import settings
from tests.factories import Factory
from tests.page import Page


def test_one_button_a_person(page: Page, make: Factory, session: Session) -> None:
    unit = make.unit(name="Gata och trafik")
    people = {
        make.official(unit, Role.COORDINATOR, name="Sara"): "/inbox",
        make.official(unit, Role.OFFICIAL): "/queue",
        make.official(unit, Role.ADMINISTRATOR): "/settings",
        make.person(name="Anna"): "/account",
    }
    gone = make.person(disabled_at=unit.municipality.id and make.person().created_at)
    shown = page.get("/dev/sign-in")
    assert "Samordnare, Gata och trafik" in shown.words
    assert gone.email not in shown.text
    for person, home in people.items():
        assert page.post("/dev/sign-in", {"person": person.id}).location == home
        page.get("/account")
    page.post("/dev/sign-in", {"person": 99999}, 404)
    page.post("/dev/sign-in", {"person": "x"}, 404)


def test_nobody_yet(page: Page, make: Factory) -> None:
    make.municipality()
    assert "Ingen än" in page.get("/dev/sign-in").words


def test_production_has_no_such_door(tmp_path: Path) -> None:
    config = settings("sqlite://", tmp_path, MODE="production", BASE_URL="https://dialogue.example")
    app: Flask = create_app(config)
    assert not [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/dev")]
