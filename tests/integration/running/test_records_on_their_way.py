"""A document that names a record which its service has announced, while the announcement cannot arrive."""

import signal
from uuid import uuid4

import pytest

from shared.testing.web import usd
from tests.running_suite import RunningSuite


@pytest.mark.case("B39")
def test_goods_of_an_order_that_was_just_sent_are_not_refused_as_those_of_an_unknown_order(
    fresh_suite: RunningSuite,
) -> None:
    done(fresh_suite, "/scm/warehouses", {"code": "MAIN", "name": "Main"})
    done(fresh_suite, "/scm/items", {"sku": "LAMP", "name": "Lamp", "unit": "piece"})
    supplier = done(fresh_suite, "/srm/suppliers", {"code": "MILL", "name": "Mill", "currency": "USD"})
    fresh_suite.wait_until_idle()
    fresh_suite.kill("srm-worker", signal.SIGSTOP)
    sent = send_order(fresh_suite, supplier)
    assert receive(fresh_suite, sent) == (409, "/purchase_order_id")
    fresh_suite.kill("srm-worker", signal.SIGCONT)
    fresh_suite.wait_until_idle()
    assert receive(fresh_suite, sent) == (201, "")
    fresh_suite.wait_until_idle()
    assert receive(fresh_suite, str(uuid4())) == (422, "/purchase_order_id")


def done(suite: RunningSuite, path: str, body: object) -> str:
    """Send a command that must be accepted, and return the id of its record."""
    with suite.client as client:
        answered = client.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
    assert answered.status_code in (200, 201), answered.text
    return str(answered.json()["id"])


def send_order(suite: RunningSuite, supplier: str) -> str:
    """Return an order that was sent a moment ago."""
    lines = [{"sku": "LAMP", "quantity": "5", "unit_price": usd("9.00")}]
    body = {"supplier_id": supplier, "warehouse": "MAIN", "currency": "USD", "lines": lines}
    return done(suite, f"/srm/purchase-orders/{done(suite, '/srm/purchase-orders', body)}/send", {})


def receive(suite: RunningSuite, order: str) -> tuple[int, str]:
    """Receive one piece of an order, and return the status with the field at fault."""
    body = {"purchase_order_id": order, "lines": [{"sku": "LAMP", "quantity": "1"}]}
    with suite.client as client:
        answered = client.post("/scm/goods-receipts", json=body, headers={"Idempotency-Key": uuid4().hex})
    return answered.status_code, ", ".join(each["pointer"] for each in answered.json().get("errors", []))
