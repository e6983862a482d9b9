"""Invoices and credit accounts over HTTP, field by field."""

from pathlib import Path
from uuid import uuid4

import pytest

from shared.testing.services import deliver
from shared.testing.web import usd
from tests.unit.erp.caller import a_payment, an_invoice, create_erp_client, sold
from tests.unit.erp.examples import CUSTOMER, an_erp, an_order


def test_an_invoice_shows_its_lines_and_open_amount(tmp_path: Path):
    invoice = an_invoice(create_erp_client(sold(tmp_path)))
    ids = {invoice.pop(name) for name in ("id", "sales_order_id", "shipment_id")}
    assert len(ids) == 3
    assert invoice.pop("created_at") == invoice.pop("updated_at")
    assert invoice == {
        "version": 1, "number": "1", "series": "invoices", "status": "open", "customer_id": str(CUSTOMER),
        "invoiced_on": "2026-03-05", "due_on": "2026-04-04",
        "lines": [{
            "line": 1, "sku": "CHAI", "quantity": "4", "unit_price": usd("20.00"), "discount_percent": "15",
            "net": usd("68.00"),
        }],
        "net": usd("68.00"), "freight": usd("5.00"), "tax": usd("0.00"), "total": usd("73.00"), "open": usd("73.00"),
        "written_off": usd("0.00"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"), [("status=open", 1), ("status=paid,part_paid", 0), (f"customer_id={CUSTOMER}", 1)]
)
def test_invoices_are_filtered(tmp_path: Path, query: str, found: int):
    assert len(create_erp_client(sold(tmp_path)).get(f"/invoices?{query}").json["data"]) == found


def test_a_small_open_amount_is_written_off(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    invoice = an_invoice(client)
    too_much = client.post(f"/invoices/{invoice['id']}/write-off", json={"reason": "generous"})
    assert (too_much.status_code, too_much.json["code"]) == (409, "write_off_too_large")
    client.post("/payments", json=a_payment(invoice, "70.00"))
    answered = client.post(f"/invoices/{invoice['id']}/write-off", json={"reason": "bank charges"})
    assert (answered.status_code, answered.json["status"], answered.json["open"]) == (200, "paid", usd("0.00"))


def test_an_unknown_invoice_is_named(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).post("/payments", json=a_payment({"id": str(uuid4())}))
    assert answered.status_code == 422
    assert [each["pointer"] for each in answered.json["errors"]] == ["/allocations/0/document_id"]


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/journal?from=yesterday", "/from"),
        ("/journal?colour=red", "/colour"),
        ("/journal?limit=1001", "/limit"),
        ("/trial-balance?as_of=1998-02-30", "/as_of"),
        ("/stock-value?currency=usd", "/currency"),
        ("/receivables-aging?known_by=me", "/known_by"),
    ],
)
def test_an_invalid_query_is_refused_naming_the_parameter(tmp_path: Path, path: str, pointer: str):
    answered = create_erp_client(an_erp(tmp_path)).get(path)
    assert (answered.status_code, [each["pointer"] for each in answered.json["errors"]]) == (422, [pointer])


def test_credit_shows_limit_exposure_and_held_orders(tmp_path: Path):
    service = sold(tmp_path)
    order = an_order(("CHAI", "50", "20.00"))
    deliver(service, order)
    shown = create_erp_client(service).get(f"/credit/{CUSTOMER}").json
    assert {name: shown[name] for name in ("limit", "exposure", "available", "status", "held")} == {
        "limit": usd("1000.00"), "exposure": usd("73.00"), "available": usd("927.00"), "status": "held",
        "held": [{"sales_order_id": str(order.order_id), "total": usd("1000.00")}],
    }  # fmt: skip


def test_a_held_order_is_released_with_a_reason(tmp_path: Path):
    service = sold(tmp_path)
    order = an_order(("CHAI", "50", "20.00"))
    deliver(service, order)
    client, path = create_erp_client(service), f"/credit/{CUSTOMER}/release/{order.order_id}"
    assert client.post(path, json={}).status_code == 422
    answered = client.post(path, json={"reason": "an old friend"})
    assert (answered.status_code, answered.json["exposure"], answered.json["status"]) == (
        200,
        usd("1073.00"),
        "over_limit",
    )
    again = client.post(path, json={"reason": "an old friend"})
    assert (again.status_code, again.json["code"]) == (409, "not_held")


def test_a_customer_without_limit_has_unlimited_credit(tmp_path: Path):
    shown = create_erp_client(an_erp(tmp_path)).get(f"/credit/{CUSTOMER}").json
    assert (shown["limit"], shown["available"], shown["exposure"], shown["status"]) == (None, None, usd("0.00"), "ok")


def test_credit_of_an_unknown_customer_is_not_found(tmp_path: Path):
    assert create_erp_client(an_erp(tmp_path)).get(f"/credit/{uuid4()}").status_code == 404


def test_posted_documents_cannot_be_changed(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    invoice = an_invoice(client)
    for method in ("put", "patch", "delete"):
        assert getattr(client, method)(f"/invoices/{invoice['id']}", json={}).status_code == 405
        assert getattr(client, method)("/journal", json={}).status_code == 405
