"""One good example of everything SRM knows."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.srm.domain.purchase_order import Part, PurchaseLine, PurchaseOrder
from services.srm.domain.purchase_request import PurchaseRequest
from services.srm.domain.supplier import Contact, Supplier
from services.srm.domain.supplier_item import Terms
from shared.domain import Personal
from shared.money import Money

BOLTS = PurchaseLine(1, "BOLT-M8", Decimal(100), Money("0.18", "USD"))
NUTS = PurchaseLine(2, "NUT-M8", Decimal(40), Money("0.77", "USD"))
RECEIPT, RECEIVED_ON = UUID(int=1), date(1996, 7, 1)


def a_contact(name: str = "Charlotte Cooper") -> Contact:
    person = uuid4()
    return Contact(person, Personal(person, f"sealed {name}"))


def a_supplier(**agreed: Any) -> Supplier:
    return Supplier(**{"code": "EXOTIC", "name": "Exotic Liquids", "currency": "USD"} | agreed)


def terms(price: str = "0.18", days: int = 5, currency: str = "USD", **more: Any) -> Terms:
    return Terms(Money(price, currency), days, **more)


def a_draft(*lines: PurchaseLine, **agreed: Any) -> PurchaseOrder:
    agreed = {"number": "PO-1", "supplier_id": uuid4(), "currency": "USD", "warehouse": "MAIN"} | agreed
    return PurchaseOrder.draft(lines=lines or (BOLTS, NUTS), **agreed)


def sent(order: PurchaseOrder) -> None:
    order.send(RECEIVED_ON)


def parts(**quantities: int) -> tuple[Part, ...]:
    """`parts(bolts=4)`: a quantity of the example lines."""
    lines = {"bolts": 1, "nuts": 2}
    return tuple(Part(lines[name], Decimal(quantity)) for name, quantity in quantities.items())


ALL = parts(bolts=100, nuts=40)


def a_request(**wanted: Any) -> PurchaseRequest:
    wanted = {"sku": "BOLT-M8", "warehouse": "MAIN", "quantity": Decimal(7), "reason": "shortage"} | wanted
    return PurchaseRequest(**wanted)
