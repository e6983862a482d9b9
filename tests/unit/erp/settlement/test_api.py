"""Payments and receivables by days overdue over HTTP, field by field."""

from pathlib import Path
from typing import Any

import pytest

from shared.testing.web import usd
from tests.unit.erp.caller import a_payment, an_invoice, create_erp_client, sold
from tests.unit.erp.examples import CUSTOMER


def test_a_payment_is_recorded_and_settles_the_invoice(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    answered = client.post("/payments", json={**a_payment(an_invoice(client), "30.00"), "reference": "INV 1"})
    assert answered.status_code == 201
    assert answered.headers["Location"] == f"/api/v1/erp/payments/{answered.json['id']}"
    assert answered.json["status"] == "posted"
    client = create_erp_client(service)
    assert (an_invoice(client)["open"], an_invoice(client)["status"]) == (usd("43.00"), "part_paid")
    listed = client.get("/payments?reference=INV 1").json["data"]
    assert [(each["amount"], each["paid_on"], each["party_id"], each["reference"]) for each in listed] == [
        (usd("30.00"), "2026-03-09", str(CUSTOMER), "INV 1"),
    ]


def test_a_payment_is_reversed(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    payment = client.post("/payments", json=a_payment(an_invoice(client))).json
    answered = client.post(
        f"/payments/{payment['id']}/reverse", json={"reason": "mistyped", "effective_on": "2026-03-10"}
    )
    assert (answered.status_code, answered.json["status"], answered.json["reversed_on"]) == (
        200,
        "reversed",
        "2026-03-10",
    )
    assert an_invoice(create_erp_client(service))["open"] == usd("73.00")
    again = client.post(f"/payments/{payment['id']}/reverse", json={})
    assert (again.status_code, again.json["code"]) == (409, "wrong_status")


@pytest.mark.parametrize(
    ("wrong", "status", "pointer"),
    [
        ({"direction": "out"}, 422, "/party_id"),
        ({"direction": "sideways"}, 422, "/direction"),
        ({"amount": usd("10.00")}, 422, "/allocations"),
        ({"amount": usd("0.00")}, 422, "/amount/amount"),
        ({"amount": usd("-5.00")}, 422, "/amount/amount"),
        ({"amount": {"amount": "73.00", "currency": "EUR"}}, 422, "/amount/currency"),
        ({"paid_on": "2026-02-30"}, 422, "/paid_on"),
        ({"posted": True}, 422, "/posted"),
    ],
)
def test_an_invalid_payment_is_refused_naming_the_field(
    tmp_path: Path, wrong: dict[str, Any], status: int, pointer: str
):
    client = create_erp_client(sold(tmp_path))
    answered = client.post("/payments", json=a_payment(an_invoice(client), **wrong))
    assert (answered.status_code, [each["pointer"] for each in answered.json["errors"]]) == (status, [pointer])
    assert client.get("/payments").json["data"] == []


def test_a_payment_cannot_exceed_the_open_amount(tmp_path: Path):
    client = create_erp_client(sold(tmp_path))
    answered = client.post("/payments", json=a_payment(an_invoice(client), "73.01"))
    assert (answered.status_code, answered.json["code"]) == (409, "exceeds_open_amount")
    assert [each["pointer"] for each in answered.json["errors"]] == ["/allocations/0/amount"]


def test_an_overpayment_is_shown_as_credit_and_allocated_later(tmp_path: Path):
    service = sold(tmp_path)
    client = create_erp_client(service)
    paid = a_payment(an_invoice(client), "70.00", amount=usd("80.00"))
    payment = client.post("/payments", json=paid).json
    assert payment["unallocated"] == usd("10.00")
    client = create_erp_client(service)
    (row,) = client.get("/receivables-aging?as_of=2026-03-09").json["rows"]
    assert (row["current"], row["credit"], row["total"]) == (usd("3.00"), usd("-10.00"), usd("-7.00"))
    later = {"allocations": [{"document_id": an_invoice(client)["id"], "amount": usd("3.00")}]}
    answered = client.post(f"/payments/{payment['id']}/allocate", json=later)
    assert (answered.status_code, answered.json["unallocated"]) == (200, usd("7.00"))
    assert an_invoice(create_erp_client(service))["status"] == "paid"


def test_receivables_are_shown_by_customer_and_delay(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/receivables-aging?as_of=2026-04-10").json
    assert answered["rows"] == [
        {
            "customer_id": str(CUSTOMER), "customer_code": "ALFKI", "customer_name": "ALFKI",
            "current": usd("0.00"), "days_1_30": usd("73.00"), "days_31_60": usd("0.00"),
            "days_61_90": usd("0.00"), "days_over_90": usd("0.00"), "credit": usd("0.00"), "total": usd("73.00"),
        },
    ]  # fmt: skip


def test_receivables_of_today_are_the_default(tmp_path: Path):
    answered = create_erp_client(sold(tmp_path)).get("/receivables-aging").json
    assert answered["totals"]["total"] == usd("73.00")
