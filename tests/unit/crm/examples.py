"""One good example of everything CRM knows."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from services.crm.domain.customer import Address, AddressKind, Contact, Customer
from services.crm.domain.line_progress import LineQuantity
from services.crm.domain.order_terms import OrderLine
from services.crm.domain.sales_order import SalesOrder
from services.crm.service import Crm
from shared.domain import PersonalData
from shared.money import Money
from shared.testing.services import open_service
from shared.testing.services import published_events as published_events
from shared.testing.services import reader as reader

BOLTS = OrderLine(1, "BOLT-M8", Decimal(10), Money("0.25", "USD"))
NUTS = OrderLine(2, "NUT-M8", Decimal(4), Money("1.10", "USD"), Decimal("12.5"))
ORDERED_ON, SHIPPED_ON, PAID_ON = date(1996, 7, 4), date(1996, 7, 16), date(1996, 8, 15)
INVOICE, SHIPMENT, PAYMENT = UUID(int=1), UUID(int=2), UUID(int=3)
BERLIN = Address(AddressKind.BILLING, "Obere Str. 57", "Berlin", "DE", postal_code="12209")


def encrypted(text: str, person: UUID) -> PersonalData:
    return PersonalData(person, f"sealed {text}")


def a_contact(name: str = "Maria Anders") -> Contact:
    person = uuid4()
    return Contact(person, encrypted(name, person), email=encrypted("maria@example.com", person))


def a_customer(**agreed: Any) -> Customer:
    return Customer(**{"code": "ALFKI", "name": "Alfreds Futterkiste", "currency": "USD"} | agreed)


def a_draft(*lines: OrderLine, **agreed: Any) -> SalesOrder:
    agreed = {"number": "SO-1", "customer_id": uuid4(), "currency": "USD"} | agreed
    return SalesOrder.draft(lines=lines or (BOLTS, NUTS), **agreed)


def place(order: SalesOrder) -> None:
    order.place(ORDERED_ON, payment_terms_days=30)


def parts(**quantities: int) -> tuple[LineQuantity, ...]:
    """`parts(bolts=4)`: a quantity of the example lines."""
    lines = {"bolts": 1, "nuts": 2}
    return tuple(LineQuantity(lines[name], Decimal(quantity)) for name, quantity in quantities.items())


ALL = parts(bolts=10, nuts=4)


def open_with_customer(folder: Path, **agreed: Any) -> tuple[Crm, Customer]:
    """CRM over its own files, with one customer."""
    service = open_service(Crm, folder)
    agreed = {"code": "ALFKI", "name": "Alfreds Futterkiste", "currency": "USD"} | agreed
    return service, service.register_customer(**agreed)


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
    drafted = service.draft_sales_order(customer.id, "USD", lines, freight=Money("3.00", "USD"), ordered_on=ORDERED_ON)
    return service.place_sales_order(drafted.id)
