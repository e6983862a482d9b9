"""The firm's business, done again through the public API, in the order it was done."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import Any, Protocol, TypeVar

from gateway.cli.client import Client, Unwilling
from gateway.cli.northwind import requests
from gateway.cli.northwind.tables import FIRST_DAY, LAST_DAY, Order, Partner, Product, Tables

T = TypeVar("T")

SOURCE = "northwind/v1"
AT_ONCE = 6
PATIENCE_SECONDS = 60.0

Step = Callable[[], object]


class Progress(Protocol):
    """Whoever shows how far it is."""

    def phase(self, name: str, steps: int) -> None: ...

    def step(self) -> None: ...


class Import:
    """Idempotent: every request has a key made from the data, so a second run, whole or broken off, changes nothing.

    What happened on one day is done at once, by a few callers; a day begins when the one before is done.
    """

    def __init__(self, tables: Tables, client: Client, progress: Progress) -> None:
        self._tables = tables
        self._client = client
        self._progress = progress
        self._customers: dict[str, str] = {}
        self._suppliers: dict[str, str] = {}
        self._orders: dict[str, str] = {}
        self._item_versions: dict[str, int] = {}

    def run(self) -> None:
        """All of it, until the suite is quiet. Raises Unwilling; started again it goes on where it was."""
        with ThreadPoolExecutor(AT_ONCE) as self._callers:
            self._phase("partners and items", self._masters())
            self._phase("catalogue", self._catalogue())
            self._phase("stock bought", self._purchases())
            self._days("orders shipped", self._shipped())
            self._days("orders open", self._open())
            self._phase("stock on order", self._outstanding())
            self._phase("order points", self._order_points())
            self._phase("until all is quiet", [self._client.until_quiet])

    # -- phases

    def _masters(self) -> Iterator[Step]:
        warehouse = {"code": requests.WAREHOUSE, "name": "Main warehouse"}
        yield partial(self._post, "scm/warehouses", warehouse, "warehouse")
        for carrier in self._tables.carriers:
            body = {"code": carrier.code, "name": carrier.name, "phone": carrier.phone}
            yield partial(self._post, "scm/carriers", body, f"carrier/{carrier.code}")
        yield from (partial(self._register_customer, row) for row in self._tables.customers)
        yield from (partial(self._register_supplier, row) for row in self._tables.suppliers)
        yield from (partial(self._register_item, row) for row in self._tables.products)

    def _register_customer(self, row: Partner) -> None:
        self._customers[row.code] = self._post("crm/customers", requests.customer(row), f"customer/{row.code}")["id"]

    def _register_supplier(self, row: Partner) -> None:
        self._suppliers[row.code] = self._post("srm/suppliers", requests.supplier(row), f"supplier/{row.code}")["id"]

    def _register_item(self, row: Product) -> None:
        made = self._post("scm/items", requests.item(row), f"item/{row.sku}")
        self._item_versions[row.sku] = made["version"]

    def _catalogue(self) -> Iterator[Step]:
        for row in self._tables.products:
            body = requests.supplier_item(row, self._suppliers[row.supplier])
            yield partial(self._post, "srm/supplier-items", body, f"supplier-item/{row.sku}")

    def _purchases(self) -> Iterator[Step]:
        for row in self._tables.suppliers:
            units = {product: self._tables.bought(product) for product in self._tables.of_supplier(row.code)}
            yield partial(self._buy, f"{row.code}-1", row, _wanted(units), FIRST_DAY, received=True)

    def _outstanding(self) -> Iterator[Step]:
        for row in self._tables.suppliers:
            units = {product: product.on_order for product in self._tables.of_supplier(row.code)}
            yield partial(self._buy, f"{row.code}-2", row, _wanted(units), LAST_DAY, received=False)

    def _buy(self, number: str, row: Partner, units: Mapping[Product, int], day: date, *, received: bool) -> None:
        if not units:
            return
        body = requests.purchase_order(number, self._suppliers[row.code], day, units)
        order = self._post("srm/purchase-orders", body, f"purchase-order/{number}")
        self._post(f"srm/purchase-orders/{order['id']}/send", requests.on(day), f"purchase-order/{number}/send")
        if received:
            receipt = requests.goods_receipt(order["id"], units)
            self._post("scm/goods-receipts", receipt, f"purchase-order/{number}/receipt")

    def _shipped(self) -> Iterator[tuple[date, Step]]:
        for order in self._tables.shipped:
            assert order.shipped_on is not None
            yield order.ordered_on, partial(self._place, order)
            yield order.shipped_on, partial(self._dispatch, order)
            if order.paid_on is not None:
                yield order.paid_on, partial(self._pay, order, order.paid_on)

    def _open(self) -> Iterator[tuple[date, Step]]:
        for order in self._tables.open:
            yield order.ordered_on, partial(self._place, order)

    def _order_points(self) -> Iterator[Step]:
        for row in self._tables.products:
            changes = requests.item_changes(row)
            if changes:
                version = self._item_versions[row.sku]
                yield partial(
                    self._client.patch, f"scm/items/{row.sku}", changes, f"{SOURCE}/item/{row.sku}/2", version
                )

    # -- an order's steps

    def _place(self, order: Order) -> None:
        body = requests.sales_order(order, self._customers[order.customer])
        drafted = self._post("crm/sales-orders", body, f"order/{order.number}")
        self._orders[order.number] = drafted["id"]
        day = requests.on(order.ordered_on)
        self._post(f"crm/sales-orders/{drafted['id']}/place", day, f"order/{order.number}/place")

    def _dispatch(self, order: Order) -> None:
        shipment = self._awaited("scm/shipments", order, lambda found: _units(found) == _ordered(order))
        body = requests.dispatch(order)
        self._post(f"scm/shipments/{shipment['id']}/dispatch", body, f"order/{order.number}/dispatch")

    def _pay(self, order: Order, paid_on: date) -> None:
        invoice = self._awaited("erp/invoices", order, lambda found: True)
        body = requests.payment(self._customers[order.customer], paid_on, invoice)
        self._post("erp/payments", body, f"order/{order.number}/payment")

    def _awaited(self, path: str, order: Order, complete: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
        """What another service makes of the order, as soon as it has."""
        until, pause = time.monotonic() + PATIENCE_SECONDS, 0.01
        while True:
            found = self._client.get(path, sales_order_id=self._orders[order.number])["data"]
            if len(found) == 1 and complete(found[0]):
                first: Mapping[str, Any] = found[0]
                return first
            if time.monotonic() > until:
                raise Unwilling(f"{path} of order {order.number} are not what they should be: {found}")
            time.sleep(pause)
            pause = min(0.5, pause * 2)

    # -- how it is done

    def _post(self, path: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        return self._client.post(path, body, f"{SOURCE}/{key}")

    def _phase(self, name: str, steps: Iterable[Step]) -> None:
        all_steps = list(steps)
        self._progress.phase(name, len(all_steps))
        self._at_once(all_steps)

    def _days(self, name: str, steps: Iterable[tuple[date, Step]]) -> None:
        by_day: dict[date, list[Step]] = defaultdict(list)
        for day, step in steps:
            by_day[day].append(step)
        self._progress.phase(name, sum(len(of_day) for of_day in by_day.values()))
        for day in sorted(by_day):
            self._at_once(by_day[day])

    def _at_once(self, steps: Iterable[Step]) -> None:
        """All of them, by a few callers; the first trouble is raised when all have ended."""
        for done in [self._callers.submit(step) for step in steps]:
            done.result()
            self._progress.step()


def _wanted(units: Mapping[Product, int]) -> Mapping[Product, int]:
    return {product: quantity for product, quantity in units.items() if quantity}


def _units(shipment: Mapping[str, Any]) -> Mapping[str, str]:
    return {line["sku"]: line["quantity"] for line in shipment["lines"]}


def _ordered(order: Order) -> Mapping[str, str]:
    return {line.sku: str(line.quantity) for line in order.lines}
