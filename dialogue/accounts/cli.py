"""Commands for municipalities, units and officials: what a new site needs before it has an administrator."""

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from dialogue.accounts import queries
from dialogue.accounts.models import Municipality, Unit
from dialogue.accounts.operations.people import get_or_create_person
from dialogue.accounts.operations.places import UnitFields, add_municipality, add_unit
from dialogue.accounts.operations.roles import grant_role, revoke_role
from dialogue.accounts.rules import Role
from dialogue.core import emailaddress
from dialogue.core.text import clean_line
from dialogue.requests.operations.routing import let_go_out_of_reach
from dialogue.web.transaction import command_transaction

municipalities = AppGroup("municipality", help="Municipalities that the site speaks for.")
units = AppGroup("unit", help="Units (förvaltningar) that answer requests.")
officials = AppGroup("official", help="People who work for a municipality, and their roles.")

_ROLES = click.Choice([role.value for role in Role])
_place = click.option("--municipality", "place", metavar="SLUG", help="Needed when there are several.")


@municipalities.command("add")
@click.argument("slug")
@click.argument("name")
def add_one_municipality(slug: str, name: str) -> None:
    """Add a municipality. SLUG is its short name, like halmstad."""
    with command_transaction() as session:
        municipality = add_municipality(session, slug, _line(name, "NAME"))
        click.echo(f"Added {municipality.name} ({slug}).")


@municipalities.command("list")
def list_municipalities() -> None:
    """List municipalities."""
    with command_transaction() as session:
        for municipality in queries.list_municipalities(session):
            click.echo(f"{municipality.slug}\t{municipality.name}")


@units.command("add")
@click.argument("slug")
@click.argument("name")
@click.option("--email", required=True, metavar="MAILBOX", help="Where new requests and reminders go.")
@click.option("--parent", metavar="SLUG", help="The unit that it is a part of.")
@_place
def add_one_unit(slug: str, name: str, email: str, parent: str | None, place: str | None) -> None:
    """Add a unit. SLUG is its short name, like gata-och-trafik."""
    with command_transaction() as session:
        municipality = _municipality(session, place)
        above = _unit(session, municipality, parent) if parent else None
        unit = add_unit(session, municipality, slug, UnitFields(_line(name, "NAME"), _address(email), above))
        click.echo(f"Added {unit.name} ({slug}) to {municipality.name}.")


@units.command("list")
@_place
def list_units(place: str | None) -> None:
    """List units with their mailboxes."""
    with command_transaction() as session:
        for unit in queries.list_all_units(session, _municipality(session, place).id):
            columns = [unit.slug, unit.name, unit.mailbox] + (["closed"] if unit.closed_at else [])
            click.echo("\t".join(columns))


@officials.command("add")
@click.argument("email")
@click.option("--unit", "slug", required=True, metavar="SLUG", help="The unit; its units below are reached too.")
@click.option("--role", required=True, type=_ROLES)
@_place
def add_official(email: str, slug: str, role: str, place: str | None) -> None:
    """Give the person with address EMAIL a role. They sign in by mail, and are told by one."""
    with command_transaction() as session:
        unit = _unit(session, _municipality(session, place), slug)
        person = get_or_create_person(session, _address(email), current_app.config["LOCALE"])
        if grant_role(session, person, unit, Role(role)):
            click.echo(f"{person.email} is now {role} in {unit.name}.")
        else:
            click.echo(f"{person.email} was already {role} in {unit.name}.")


@officials.command("list")
@_place
def list_officials(place: str | None) -> None:
    """List people with their roles."""
    with command_transaction() as session:
        for grant in queries.list_grants(session, _municipality(session, place).id):
            click.echo(f"{grant.person.email}\t{grant.role}\t{grant.unit.slug}")


@officials.command("remove")
@click.argument("email")
@click.option("--unit", "slug", metavar="SLUG", help="Only the roles in this unit.")
@click.option("--role", type=_ROLES, help="Only this role.")
@_place
def remove_official(email: str, slug: str | None, role: str | None, place: str | None) -> None:
    """Take roles back from the person with address EMAIL: all of them, or those that the options name."""
    with command_transaction() as session:
        municipality, address = _municipality(session, place), _address(email)
        held = [
            grant
            for grant in queries.list_grants(session, municipality.id)
            if grant.person.email == address
            and (slug is None or grant.unit.slug == slug)
            and (role is None or grant.role == role)
        ]
        if not held:
            raise click.ClickException(f"{address} has no such role. See who has: dialogue official list")
        for grant in held:
            revoke_role(session, grant)
            let_go_out_of_reach(session, grant.person)
            click.echo(f"{address} is no longer {grant.role} in {grant.unit.name}.")


def _municipality(session: Session, slug: str | None) -> Municipality:
    """The municipality that was named, or the only one."""
    places = queries.list_municipalities(session)
    if not places:
        raise click.ClickException("There is no municipality yet. Add it first: dialogue municipality add SLUG NAME")
    names = ", ".join(place.slug for place in places)
    if slug is None:
        if len(places) > 1:
            raise click.ClickException(f"There are several municipalities. Say which, with --municipality: {names}")
        return places[0]
    found = next((place for place in places if place.slug == slug), None)
    if found is None:
        raise click.ClickException(f"There is no municipality {slug!r}. Use one of: {names}")
    return found


def _unit(session: Session, municipality: Municipality, slug: str) -> Unit:
    unit = queries.find_unit(session, municipality.id, slug)
    if unit is None or unit.closed_at is not None:
        names = ", ".join(unit.slug for unit in queries.list_units(session, municipality.id))
        cure = f"Use one of: {names}" if names else "Add it first: dialogue unit add SLUG NAME --email MAILBOX"
        raise click.ClickException(f"There is no unit {slug!r} in {municipality.name}. {cure}")
    return unit


def _address(text: str) -> str:
    try:
        return emailaddress.normalise(text)
    except emailaddress.InvalidEmail:
        raise click.ClickException(f"{text!r} is no email address. Write it like name@halmstad.se") from None


def _line(text: str, what: str) -> str:
    line = clean_line(text, 120)
    if not line:
        raise click.UsageError(f"{what} is empty.")
    return line
