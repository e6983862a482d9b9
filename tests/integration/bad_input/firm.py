"""Records that exist before the first refused request."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.integration.bad_input.gateway_caller import GatewayCaller

TODAY = datetime.now(UTC).date().isoformat()
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


@dataclass
class SampleFirm:
    """Bolts in stock; an order in each state; an invoice, half paid. Ids as the API returns them."""

    caller: GatewayCaller
    supplier: str = ""
    customer: str = ""
    purchase: str = ""
    draft: str = ""
    reserved: str = ""
    invoiced: str = ""
    invoice: dict[str, Any] = field(default_factory=dict)
    payment: str = ""

    @classmethod
    def create(cls, caller: GatewayCaller) -> "SampleFirm":
        firm = cls(caller)
        caller.command("/scm/warehouses", {"code": "MAIN", "name": "Main"})
        caller.command("/scm/items", {"sku": "BOLT", "name": "Bolt", "unit": "piece"})
        firm.supplier = caller.command("/srm/suppliers", {"code": "S1", "name": "Smith", "currency": "USD"})["id"]
        firm.customer = firm.new_customer(code="C1", credit_limit=usd("100000.00"))
        firm.purchase = firm.receive_purchase("BOLT", "1000")
        caller.suite.wait_until_idle()
        firm.draft, firm.reserved, firm.invoiced = firm.draft_order(), firm.place_order(), firm.place_order()
        caller.suite.wait_until_idle()
        caller.command(f"/scm/shipments/{firm.shipment(firm.invoiced)['id']}/dispatch")
        caller.suite.wait_until_idle()
        (firm.invoice,) = caller.get_json(f"/erp/invoices?sales_order_id={firm.invoiced}")["data"]
        firm.payment = caller.command("/erp/payments", firm.payment_of("5.00"))["id"]
        caller.suite.wait_until_idle()
        return firm

    def new_customer(self, **more: Any) -> str:
        body = {"code": f"C-{uuid4().hex[:12]}", "name": "Carpenter", "currency": "USD", **more}
        return str(self.caller.command("/crm/customers", body)["id"])

    def receive_purchase(self, sku: str, quantity: str) -> str:
        """Create, send and receive a purchase order; return its id."""
        order = self.purchase_order(sku, quantity)
        bought = str(self.caller.command("/srm/purchase-orders", order)["id"])
        self.caller.command(f"/srm/purchase-orders/{bought}/send")
        self.caller.command("/scm/goods-receipts", self.receipt(bought, sku, quantity))
        return bought

    def purchase_order(self, sku: str = "BOLT", quantity: str = "1") -> dict[str, Any]:
        lines = [{"sku": sku, "quantity": quantity, "unit_price": usd("1.00")}]
        return {"supplier_id": self.supplier, "currency": "USD", "warehouse": "MAIN", "lines": lines}

    @staticmethod
    def receipt(purchase: str, sku: str = "BOLT", quantity: str = "1") -> dict[str, Any]:
        return {"purchase_order_id": purchase, "lines": [{"sku": sku, "quantity": quantity}]}

    def bill(self, number: str, price: str = "1.00") -> dict[str, Any]:
        """Return a bill for one of the bought bolts, one of many with the same total and date."""
        lines = [{"sku": "BOLT", "quantity": "1", "unit_price": usd(price)}]
        return {
            "supplier_id": self.supplier, "number": number, "purchase_order_id": self.purchase,
            "billed_on": TODAY, "lines": lines, "duplicate_reason": "a bolt a day",
        }  # fmt: skip

    def order(self, sku: str = "BOLT", quantity: str = "4", price: str = "2.50", **more: Any) -> dict[str, Any]:
        lines = [{"sku": sku, "quantity": quantity, "unit_price": usd(price)}]
        return {"customer_id": self.customer, "currency": "USD", "lines": lines, **more}

    def draft_order(self, **more: Any) -> str:
        return str(self.caller.command("/crm/sales-orders", self.order(**more))["id"])

    def place_order(self, **more: Any) -> str:
        order = self.draft_order(**more)
        self.caller.command(f"/crm/sales-orders/{order}/place")
        return order

    def shipment(self, order: str) -> Any:
        """Return the newest shipment of the order."""
        return self.caller.get_json(f"/scm/shipments?sales_order_id={order}&sort=-ordinal")["data"][0]

    def payment_of(self, amount: str, invoice: str | None = None) -> dict[str, Any]:
        allocations = [{"document_id": invoice or self.invoice["id"], "amount": usd(amount)}]
        return {
            "direction": "in", "party_id": self.customer, "paid_on": TODAY, "amount": usd(amount),
            "allocations": allocations,
        }  # fmt: skip
