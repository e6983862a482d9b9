"""SCM over HTTP, field by field."""

from uuid import uuid4

import pytest

from services.scm.main import RESOURCES
from shared.testing.services import deliver
from shared.testing.web import ApiCaller
from tests.unit.scm.examples import a_placed_order, a_purchase_order, a_warehouse, cancellation_requested

CHAI = {"sku": "CHAI", "name": "Chai", "unit": "box"}


@pytest.fixture
def warehouse(tmp_path):
    """A warehouse that knows TOFU and has none, with a client that calls it over HTTP."""
    service = a_warehouse(tmp_path, TOFU=0)
    return Outside(service, RESOURCES)


class Outside(ApiCaller):
    """Returns the body of each reply, whose status must be the expected one."""

    def get(self, path, status=200):
        return self._body(super().get(path), status)

    def post(self, path, body=None, status=200, headers=None):
        return self._body(super().post(path, body or {}, **(headers or {})), status)

    def patch(self, path, body, version, status=200):
        return self._body(super().patch(path, body, version), status)

    @staticmethod
    def _body(reply, status):
        assert reply.status_code == status, reply.json
        return reply.json


def problem_fields(answer):
    return {each["pointer"] for each in answer["errors"]}


def test_an_item_is_registered_read_and_changed_by_its_sku(warehouse):
    new = warehouse.post("/items", {**CHAI, "reorder_point": "10"}, 201)
    known = warehouse.get("/items/CHAI")
    shown = {name: known[name] for name in ("sku", "name", "unit", "reorder_point", "reorder_to", "discontinued")}
    assert shown == {**CHAI, "reorder_point": "10", "reorder_to": None, "discontinued": False}
    assert (known["id"], known["version"]) == (new["id"], new["version"])
    changed = warehouse.patch("/items/CHAI", {"discontinued": True, "reorder_to": "40.5"}, known["version"])
    assert (changed["discontinued"], changed["reorder_to"], changed["reorder_point"]) == (True, "40.5", "10")
    assert warehouse.get("/items?discontinued=true")["data"][0]["sku"] == "CHAI"


def test_a_new_item_returns_its_location(warehouse):
    reply = warehouse.client.post("/items", json=CHAI)
    assert reply.headers["Location"] == "/api/v1/scm/items/CHAI"
    assert reply.headers["ETag"] == '"1"'


@pytest.mark.parametrize(("version", "status"), [(None, 428), (7, 412)])
def test_an_item_changes_only_for_who_saw_its_version(warehouse, version, status):
    warehouse.patch("/items/TOFU", {"name": "Tofu, firm"}, version, status)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reorder_point": "-1"}, "/reorder_point"),
        ({"reorder_point": "10", "reorder_to": "9"}, "/reorder_to"),
        ({"discontinued": "yes"}, "/discontinued"),
        ({"colour": "green"}, "/colour"),
        ({"sku": "a/b"}, "/sku"),
    ],
)
def test_a_malformed_item_is_refused_naming_the_field(warehouse, body, field):
    assert problem_fields(warehouse.post("/items", CHAI | body, 422)) == {field}


def test_the_unit_of_an_item_does_not_change(warehouse):
    assert problem_fields(warehouse.patch("/items/TOFU", {"unit": "kg"}, 1, 422)) == {"/unit"}


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
def test_a_code_is_given_once(warehouse, path, body):
    assert warehouse.post(path, body, 409)["code"] == "already_taken"


def test_warehouses_and_carriers_are_listed(warehouse):
    warehouse.post("/warehouses", {"code": "EAST", "name": "East hall", "time_zone": "Asia/Shanghai"}, 201)
    warehouse.post("/carriers", {"code": "UNITED", "name": "United Package", "phone": "(503) 555-3199"}, 201)
    (east,) = warehouse.get("/warehouses?code=EAST")["data"]
    assert (east["name"], east["time_zone"], east["negative_stock"]) == ("East hall", "Asia/Shanghai", False)
    (united,) = warehouse.get("/carriers?code=UNITED")["data"]
    assert (united["name"], united["phone"]) == ("United Package", "(503) 555-3199")


@pytest.mark.parametrize(("field", "value"), [("time_zone", "Mars/Base"), ("negative_stock", True)])
def test_an_invalid_warehouse_is_refused_by_field(warehouse, field, value):
    assert problem_fields(warehouse.post("/warehouses", {"code": "X", "name": "X", field: value}, 422)) == {f"/{field}"}


def test_stock_is_shown_per_item_and_warehouse(warehouse):
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    received = {"purchase_order_id": str(sent.purchase_order_id), "lines": [{"sku": "TOFU", "quantity": "4"}]}
    warehouse.post("/goods-receipts", received, 201)
    a_placed_order(warehouse.service, ("TOFU", 6))
    (row,) = warehouse.get("/stock?sku=TOFU&warehouse=MAIN")["data"]
    shown = ("sku", "warehouse", "on_hand", "reserved", "available", "backordered", "on_order")
    assert [row[name] for name in shown] == ["TOFU", "MAIN", "4", "4", "0", "2", "6"]
    assert warehouse.get("/stock?sku=CHAI")["data"] == []


