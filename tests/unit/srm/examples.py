"""One good example of everything SRM knows."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.srm.domain.purchase_line import LineQuantity, PurchaseLine
from services.srm.domain.purchase_order import PurchaseOrder
from services.srm.domain.purchase_request import PurchaseRequest
from services.srm.domain.supplier import Contact, Supplier
from services.srm.domain.supplier_item import SupplyTerms
from services.srm.service import Srm
from shared.contracts import erp, scm
from shared.domain import PersonalData
from shared.money import Money
from shared.testing.services import published_events as published_events
from shared.testing.services import reader as reader

BOLTS = PurchaseLine(1, "BOLT-M8", Decimal(100), Money("0.18", "USD"))
NUTS = PurchaseLine(2, "NUT-M8", Decimal(40), Money("0.77", "USD"))
RECEIPT, RECEIVED_ON = UUID(int=1), date(1996, 7, 1)


def a_contact(name: str = "Charlotte Cooper") -> Contact:
    person = uuid4()
    return Contact(person, PersonalData(person, f"sealed {name}"))


def a_supplier(**agreed: Any) -> Supplier:
    return Supplier(**{"code": "EXOTIC", "name": "Exotic Liquids", "currency": "USD"} | agreed)


def terms(price: str = "0.18", days: int = 5, currency: str = "USD", **more: Any) -> SupplyTerms:
    return SupplyTerms(Money(price, currency), days, **more)


def a_draft(*lines: PurchaseLine, **agreed: Any) -> PurchaseOrder:
    agreed = {"number": "PO-1", "supplier_id": uuid4(), "currency": "USD", "warehouse": "MAIN"} | agreed
    return PurchaseOrder.draft(lines=lines or (BOLTS, NUTS), **agreed)


def send(order: PurchaseOrder) -> None:
    order.send(RECEIVED_ON)


def parts(**quantities: int) -> tuple[LineQuantity, ...]:
    """`parts(bolts=4)`: a quantity of the example lines."""
    lines = {"bolts": 1, "nuts": 2}
    return tuple(LineQuantity(lines[name], Decimal(quantity)) for name, quantity in quantities.items())


ALL = parts(bolts=100, nuts=40)


def a_request(**wanted: Any) -> PurchaseRequest:
    wanted = {"sku": "BOLT-M8", "warehouse": "MAIN", "quantity": Decimal(7), "reason": "shortage"} | wanted
    return PurchaseRequest(**wanted)


def register_supplier(service: Srm, code: str = "EXOTIC", **agreed: Any) -> Supplier:
    return service.register_supplier(**{"code": code, "name": code.title(), "currency": "USD"} | agreed)


def register_supplier_with_offer(service: Srm, code: str, price: str, days: int = 5, **terms: Any) -> Supplier:
    """A supplier that sells bolts at this price."""
    seller = register_supplier(service, code)
    service.add_supplier_item(seller.id, "BOLT-M8", unit_price=Money(price, "USD"), lead_time_days=days, **terms)
    return seller


def a_sent_order(service: Srm, supplier: Supplier) -> PurchaseOrder:
    lines = [
        {"sku": "BOLT-M8", "quantity": Decimal(100), "unit_price": Money("0.18", "USD")},
        {"sku": "NUT-M8", "quantity": Decimal(40), "unit_price": Money("0.77", "USD")},
    ]
    drafted = service.draft_purchase_order(supplier.id, "USD", lines, warehouse="MAIN", ordered_on=RECEIVED_ON)
    return service.send_purchase_order(drafted.id)


def purchase_requested(quantity: int = 7, sku: str = "BOLT-M8") -> scm.PurchaseRequested:
    return scm.PurchaseRequested(uuid4(), sku, "MAIN", Decimal(quantity), date(1996, 8, 1), "shortage", uuid4())


def goods_received(order_id: UUID, *lines: tuple[int, str, int]) -> scm.GoodsReceived:
    goods = tuple(scm.GoodsLine(line, sku, Decimal(quantity)) for line, sku, quantity in lines)
    return scm.GoodsReceived(uuid4(), order_id, "MAIN", RECEIVED_ON, goods)


def receipt_reversed(receipt: scm.GoodsReceived) -> scm.GoodsReceiptReversed:
    return scm.GoodsReceiptReversed(
        receipt.receipt_id, receipt.purchase_order_id, receipt.warehouse, receipt.received_on, receipt.lines, "mistyped"
    )


def supplier_invoice_posted(
    order_id: UUID, supplier_id: UUID, *lines: tuple[int, str, int]
) -> erp.SupplierInvoicePosted:
    parts = tuple(erp.SupplierInvoiceLine(line, sku, Decimal(quantity)) for line, sku, quantity in lines)
    total = Money("1.00", "USD")
    return erp.SupplierInvoicePosted(uuid4(), order_id, supplier_id, "RE-1", RECEIVED_ON, RECEIVED_ON, parts, total)
