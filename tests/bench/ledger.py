"""The ledger of a firm with many sales: the cost of queries, the speed of postings, the cost of late events."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any, cast
from uuid import UUID, uuid4

from services.erp.service import Erp
from shared.contracts import PublishedEvent, crm, scm, srm
from shared.money import Money, UnitPrice
from shared.service import Service
from shared.telemetry import configure_logging
from shared.testing import end_of
from shared.testing.services import BatchSubscriber, catch_up, open_service
from shared.testing.web import Client, create_client
from tests.bench.measure import Effort, Figure, Meter, Rate, no_goal, scratch

ORDERS, MOVEMENTS, LINES = 20_000, 10_000, 1_000
SKUS, CUSTOMERS, DAYS, BATCH_SIZE, PAGE, TIMES = 50, 20, 250, 100, 200, 5
FIRST_DAY = date(2026, 1, 1)
LARGE_QUANTITY, FEW = Decimal(10_000_000), Decimal(2)
ENTRY = "erp.JournalEntry.Posted"
MILLISECONDS = no_goal("{:.1f}", " ms")


class LedgerBench:
    """ERP alone in this process: the bench sends the events of other services and the requests of the gateway."""

    def __init__(self, service: Service, client: Client) -> None:
        self.service, self.client = service, client
        self.customers = [uuid4() for _ in range(CUSTOMERS)]
        self.deliver = BatchSubscriber(service).deliver
        self.deliver(*(crm.CustomerRegistered(each, f"B{n}", "USD", 30) for n, each in enumerate(self.customers)))

    def sell(self, orders: int) -> Rate:
        """Process orders placed and shipped in full, over a year; return the journal entries per second."""
        before = self._count_entries()
        with Meter() as meter:
            for start in range(0, orders, BATCH_SIZE):
                sales = [
                    self._sale_events(n, n * DAYS // orders) for n in range(start, min(start + BATCH_SIZE, orders))
                ]
                self.deliver(*(placed for placed, _ in sales))
                self.deliver(*(shipped for _, shipped in sales))
        return meter.rate(self._count_entries() - before)

    def _sale_events(self, n: int, day: int) -> tuple[PublishedEvent, PublishedEvent]:
        return sale_events(self.customers[n % CUSTOMERS], f"BENCH-{n % SKUS:02d}", FIRST_DAY + timedelta(day))

    def _count_entries(self) -> int:
        count, after = 0, 0
        while page := self.service.store.log(after, 10_000, [ENTRY]):
            count, after = count + len(page), page[-1].position
        return count

    def get(self, path: str) -> dict[str, Any]:
        answered = self.client.get(path)
        assert answered.status_code == 200, answered.text
        return cast("dict[str, Any]", answered.json)

    def read_lines(self, count: int) -> None:
        """Read postings of the receivables page by page."""
        question = f"/journal?account=1200&limit={PAGE}"
        page = self.get(question)
        for _ in range(count // PAGE - 1):
            page = self.get(f"{question}&cursor={page['next_cursor']}")
        assert len(page["data"]) == PAGE


@contextmanager
def open_ledger_bench() -> Iterator[LedgerBench]:
    """Open the bench of a firm without sales."""
    with scratch() as folder:
        service: Service = open_service(Erp, folder)
        client = create_client(service)
        configure_logging("bench", "WARNING")
        yield LedgerBench(service, client)
        service.read_models.close()
        service.store.close()


def purchase_events(
    sku: str, quantity: Decimal, price: str, received_on: date
) -> tuple[PublishedEvent, PublishedEvent]:
    """Return the events of goods ordered, and received on a day."""
    line = srm.PurchaseLine(1, sku, quantity, UnitPrice(price, "USD"))
    sent = srm.PurchaseOrderSent(uuid4(), "PO", uuid4(), "USD", FIRST_DAY, None, "MAIN", (line,))
    goods = (scm.GoodsLine(1, sku, quantity),)
    return sent, scm.GoodsReceived(uuid4(), sent.purchase_order_id, "MAIN", received_on, end_of(received_on), goods)


def sale_events(customer: UUID, sku: str, shipped_on: date) -> tuple[PublishedEvent, PublishedEvent]:
    """Return the events of goods ordered, and shipped on a day."""
    price, nothing = UnitPrice("10.00", "USD"), Money.zero("USD")
    line = crm.OrderLine(1, sku, FEW, price, Decimal(0))
    total = price.multiply(FEW)
    placed = crm.SalesOrderPlaced(
        uuid4(), "SO", customer, "USD", shipped_on, None, "MAIN", "allow", 30, (line,), nothing, total
    )
    goods = (scm.GoodsLine(1, sku, FEW),)
    return placed, scm.ShipmentDispatched(
        uuid4(),
        placed.order_id,
        customer,
        "MAIN",
        shipped_on,
        end_of(shipped_on),
        None,
        None,
        goods,
        order_complete=True,
    )


def measure_ledger(effort: Effort) -> list[Figure]:
    """Measure entries per second while orders arrive; then the cost of a trial balance and of a page of lines."""
    orders = effort.scale(ORDERS)
    with open_ledger_bench() as firm:
        for n in range(SKUS):
            firm.deliver(*purchase_events(f"BENCH-{n:02d}", LARGE_QUANTITY, "7.00", FIRST_DAY))
        written = firm.sell(orders)
        catch_up(firm.service)
        middle = FIRST_DAY + timedelta(DAYS // 2)
        questions: dict[str, Callable[[], object]] = {
            f"trial balance after {orders:,} orders": lambda: firm.get("/trial-balance"),
            f"the same, as of {middle}": lambda: firm.get(f"/trial-balance?as_of={middle}"),
            f"{LINES:,} ledger lines, {PAGE} a page": lambda: firm.read_lines(LINES),
        }
        asked = [_query_figure(name, ask, effort.rounds * TIMES) for name, ask in questions.items()]
    posting = Figure(
        "entries posted, order and shipment consumed", f"{written.per_second:,.0f} /s", "", [written.per_second],
        no_goal("{:,.0f}", " /s"), [f"CPU of one: {written.cpu_micros:,.0f} µs"],
    )  # fmt: skip
    return [*asked, posting]


def _query_figure(name: str, query: Callable[[], object], times: int) -> Figure:
    query()
    taken = [_milliseconds(query) for _ in range(times)]
    return Figure(name, f"{median(taken):.1f} ms", "", taken, MILLISECONDS)


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def measure_late_events(effort: Effort) -> list[Figure]:
    """Measure a receipt dated before many movements of its item, against one dated after them."""
    movements, last_day = effort.scale(MOVEMENTS), FIRST_DAY + timedelta(DAYS)
    with open_ledger_bench() as firm:
        for n in range(movements // 2):
            on = FIRST_DAY + timedelta(n * DAYS // (movements // 2))
            firm.deliver(
                *purchase_events("BENCH", FEW, f"{7 + n % 3}.00", on), *sale_events(firm.customers[0], "BENCH", on)
            )
        on_time, late = [], []
        for _ in range(effort.rounds):
            on_time.append(_delivery_milliseconds(firm, last_day))
            before = firm.service.store.head()
            late.append(_delivery_milliseconds(firm, FIRST_DAY))
        events = firm.service.store.head() - before
    shown = f"{median(late):.1f} ms", f"{median(on_time):.1f} ms"
    note = f"a receipt of the first day costs {events:,} events; the limit is one of the last day"
    return [Figure(f"late receipt before {movements:,} movements", *shown, late, MILLISECONDS, [note])]


def _delivery_milliseconds(bench: LedgerBench, received_on: date) -> float:
    """Return the time of one receipt; garbage of earlier work, whose collection takes as long, is collected before."""
    sent, received = purchase_events("BENCH", FEW, "9.50", received_on)
    bench.deliver(sent)
    gc.collect()
    return _milliseconds(lambda: bench.deliver(received))
