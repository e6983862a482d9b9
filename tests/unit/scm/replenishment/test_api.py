"""Changes of items over HTTP."""

import pytest

from tests.unit.scm.caller import problem_fields


@pytest.mark.parametrize(("version", "status"), [(None, 428), (7, 412)])
def test_an_item_changes_only_with_its_current_version(warehouse, version, status):
    warehouse.patch("/items/TOFU", {"name": "Tofu, firm"}, version, status)


def test_the_unit_of_an_item_does_not_change(warehouse):
    assert problem_fields(warehouse.patch("/items/TOFU", {"unit": "kg"}, 1, 422)) == {"/unit"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reorder_point": "10", "reorder_to": "9"}, "/reorder_to"),
        ({"name": None}, "/name"),
        ({"discontinued": None}, "/discontinued"),
        ({"sku": "BEER"}, "/sku"),
    ],
)
def test_an_invalid_change_of_an_item_is_refused_naming_the_field(warehouse, changes, field):
    assert problem_fields(warehouse.patch("/items/TOFU", changes, 1, 422)) == {field}


def test_an_unknown_item_is_not_changed(warehouse):
    assert warehouse.patch("/items/BEER", {"name": "Beer"}, 1, 404)["code"] == "not_found"
