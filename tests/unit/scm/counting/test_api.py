"""Stock counts over HTTP."""

import pytest

from tests.unit.scm.caller import problem_fields


def test_a_count_records_the_stock_of_a_day(warehouse):
    body = {"warehouse": "MAIN", "counted_on": "1996-07-04", "lines": [{"sku": "TOFU", "quantity": "2.5"}]}
    new = warehouse.post("/stock-counts", body, 201)
    (listed,) = warehouse.get("/stock-counts?warehouse=MAIN&counted_on=1996-07-04")["data"]
    assert listed["id"] == new["id"]
    assert listed["lines"] == new["lines"] == [{"sku": "TOFU", "quantity": "2.5", "difference": "2.5"}]
    assert warehouse.get("/stock?sku=TOFU")["data"][0]["available"] == "2.5"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"warehouse": "EAST"}, "/warehouse"),
        ({"counted_on": "2199-01-01"}, "/counted_on"),
        ({"lines": []}, "/lines"),
        ({"lines": [{"sku": "TOFU", "quantity": "-1"}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "BEER", "quantity": "1"}]}, "/lines/0/sku"),
        ({"lines": [{"sku": "TOFU", "quantity": "1", "difference": "1"}]}, "/lines/0/difference"),
    ],
)
def test_an_invalid_count_is_refused_naming_the_field(warehouse, fields, field):
    body = {"warehouse": "MAIN", "counted_on": "1996-07-04", "lines": [{"sku": "TOFU", "quantity": "1"}]} | fields
    assert problem_fields(warehouse.post("/stock-counts", body, 422)) == {field}


def test_a_deactivated_warehouse_is_not_restocked_by_a_count(warehouse):
    (main,) = warehouse.get("/warehouses?code=MAIN")["data"]
    warehouse.post(f"/warehouses/{main['id']}/deactivate")
    body = {"warehouse": "MAIN", "counted_on": "1996-07-04", "lines": [{"sku": "TOFU", "quantity": "1"}]}
    assert problem_fields(warehouse.post("/stock-counts", body, 422)) == {"/warehouse"}


def test_a_deactivated_item_is_not_counted(warehouse):
    warehouse.post("/items/TOFU/deactivate")
    body = {"warehouse": "MAIN", "counted_on": "1996-07-04", "lines": [{"sku": "TOFU", "quantity": "1"}]}
    assert problem_fields(warehouse.post("/stock-counts", body, 422)) == {"/lines/0/sku"}
