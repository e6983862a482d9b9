"""Supplier invoices over HTTP, field by field."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.erp.service import Erp
from shared.testing.services import deliver
from shared.testing.web import usd
from tests.unit.erp.api.caller import create_erp_client
from tests.unit.erp.examples import SUPPLIER, a_purchase, a_receipt, an_erp


def bought(folder: Path, quantity: str = "10") -> tuple[Erp, str]:
    """Ten were ordered at 12.00, so many have come."""
    service, purchase = an_erp(folder), a_purchase(("CHAI", "10", "12.00"))
    deliver(service, purchase, a_receipt(purchase, quantity))
    return service, str(purchase.purchase_order_id)


def a_bill(order: str, price: str = "12.00", **other: Any) -> dict[str, Any]:
    return {
        "supplier_id": str(SUPPLIER),
        "number": "RE-1",
        "purchase_order_id": order,
        "billed_on": "2026-03-05",
        "lines": [{"sku": "CHAI", "quantity": "10", "unit_price": usd(price)}],
        **other,
    }


def a_payment(bill: dict[str, Any]) -> dict[str, Any]:
    return {
        "direction": "out",
        "party_id": str(SUPPLIER),
        "paid_on": "2026-03-09",
        "amount": bill["total"],
        "allocations": [{"document_id": bill["id"], "amount": bill["total"]}],
    }


def test_a_bill_that_matches_shows_what_is_owed(tmp_path: Path):
    service, order = bought(tmp_path)
    answered = create_erp_client(service).post("/bills", json=a_bill(order))
    assert answered.status_code == 201
    shown = answered.json
    assert answered.headers["Location"] == f"/api/v1/erp/bills/{shown.pop('id')}"
    assert shown == {
        "version": 2, "number": "RE-1", "status": "matched", "supplier_id": str(SUPPLIER), "purchase_order_id": order,
        "billed_on": "2026-03-05", "due_on": "2026-04-04",
        "lines": [{"line": 1, "sku": "CHAI", "quantity": "10", "unit_price": usd("12.00"), "net": usd("120.00")}],
        "blocked": [], "total": usd("120.00"), "open": usd("120.00"),
        "recorded_by": "margaret", "released_by": None, "reason": None,
    }  # fmt: skip
    assert [each["number"] for each in create_erp_client(service).get("/bills?status=matched").json["data"]] == ["RE-1"]


def test_a_blocked_bill_names_each_reason_and_is_released_by_another_person(tmp_path: Path):
    service, order = bought(tmp_path, "4")
    bill = create_erp_client(service).post("/bills", json=a_bill(order, "12.50")).json
    assert (bill["status"], bill["open"]) == ("blocked", usd("0.00"))
    assert bill["blocked"] == [
        {"line": 1, "reason": "price_above_order", "allowed": "12", "billed": "12.5"},
        {"line": 1, "reason": "more_than_received", "allowed": "4", "billed": "10"},
    ]
    path = f"/bills/{bill['id']}/release"
    alone = create_erp_client(service).post(path, json={"reason": "approved by me"})
    assert (alone.status_code, alone.json["code"]) == (403, "four_eyes_required")
    answered = create_erp_client(service, "laura").post(path, json={"reason": "agreed"})
    assert (answered.status_code, answered.json["status"], answered.json["released_by"]) == (200, "released", "laura")
    again = create_erp_client(service, "laura").post(path, json={"reason": "agreed"})
    assert (again.status_code, again.json["code"]) == (409, "wrong_status")


def test_the_same_bill_again_names_the_first(tmp_path: Path):
    service, order = bought(tmp_path)
    first = create_erp_client(service).post("/bills", json=a_bill(order)).json
    again = create_erp_client(service).post("/bills", json=a_bill(order, number=" re-O1"))
    assert (again.status_code, again.json["code"]) == (409, "already_taken")
    assert first["id"] in again.json["detail"]
    assert [each["pointer"] for each in again.json["errors"]] == ["/number"]
    assert len(create_erp_client(service).get("/bills").json["data"]) == 1


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"lines": []}, "/lines"),
        ({"lines": [{"sku": "TOFU", "quantity": "1", "unit_price": usd("1.00")}]}, "/lines/0/sku"),
        ({"lines": [{"sku": "CHAI", "quantity": "0", "unit_price": usd("1.00")}]}, "/lines/0/quantity"),
        ({"lines": [{"sku": "CHAI", "quantity": "1", "unit_price": usd("-1.00")}]}, "/lines/0/unit_price/amount"),
        (
            {"lines": [{"sku": "CHAI", "quantity": "1", "unit_price": {"amount": "1.00", "currency": "EUR"}}]},
            "/lines/0/unit_price",
        ),
        ({"supplier_id": str(uuid4())}, "/supplier_id"),
        ({"number": " "}, "/number"),
        ({"billed_on": "2026-02-30"}, "/billed_on"),
        ({"status": "matched"}, "/status"),
    ],
)
def test_a_bill_that_cannot_be_meant_is_refused_naming_the_field(tmp_path: Path, wrong: dict[str, Any], pointer: str):
    service, order = bought(tmp_path)
    answered = create_erp_client(service).post("/bills", json=a_bill(order, **wrong))
    assert (answered.status_code, [each["pointer"] for each in answered.json["errors"]]) == (422, [pointer])
    assert create_erp_client(service).get("/bills").json["data"] == []


def test_a_bill_is_paid_once(tmp_path: Path):
    service, order = bought(tmp_path)
    client = create_erp_client(service)
    bill = client.post("/bills", json=a_bill(order)).json
    assert client.post("/payments", json=a_payment(bill)).status_code == 201
    again = client.post("/payments", json=a_payment(bill))
    assert (again.status_code, again.json["code"]) == (409, "exceeds_open_amount")
    assert client.get(f"/bills/{bill['id']}").json["status"] == "paid"


def test_a_blocked_bill_is_neither_paid_nor_kept_when_it_is_sent_back(tmp_path: Path):
    service, order = bought(tmp_path, "4")
    client = create_erp_client(service)
    bill = client.post("/bills", json=a_bill(order)).json
    paid = client.post("/payments", json=a_payment(bill))
    assert (paid.status_code, paid.json["code"]) == (409, "not_payable")
    answered = client.post(f"/bills/{bill['id']}/reject", json={"reason": "not ours"})
    assert (answered.status_code, answered.json["status"], answered.json["reason"]) == (200, "rejected", "not ours")


def test_what_is_owed_to_suppliers_is_shown_by_days_overdue(tmp_path: Path):
    service, order = bought(tmp_path)
    create_erp_client(service).post("/bills", json=a_bill(order))
    owed = create_erp_client(service).get("/payables-aging?as_of=2026-04-05").json
    (row,) = owed["rows"]
    assert (row["supplier_id"], row["days_1_30"], owed["totals"]["total"]) == (
        str(SUPPLIER), usd("120.00"), usd("120.00"),
    )  # fmt: skip


def test_goods_received_and_not_billed_are_explained_line_by_line(tmp_path: Path):
    service, order = bought(tmp_path)
    four = {"sku": "CHAI", "quantity": "4", "unit_price": usd("11.00")}
    create_erp_client(service).post("/bills", json=a_bill(order, lines=[four]))
    shown = create_erp_client(service).get("/goods-received-not-invoiced?as_of=2026-03-05").json
    assert shown["rows"] == [{
        "purchase_order_id": order, "purchase_order": "PO-1", "supplier_id": str(SUPPLIER), "line": 1, "sku": "CHAI",
        "received": "10", "received_value": usd("120.00"), "billed": "4", "billed_value": usd("48.00"),
        "open": "6", "open_value": usd("72.00"),
    }]  # fmt: skip
    assert shown["totals"] == {"open_value": usd("72.00")}
    before = create_erp_client(service).get("/goods-received-not-invoiced?as_of=2026-03-04").json
    assert before["totals"] == {"open_value": usd("120.00")}
