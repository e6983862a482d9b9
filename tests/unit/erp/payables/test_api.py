"""Supplier invoices over HTTP, field by field."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.erp.service import Erp
from shared.testing.services import deliver
from shared.testing.web import usd
from tests.unit.erp.caller import create_erp_client
from tests.unit.erp.examples import SUPPLIER, a_purchase, a_receipt, an_erp


def bought(folder: Path, quantity: str = "10") -> tuple[Erp, str]:
    """Ten were ordered at 12.00, this quantity was received."""
    service, purchase = an_erp(folder), a_purchase(("CHAI", "10", "12.00"))
    deliver(service, purchase, a_receipt(purchase, quantity))
    return service, str(purchase.purchase_order_id)


def an_invoice(order: str, price: str = "12.00", **other: Any) -> dict[str, Any]:
    return {
        "supplier_id": str(SUPPLIER),
        "number": "RE-1",
        "purchase_order_id": order,
        "billed_on": "2026-03-05",
        "lines": [{"sku": "CHAI", "quantity": "10", "unit_price": usd(price)}],
        **other,
    }


def a_payment(invoice: dict[str, Any]) -> dict[str, Any]:
    return {
        "direction": "out",
        "party_id": str(SUPPLIER),
        "paid_on": "2026-03-09",
        "amount": invoice["total"],
        "allocations": [{"document_id": invoice["id"], "amount": invoice["total"]}],
    }


def test_a_matching_invoice_shows_the_open_amount(tmp_path: Path):
    service, order = bought(tmp_path)
    answered = create_erp_client(service).post("/bills", json=an_invoice(order, note="by post"))
    assert answered.status_code == 201
    shown = answered.json
    assert answered.headers["Location"] == f"/api/v1/erp/bills/{shown.pop('id')}"
    assert shown == {
        "version": 2, "number": "RE-1", "status": "matched", "supplier_id": str(SUPPLIER), "purchase_order_id": order,
        "billed_on": "2026-03-05", "due_on": "2026-04-04",
        "lines": [{
            "position": 1, "purchase_order_id": order, "line": 1, "sku": "CHAI", "quantity": "10",
            "unit_price": usd("12.00"), "net": usd("120.00"),
        }],
        "order_lines": [{"position": 1, "purchase_order_id": order, "line": 1, "sku": "CHAI", "quantity": "10"}],
        "blocked": [], "total": usd("120.00"), "open": usd("120.00"), "owed_once_accepted": usd("0.00"),
        "written_off": usd("0.00"), "posted_on": "2026-03-05", "duplicate_reason": None,
        "recorded_by": "margaret", "released_by": None, "reason": None, "note": "by post",
    }  # fmt: skip
    assert [each["number"] for each in create_erp_client(service).get("/bills?status=matched").json["data"]] == ["RE-1"]


@pytest.mark.case("C12")
def test_a_blocked_invoice_shows_each_reason_and_is_released_by_another_person(tmp_path: Path):
    service, order = bought(tmp_path, "4")
    invoice = create_erp_client(service).post("/bills", json=an_invoice(order, "12.50")).json
    assert (invoice["status"], invoice["open"], invoice["posted_on"]) == ("blocked", usd("0.00"), None)
    assert invoice["owed_once_accepted"] == usd("125.00")
    line = {"position": 1, "purchase_order_id": order, "purchase_order": "PO-1", "line": 1, "sku": "CHAI"}
    assert invoice["blocked"] == [
        line | {
            "reason": "price_above_order", "allowed": "12", "billed": "12.5", "currency": "USD",
            "detail": "line 1: CHAI, line 1 of PO-1, is invoiced at 12.5 USD, above the agreed 12 USD",
        },
        line | {
            "reason": "more_than_received", "allowed": "4", "billed": "10", "currency": None,
            "detail": "line 1: CHAI, line 1 of PO-1, is invoiced with 10, above the 4 received and not invoiced",
        },
    ]  # fmt: skip
    path = f"/bills/{invoice['id']}/release"
    alone = create_erp_client(service).post(path, json={"reason": "approved by me"})
    assert (alone.status_code, alone.json["code"]) == (403, "four_eyes_required")
    answered = create_erp_client(service, "laura").post(path, json={"reason": "agreed"})
    assert (answered.status_code, answered.json["status"], answered.json["released_by"]) == (200, "released", "laura")
    again = create_erp_client(service, "laura").post(path, json={"reason": "agreed"})
    assert (again.status_code, again.json["code"]) == (409, "wrong_status")


def test_a_repeated_invoice_number_is_refused_naming_the_first(tmp_path: Path):
    service, order = bought(tmp_path)
    first = create_erp_client(service).post("/bills", json=an_invoice(order)).json
    again = create_erp_client(service).post("/bills", json=an_invoice(order, number=" re-O1"))
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
            "/lines/0/unit_price/currency",
        ),
        ({"supplier_id": str(uuid4())}, "/supplier_id"),
        ({"number": " "}, "/number"),
        ({"billed_on": "2026-02-30"}, "/billed_on"),
        ({"status": "matched"}, "/status"),
    ],
)
def test_an_invalid_invoice_is_refused_naming_the_field(tmp_path: Path, wrong: dict[str, Any], pointer: str):
    service, order = bought(tmp_path)
    answered = create_erp_client(service).post("/bills", json=an_invoice(order, **wrong))
    assert (answered.status_code, [each["pointer"] for each in answered.json["errors"]]) == (422, [pointer])
    assert create_erp_client(service).get("/bills").json["data"] == []


def test_a_supplier_invoice_is_paid_once(tmp_path: Path):
    service, order = bought(tmp_path)
    client = create_erp_client(service)
    invoice = client.post("/bills", json=an_invoice(order)).json
    assert client.post("/payments", json=a_payment(invoice)).status_code == 201
    again = client.post("/payments", json=a_payment(invoice))
    assert (again.status_code, again.json["code"]) == (409, "exceeds_open_amount")
    assert client.get(f"/bills/{invoice['id']}").json["status"] == "paid"


def test_a_blocked_invoice_is_not_paid_and_can_be_rejected(tmp_path: Path):
    service, order = bought(tmp_path, "4")
    client = create_erp_client(service)
    invoice = client.post("/bills", json=an_invoice(order)).json
    paid = client.post("/payments", json=a_payment(invoice))
    assert (paid.status_code, paid.json["code"]) == (409, "not_payable")
    answered = client.post(f"/bills/{invoice['id']}/reject", json={"reason": "not ours"})
    assert (answered.status_code, answered.json["status"], answered.json["reason"]) == (200, "rejected", "not ours")


def test_payables_are_shown_by_days_overdue(tmp_path: Path):
    service, order = bought(tmp_path)
    create_erp_client(service).post("/bills", json=an_invoice(order))
    owed = create_erp_client(service).get("/payables-aging?as_of=2026-04-05").json
    (row,) = owed["rows"]
    assert (row["supplier_id"], row["days_1_30"], owed["totals"]["total"]) == (
        str(SUPPLIER), usd("120.00"), usd("120.00"),
    )  # fmt: skip


def test_goods_received_not_invoiced_are_shown_line_by_line(tmp_path: Path):
    service, order = bought(tmp_path)
    four = {"sku": "CHAI", "quantity": "4", "unit_price": usd("11.00")}
    create_erp_client(service).post("/bills", json=an_invoice(order, lines=[four]))
    shown = create_erp_client(service).get("/goods-received-not-invoiced?as_of=2026-03-05").json
    assert shown["rows"] == [{
        "purchase_order_id": order, "purchase_order": "PO-1", "supplier_id": str(SUPPLIER),
        "supplier_code": "MILL", "supplier_name": "MILL", "line": 1, "sku": "CHAI",
        "received": "10", "received_value": usd("120.00"), "billed": "4", "billed_value": usd("48.00"),
        "open": "6", "open_value": usd("72.00"),
    }]  # fmt: skip
    assert shown["totals"] == {"open_value": usd("72.00")}
    before = create_erp_client(service).get("/goods-received-not-invoiced?as_of=2026-03-04").json
    assert before["totals"] == {"open_value": usd("120.00")}
