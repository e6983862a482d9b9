"""Dispatch of shipments over HTTP, and the settings of fulfilment."""

import pytest

from shared.testing.services import deliver
from tests.unit.scm.caller import problem_fields
from tests.unit.scm.examples import a_placed_order, a_purchase_order, cancellation_requested


@pytest.fixture
def shipment(warehouse):
    """Return an open shipment of ten pieces, as it is listed."""
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    received = {"purchase_order_id": str(sent.purchase_order_id), "lines": [{"sku": "TOFU", "quantity": "10"}]}
    warehouse.post("/goods-receipts", received | {"received_on": "1996-07-04"}, 201)
    order = a_placed_order(warehouse.service, ("TOFU", 10))
    (shipment,) = warehouse.get(f"/shipments?sales_order_id={order.order_id}")["data"]
    return shipment | {"order": order}


def test_a_shipment_is_dispatched_with_date_carrier_and_tracking_number(warehouse, shipment):
    assert shipment["status"] == "open"
    particulars = {"dispatched_on": "1996-07-16", "carrier": "SPEEDY", "tracking": "T 1"}
    gone = warehouse.post(f"/shipments/{shipment['id']}/dispatch", particulars)
    assert {name: gone[name] for name in particulars} == particulars
    assert (gone["status"], gone["lines"]) == ("dispatched", [{"line": 1, "sku": "TOFU", "quantity": "10"}])
    assert warehouse.get(f"/shipments/{shipment['id']}")["version"] == gone["version"]


def test_null_counts_as_omitted_when_goods_are_dispatched(warehouse, shipment):
    omitted = dict.fromkeys(("dispatched_on", "carrier", "tracking", "lines"))
    gone = warehouse.post(f"/shipments/{shipment['id']}/dispatch", omitted)
    assert (gone["status"], gone["lines"]) == ("dispatched", [{"line": 1, "sku": "TOFU", "quantity": "10"}])


def test_a_part_is_dispatched_and_the_rest_stays_in_a_new_shipment(warehouse, shipment):
    warehouse.post(f"/shipments/{shipment['id']}/dispatch", {"lines": [{"sku": "TOFU", "quantity": "4"}]})
    (rest,) = warehouse.get(f"/shipments?sales_order_id={shipment['sales_order_id']}&status=open")["data"]
    assert rest["lines"] == [{"line": 1, "sku": "TOFU", "quantity": "6"}]


def test_a_shipment_is_dispatched_once(warehouse, shipment):
    warehouse.post(f"/shipments/{shipment['id']}/dispatch")
    assert warehouse.post(f"/shipments/{shipment['id']}/dispatch", status=409)["code"] == "wrong_status"


def test_a_repeated_idempotency_key_dispatches_once_and_returns_the_same(warehouse, shipment):
    again = {"headers": {"Idempotency-Key": "dispatch-1"}}
    first = warehouse.post(f"/shipments/{shipment['id']}/dispatch", **again)
    assert warehouse.post(f"/shipments/{shipment['id']}/dispatch", **again) == first


def test_a_quantity_above_the_shipment_is_refused(warehouse, shipment):
    more = {"lines": [{"sku": "TOFU", "quantity": "11"}]}
    assert warehouse.post(f"/shipments/{shipment['id']}/dispatch", more, 409)["code"] == "exceeds_shipment"


@pytest.mark.case("B12")
def test_the_line_that_is_given_leaves_first(warehouse):
    sent = a_purchase_order(TOFU=6)
    deliver(warehouse.service, sent)
    received = {"purchase_order_id": str(sent.purchase_order_id), "lines": [{"sku": "TOFU", "quantity": "6"}]}
    warehouse.post("/goods-receipts", received, 201)
    order = a_placed_order(warehouse.service, ("TOFU", 5), ("TOFU", 1))
    (shipment,) = warehouse.get(f"/shipments?sales_order_id={order.order_id}")["data"]
    path = f"/shipments/{shipment['id']}/dispatch"
    gone = warehouse.post(path, {"lines": [{"sku": "TOFU", "quantity": "1", "line": 2}]})
    assert gone["lines"] == [{"line": 2, "sku": "TOFU", "quantity": "1"}]
    (rest,) = warehouse.get(f"/shipments?sales_order_id={order.order_id}&status=open")["data"]
    assert rest["lines"] == [{"line": 1, "sku": "TOFU", "quantity": "5"}]
    again = {"lines": [{"sku": "TOFU", "quantity": "1", "line": 2}]}
    refused = warehouse.post(f"/shipments/{rest['id']}/dispatch", again, 409)
    assert (refused["code"], problem_fields(refused)) == ("not_in_shipment", {"/lines/0/line"})


