"""Complete orders through the gateway: placed, dispatched, paid, by several clients at once."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from statistics import median
from typing import Any
from uuid import uuid4

from cli.client import Client
from cli.memory import megabytes
from tests.bench.measure import Effort, Figure, Goal, Meter, Rate, calibration, scratch
from tests.bench.processes import root_pid
from tests.running_suite import ADMIN_KEY, RunningSuite

SKUS, CUSTOMERS, LINES = 50, 20, 3
LARGE_QUANTITY = "100000000"
WARM_UP, FLOWS, MANY_FLOWS = 40, 100, 20_000
FIRST_POLL_SECONDS, NEXT_POLL_SECONDS = 0.025, 0.015

Row = dict[str, Any]


class BenchClient:
    """A client with one connection."""

    def __init__(self, suite: RunningSuite) -> None:
        self._client = Client(suite.url, ADMIN_KEY)
        self.get, self.until_quiet, self.close = self._client.get, self._client.wait_until_idle, self._client.close

    def post(self, path: str, **body: Any) -> Row:
        return self._client.post(path, body, key=uuid4().hex)

    def first(self, path: str, **query: str) -> Row:
        """Wait for the first row of a list and return it."""
        time.sleep(FIRST_POLL_SECONDS)
        while not (rows := self.get(path, **query)["data"]):
            time.sleep(NEXT_POLL_SECONDS)
        row: Row = rows[0]
        return row


class BenchFirm:
    """A firm with enough goods and customers."""

    def __init__(self, suite: RunningSuite) -> None:
        self.suite = suite
        self.pid = root_pid(suite)
        self.skus = [f"BENCH-{n:02d}" for n in range(SKUS)]
        with closing(BenchClient(suite)) as buyer:
            self.customers = [_customer(buyer, n) for n in range(CUSTOMERS)]
            self._receive_stock(buyer)
            buyer.until_quiet()

    def _receive_stock(self, buyer: BenchClient) -> None:
        buyer.post("scm/warehouses", code="MAIN", name="Main")
        for sku in self.skus:
            buyer.post("scm/items", sku=sku, name=sku, unit="piece")
        supplier = buyer.post("srm/suppliers", code="S", name="S", currency="USD")["id"]
        lines = [{"sku": sku, "quantity": LARGE_QUANTITY, "unit_price": _usd("7.00")} for sku in self.skus]
        wanted = {"supplier_id": supplier, "currency": "USD", "warehouse": "MAIN", "lines": lines}
        order = buyer.post("srm/purchase-orders", **wanted)["id"]
        buyer.post(f"srm/purchase-orders/{order}/send")
        received = [{"sku": sku, "quantity": LARGE_QUANTITY} for sku in self.skus]
        buyer.post("scm/goods-receipts", purchase_order_id=order, lines=received)

    def run_flow(self, buyer: BenchClient) -> None:
        """Run one order from placed to paid."""
        lines = [{"sku": sku, "quantity": "2", "unit_price": _usd("10.00")} for sku in random.sample(self.skus, LINES)]
        customer = random.choice(self.customers)
        order = buyer.post("crm/sales-orders", customer_id=customer, currency="USD", lines=lines)["id"]
        buyer.post(f"crm/sales-orders/{order}/place")
        shipment = buyer.first("scm/shipments", sales_order_id=order)
        buyer.post(f"scm/shipments/{shipment['id']}/dispatch")
        buyer.post("erp/payments", **_payment(buyer.first("erp/invoices", sales_order_id=order)))

    def run_flows(self, clients: int, count: int) -> Rate:
        """Run `count` flows with `clients` clients and wait until the suite is idle."""
        buyers = [BenchClient(self.suite) for _ in range(clients)]
        with Meter([self.pid]) as meter, ThreadPoolExecutor(clients) as threads:
            shares = [len(range(start, count, clients)) for start in range(clients)]
            for done in [threads.submit(self._run_share, *each) for each in zip(buyers, shares, strict=True)]:
                done.result()
            buyers[0].until_quiet()
        for buyer in buyers:
            buyer.close()
        return meter.rate(count)

    def _run_share(self, buyer: BenchClient, count: int) -> None:
        for _ in range(count):
            self.run_flow(buyer)


def _customer(buyer: BenchClient, n: int) -> str:
    return str(buyer.post("crm/customers", code=f"B{n}", name=f"B{n}", currency="USD")["id"])


def _payment(invoice: Row) -> Row:
    return {
        "direction": "in",
        "party_id": invoice["customer_id"],
        "paid_on": invoice["invoiced_on"],
        "amount": invoice["total"],
        "allocations": [{"document_id": invoice["id"], "amount": invoice["total"]}],
    }


def _usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


@contextmanager
def _open_firm() -> Iterator[BenchFirm]:
    with scratch() as folder, RunningSuite(folder / "suite") as suite:
        market = BenchFirm(suite)
        market.run_flows(2, WARM_UP)
        yield market


def measure_order_to_cash(effort: Effort) -> list[Figure]:
    """Measure flows with 1, 2 and 4 clients: their CPU and their throughput."""
    taken: dict[int, list[Rate]] = {1: [], 2: [], 4: []}
    with _open_firm() as market:
        for _ in range(effort.rounds):
            for clients, rates in taken.items():
                rates.append(market.run_flows(clients, effort.scale(FLOWS)))
        figures = [_cost(clients, rates) for clients, rates in taken.items()]
        figures[-1].notes.append(f"memory (PSS) then: {megabytes([market.pid]):.0f} MB")
    return [*figures, _compared("the same, 4 clients against 2", taken[4], taken[2], Goal(0.9, 1.0))]


def _cost(clients: int, rates: list[Rate]) -> Figure:
    return Figure(
        f"order to cash, {clients} client{'s' if clients > 1 else ''}",
        _speed(rates), "", [each.cpu_micros / 1000 for each in rates],
        Goal(60, 35, "{:.1f}", " CPU ms", is_maximum=True),
    )  # fmt: skip


def _compared(name: str, ours: list[Rate], limit: list[Rate], goal: Goal) -> Figure:
    ratios = [mine.per_second / theirs.per_second for mine, theirs in zip(ours, limit, strict=True)]
    return Figure(name, _speed(ours), _speed(limit), ratios, goal)


def _speed(rates: list[Rate]) -> str:
    return f"{median(each.per_second for each in rates):.1f} flows/s"


def measure_after_many(effort: Effort) -> list[Figure]:
    """Measure flows after many flows on the same items and customers, against those at the start."""
    with _open_firm() as market:
        before, began = _measure_speed(market, effort)
        market.run_flows(4, MANY_FLOWS)
        after, ended = _measure_speed(market, effort)
    row = _compared(f"order to cash after {MANY_FLOWS:,} flows", after, before, Goal(0.8, 1.0))
    row.values = [ratio * ended / began for ratio in row.values]
    cost = [f"{median(each.cpu_micros for each in rates) / 1000:.1f}" for rates in (before, after)]
    row.notes.append(f"CPU of a flow: {cost[0]} → {cost[1]} ms; calibration {began:.1f} → {ended:.1f} ms, counted in")
    return [row]


def _measure_speed(market: BenchFirm, effort: Effort) -> tuple[list[Rate], float]:
    """Return the current rates, and the speed of the machine."""
    rates, speeds = [], []
    for _ in range(effort.rounds):
        speeds.append(calibration())
        rates.append(market.run_flows(4, effort.scale(FLOWS)))
    return rates, min(speeds)
