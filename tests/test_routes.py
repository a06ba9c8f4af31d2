"""Every route declares its permission, GET never writes, and the list of routes is reviewed by a person."""

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from dialogue.accounts.access import refuse_undeclared
from dialogue.accounts.policy import POLICY, Permission
from tests.browser.places import MACHINES, PLACES

REVIEWED = Path(__file__).parent / "routes.txt"


def lines_of(app: Flask) -> list[str]:
    """One line a route: methods, address, permission, and whether it goes without a form proof."""
    lines = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        view = app.view_functions[rule.endpoint]
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        proof = "" if view.form_proof else " (no form proof)"  # type: ignore[attr-defined]
        lines.append(f"{methods} {rule.rule} {view.permission.name}{proof}")  # type: ignore[attr-defined]
    return sorted(lines)


def test_the_list_of_routes_is_the_reviewed_one(app: Flask) -> None:
    now, reviewed = lines_of(app), REVIEWED.read_text(encoding="utf-8").splitlines()
    new, gone = sorted(set(now) - set(reviewed)), sorted(set(reviewed) - set(now))
    assert not new, f"new routes, read them and add their lines to tests/routes.txt: {new}"
    assert not gone, f"routes that vanished, restore them or remove their lines from tests/routes.txt: {gone}"


def test_a_route_without_a_permission_stops_the_app() -> None:
    app = Flask("planted")
    app.add_url_rule("/planted", view_func=lambda: "", endpoint="planted")
    with pytest.raises(RuntimeError, match=r"mark them with @requires: planted"):
        refuse_undeclared(app)


def test_a_route_that_reads_does_not_also_write_under_one_permission(app: Flask) -> None:
    mixed = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and {"GET", "POST"} <= (rule.methods or set())
    ]
    assert not mixed, f"split these into one view that shows and one that acts: {mixed}"


def test_every_permission_stands_in_the_policy() -> None:
    assert POLICY.keys() == set(Permission)


def test_every_page_is_looked_at_in_the_browser(app: Flask) -> None:
    addresses, seen = app.url_map.bind("localhost"), set(MACHINES)
    for place in PLACES:
        try:
            seen.add(addresses.match(place.pattern)[0])
        except HTTPException:
            assert place.status >= 400, f"{place} leads nowhere, correct its line in tests/browser/places.py"
    missing = sorted({rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())} - seen)
    assert not missing, f"new pages, add a line for each to PLACES in tests/browser/places.py: {missing}"
