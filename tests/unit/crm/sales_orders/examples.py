"""Examples of sales orders."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.crm.customers.domain.customer import Customer
from services.crm.sales_orders.domain.line_progress import LineQuantity
from services.crm.sales_orders.domain.order_terms import OrderLine
from services.crm.sales_orders.domain.sales_order import SalesOrder
from services.crm.service import Crm
from shared.money import Money

BOLTS = OrderLine(1, "BOLT-M8", Decimal(10), Money("0.25", "USD"))
NUTS = OrderLine(2, "NUT-M8", Decimal(4), Money("1.10", "USD"), Decimal("12.5"))
ORDERED_ON, SHIPPED_ON, PAID_ON = date(1996, 7, 4), date(1996, 7, 16), date(1996, 8, 15)
INVOICE, SHIPMENT, PAYMENT = UUID(int=1), UUID(int=2), UUID(int=3)


def a_draft(*lines: OrderLine, **agreed: Any) -> SalesOrder:
    agreed = {"number": "SO-1", "customer_id": uuid4(), "currency": "USD"} | agreed
    return SalesOrder.draft(lines=lines or (BOLTS, NUTS), **agreed)


def place(order: SalesOrder) -> None:
    order.place(ORDERED_ON, payment_terms_days=30)


def parts(**quantities: int) -> tuple[LineQuantity, ...]:
    """Return quantities of the example lines: `parts(bolts=4)`."""
    lines = {"bolts": 1, "nuts": 2}
    return tuple(LineQuantity(lines[name], Decimal(quantity)) for name, quantity in quantities.items())


ALL = parts(bolts=10, nuts=4)


def a_placed_order(service: Crm, customer: Customer) -> SalesOrder:
    lines = [
        {"sku": "BOLT-M8", "quantity": Decimal(10), "unit_price": Money("0.25", "USD")},
        {
            "sku": "NUT-M8",
            "quantity": Decimal(4),
            "unit_price": Money("1.10", "USD"),
            "discount_percent": Decimal("12.5"),
        },
    ]
    drafted = service.sales_orders.draft(customer.id, "USD", lines, freight=Money("3.00", "USD"), ordered_on=ORDERED_ON)
    return service.sales_orders.place(drafted.id)
