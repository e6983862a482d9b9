"""Whole orders through the gateway: placed, dispatched, paid, by several clients at once."""

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx2

from gateway.cli.bench.measure import Figure, calibration
from gateway.cli.bench.processes import cpu_seconds
from shared.testing.suite import RunningSuite

SKUS, CUSTOMERS, LINES = 50, 20, 3
PLENTY = "100000000"
FLOWS = 200
FIRST_LOOK_SECONDS, NEXT_LOOK_SECONDS = 0.015, 0.01


class Shopper:
    """One client, one connection."""

    def __init__(self, suite: RunningSuite) -> None:
        self._client = suite.client

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        reply = self._client.post(path, json=body or {}, headers={"Idempotency-Key": uuid4().hex})
        if reply.status_code >= 300:
            raise AssertionError(f"POST {path}: {reply.status_code} {reply.text}")
        answer: dict[str, Any] = reply.json()
        return answer

    def first(self, path: str) -> dict[str, Any]:
        """The first row of a list, as soon as there is one."""
        time.sleep(FIRST_LOOK_SECONDS)
        while not (rows := self._rows(path)):
            time.sleep(NEXT_LOOK_SECONDS)
        return rows[0]

    def _rows(self, path: str) -> list[dict[str, Any]]:
        reply: httpx2.Response = self._client.get(path)
        data: list[dict[str, Any]] = reply.json()["data"] if reply.status_code == 200 else []
        return data


class Market:
    """A firm with goods and customers enough."""

    def __init__(self, suite: RunningSuite) -> None:
        self.suite = suite
        shopper = Shopper(suite)
        self.skus = [f"BENCH-{n:02d}" for n in range(SKUS)]
        self.customers = [self._customer(shopper, n) for n in range(CUSTOMERS)]
        shopper.post("/scm/warehouses", {"code": "MAIN", "name": "Main"})
        for sku in self.skus:
            shopper.post("/scm/items", {"sku": sku, "name": sku, "unit": "piece"})
        supplier = shopper.post("/srm/suppliers", {"code": "S", "name": "S", "currency": "USD"})["id"]
        lines = [{"sku": sku, "quantity": PLENTY, "unit_price": _usd("7.00")} for sku in self.skus]
        order = shopper.post(
            "/srm/purchase-orders",
            {"supplier_id": supplier, "currency": "USD", "warehouse": "MAIN", "lines": lines},
        )["id"]
        shopper.post(f"/srm/purchase-orders/{order}/send")
        received = [{"sku": sku, "quantity": PLENTY} for sku in self.skus]
        shopper.post("/scm/goods-receipts", {"purchase_order_id": order, "lines": received})
        suite.wait_until_quiet()

    def _customer(self, shopper: Shopper, n: int) -> str:
        return str(shopper.post("/crm/customers", {"code": f"B{n}", "name": f"B{n}", "currency": "USD"})["id"])

    def flow(self, shopper: Shopper) -> None:
        """One order from placed to paid."""
        lines = [{"sku": sku, "quantity": "2", "unit_price": _usd("10.00")} for sku in random.sample(self.skus, LINES)]
        body = {"customer_id": random.choice(self.customers), "currency": "USD", "lines": lines}  # noqa: S311
        order = shopper.post("/crm/sales-orders", body)["id"]
        shopper.post(f"/crm/sales-orders/{order}/place")
        shipment = shopper.first(f"/scm/shipments?sales_order_id={order}")
        shopper.post(f"/scm/shipments/{shipment['id']}/dispatch")
        invoice = shopper.first(f"/erp/invoices?sales_order_id={order}")
        shopper.post("/erp/payments", _payment(invoice))

    def flows(self, clients: int, count: int) -> tuple[float, float]:
        """So many flows by so many clients: flows a second, and CPU milliseconds of all processes a flow."""
        pids = list(self.suite.running["pids"].values())
        cpu, began = cpu_seconds(pids), time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            shares = [len(range(start, count, clients)) for start in range(clients)]
            for done in [pool.submit(self._share, share) for share in shares]:
                done.result()
        self.suite.wait_until_quiet()
        seconds = time.perf_counter() - began
        return count / seconds, (cpu_seconds(pids) - cpu) / count * 1000

    def _share(self, count: int) -> None:
        shopper = Shopper(self.suite)
        for _ in range(count):
            self.flow(shopper)


def _payment(invoice: dict[str, Any]) -> dict[str, Any]:
    return {
        "direction": "in",
        "party_id": invoice["customer_id"],
        "paid_on": invoice["invoiced_on"],
        "amount": invoice["total"],
        "allocations": [{"document_id": invoice["id"], "amount": invoice["total"]}],
    }


def _usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


def order_to_cash(market: Market) -> list[Figure]:
    """With 1, 2 and 4 clients; the CPU a flow costs and how throughput holds."""
    market.flows(2, 50)
    speed: dict[int, float] = {}
    figures = []
    for clients in (1, 2, 4):
        speed[clients], cpu = market.flows(clients, FLOWS)
        figures.append(
            Figure(
                f"order to cash, {clients} client{'s' if clients > 1 else ''}",
                f"{speed[clients]:.1f} flows/s", f"{cpu:.1f} CPU ms", None, "≤ 60 ms", "≤ 35 ms", cpu <= 60,
                notes=[f"calibration {calibration():.1f} ms"],
            )
        )  # fmt: skip
    ratio = speed[4] / speed[2]
    figures.append(
        Figure("throughput, 4 clients against 2", f"{speed[4]:.1f}/s", f"{speed[2]:.1f}/s", ratio, "0.9", "1", ratio >= 0.9)
    )
    return figures


def after_many(market: Market, flows: int) -> Figure:
    """The same after many flows on the same items and customers, against itself at the start."""
    before, began = market.flows(4, FLOWS)[0], calibration()
    market.flows(4, flows)
    after, ended = market.flows(4, FLOWS)[0], calibration()
    ratio = after / before * ended / began
    return Figure(
        f"order to cash after {flows:,} flows", f"{after:.1f} flows/s", f"{before:.1f} flows/s", ratio, "0.8", "1",
        ratio >= 0.8, notes=[f"corrected by the calibration, {began:.1f} → {ended:.1f} ms"],
    )  # fmt: skip


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
