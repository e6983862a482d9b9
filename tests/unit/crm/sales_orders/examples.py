"""Examples of sales orders."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.crm.customers.domain.customer import Customer
from services.crm.sales_orders.commands import DraftSalesOrder, Line
from services.crm.sales_orders.domain.line_progress import InvoicedQuantity
from services.crm.sales_orders.domain.order_terms import AmendableTerms, OrderDetails, OrderLine
from services.crm.sales_orders.domain.sales_order import SalesOrder
from services.crm.service import Crm
from shared.domain import LineQuantity
from shared.money import Money, UnitPrice

BOLTS = OrderLine(1, "BOLT-M8", Decimal(10), UnitPrice("0.25", "USD"))
NUTS = OrderLine(2, "NUT-M8", Decimal(4), UnitPrice("1.10", "USD"), Decimal("12.5"))
ORDERED_ON, SHIPPED_ON, PAID_ON = date(1996, 7, 4), date(1996, 7, 16), date(1996, 8, 15)
INVOICE, SHIPMENT, PAYMENT = UUID(int=1), UUID(int=2), UUID(int=3)


def a_draft(*lines: OrderLine, freight: Money | None = None, ordered_on: date | None = None) -> SalesOrder:
    terms = AmendableTerms(lines=lines or (BOLTS, NUTS), freight=freight or Money.zero("USD"))
    return SalesOrder.draft("SO-1", uuid4(), "USD", terms, OrderDetails(), ordered_on)


def place(order: SalesOrder) -> None:
    order.place(ORDERED_ON, payment_terms_days=30)


def parts(**quantities: int) -> tuple[LineQuantity, ...]:
    """Return quantities of the example lines: `parts(bolts=4)`."""
    lines = {"bolts": 1, "nuts": 2}
    return tuple(LineQuantity(lines[name], Decimal(quantity)) for name, quantity in quantities.items())


ALL = parts(bolts=10, nuts=4)


def on_an_invoice(quantities: tuple[LineQuantity, ...]) -> tuple[InvoicedQuantity, ...]:
    """Return quantities as an invoice has them."""
    return tuple(InvoicedQuantity(each.line, each.quantity) for each in quantities)


def a_line(line: OrderLine, **other: Any) -> Line:
    """Return the request of a line."""
    promised = {"sku": line.sku, "quantity": line.quantity, "unit_price": line.unit_price}
    return Line(**promised | {"discount_percent": line.discount_percent} | other)


def an_order(customer_id: UUID, *lines: Line, **other: Any) -> DraftSalesOrder:
    agreed = {"customer_id": customer_id, "currency": "USD", "lines": lines or (a_line(BOLTS),)}
    return DraftSalesOrder(**agreed | other)


def a_placed_order(service: Crm, customer: Customer) -> SalesOrder:
    order = an_order(customer.id, a_line(BOLTS), a_line(NUTS), freight=Money("3.00", "USD"), ordered_on=ORDERED_ON)
    return service.sales_orders.place(service.sales_orders.draft(order).id)
