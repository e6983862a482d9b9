"""The firm's business, done again through the public API, in the order it was done."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from itertools import chain
from typing import Any

from cli.client import Client
from cli.northwind import requests
from cli.northwind.steps import Found, Progress, Step, Steps
from cli.northwind.tables import FIRST_DAY, LAST_DAY, PAYMENT_TERMS_DAYS, Order, Partner, Product, Tables

SOURCE = "northwind/v1"
BILLS_PAID_ON = FIRST_DAY + timedelta(days=PAYMENT_TERMS_DAYS)


class Import:
    """Idempotent: every request has a key made from the data, so a second run, whole or broken off, changes nothing.

    What happened on one day is done at once, by a few callers; a day begins when the one before is done.
    """

    def __init__(self, tables: Tables, client: Client, progress: Progress) -> None:
        self._tables = tables
        self._client = client
        self._steps = Steps(client, progress)
        self._customers: dict[str, str] = {}
        self._suppliers: dict[str, str] = {}
        self._billed: dict[str, str] = {}
        self._orders: dict[str, str] = {}
        self._item_versions: dict[str, int] = {}

    def run(self) -> None:
        """All of it, until the suite is quiet. Raises Unwilling; started again it goes on where it was."""
        with self._steps as steps:
            steps.at_once("partners and items", self._masters())
            steps.at_once("catalogue", self._catalogue())
            steps.at_once("stock bought", self._purchases())
            steps.by_day("orders shipped", chain(self._paid_bills(), self._shipped()))
            steps.by_day("orders open", self._open())
            steps.at_once("stock on order", self._outstanding())
            steps.at_once("order points", self._order_points())
            steps.at_once("until all is quiet", [self._client.until_quiet])

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
            bill = requests.bill(number, self._suppliers[row.code], order["id"], units)
            self._post("erp/bills", bill, f"purchase-order/{number}/bill")
            self._billed[number] = self._suppliers[row.code]

    def _shipped(self) -> Iterator[tuple[date, Step]]:
        for order in self._tables.shipped:
            assert order.shipped_on is not None
            yield order.ordered_on, partial(self._place, order)
            yield order.shipped_on, partial(self._dispatch, order)
            if order.paid_on is not None:
                yield order.paid_on, partial(self._pay, order, order.paid_on)

    def _paid_bills(self) -> Iterator[tuple[date, Step]]:
        for number, supplier_id in self._billed.items():
            yield BILLS_PAID_ON, partial(self._pay_bill, number, supplier_id)

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
        sales_order = self._orders[order.number]
        shipment = self._steps.awaited("scm/shipments", partial(_carries, order), sales_order_id=sales_order)
        body = requests.dispatch(order)
        self._post(f"scm/shipments/{shipment['id']}/dispatch", body, f"order/{order.number}/dispatch")

    def _pay(self, order: Order, paid_on: date) -> None:
        invoice = self._steps.awaited("erp/invoices", _whatever, sales_order_id=self._orders[order.number])
        body = requests.payment("in", self._customers[order.customer], paid_on, invoice)
        self._post("erp/payments", body, f"order/{order.number}/payment")

    def _pay_bill(self, number: str, supplier_id: str) -> None:
        bill = self._steps.awaited("erp/bills", _accepted, number=number, supplier_id=supplier_id)
        body = requests.payment("out", supplier_id, BILLS_PAID_ON, bill)
        self._post("erp/payments", body, f"purchase-order/{number}/payment")

    def _post(self, path: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        return self._client.post(path, body, f"{SOURCE}/{key}")


def _wanted(units: Mapping[Product, int]) -> Mapping[Product, int]:
    return {product: quantity for product, quantity in units.items() if quantity}


def _carries(order: Order, shipment: Found) -> bool:
    """All that was ordered."""
    there = {line["sku"]: line["quantity"] for line in shipment["lines"]}
    return there == {line.sku: str(line.quantity) for line in order.lines}


def _whatever(found: Found) -> bool:
    return bool(found)


def _accepted(bill: Found) -> bool:
    """The goods it is for have been heard of."""
    return bool(bill["status"] != "blocked")
