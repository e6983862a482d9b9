"""One order of more than there is: what is there leaves first, the rest is bought and sent, and everybody is paid."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from cli.client import Client, Unwilling

USD = "USD"
TEAPOT, CUP = "TEAPOT", "CUP"
PATIENCE_SECONDS = 30.0

Row = Mapping[str, Any]


class Tale:
    """Told step by step while it happens; every amount is what the suite says, not what we know."""

    def __init__(self, client: Client, firm: Mapping[str, Any], tell: Callable[..., None]) -> None:
        self._client = client
        self._firm = firm
        self._tell = tell
        self._partners: dict[str, Row] = {}
        self._bought: list[Row] = []
        self.number: str = firm["order"]["number"]
        self.order_id = ""

    def tell(self) -> None:
        """All of it. Raises Unwilling."""
        self._found_the_firm()
        self._stock_up()
        self._order()
        self._first_shipment()
        self._buy()
        self._receive()
        self._second_shipment()
        self._pay()
        self._settle()

    def _found_the_firm(self) -> None:
        self._do("scm/warehouses", self._firm["warehouse"])
        self._do("scm/carriers", self._firm["carrier"])
        for item in self._firm["items"]:
            self._do("scm/items", item)
        for supplier in self._firm["suppliers"]:
            self._partners[supplier["code"]] = self._do("srm/suppliers", supplier)
        for offer in self._firm["catalogue"]:
            supplier_id = self._partners[offer["supplier"]]["id"]
            terms = {name: value for name, value in offer.items() if name != "supplier"}
            self._do(
                "srm/supplier-items", terms | {"supplier_id": supplier_id, "unit_price": _usd(offer["unit_price"])}
            )
        customer = self._firm["customer"]
        self._partners[customer["code"]] = self._do("crm/customers", customer)

    def _stock_up(self) -> None:
        opening = self._firm["opening_stock"]
        supplier, lines = self._partners[opening["supplier"]], opening["lines"]
        prices = {offer["sku"]: offer["unit_price"] for offer in self._firm["catalogue"] if offer["supplier"] == "KILN"}
        bought = {
            "supplier_id": supplier["id"],
            "currency": USD,
            "warehouse": self._firm["warehouse"]["code"],
            "lines": [{"sku": sku, "quantity": lines[sku], "unit_price": _usd(prices[sku])} for sku in lines],
        }
        order = self._do("srm/purchase-orders", bought)
        self._bought.append(order)
        self._do(f"srm/purchase-orders/{order['id']}/send")
        self._receive_all(order["id"], lines)
        self._client.until_quiet()
        value = self._client.get("erp/stock-value")["totals"]["value"]
        self._tell("chapter_firm")
        self._tell("firm", supplier=supplier["name"], teapots=lines[TEAPOT], cups=lines[CUP], value=_spelled(value))

    def _order(self) -> None:
        customer, wanted = self._partners["WILLOW"], self._firm["order"]
        lines = [line | {"unit_price": _usd(line["unit_price"])} for line in wanted["lines"]]
        body = {"customer_id": customer["id"], "currency": USD, "warehouse": self._firm["warehouse"]["code"]}
        drafted = self._do("crm/sales-orders", body | wanted | {"freight": _usd(wanted["freight"]), "lines": lines})
        self.order_id = drafted["id"]
        self._do(f"crm/sales-orders/{self.order_id}/place")
        ordered = _by_sku(drafted)
        self._tell("chapter_order")
        amounts = {"teapots": ordered[TEAPOT]["ordered"], "cups": ordered[CUP]["ordered"]}
        self._tell("ordered", customer=customer["name"], total=_spelled(drafted["total"]), **amounts)
        self._tell_what_came_of_it(customer["id"])

    def _tell_what_came_of_it(self, customer_id: str) -> None:
        order = self._awaited_order(lambda order: order["status"] == "backordered")
        credit = self._client.get(f"erp/credit/{customer_id}")
        self._tell("chapter_credit")
        self._tell("approved", **{name: _spelled(credit[name]) for name in ("limit", "exposure", "available")})
        held = _by_sku(order)
        missing = Decimal(held[TEAPOT]["ordered"]) - Decimal(held[TEAPOT]["reserved"])
        self._tell("chapter_stock")
        amounts = {"reserved_teapots": held[TEAPOT]["reserved"], "reserved_cups": held[CUP]["reserved"]}
        self._tell("short", missing=missing, **amounts)

    def _first_shipment(self) -> None:
        shipment, invoice = self._dispatched(1)
        left = {line["sku"]: line["quantity"] for line in shipment["lines"]}
        self._tell("chapter_first")
        amounts = {"teapots": left[TEAPOT], "cups": left[CUP], "number": invoice["number"]}
        self._tell("first_shipment", total=_spelled(invoice["total"]), **amounts)

    def _buy(self) -> None:
        request = self._awaited("srm/purchase-requests", lambda row: row["status"] == "drafted")
        order = self._awaited("srm/purchase-orders", lambda row: row["status"] == "draft")
        line = order["lines"][0]
        supplier = next(row for row in self._partners.values() if row["id"] == order["supplier_id"])
        total = Decimal(line["quantity"]) * Decimal(line["unit_price"]["amount"])
        self._tell("chapter_buying")
        self._tell(
            "requested",
            quantity=request["quantity"],
            ordered=line["quantity"],
            supplier=supplier["name"],
            price=_spelled(line["unit_price"]),
            total=f"{total:,.2f} {USD}",
        )
        self._do(f"srm/purchase-orders/{order['id']}/send")
        self._tell("sent")
        self._bought.append(order)

    def _receive(self) -> None:
        order = self._bought[-1]
        came = order["lines"][0]["quantity"]
        self._receive_all(order["id"], {TEAPOT: came})
        held = _by_sku(self._awaited_order(lambda order: Decimal(_by_sku(order)[TEAPOT]["reserved"]) > 0))
        self._client.until_quiet()
        stock = next(row for row in self._client.all("scm/stock", sku=TEAPOT))
        accounts = self._client.get("erp/trial-balance")["rows"]
        owed = next(row["credit"] for row in accounts if row["account"] == "2100")
        self._tell("chapter_goods")
        amounts = {"served": held[TEAPOT]["reserved"], "shelf": stock["available"]}
        self._tell("received", received=came, owed=_spelled(owed), **amounts)

    def _second_shipment(self) -> None:
        _, invoice = self._dispatched(2)
        self._tell("chapter_second")
        self._tell("second_shipment", number=invoice["number"], total=_spelled(invoice["total"]))

    def _pay(self) -> None:
        customer = self._partners["WILLOW"]
        invoices = list(self._client.all("erp/invoices", sales_order_id=self.order_id))
        total = sum((Decimal(invoice["total"]["amount"]) for invoice in invoices), Decimal(0))
        self._do("erp/payments", _payment("in", customer["id"], _usd(str(total)), invoices))
        order = self._awaited_order(lambda order: order["status"] == "paid")
        self._tell("chapter_paid")
        self._tell("paid", customer=customer["name"], total=_spelled(_usd(str(total))), status=order["status"])

    def _settle(self) -> None:
        bills = [self._billed(place, order) for place, order in enumerate(self._bought, 1)]
        for bill in bills:
            self._do("erp/payments", _payment("out", bill["supplier_id"], bill["total"], [bill]))
        total = sum((Decimal(bill["total"]["amount"]) for bill in bills), Decimal(0))
        supplier = next(row for row in self._partners.values() if row["id"] == bills[0]["supplier_id"])
        self._tell("chapter_settled")
        self._tell("settled", supplier=supplier["name"], bills=len(bills), total=_spelled(_usd(str(total))))

    def _billed(self, place: int, order: Row) -> Row:
        """The supplier's bill of everything that was ordered, as ERP found it to match."""
        lines = [{name: line[name] for name in ("sku", "quantity", "unit_price")} for line in order["lines"]]
        number = f"KL-{place}"
        about = {"supplier_id": order["supplier_id"], "purchase_order_id": order["id"], "number": number}
        self._do("erp/bills", about | {"billed_on": datetime.now(UTC).date(), "lines": lines})
        return self._awaited("erp/bills", lambda bill: bill["status"] == "matched", number=number)

    # -- how it is done

    def _do(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._client.post(path, body or {}, f"demo/{uuid4()}")

    def _receive_all(self, purchase_order_id: str, lines: Mapping[str, str]) -> None:
        came = [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()]
        self._do("scm/goods-receipts", {"purchase_order_id": purchase_order_id, "lines": came})

    def _dispatched(self, ordinal: int) -> tuple[Row, Row]:
        """The order's shipment of this ordinal, sent on its way, and the invoice made of it."""
        waiting = self._awaited("scm/shipments", lambda row: row["ordinal"] == ordinal, sales_order_id=self.order_id)
        carrier = {"carrier": self._firm["carrier"]["code"]}
        shipment = self._do(f"scm/shipments/{waiting['id']}/dispatch", carrier)
        invoice = self._awaited("erp/invoices", lambda row: row["number"] == ordinal, sales_order_id=self.order_id)
        return shipment, invoice

    def _awaited_order(self, is_there: Callable[[Row], bool]) -> Row:
        return self._awaited("crm/sales-orders", is_there, number=self.number)

    def _awaited(self, path: str, is_there: Callable[[Row], bool], **which: str) -> Row:
        """The one row that is as it should be, as soon as the services have told each other."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            for row in self._client.all(path, **which):
                if is_there(row):
                    return row
            time.sleep(0.02)
        raise Unwilling(f"{path}: what should have happened has not, after {PATIENCE_SECONDS:.0f} s")


def _payment(direction: str, party_id: str, amount: Row, documents: Iterable[Row]) -> dict[str, Any]:
    """Today, each document in full."""
    allocations = [{"document_id": each["id"], "amount": each["total"]} for each in documents]
    paid_on = datetime.now(UTC).date()
    return {
        "direction": direction, "party_id": party_id, "paid_on": paid_on, "amount": amount, "allocations": allocations,
    }  # fmt: skip


def _by_sku(order: Row) -> Mapping[str, Row]:
    return {line["sku"]: line for line in order["lines"]}


def _usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": USD}


def _spelled(money: Row) -> str:
    return f"{Decimal(money['amount']):,} {money['currency']}"
