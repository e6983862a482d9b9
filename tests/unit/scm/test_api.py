"""SCM over HTTP, where a test is about several modules."""

from uuid import uuid4

import pytest


def test_unknown_records_are_not_found(warehouse):
    warehouse.get("/items/BEER", 404)
    warehouse.get(f"/shipments/{uuid4()}", 404)
    warehouse.post(f"/shipments/{uuid4()}/dispatch", status=404)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/items", {"sku": "TOFU", "name": "Tofu", "unit": "piece"}),
        ("/warehouses", {"code": "MAIN", "name": "Main hall"}),
        ("/carriers", {"code": "SPEEDY", "name": "Speedy Express"}),
    ],
)
def test_a_code_is_registered_once(warehouse, path, body):
    assert warehouse.post(path, body, 409)["code"] == "already_taken"


def test_warehouses_and_carriers_are_listed(warehouse):
    warehouse.post("/warehouses", {"code": "EAST", "name": "East hall", "time_zone": "Asia/Shanghai"}, 201)
    warehouse.post("/carriers", {"code": "UNITED", "name": "United Package", "phone": "(503) 555-3199"}, 201)
    (east,) = warehouse.get("/warehouses?code=EAST")["data"]
    assert (east["name"], east["time_zone"], east["negative_stock"]) == ("East hall", "Asia/Shanghai", False)
    (united,) = warehouse.get("/carriers?code=UNITED")["data"]
    assert (united["name"], united["phone"]) == ("United Package", "(503) 555-3199")
