"""Goods receipts over HTTP."""

from dataclasses import replace
from uuid import uuid4

import pytest

from shared.testing.services import deliver
from tests.unit.scm.caller import CHAI, problem_fields
from tests.unit.scm.examples import a_placed_order, a_purchase_order


def test_a_receipt_is_shown_with_the_lines_of_its_order(warehouse):
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    body = {
        "purchase_order_id": str(sent.purchase_order_id),
        "received_on": "1996-07-01",
        "delivery_note": "LS 4711",
        "lines": [{"sku": "TOFU", "quantity": "2.5"}],
    }
    new = warehouse.post("/goods-receipts", body, 201)
    wanted = f"purchase_order_id={sent.purchase_order_id}&delivery_note=LS 4711"
    (listed,) = warehouse.get(f"/goods-receipts?{wanted}")["data"]
    assert listed["id"] == new["id"]
    assert (listed["warehouse"], listed["received_on"], listed["delivery_note"]) == ("MAIN", "1996-07-01", "LS 4711")
    assert listed["lines"] == [{"line": 1, "sku": "TOFU", "quantity": "2.5"}]


@pytest.mark.parametrize(
    ("lines", "code", "detail"),
    [
        ([{"sku": "TOFU", "quantity": "11"}], "exceeds_ordered_quantity", "11 of TOFU exceeds 10"),
        ([{"sku": "BEER", "quantity": "1"}], "not_registered", "BEER is not registered: register it or choose another"),
        ([{"sku": "tofu", "quantity": "1"}], "not_registered", "tofu is not registered. Did you mean 'TOFU'?"),
        ([{"sku": "CHAI", "quantity": "1"}], "not_on_order", "CHAI was not ordered"),
    ],
)
def test_goods_not_on_order_are_refused(warehouse, lines, code, detail):
    warehouse.post("/items", CHAI, 201)
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    refused = warehouse.post("/goods-receipts", {"purchase_order_id": str(sent.purchase_order_id), "lines": lines}, 409)
    assert refused["code"] == code
    assert refused["detail"].startswith("line 1: ")
    assert detail in refused["detail"]


def order_of_two_lines(service) -> dict[str, str]:
    """Tofu on lines 1 and 3, ten each, and chai on line 2."""
    sent = a_purchase_order(TOFU=10, CHAI=10)
    lines = (*sent.lines, replace(sent.lines[0], line=3))
    deliver(service, replace(sent, lines=lines))
    return {"purchase_order_id": str(sent.purchase_order_id)}


@pytest.mark.case("B10")
def test_goods_are_received_on_the_line_that_is_given(warehouse):
    order = order_of_two_lines(warehouse.service)
    body = order | {"lines": [{"sku": "TOFU", "quantity": "4", "line": 3}]}
    assert warehouse.post("/goods-receipts", body, 201)["lines"] == [{"line": 3, "sku": "TOFU", "quantity": "4"}]
    body = order | {"lines": [{"sku": "TOFU", "quantity": "11"}, {"sku": "TOFU", "quantity": "5", "line": 3}]}
    assert warehouse.post("/goods-receipts", body, 201)["lines"] == [
        {"line": 1, "sku": "TOFU", "quantity": "10"},
        {"line": 3, "sku": "TOFU", "quantity": "6"},
    ], "goods for a given line are placed first"


@pytest.mark.parametrize(
    ("line", "status", "pointer"),
    [
        ({"line": 4}, 422, "/lines/0/line"),
        ({"line": 2}, 422, "/lines/0/line"),
        ({"line": 0}, 422, "/lines/0/line"),
        ({"line": 3, "quantity": "10.5"}, 409, "/lines/0/quantity"),
    ],
    ids=["unknown", "of another item", "none has it", "more than the line has open"],
)
def test_a_receipt_on_a_line_that_does_not_fit_is_refused(warehouse, line, status, pointer):
    warehouse.post("/items", CHAI, 201)
    body = order_of_two_lines(warehouse.service) | {"lines": [{"sku": "TOFU", "quantity": "1"} | line]}
    assert problem_fields(warehouse.post("/goods-receipts", body, status)) == {pointer}


@pytest.mark.parametrize("place", ["items/TOFU", "warehouses/{main}"], ids=["item", "warehouse"])
def test_goods_of_a_deactivated_item_or_for_a_deactivated_warehouse_are_refused(warehouse, place):
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    (main,) = warehouse.get("/warehouses?code=MAIN")["data"]
    warehouse.post(f"/{place.format(main=main['id'])}/deactivate")
    body = {"purchase_order_id": str(sent.purchase_order_id), "lines": [{"sku": "TOFU", "quantity": "1"}]}
    assert warehouse.post("/goods-receipts", body, 409)["code"] == "deactivated"


def test_a_receipt_is_reversed_with_a_reason(warehouse):
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    body = {"purchase_order_id": str(sent.purchase_order_id), "lines": [{"sku": "TOFU", "quantity": "4"}]}
    path = f"/goods-receipts/{warehouse.post('/goods-receipts', body, 201)['id']}/reverse"
    assert problem_fields(warehouse.post(path, status=422)) == {"/reason"}
    gone = warehouse.post(path, {"reason": "mistyped"})
    assert (gone["status"], gone["reason"]) == ("reversed", "mistyped")
    assert warehouse.post(path, {"reason": "again"}, 409)["code"] == "wrong_status"


def test_a_receipt_of_reserved_goods_is_not_reversed(warehouse):
    sent = a_purchase_order(TOFU=10)
    deliver(warehouse.service, sent)
    body = {"purchase_order_id": str(sent.purchase_order_id), "lines": [{"sku": "TOFU", "quantity": "4"}]}
    receipt = warehouse.post("/goods-receipts", body, 201)
    a_placed_order(warehouse.service, ("TOFU", 1))
    refused = warehouse.post(f"/goods-receipts/{receipt['id']}/reverse", {"reason": "mistyped"}, 409)
    assert refused["code"] == "stock_not_available"
    assert "Cancel or amend the sales orders that reserve them first" in refused["detail"]


@pytest.mark.parametrize("quantity", ["0", "-1", "1e3", "1_000", 1, "0.0000001"])
def test_a_quantity_must_be_a_positive_decimal_string(warehouse, quantity):
    body = {"purchase_order_id": str(uuid4()), "lines": [{"sku": "TOFU", "quantity": quantity}]}
    assert problem_fields(warehouse.post("/goods-receipts", body, 422)) == {"/lines/0/quantity"}


def test_a_receipt_without_lines_is_refused(warehouse):
    body = {"purchase_order_id": str(uuid4()), "lines": []}
    assert problem_fields(warehouse.post("/goods-receipts", body, 422)) == {"/lines"}
