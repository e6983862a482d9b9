"""Warehouses over HTTP."""

import pytest

from tests.unit.scm.caller import problem_fields


@pytest.fixture
def east(warehouse):
    """Return the warehouse EAST as it is shown."""
    return warehouse.post("/warehouses", {"code": "EAST", "name": "East hall", "time_zone": "Asia/Shanghai"}, 201)


@pytest.mark.parametrize(("field", "value"), [("time_zone", "Mars/Base"), ("negative_stock", True)])
def test_an_invalid_warehouse_is_refused_naming_the_field(warehouse, field, value):
    assert problem_fields(warehouse.post("/warehouses", {"code": "X", "name": "X", field: value}, 422)) == {f"/{field}"}


def test_a_warehouse_is_renamed_and_moved_to_another_time_zone(warehouse, east):
    changes = {"name": "East yard", "time_zone": None}
    changed = warehouse.patch(f"/warehouses/{east['id']}", changes, east["version"])
    assert {name: changed[name] for name in changes} == changes
    assert (changed["code"], changed["active"], changed["negative_stock"]) == ("EAST", True, False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"time_zone": "Mars/Base"}, "/time_zone"),
        ({"negative_stock": True}, "/negative_stock"),
        ({"code": "WEST"}, "/code"),
        ({"name": None}, "/name"),
    ],
)
def test_an_invalid_change_of_a_warehouse_is_refused_naming_the_field(warehouse, east, changes, field):
    refused = warehouse.patch(f"/warehouses/{east['id']}", changes, east["version"], 422)
    assert problem_fields(refused) == {field}


@pytest.mark.parametrize(("version", "status"), [(None, 428), (7, 412)])
def test_a_warehouse_changes_only_with_its_current_version(warehouse, east, version, status):
    warehouse.patch(f"/warehouses/{east['id']}", {"name": "East yard"}, version, status)


def test_a_warehouse_is_deactivated_and_reactivated(warehouse, east):
    path = f"/warehouses/{east['id']}"
    assert warehouse.post(f"{path}/deactivate")["active"] is False
    assert warehouse.post(f"{path}/deactivate")["active"] is False
    assert [each["code"] for each in warehouse.get("/warehouses?active=false")["data"]] == ["EAST"]
    assert warehouse.post(f"{path}/reactivate")["active"] is True
