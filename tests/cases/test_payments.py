"""Payments in both directions have one word in the log."""

import json

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, days_ago


@pytest.mark.case("A17")
@pytest.mark.parametrize("direction", ["out", "in"])
def test_a_payment_is_stored_as_recorded_whether_it_was_made_or_received(desk: Desk, direction: str) -> None:
    supplier, customer = desk.supplier(), desk.customer()
    desk.stock_up("LAMP")
    order = desk.purchase(supplier, ("LAMP", "1", "5.00"))
    desk.receive(order, ("LAMP", "1"))
    bill = {"supplier_id": supplier, "number": "R-1", "purchase_order_id": order["id"], "billed_on": days_ago(0),
            "lines": [{"sku": "LAMP", "quantity": "1", "unit_price": usd("5.00")}]}  # fmt: skip
    owed = desk.done("/erp/bills", bill)
    paid = {"out": (supplier, [{"document_id": owed["id"], "amount": usd("5.00")}]), "in": (customer, [])}[direction]
    body = {"direction": direction, "party_id": paid[0], "paid_on": days_ago(0), "amount": usd("5.00")}
    payment = desk.done("/erp/payments", {**body, "allocations": paid[1]})
    log = desk.callers["erp"].client.get(f"/audit/events?aggregate={payment['id']}").text
    assert [json.loads(line)["type"] for line in log.splitlines()] == ["erp.Payment.Recorded"]
