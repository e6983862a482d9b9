"""Many concurrent requests through the gateway."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tests.faults.invariants import check_all
from tests.faults.trade import SKUS, TradeScenario, usd
from tests.running_suite import RunningSuite, wait_until


@pytest.fixture
def day(suite: RunningSuite) -> TradeScenario:
    return TradeScenario(suite, stock="10")


def place_concurrently(day: TradeScenario, count: int, name: str, body: dict[str, Any]) -> list[str]:
    """Draft the orders one after the other, place them all at once; return their ids."""
    drafts = [str(day.trader.command("crm", "sales-orders", f"{name}-{n}", body)["id"]) for n in range(count)]
    with ThreadPoolExecutor(16) as pool:
        placing = [
            pool.submit(day.trader.command, "crm", f"sales-orders/{order}/place", f"place-{order}") for order in drafts
        ]
        for each in placing:
            each.result()
    return drafts


def order_status(suite: RunningSuite, order: str) -> str:
    with suite.client as client:
        return str(client.get(f"/crm/sales-orders/{order}").json()["status"])


def statuses(suite: RunningSuite, orders: list[str]) -> list[str]:
    return [order_status(suite, order) for order in orders]


def stock_of(suite: RunningSuite, sku: str) -> dict[str, Any]:
    with suite.client as client:
        [row] = client.get("/scm/stock", params={"sku": sku}).json()["data"]
    return dict(row)


def an_order(customer: str, sku: str, price: str, **more: Any) -> dict[str, Any]:
    lines = [{"sku": sku, "quantity": "1", "unit_price": usd(price)}]
    return {"customer_id": customer, "currency": "USD", "lines": lines, **more}


def test_fifty_concurrent_orders_stay_within_the_credit_limit(day: TradeScenario, suite: RunningSuite) -> None:
    body = {"code": "LIMITED", "name": "Limited", "currency": "USD", "credit_limit": usd("1000.00")}
    customer = str(day.trader.command("crm", "customers", "limited", body)["id"])
    orders = place_concurrently(day, 50, "credit", an_order(customer, SKUS[0], "60.00"))
    suite.wait_until_idle()
    held = [each for each in statuses(suite, orders) if each == "held"]
    assert len(orders) - len(held) == 16
    with suite.client as client:
        credit = client.get(f"/erp/credit/{customer}").json()
    assert Decimal(credit["exposure"]["amount"]) == Decimal("960.00")
    check_all(suite, day.trader)


@pytest.mark.parametrize(("backorder", "others"), [("allow", "backordered"), ("refuse", "cancelled")])
def test_a_hundred_concurrent_orders_reserve_only_the_last_ten_pieces(
    day: TradeScenario, suite: RunningSuite, backorder: str, others: str
) -> None:
    body = an_order(day.customers[0], SKUS[1], "5.00", backorder=backorder)
    orders = place_concurrently(day, 100, "last", body)
    suite.wait_until_idle()
    found = statuses(suite, orders)
    assert {status: found.count(status) for status in set(found)} == {"reserved": 10, others: 90}
    stock = stock_of(suite, SKUS[1])
    assert (stock["on_hand"], stock["reserved"], stock["available"]) == ("10", "10", "0")
    check_all(suite, day.trader)


def test_a_hundred_concurrent_requests_with_one_key_have_one_effect_and_one_response(
    day: TradeScenario, suite: RunningSuite
) -> None:
    body = {"code": "TWIN", "name": "Twin", "currency": "USD"}

    def register(_: int) -> tuple[int, str]:
        with suite.client as client:
            reply = client.post("/crm/customers", json=body, headers={"Idempotency-Key": "twin"})
            return reply.status_code, reply.text

    with ThreadPoolExecutor(50) as pool:
        answers = set(pool.map(register, range(100)))
    assert len(answers) == 1
    [(status, _)] = answers
    assert status == 201
    with suite.client as client:
        wait_until(lambda: len(client.get("/crm/customers?code=TWIN").json()["data"]) == 1, 120, "one customer")
    check_all(suite, day.trader)
