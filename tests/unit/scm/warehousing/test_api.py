"""Warehouses over HTTP."""

import pytest

from tests.unit.scm.caller import problem_fields


@pytest.mark.parametrize(("field", "value"), [("time_zone", "Mars/Base"), ("negative_stock", True)])
def test_an_invalid_warehouse_is_refused_naming_the_field(warehouse, field, value):
    assert problem_fields(warehouse.post("/warehouses", {"code": "X", "name": "X", field: value}, 422)) == {f"/{field}"}