def test_a_receipt_is_shown_with_the_lines_of_its_order(warehouse):
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    body = {
        "purchase_order_id": str(sent.purchase_order_id),
        "received_on": "1996-07-01",
        "lines": [{"sku": "TOFU", "quantity": "2.5"}],
    }
    new = warehouse.post("/goods-receipts", body, 201)
    (listed,) = warehouse.get(f"/goods-receipts?purchase_order_id={sent.purchase_order_id}")["data"]
    assert listed["id"] == new["id"]
    assert (listed["warehouse"], listed["received_on"]) == ("MAIN", "1996-07-01")
    assert listed["lines"] == [{"line": 1, "sku": "TOFU", "quantity": "2.5"}]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([{"sku": "TOFU", "quantity": "11"}], "exceeds_ordered_quantity"),
        ([{"sku": "BEER", "quantity": "1"}], "not_registered"),
        ([{"sku": "CHAI", "quantity": "1"}], "not_on_order"),
    ],
)
def test_what_is_not_on_order_is_not_taken_in(warehouse, lines, code):
    warehouse.post("/items", CHAI, 201)
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    refused = warehouse.post("/goods-receipts", {"purchase_order_id": str(sent.purchase_order_id), "lines": lines}, 409)
    assert refused["code"] == code
    assert "line 1" in refused["detail"]


def test_a_receipt_is_reversed_with_a_reason(warehouse):
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    body = {"purchase_order_id": str(sent.purchase_order_id), "lines": [{"sku": "TOFU", "quantity": "4"}]}
    path = f"/goods-receipts/{warehouse.post('/goods-receipts', body, 201)['id']}/reverse"
    assert problem_fields(warehouse.post(path, status=422)) == {"/reason"}
    gone = warehouse.post(path, {"reason": "mistyped"})
    assert (gone["status"], gone["reason"]) == ("reversed", "mistyped")
    assert warehouse.post(path, {"reason": "again"}, 409)["code"] == "wrong_status"


def test_a_receipt_whose_goods_are_held_is_not_reversed(warehouse):
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    body = {"purchase_order_id": str(sent.purchase_order_id), "lines": [{"sku": "TOFU", "quantity": "4"}]}
    receipt = warehouse.post("/goods-receipts", body, 201)
    a_placed_order(warehouse.service, ("TOFU", 1))
    refused = warehouse.post(f"/goods-receipts/{receipt['id']}/reverse", {"reason": "mistyped"}, 409)
    assert refused["code"] == "stock_not_available"
    assert "cancel orders, or count the stock instead" in refused["detail"]


def test_a_count_records_what_was_there(warehouse):
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
def test_a_count_that_cannot_be_meant_is_refused_naming_the_field(warehouse, fields, field):
    body = {"warehouse": "MAIN", "counted_on": "1996-07-04", "lines": [{"sku": "TOFU", "quantity": "1"}]} | fields
    assert problem_fields(warehouse.post("/stock-counts", body, 422)) == {field}


@pytest.mark.parametrize("quantity", ["0", "-1", "1e3", "1_000", 1, "0.0000001"])
def test_a_quantity_is_a_plain_positive_number_in_a_text(warehouse, quantity):
    body = {"purchase_order_id": str(uuid4()), "lines": [{"sku": "TOFU", "quantity": quantity}]}
    assert problem_fields(warehouse.post("/goods-receipts", body, 422)) == {"/lines/0/quantity"}


def test_a_receipt_without_lines_is_refused(warehouse):
    body = {"purchase_order_id": str(uuid4()), "lines": []}
    assert problem_fields(warehouse.post("/goods-receipts", body, 422)) == {"/lines"}


@pytest.fixture
def shipment(warehouse):
    """An open shipment of ten, as it is listed."""
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    received = {"purchase_order_id": str(sent.purchase_order_id), "lines": [{"sku": "TOFU", "quantity": "10"}]}
    warehouse.post("/goods-receipts", received, 201)
    order = a_placed_order(warehouse.service, ("TOFU", 10))
    (shipment,) = warehouse.get(f"/shipments?sales_order_id={order.order_id}")["data"]
    return shipment | {"order": order}


def test_a_shipment_is_dispatched_with_the_given_particulars(warehouse, shipment):
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


def test_a_shipment_leaves_once(warehouse, shipment):
    warehouse.post(f"/shipments/{shipment['id']}/dispatch")
    assert warehouse.post(f"/shipments/{shipment['id']}/dispatch", status=409)["code"] == "wrong_status"


def test_the_same_key_dispatches_once_and_answers_the_same(warehouse, shipment):
    again = {"headers": {"Idempotency-Key": "dispatch-1"}}
    first = warehouse.post(f"/shipments/{shipment['id']}/dispatch", **again)
    assert warehouse.post(f"/shipments/{shipment['id']}/dispatch", **again) == first


def test_no_more_leaves_than_the_shipment_holds(warehouse, shipment):
    more = {"lines": [{"sku": "TOFU", "quantity": "11"}]}
    assert warehouse.post(f"/shipments/{shipment['id']}/dispatch", more, 409)["code"] == "exceeds_shipment"


def test_a_cancelled_shipment_does_not_leave(warehouse, shipment):
    deliver(warehouse.service, cancellation_requested(shipment["order"]))
    assert warehouse.get(f"/shipments/{shipment['id']}")["status"] == "cancelled"
    warehouse.post(f"/shipments/{shipment['id']}/dispatch", status=409)


def test_an_unknown_carrier_is_refused_by_field(warehouse, shipment):
    refused = warehouse.post(f"/shipments/{shipment['id']}/dispatch", {"carrier": "UNKNOWN"}, 422)
    assert problem_fields(refused) == {"/carrier"}
