"""The administrator's pages: what they change, what they refuse, and that they end at the municipality's border."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dialogue.accounts.models import Area, Municipality, Person, RoleGrant, SignInSession, Unit
from dialogue.accounts.rules import Role
from tests.factories import Factory
from tests.page import Page


@pytest.fixture
def unit(make: Factory) -> Unit:
    make.municipality("halmstad", name="Halmstads kommun")
    return make.unit("gata", name="Gata och trafik")


@pytest.fixture
def administrator(page: Page, make: Factory, unit: Unit) -> Person:
    """Signed in on `page`."""
    person = make.official(unit, Role.ADMINISTRATOR, email="admin@prov.example")
    page.sign_in(make.cookie(person))
    return person


@pytest.mark.usefixtures("administrator")
def test_the_municipality_and_its_promises_can_be_changed(page: Page, session: Session) -> None:
    assert page.get("/settings", 302).location == "/settings/halmstad"
    page.submit(
        "/settings/halmstad",
        {
            "name": "Halmstad",
            "organisation_number": "2120001215",
            "contact_email": "Dialog@Halmstad.example",
            "first_answer_days": "7",
            "next_word_days": "15",
            "administrative_court": "Förvaltningsrätten i Göteborg",
            "court_of_appeal": "Kammarrätten i Göteborg",
            "zone": "Europe/Helsinki",
            "theme": ":root { --accent: light-dark(#004b23, #a7f3d0); }",
        },
    )
    place = session.scalars(select(Municipality)).one()
    assert (place.name, place.organisation_number) == ("Halmstad", "2120001215")
    assert place.contact_email == "dialog@halmstad.example"
    assert (place.first_answer_days, place.next_word_days, place.zone) == (7, 15, "Europe/Helsinki")
    assert 'value="212000-1215"' in page.get("/settings/halmstad").text
    page.submit("/settings/halmstad", {"organisation_number": "", "contact_email": "", "theme": ""})
    session.refresh(place)
    assert (place.organisation_number, place.contact_email, place.theme) == (None, None, None)


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Skriv kommunens namn"),
        ("organisation_number", "1234567890", "tio siffror"),
        ("contact_email", "dialog", "Skriv en e-postadress"),
        ("first_answer_days", "0", "arbetsdagar"),
        ("first_answer_days", "hundra", ""),
        ("next_word_days", "61", "arbetsdagar"),
        ("zone", "Europe/Halmstad", "tidszon"),
        # White on almost white cannot be read; the pair is named.
        ("theme", ":root { --ink: #fafafa; }", "--ink"),
        ("theme", "body { display: none }", ":root"),
        ("theme", ":root { --accent: url(https://evil.example/) }", "--accent"),
    ],
)
def test_what_a_municipality_cannot_be_is_refused(
    page: Page, session: Session, field: str, value: str, words: str
) -> None:
    refused = page.submit("/settings/halmstad", {field: value}, 422)
    assert refused.title.startswith("Fel: ")
    assert words in refused.words
    assert session.scalars(select(Municipality.name)).one() == "Halmstads kommun"


@pytest.mark.usefixtures("administrator")
def test_the_colours_that_the_form_gives_as_an_example_are_taken(page: Page, session: Session) -> None:
    (example,) = re.findall(r":root \{[^}]+\}", page.get("/settings/halmstad").words)
    page.submit("/settings/halmstad", {"theme": example})
    assert session.scalars(select(Municipality.theme)).one() == example
    assert "/theme/halmstad.css" in page.get("/").text
    too_weak = page.submit("/settings/halmstad", {"theme": ":root {\n  --accent: light-dark(#0b5668, #0b5668); }"}, 422)
    assert "Rad 2: --accent på --bg har kontrast 2.20 i mörkt läge" in too_weak.words


@pytest.mark.usefixtures("administrator")
def test_units_can_be_added_and_changed(page: Page, make: Factory, session: Session) -> None:
    make.area("trafik")
    page.submit("/settings/halmstad/units", {"name": "Parkering & laddning", "mailbox": "p@prov.example"})
    added = session.scalars(select(Unit).where(Unit.slug == "parkering-laddning")).one()
    page.submit(
        "/settings/halmstad/units/parkering-laddning", {"parent": "gata", "area": "trafik", "name": "Parkering"}
    )
    session.refresh(added)
    assert (added.name, added.parent.slug if added.parent else None) == ("Parkering", "gata")
    assert added.area_id == session.scalars(select(Area.id)).one()
    shown = page.get("/settings/halmstad/units")
    assert "del av Gata och trafik" in shown.words
    page.get("/settings/halmstad/units/parkering-laddning")


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "Skriv enhetens namn"),
        ({"mailbox": "x"}, "Skriv en e-postadress"),
        ({"slug": "gata"}, "kortnamnet gata"),
        ({"slug": "Å"}, "små bokstäver"),
        ({"parent": "nowhere"}, ""),
    ],
)
def test_what_a_unit_cannot_be_is_refused(page: Page, session: Session, values: dict[str, str], words: str) -> None:
    filled = {"name": "Ny", "mailbox": "ny@prov.example"} | values
    refused = page.submit("/settings/halmstad/units", filled, 422)
    assert refused.title.startswith("Fel: ")
    assert words in refused.words
    assert len(session.scalars(select(Unit)).all()) == 1


@pytest.mark.usefixtures("administrator")
def test_a_unit_is_never_a_part_of_itself(page: Page, make: Factory, unit: Unit, session: Session) -> None:
    below = make.unit("parkering", parent_id=unit.id)
    make.unit("laddning", parent_id=below.id)
    assert 'value="gata"' not in page.get("/settings/halmstad/units/gata").text
    page.submit("/settings/halmstad/units/gata", {"name": ""}, 422)
    refused = page.submit("/settings/halmstad/units/gata", {"parent": "laddning"}, 422)
    assert "inte vara en del av sig själv" in refused.words
    session.refresh(unit)
    assert unit.parent_id is None


@pytest.mark.usefixtures("administrator")
def test_a_unit_closes_when_nothing_stands_with_it(page: Page, make: Factory, unit: Unit, session: Session) -> None:
    data_request = make.request(unit=unit)
    assert "1 förfrågan finns kvar" in page.get("/settings/halmstad/units/gata").words
    page.post("/settings/halmstad/units/gata/close", status=409)
    data_request.unit_id = None
    session.commit()
    page.submit("/settings/halmstad/units/gata", action="/settings/halmstad/units/gata/close")
    session.refresh(unit)
    assert unit.closed_at is not None
    assert "Används inte längre" in page.get("/settings/halmstad/units").words
    page.get("/settings/halmstad/units/gata")
    page.submit("/settings/halmstad/units", action="/settings/halmstad/units/gata/reopen")
    session.refresh(unit)
    assert unit.closed_at is None


@pytest.mark.usefixtures("administrator")
def test_areas_can_be_added_and_changed(page: Page, session: Session) -> None:
    assert "Inga områden än" in page.get("/settings/halmstad/areas").words
    named = {"name_sv": "Trafik och resor", "name_en": "Traffic and travel", "theme": "TRAN"}
    page.submit("/settings/halmstad/areas", named)
    refused = page.submit("/settings/halmstad/areas", named, 422)
    assert refused.title.startswith("Fel: ")
    assert "redan en med det namnet" in refused.words
    page.submit("/settings/halmstad/areas", {"name_sv": ""}, 422)
    page.submit("/settings/halmstad/areas", named | {"name_sv": "X", "theme": "NONE"}, 422)
    page.submit("/settings/halmstad/areas/trafik-och-resor", {"name_sv": "Trafik", "theme": "ENVI"})
    page.submit("/settings/halmstad/areas/trafik-och-resor", {"name_en": ""}, 422)
    area = session.scalars(select(Area)).one()
    assert (area.slug, area.name_sv, area.name_en, area.theme) == (
        "trafik-och-resor", "Trafik", "Traffic and travel", "ENVI",
    )  # fmt: skip
    page.get("/settings/halmstad/areas/nowhere", 404)


@pytest.mark.usefixtures("administrator")
def test_somebody_gets_a_role_and_loses_it(page: Page, app: Any, make: Factory, session: Session) -> None:
    other = Page(app, session)
    person = make.person("eva@prov.example")
    other.sign_in(make.cookie(person))
    granted = {"email": "Eva@prov.example ", "unit": "gata", "role": "official"}
    page.submit("/settings/halmstad/officials", granted)
    assert [grant.role for grant in session.scalars(select(RoleGrant).where(RoleGrant.person_id == person.id))] == [
        Role.OFFICIAL
    ]
    # The session from before knows nothing of the role, so it has ended.
    other.get("/account", 302)
    again = page.follow(page.submit("/settings/halmstad/officials", granted))
    assert "har redan den rollen" in again.words
    other.sign_in(make.cookie(person))
    other.get("/account")
    grant = session.scalars(select(RoleGrant).where(RoleGrant.person_id == person.id)).one()
    page.post(f"/settings/halmstad/officials/{grant.id}/remove")
    other.get("/account", 302)
    assert session.scalars(select(RoleGrant).where(RoleGrant.person_id == person.id)).all() == []


@pytest.mark.usefixtures("administrator")
def test_an_unknown_address_may_be_given_a_role(page: Page, session: Session) -> None:
    page.submit("/settings/halmstad/officials", {"email": "ny@prov.example", "unit": "gata", "role": "coordinator"})
    person = session.scalars(select(Person).where(Person.email == "ny@prov.example")).one()
    assert session.scalars(select(SignInSession).where(SignInSession.person_id == person.id)).all() == []
    for field, value in (("email", "x"), ("unit", "nowhere"), ("role", "king")):
        filled = {"email": "ny2@prov.example", "unit": "gata", "role": "official"} | {field: value}
        page.submit("/settings/halmstad/officials", filled, 422)


def test_the_last_administrator_stays(page: Page, make: Factory, administrator: Person, session: Session) -> None:
    grant = session.scalars(select(RoleGrant)).one()
    refused = page.post(f"/settings/halmstad/officials/{grant.id}/remove", status=409)
    assert "Kommunen måste ha en administratör" in refused.words
    # Somebody who is shut out does not count.
    unit = session.scalars(select(Unit)).one()
    make.official(unit, Role.ADMINISTRATOR, disabled_at=administrator.created_at)
    page.post(f"/settings/halmstad/officials/{grant.id}/remove", status=409)
    page.submit("/account/delete", {"sure": "y"}, 422)
    make.official(unit, Role.ADMINISTRATOR)
    page.post(f"/settings/halmstad/officials/{grant.id}/remove")
    # Now without the role, but still signed in, in a new session.
    page.get("/settings", 403)
    page.get("/account")


def test_another_role_of_ones_own_leaves_one_signed_in(page: Page, administrator: Person, session: Session) -> None:
    before = session.scalars(select(SignInSession.token_hash)).one()
    page.submit("/settings/halmstad/officials", {"email": administrator.email, "unit": "gata", "role": "coordinator"})
    page.get("/settings/halmstad/officials")
    assert session.scalars(select(SignInSession.token_hash)).one() != before


@pytest.mark.usefixtures("administrator")
def test_the_border_of_the_municipality(page: Page, make: Factory, session: Session) -> None:
    foreign = make.municipality("falkenberg", name="Falkenberg")
    unit = make.unit("kultur", municipality=foreign)
    make.official(unit, Role.ADMINISTRATOR, email="foreign@prov.example")
    grant = session.scalars(select(RoleGrant).where(RoleGrant.unit_id == unit.id)).one()
    for address in ("", "/units", "/units/kultur", "/areas", "/officials"):
        page.get(f"/settings/falkenberg{address}", 404)
    page.get("/settings/nowhere", 404)
    page.get("/settings/halmstad/units/kultur", 404)
    for address in ("", "/units", "/units/kultur", "/units/kultur/close", "/areas", "/officials"):
        page.post(f"/settings/falkenberg{address}", {"name": "Ny"}, 404)
    page.post(f"/settings/halmstad/officials/{grant.id}/remove", status=404)
    page.post("/settings/halmstad/officials/99999/remove", status=404)
    assert "foreign@prov.example" not in page.get("/settings/halmstad/officials").text
    # A unit of the other one is no choice here.
    page.submit("/settings/halmstad/officials", {"email": "a@b.se", "unit": "kultur", "role": "official"}, 422)


def test_who_administrates_two_municipalities_chooses(page: Page, make: Factory, administrator: Person) -> None:
    foreign = make.municipality("falkenberg", name="Falkenberg")
    make.session.add(
        RoleGrant(
            person_id=administrator.id,
            unit_id=make.unit(municipality=foreign).id,
            role=Role.ADMINISTRATOR,
            granted_at=administrator.created_at,
        )
    )
    make.session.commit()
    assert {"/settings/halmstad", "/settings/falkenberg"} <= set(page.get("/settings").links())


@pytest.mark.parametrize("role", [Role.OFFICIAL, Role.COORDINATOR, Role.DECIDER])
def test_other_roles_see_no_settings(page: Page, make: Factory, unit: Unit, role: Role) -> None:
    page.sign_in(make.cookie(make.official(unit, role)))
    for address in ("/settings", "/settings/halmstad", "/settings/halmstad/units", "/settings/halmstad/officials"):
        page.get(address, 403)


@pytest.mark.usefixtures("administrator")
def test_settings_cost_few_statements(page: Page, make: Factory, unit: Unit) -> None:
    for number in range(15):
        make.unit(parent_id=unit.id, area_id=make.area().id)
        make.official(unit, email=f"official{number}@prov.example")
    for address in ("", "/units", "/units/gata", "/areas", "/officials"):
        page.get(f"/settings/halmstad{address}")
        assert len(page.statements) <= 8, page.statements
