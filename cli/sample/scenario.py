"""Scenario of one order with a shortage: partial shipment, purchase, second shipment, payments."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from cli.background import wait_for
from cli.client import Client, RequestFailed

USD = "USD"
TEAPOT, CUP = "TEAPOT", "CUP"
TIMEOUT_SECONDS = 30.0

Row = Mapping[str, Any]


class OrderScenario:
    """Runs the scenario and narrates each step; all amounts are read from the suite."""

    def __init__(self, client: Client, firm: Mapping[str, Any], narrate: Callable[..., None]) -> None:
        self._client = client
        self._firm = firm
        self._narrate = narrate
        self._partners: dict[str, Row] = {}
        self._purchase_orders: list[Row] = []
        self.number: str = firm["order"]["number"]
        self.order_id = ""

    def run(self) -> None:
        """Run all steps. Raises RequestFailed."""
        self._create_master_data()
        self._receive_opening_stock()
        self._place_order()
        self._dispatch_first_shipment()
        self._order_missing_goods()
        self._receive_ordered_goods()
        self._dispatch_second_shipment()
        self._record_customer_payment()
        self._pay_supplier_invoices()

    def _create_master_data(self) -> None:
        self._post("scm/warehouses", self._firm["warehouse"])
        self._post("scm/carriers", self._firm["carrier"])
        for item in self._firm["items"]:
            self._post("scm/items", item)
        for supplier in self._firm["suppliers"]:
            self._partners[supplier["code"]] = self._post("srm/suppliers", supplier)
        for offer in self._firm["catalogue"]:
            supplier_id = self._partners[offer["supplier"]]["id"]
            terms = {name: value for name, value in offer.items() if name != "supplier"}
            self._post(
                "srm/supplier-items", terms | {"supplier_id": supplier_id, "unit_price": _usd(offer["unit_price"])}
            )
        customer = self._firm["customer"]
        self._partners[customer["code"]] = self._post("crm/customers", customer)

    def _receive_opening_stock(self) -> None:
        opening = self._firm["opening_stock"]
        supplier, lines = self._partners[opening["supplier"]], opening["lines"]
        prices = {offer["sku"]: offer["unit_price"] for offer in self._firm["catalogue"] if offer["supplier"] == "KILN"}
        body = {
            "supplier_id": supplier["id"],
            "currency": USD,
            "warehouse": self._firm["warehouse"]["code"],
            "lines": [{"sku": sku, "quantity": lines[sku], "unit_price": _usd(prices[sku])} for sku in lines],
        }
        order = self._post("srm/purchase-orders", body)
        self._purchase_orders.append(order)
        self._post(f"srm/purchase-orders/{order['id']}/send")
        self._receive_all(order["id"], lines)
        self._client.wait_until_idle()
        value = self._client.get("erp/stock-value")["totals"]["value"]
        self._narrate("chapter_firm")
        self._narrate(
            "firm", supplier=supplier["name"], teapots=lines[TEAPOT], cups=lines[CUP], value=_format_money(value)
        )

    def _place_order(self) -> None:
        customer, sample = self._partners["WILLOW"], self._firm["order"]
        lines = [line | {"unit_price": _usd(line["unit_price"])} for line in sample["lines"]]
        body = {"customer_id": customer["id"], "currency": USD, "warehouse": self._firm["warehouse"]["code"]}
        drafted = self._post("crm/sales-orders", body | sample | {"freight": _usd(sample["freight"]), "lines": lines})
        self.order_id = drafted["id"]
        self._post(f"crm/sales-orders/{self.order_id}/place")
        ordered = _quantities_by_sku(drafted)
        self._narrate("chapter_order")
        amounts = {"teapots": ordered[TEAPOT]["ordered"], "cups": ordered[CUP]["ordered"]}
        self._narrate("ordered", customer=customer["name"], total=_format_money(drafted["total"]), **amounts)
        self._narrate_order_state(customer["id"])

    def _narrate_order_state(self, customer_id: str) -> None:
        order = self._wait_for_order(lambda order: order["status"] == "backordered")
        credit = self._client.get(f"erp/credit/{customer_id}")
        self._narrate("chapter_credit")
        self._narrate("approved", **{name: _format_money(credit[name]) for name in ("limit", "exposure", "available")})
        held = _quantities_by_sku(order)
        missing = Decimal(held[TEAPOT]["ordered"]) - Decimal(held[TEAPOT]["reserved"])
        self._narrate("chapter_stock")
        amounts = {"reserved_teapots": held[TEAPOT]["reserved"], "reserved_cups": held[CUP]["reserved"]}
        self._narrate("short", missing=missing, **amounts)

    def _dispatch_first_shipment(self) -> None:
        shipment, invoice = self._dispatch_shipment(1)
        shipped = {line["sku"]: line["quantity"] for line in shipment["lines"]}
        self._narrate("chapter_first")
        amounts = {"teapots": shipped[TEAPOT], "cups": shipped[CUP], "number": invoice["number"]}
        self._narrate("first_shipment", total=_format_money(invoice["total"]), **amounts)

    def _order_missing_goods(self) -> None:
        request = self._wait_for("srm/purchase-requests", lambda row: row["status"] == "drafted")
        order = self._wait_for("srm/purchase-orders", lambda row: row["status"] == "draft")
        line = order["lines"][0]
        supplier = next(row for row in self._partners.values() if row["id"] == order["supplier_id"])
        total = Decimal(line["quantity"]) * Decimal(line["unit_price"]["amount"])
        self._narrate("chapter_buying")
        self._narrate(
            "requested",
            quantity=request["quantity"],
            ordered=line["quantity"],
            supplier=supplier["name"],
            price=_format_money(line["unit_price"]),
            total=f"{total:,.2f} {USD}",
        )
        self._post(f"srm/purchase-orders/{order['id']}/send")
        self._narrate("sent")
        self._purchase_orders.append(order)

    def _receive_ordered_goods(self) -> None:
        order = self._purchase_orders[-1]
        received = order["lines"][0]["quantity"]
        self._receive_all(order["id"], {TEAPOT: received})
        held = _quantities_by_sku(
            self._wait_for_order(lambda order: Decimal(_quantities_by_sku(order)[TEAPOT]["reserved"]) > 0)
        )
        self._client.wait_until_idle()
        stock = next(row for row in self._client.rows("scm/stock", sku=TEAPOT))
        accounts = self._client.get("erp/trial-balance")["rows"]
        owed = next(row["credit"] for row in accounts if row["account"] == "2100")
        self._narrate("chapter_goods")
        amounts = {"served": held[TEAPOT]["reserved"], "shelf": stock["available"]}
        self._narrate("received", received=received, owed=_format_money(owed), **amounts)

    def _dispatch_second_shipment(self) -> None:
        _, invoice = self._dispatch_shipment(2)
        self._narrate("chapter_second")
        self._narrate("second_shipment", number=invoice["number"], total=_format_money(invoice["total"]))

    def _record_customer_payment(self) -> None:
        customer = self._partners["WILLOW"]
        invoices = list(self._client.rows("erp/invoices", sales_order_id=self.order_id, sort="number"))
        total = sum((Decimal(invoice["total"]["amount"]) for invoice in invoices), Decimal(0))
        self._post("erp/payments", _payment("in", customer["id"], _usd(str(total)), invoices))
        order = self._wait_for_order(lambda order: order["status"] == "paid")
        self._narrate("chapter_paid")
        self._narrate("paid", customer=customer["name"], total=_format_money(_usd(str(total))), status=order["status"])

    def _pay_supplier_invoices(self) -> None:
        bills = [self._record_supplier_invoice(index, order) for index, order in enumerate(self._purchase_orders, 1)]
        for bill in bills:
            self._post("erp/payments", _payment("out", bill["supplier_id"], bill["total"], [bill]))
        total = sum((Decimal(bill["total"]["amount"]) for bill in bills), Decimal(0))
        supplier = next(row for row in self._partners.values() if row["id"] == bills[0]["supplier_id"])
        self._narrate("chapter_settled")
        self._narrate("settled", supplier=supplier["name"], bills=len(bills), total=_format_money(_usd(str(total))))

    def _record_supplier_invoice(self, index: int, order: Row) -> Row:
        """Record the supplier invoice of a purchase order and return it when ERP has matched it."""
        lines = [{name: line[name] for name in ("sku", "quantity", "unit_price")} for line in order["lines"]]
        number = f"KL-{index}"
        reference = {"supplier_id": order["supplier_id"], "purchase_order_id": order["id"], "number": number}
        self._post("erp/bills", reference | {"billed_on": datetime.now(UTC).date(), "lines": lines})
        return self._wait_for("erp/bills", lambda bill: bill["status"] == "matched", number=number)

    # -- requests

    def _post(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._client.post(path, body or {}, f"demo/{uuid4()}")

    def _receive_all(self, purchase_order_id: str, lines: Mapping[str, str]) -> None:
        received = [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()]
        self._post("scm/goods-receipts", {"purchase_order_id": purchase_order_id, "lines": received})

    def _dispatch_shipment(self, ordinal: int) -> tuple[Row, Row]:
        """Dispatch the shipment of the order with this ordinal; return it and its invoice."""
        prepared = self._wait_for("scm/shipments", lambda row: row["ordinal"] == ordinal, sales_order_id=self.order_id)
        carrier = {"carrier": self._firm["carrier"]["code"]}
        shipment = self._post(f"scm/shipments/{prepared['id']}/dispatch", carrier)
        of_order = {"sales_order_id": self.order_id}
        invoice = self._wait_for("erp/invoices", lambda row: row["shipment_id"] == shipment["id"], **of_order)
        return shipment, invoice

    def _wait_for_order(self, is_complete: Callable[[Row], bool]) -> Row:
        return self._wait_for("crm/sales-orders", is_complete, number=self.number)

    def _wait_for(self, path: str, is_complete: Callable[[Row], bool], **which: str) -> Row:
        """Return the first row that is complete, as soon as the services have exchanged their events."""
        found: Row | None = wait_for(
            lambda: next(filter(is_complete, self._client.rows(path, **which)), None), TIMEOUT_SECONDS
        )
        if found is not None:
            return found
        raise RequestFailed(f"{path}: no complete row after {TIMEOUT_SECONDS:.0f} s; see /api/v1/ops/lag")


def _payment(direction: str, party_id: str, amount: Row, documents: Iterable[Row]) -> dict[str, Any]:
    """Return a payment of today that settles each document in full."""
    allocations = [{"document_id": each["id"], "amount": each["total"]} for each in documents]
    paid_on = datetime.now(UTC).date()
    return {
        "direction": direction, "party_id": party_id, "paid_on": paid_on, "amount": amount, "allocations": allocations,
    }  # fmt: skip


def _quantities_by_sku(order: Row) -> Mapping[str, Row]:
    return {line["sku"]: line for line in order["lines"]}


def _usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": USD}


def _format_money(money: Row) -> str:
    return f"{Decimal(money['amount']):,} {money['currency']}"