@pytest.mark.parametrize("line", [2, 99])
def test_a_dispatch_of_a_line_that_the_order_does_not_have_is_refused(warehouse, shipment, line):
    body = {"lines": [{"sku": "TOFU", "quantity": "1", "line": line}]}
    refused = warehouse.post(f"/shipments/{shipment['id']}/dispatch", body, 422)
    assert problem_fields(refused) == {"/lines/0/line"}


def test_an_item_in_another_spelling_is_refused_naming_the_right_one(warehouse, shipment):
    refused = warehouse.post(
        f"/shipments/{shipment['id']}/dispatch", {"lines": [{"sku": "tofu", "quantity": "1"}]}, 409
    )
    assert (refused["code"], problem_fields(refused)) == ("not_in_shipment", {"/lines/0/sku"})
    assert refused["detail"] == "line 1: tofu is not in this shipment. Did you mean 'TOFU'?"


def test_a_cancelled_shipment_is_not_dispatched(warehouse, shipment):
    deliver(warehouse.service, cancellation_requested(shipment["order"]))
    assert warehouse.get(f"/shipments/{shipment['id']}")["status"] == "cancelled"
    warehouse.post(f"/shipments/{shipment['id']}/dispatch", status=409)


def test_an_unknown_carrier_is_refused_naming_the_field(warehouse, shipment):
    refused = warehouse.post(f"/shipments/{shipment['id']}/dispatch", {"carrier": "UNKNOWN"}, 422)
    assert problem_fields(refused) == {"/carrier"}


def test_a_carrier_in_another_spelling_is_unknown_and_the_refusal_names_the_right_one(warehouse, shipment):
    warehouse.post("/carriers", {"code": "SWIFT", "name": "Swift"}, 201)
    refused = warehouse.post(f"/shipments/{shipment['id']}/dispatch", {"carrier": "Swift"}, 422)
    assert refused["errors"][0]["detail"] == "unknown carrier Swift. Did you mean 'SWIFT'?"
    assert warehouse.post(f"/shipments/{shipment['id']}/dispatch", {"carrier": "SWIFT"})["carrier"] == "SWIFT"


def test_a_default_warehouse_must_be_registered_and_active(warehouse):
    refused = warehouse.patch("/settings", {"default_warehouse": "EAST"}, 0, 422)
    assert problem_fields(refused) == {"/default_warehouse"}
    assert refused["errors"][0]["detail"] == "unknown warehouse EAST: register it or choose another"
    east = warehouse.post("/warehouses", {"code": "EAST", "name": "East hall"}, 201)
    warehouse.post(f"/warehouses/{east['id']}/deactivate")
    refused = warehouse.patch("/settings", {"default_warehouse": "EAST"}, 0, 422)
    assert problem_fields(refused) == {"/default_warehouse"}
    assert "warehouse EAST is deactivated" in refused["errors"][0]["detail"]
    warehouse.post(f"/warehouses/{east['id']}/reactivate")
    assert warehouse.patch("/settings", {"default_warehouse": "EAST"}, 0)["default_warehouse"] == "EAST"


def test_other_settings_change_while_the_default_warehouse_is_deactivated(warehouse):
    (main,) = warehouse.get("/warehouses?code=MAIN")["data"]
    version = warehouse.patch("/settings", {"default_warehouse": "MAIN"}, 0)["version"]
    warehouse.post(f"/warehouses/{main['id']}/deactivate")
    version = warehouse.patch("/settings", {"over_receipt_percent": "5"}, version)["version"]
    assert warehouse.patch("/settings", {"default_warehouse": None}, version)["default_warehouse"] is None
