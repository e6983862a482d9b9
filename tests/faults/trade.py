"""Orders, shipments and payments through the gateway, by a client that retries each command with its key."""

import random
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2

from tests.running_suite import RunningSuite, wait_until

SKUS = [f"SKU-{n:02d}" for n in range(10)]
CUSTOMERS = 5
STOCK = "100000"
TIMEOUT_SECONDS = 240.0
RETRYABLE_STATUSES = {409, 500, 502, 503, 504}


class RetryingClient:
    """A client whose commands have idempotency keys, so that they can be retried."""

    def __init__(self, suite: RunningSuite, accepted: list[tuple[str, str]] | None = None) -> None:
        self.suite = suite
        self._client = suite.client
        self.accepted = [] if accepted is None else accepted
        """Service and id of each accepted command, in order; concurrent clients share the list."""

    def command(self, service: str, path: str, key: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """POST until the command is accepted; return the response. Raises AssertionError for a refusal."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while True:
            try:
                reply = self._client.post(f"/{service}/{path}", json=body or {}, headers={"Idempotency-Key": key})
            except httpx2.HTTPError as trouble:
                status, text = 503, str(trouble)
            else:
                status, text = reply.status_code, reply.text
            if status < 300:
                answer: dict[str, Any] = reply.json()
                self.accepted.append((service, str(answer["id"])))
                return answer
            if status not in RETRYABLE_STATUSES or time.monotonic() > deadline:
                raise AssertionError(f"POST {service}/{path}: {status} {text}")
            time.sleep(random.uniform(0.02, 0.2))

    def rows(self, service: str, path: str) -> list[dict[str, Any]]:
        """Return all rows of a list; retry until it is available."""

        def asked() -> Any:
            try:
                reply = self._client.get(f"/{service}/{path}")
            except httpx2.HTTPError:
                return None
            return reply.json() if reply.status_code == 200 else None

        page = wait_until(asked, TIMEOUT_SECONDS, f"GET {service}/{path}")
        data: list[dict[str, Any]] = page["data"]
        return data


class TradeScenario:
    """Customers, goods in stock, and orders from placed to paid."""

    def __init__(self, suite: RunningSuite, stock: str = STOCK) -> None:
        self.suite = suite
        self.trader = RetryingClient(suite)
        self.customers = [self._customer(n) for n in range(CUSTOMERS)]
        self._goods(stock)

    def _customer(self, n: int) -> str:
        body = {"code": f"C{n}", "name": f"Customer {n}", "currency": "USD"}
        return str(self.trader.command("crm", "customers", f"customer-{n}", body)["id"])

    def _goods(self, stock: str) -> None:
        command = self.trader.command
        command("scm", "warehouses", "warehouse", {"code": "MAIN", "name": "Main"})
        for sku in SKUS:
            command("scm", "items", f"item-{sku}", {"sku": sku, "name": sku, "unit": "piece"})
        supplier = command("srm", "suppliers", "supplier", {"code": "S1", "name": "Supplier", "currency": "USD"})
        lines = [{"sku": sku, "quantity": stock, "unit_price": usd("7.00")} for sku in SKUS]
        order = {"supplier_id": supplier["id"], "currency": "USD", "warehouse": "MAIN", "lines": lines}
        bought = command("srm", "purchase-orders", "purchase", order)
        command("srm", f"purchase-orders/{bought['id']}/send", "purchase-send")
        received = [{"sku": sku, "quantity": stock} for sku in SKUS]
        command("scm", "goods-receipts", "receipt", {"purchase_order_id": bought["id"], "lines": received})

    def place(self, numbers: Iterable[int], clients: int = 4) -> list[str]:
        """Place orders of two lines each with several clients at once; return their ids in the order of `numbers`."""
        return _run_concurrently(self.suite, self.trader, clients, self._place_one, numbers)

    def _place_one(self, trader: RetryingClient, n: int) -> str:
        lines = [
            {"sku": SKUS[(n + offset) % len(SKUS)], "quantity": str(1 + (n + offset) % 3), "unit_price": usd("10.00")}
            for offset in (0, 3)
        ]
        body = {"customer_id": self.customers[n % CUSTOMERS], "currency": "USD", "lines": lines, "freight": usd("1.00")}
        order = trader.command("crm", "sales-orders", f"order-{n}", body)
        trader.command("crm", f"sales-orders/{order['id']}/place", f"place-{n}")
        return str(order["id"])

    def dispatch(self, orders: Iterable[str], clients: int = 4) -> list[str]:
        """Dispatch the goods of each order as soon as they are reserved; return the ids of the shipments."""
        return _run_concurrently(self.suite, self.trader, clients, self._dispatch_one, orders)

    def _dispatch_one(self, trader: RetryingClient, order: str) -> str:
        held = wait_until(
            lambda: trader.rows("scm", f"shipments?sales_order_id={order}"), TIMEOUT_SECONDS, f"a shipment of {order}"
        )
        trader.command("scm", f"shipments/{held[0]['id']}/dispatch", f"dispatch-{order}")
        return str(held[0]["id"])

    def pay(self, orders: Iterable[str], clients: int = 4) -> list[str]:
        """Pay the invoice of each order as soon as it exists; return the ids of the payments."""
        return _run_concurrently(self.suite, self.trader, clients, self._pay_one, orders)

    def _pay_one(self, trader: RetryingClient, order: str) -> str:
        [invoice] = wait_until(
            lambda: trader.rows("erp", f"invoices?sales_order_id={order}"), TIMEOUT_SECONDS, f"an invoice of {order}"
        )
        body = {
            "direction": "in", "party_id": invoice["customer_id"], "paid_on": "2026-12-01", "amount": invoice["total"],
            "allocations": [{"document_id": invoice["id"], "amount": invoice["total"]}],
        }  # fmt: skip
        return str(trader.command("erp", "payments", f"pay-{order}", body)["id"])


def usd(amount: str) -> dict[str, str]:
    """Return an amount in the form of the API."""
    return {"amount": amount, "currency": "USD"}


def _run_concurrently(
    suite: RunningSuite,
    first: RetryingClient,
    clients: int,
    step: Callable[[RetryingClient, Any], str],
    items: Iterable[Any],
) -> list[str]:
    traders = [RetryingClient(suite, first.accepted) for _ in range(clients)]
    work = list(items)
    done: dict[Any, str] = {}

    def one_client(mine: int) -> None:
        for item in work[mine::clients]:
            done[item] = step(traders[mine], item)

    with ThreadPoolExecutor(clients) as pool:
        for each in [pool.submit(one_client, mine) for mine in range(clients)]:
            each.result()
    return [done[item] for item in work]
