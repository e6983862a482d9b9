"""What is there before anybody asks for what he may not have."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.integration.bad_input.desk import Desk

SOMEBODY = "00000000-0000-4000-8000-000000000000"


def usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


@dataclass
class Firm:
    """Bolts in stock; an order in each state; an invoice, half paid. Ids as the API tells them."""

    desk: Desk
    supplier: str = ""
    customer: str = ""
    purchase: str = ""
    draft: str = ""
    reserved: str = ""
    invoiced: str = ""
    invoice: dict[str, Any] = field(default_factory=dict)
    payment: str = ""

    @classmethod
    def founded(cls, desk: Desk) -> "Firm":
        firm = cls(desk)
        desk.does("/scm/warehouses", {"code": "MAIN", "name": "Main"})
        desk.does("/scm/items", {"sku": "BOLT", "name": "Bolt", "unit": "piece"})
        firm.supplier = desk.does("/srm/suppliers", {"code": "S1", "name": "Smith", "currency": "USD"})["id"]
        firm.customer = firm.new_customer(code="C1", credit_limit=usd("100000.00"))
        firm.purchase = firm.bought("BOLT", "1000")
        desk.suite.wait_until_quiet()
        firm.draft, firm.reserved, firm.invoiced = firm.drafted(), firm.placed(), firm.placed()
        desk.suite.wait_until_quiet()
        desk.does(f"/scm/shipments/{firm.shipment(firm.invoiced)['id']}/dispatch")
        desk.suite.wait_until_quiet()
        (firm.invoice,) = desk.told(f"/erp/invoices?sales_order_id={firm.invoiced}")["data"]
        firm.payment = desk.does("/erp/payments", firm.payment_of("5.00"))["id"]
        desk.suite.wait_until_quiet()
        return firm

    def new_customer(self, **more: Any) -> str:
        body = {"code": f"C-{uuid4().hex[:12]}", "name": "Carpenter", "currency": "USD", **more}
        return str(self.desk.does("/crm/customers", body)["id"])

    def bought(self, sku: str, quantity: str) -> str:
        """Ordered, sent and received; the purchase order's id."""
        order = self.purchase_order(sku, quantity)
        bought = str(self.desk.does("/srm/purchase-orders", order)["id"])
        self.desk.does(f"/srm/purchase-orders/{bought}/send")
        self.desk.does("/scm/goods-receipts", self.receipt(bought, sku, quantity))
        return bought

    def purchase_order(self, sku: str = "BOLT", quantity: str = "1") -> dict[str, Any]:
        lines = [{"sku": sku, "quantity": quantity, "unit_price": usd("1.00")}]
        return {"supplier_id": self.supplier, "currency": "USD", "warehouse": "MAIN", "lines": lines}

    @staticmethod
    def receipt(purchase: str, sku: str = "BOLT", quantity: str = "1") -> dict[str, Any]:
        return {"purchase_order_id": purchase, "lines": [{"sku": sku, "quantity": quantity}]}

    def bill(self, number: str, price: str = "1.00") -> dict[str, Any]:
        """One of the bolts that were bought."""
        lines = [{"sku": "BOLT", "quantity": "1", "unit_price": usd(price)}]
        return {
            "supplier_id": self.supplier, "number": number, "purchase_order_id": self.purchase,
            "billed_on": "2026-03-01", "lines": lines,
        }  # fmt: skip

    def order(self, sku: str = "BOLT", quantity: str = "4", price: str = "2.50", **more: Any) -> dict[str, Any]:
        lines = [{"sku": sku, "quantity": quantity, "unit_price": usd(price)}]
        return {"customer_id": self.customer, "currency": "USD", "lines": lines, **more}

    def drafted(self, **more: Any) -> str:
        return str(self.desk.does("/crm/sales-orders", self.order(**more))["id"])

    def placed(self, **more: Any) -> str:
        order = self.drafted(**more)
        self.desk.does(f"/crm/sales-orders/{order}/place")
        return order

    def shipment(self, order: str) -> Any:
        """The newest of the order."""
        return self.desk.told(f"/scm/shipments?sales_order_id={order}&sort=-ordinal")["data"][0]

    def payment_of(self, amount: str, invoice: str | None = None) -> dict[str, Any]:
        allocations = [{"document_id": invoice or self.invoice["id"], "amount": usd(amount)}]
        return {
            "direction": "in", "party_id": self.customer, "paid_on": "2026-03-01", "amount": usd(amount),
            "allocations": allocations,
        }  # fmt: skip
