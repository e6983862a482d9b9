"""Import of the Northwind tables: repeats the business of the company through the public API, in date order."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import Any

from cli.client import Client
from cli.northwind import requests
from cli.northwind.steps import Progress, Resource, Step, StepRunner
from cli.northwind.tables import FIRST_DAY, LAST_DAY, PAYMENT_TERMS_DAYS, NorthwindTables, Order, Partner, Product

SOURCE = "northwind/v1"
RECORD_AND_PAY_LIMIT = Decimal(10_000)
"""The default of the setting of ERP."""
SUPPLIER_INVOICES_PAID_ON = FIRST_DAY + timedelta(days=PAYMENT_TERMS_DAYS)


class NorthwindImport:
    """Idempotent: every request has a key derived from the data, so a second run has no effect.

    The steps of one day run concurrently; a day starts when the previous day is complete.
    """

    def __init__(self, tables: NorthwindTables, client: Client, progress: Progress) -> None:
        self._tables = tables
        self._client = client
        self._steps = StepRunner(client, progress)
        self._customers: dict[str, str] = {}
        self._suppliers: dict[str, str] = {}
        self._invoice_ids: dict[str, str] = {}
        self._orders: dict[str, str] = {}
        self._item_versions: dict[str, int] = {}

    def run(self) -> None:
        """Import everything and wait until the suite is idle. Raises RequestFailed; a new run continues the import."""
        with self._steps as steps:
            steps.run_concurrently("partners and items", self._master_data_steps())
            steps.run_concurrently("items received", [self._client.wait_until_idle])
            steps.run_concurrently("catalogue", self._catalogue_steps())
            steps.run_concurrently("settings", self._settings_steps())
            steps.run_concurrently("opening stock", self._purchase_steps())
            steps.run_by_day("shipped orders", chain(self._supplier_payment_steps(), self._shipped_order_steps()))
            steps.run_by_day("open orders", self._open_order_steps())
            steps.run_concurrently("stock on order", self._outstanding_order_steps())
            steps.run_concurrently("reorder points", self._reorder_point_steps())
            steps.run_concurrently("until idle", [self._client.wait_until_idle])

    # -- phases

    def _master_data_steps(self) -> Iterator[Step]:
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
        created = self._post("scm/items", requests.item(row), f"item/{row.sku}")
        self._item_versions[row.sku] = created["version"]

    def _catalogue_steps(self) -> Iterator[Step]:
        for row in self._tables.products:
            body = requests.supplier_item(row, self._suppliers[row.supplier])
            yield partial(self._post, "srm/supplier-items", body, f"supplier-item/{row.sku}")

    def _settings_steps(self) -> Iterator[Step]:
        """Let one person record and pay the largest supplier invoice: one key imports what a whole company did."""
        largest = max((self._tables.received_cost(row.code) for row in self._tables.suppliers), default=Decimal(0))
        yield partial(self._let_record_and_pay, largest)

    def _let_record_and_pay(self, amount: Decimal) -> None:
        """Raise the limit above which another person pays, if there is one below this amount."""
        settings = self._client.get("erp/settings")
        limit = settings.get("record_and_pay_limit")
        if limit is not None and Decimal(limit) < amount:
            changes, key = {"record_and_pay_limit": str(amount)}, f"{SOURCE}/record-and-pay-limit"
            self._client.patch("erp/settings", changes, key, settings["version"])

    def _purchase_steps(self) -> Iterator[Step]:
        for row in self._tables.suppliers:
            units = {product: self._tables.received_units(product) for product in self._tables.products_of(row.code)}
            yield partial(self._buy, f"{row.code}-1", row, _positive_units(units), FIRST_DAY, received=True)

    def _outstanding_order_steps(self) -> Iterator[Step]:
        for row in self._tables.suppliers:
            units = {product: product.on_order for product in self._tables.products_of(row.code)}
            yield partial(self._buy, f"{row.code}-2", row, _positive_units(units), LAST_DAY, received=False)

    def _buy(self, number: str, row: Partner, units: Mapping[Product, int], day: date, *, received: bool) -> None:
        if not units:
            return
        body = requests.purchase_order(number, self._suppliers[row.code], day, units)
        order = self._post("srm/purchase-orders", body, f"purchase-order/{number}")
        self._post(
            f"srm/purchase-orders/{order['id']}/send", requests.effective_on(day), f"purchase-order/{number}/send"
        )
        if received:
            receipt = requests.goods_receipt(order["id"], units)
            self._post("scm/goods-receipts", receipt, f"purchase-order/{number}/receipt")
            bill = requests.supplier_invoice(number, self._suppliers[row.code], order["id"], units)
            self._post("erp/bills", bill, f"purchase-order/{number}/bill")
            self._invoice_ids[number] = self._suppliers[row.code]

    def _shipped_order_steps(self) -> Iterator[tuple[date, Step]]:
        for order in self._tables.shipped_orders:
            assert order.shipped_on is not None
            yield order.ordered_on, partial(self._place, order)
            yield order.shipped_on, partial(self._dispatch, order)
            if order.paid_on is not None:
                yield order.paid_on, partial(self._pay, order, order.paid_on)

    def _supplier_payment_steps(self) -> Iterator[tuple[date, Step]]:
        for number, supplier_id in self._invoice_ids.items():
            yield SUPPLIER_INVOICES_PAID_ON, partial(self._pay_supplier_invoice, number, supplier_id)

    def _open_order_steps(self) -> Iterator[tuple[date, Step]]:
        for order in self._tables.open_orders:
            yield order.ordered_on, partial(self._place, order)

    def _reorder_point_steps(self) -> Iterator[Step]:
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
        day = requests.effective_on(order.ordered_on)
        self._post(f"crm/sales-orders/{drafted['id']}/place", day, f"order/{order.number}/place")

    def _dispatch(self, order: Order) -> None:
        sales_order = self._orders[order.number]
        shipment = self._steps.wait_for(
            "scm/shipments", partial(_contains_all_goods, order), sales_order_id=sales_order
        )
        body = requests.dispatch(order)
        self._post(f"scm/shipments/{shipment['id']}/dispatch", body, f"order/{order.number}/dispatch")

    def _pay(self, order: Order, paid_on: date) -> None:
        invoice = self._steps.wait_for("erp/invoices", _is_any, sales_order_id=self._orders[order.number])
        body = requests.payment("in", self._customers[order.customer], paid_on, invoice)
        self._post("erp/payments", body, f"order/{order.number}/payment")

    def _pay_supplier_invoice(self, number: str, supplier_id: str) -> None:
        bill = self._steps.wait_for("erp/bills", _is_accepted, number=number, supplier_id=supplier_id)
        body = requests.payment("out", supplier_id, SUPPLIER_INVOICES_PAID_ON, bill)
        self._post("erp/payments", body, f"purchase-order/{number}/payment")

    def _post(self, path: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        return self._client.post(path, body, f"{SOURCE}/{key}")


def _positive_units(units: Mapping[Product, int]) -> Mapping[Product, int]:
    return {product: quantity for product, quantity in units.items() if quantity}


def _contains_all_goods(order: Order, shipment: Resource) -> bool:
    """Return whether the shipment contains all goods of the order."""
    quantities = {line["sku"]: line["quantity"] for line in shipment["lines"]}
    return quantities == {line.sku: str(line.quantity) for line in order.lines}


def _is_any(found: Resource) -> bool:
    return bool(found)


def _is_accepted(bill: Resource) -> bool:
    """Return whether invoice matching has accepted the supplier invoice."""
    return bool(bill["status"] != "blocked")
