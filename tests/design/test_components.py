"""The parts of the pages, seen through the page that shows them all."""

import pytest

from tests.page import Opened, Page


@pytest.fixture(params=["/dev/components", "/en/dev/components"])
def components(page: Page, request: pytest.FixtureRequest) -> Opened:
    return page.get(request.param)


def test_every_component_is_sound(components: Opened) -> None:
    assert components.h1 == "Components"


def test_the_error_summary_says_what_the_fields_say_in_their_order(components: Opened) -> None:
    (summary,) = (box for box in components.tree.iter("div") if box.get("id") == "error-summary")
    said = [link.text for link in summary.iter("a")]
    at_fields = [
        "".join(error.itertext()).partition(": ")[2]
        for error in components.tree.iter("p")
        if error.get("class") == "field-error"
    ]
    assert [text for text in said if text in at_fields] == at_fields
    assert len(at_fields) > 3


def test_the_error_summary_leads_to_fields_that_are_there(components: Opened) -> None:
    (summary,) = (box for box in components.tree.iter("div") if box.get("id") == "error-summary")
    shown = {field.get("id") for field in components.tree.iter() if field.tag in ("input", "textarea", "select")}
    targets = {link.get("href", "")[1:] for link in summary.iter("a")}
    assert {"refused-title", "refused-body", "refused-status-0", "refused-next_on", "refused-agree"} <= targets & shown


def test_a_refused_field_is_marked_and_described(components: Opened) -> None:
    (field,) = (field for field in components.tree.iter("input") if field.get("id") == "refused-title")
    assert field.get("aria-invalid") == "true"
    assert field.get("aria-describedby") == "refused-title-error"


def test_repeated_acts_carry_their_subject(components: Opened) -> None:
    names = ["".join(button.itertext()) for button in components.tree.iter() if button.get("class") == "vote"]
    assert names
    assert all(len(name) > 20 for name in names)


def test_nothing_typed_is_hinted_inside_a_field_or_demanded_by_the_browser(components: Opened) -> None:
    for field in components.tree.iter():
        assert field.get("placeholder") is None
        assert field.get("required") is None
