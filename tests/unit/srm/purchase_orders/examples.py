"""Examples of purchase orders."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.srm.purchase_orders.commands import DraftPurchaseOrder, RevisePurchaseOrder
from services.srm.purchase_orders.domain.purchase_line import Line, PurchaseLine, RevisedLine
from services.srm.purchase_orders.domain.purchase_order import PurchaseOrder
from services.srm.purchase_orders.projections import PurchaseOrders
from services.srm.service import Srm
from services.srm.suppliers.domain.supplier import Supplier
from shared.contracts import erp, scm
from shared.domain import LineQuantity
from shared.money import Money, UnitPrice
from shared.testing import end_of
from shared.testing.services import reader

BOLTS = PurchaseLine(1, "BOLT-M8", Decimal(100), UnitPrice("0.18", "USD"))
NUTS = PurchaseLine(2, "NUT-M8", Decimal(40), UnitPrice("0.77", "USD"))
RECEIPT, RECEIVED_ON = UUID(int=1), date(1996, 7, 1)


def a_draft(*lines: PurchaseLine, **agreed: Any) -> PurchaseOrder:
    agreed = {"number": "PO-1", "supplier_id": uuid4(), "currency": "USD", "warehouse": "MAIN"} | agreed
    return PurchaseOrder.draft(lines=lines or (BOLTS, NUTS), **agreed)


def send(order: PurchaseOrder) -> None:
    order.send(RECEIVED_ON)


def parts(**quantities: int) -> tuple[LineQuantity, ...]:
    """Return quantities of the example lines: `parts(bolts=4)`."""
    lines = {"bolts": 1, "nuts": 2}
    return tuple(LineQuantity(lines[name], Decimal(quantity)) for name, quantity in quantities.items())


ALL = parts(bolts=100, nuts=40)


def a_line(sku: str = "BOLT-M8", quantity: int = 100, price: str = "0.18") -> Line:
    return Line(sku, Decimal(quantity), UnitPrice(price, "USD"))


def draft_order(service: Srm, supplier: Supplier, *lines: Line, **fields: Any) -> PurchaseOrder:
    """Draft an order for these lines, or for a hundred bolts."""
    required = {"supplier_id": supplier.id, "currency": "USD", "warehouse": "MAIN", "lines": lines or (a_line(),)}
    return service.purchase_orders.draft(DraftPurchaseOrder(**required | fields))


def revise_order(service: Srm, order: PurchaseOrder, *lines: RevisedLine, **fields: Any) -> PurchaseOrder:
    """Revise the order: the full list of lines, if any are given, and other terms."""
    return service.purchase_orders.revise(order.id, RevisePurchaseOrder(lines=lines or None, **fields))


def a_sent_order(service: Srm, supplier: Supplier) -> PurchaseOrder:
    drafted = draft_order(service, supplier, a_line(), a_line("NUT-M8", 40, "0.77"), ordered_on=RECEIVED_ON)
    return service.purchase_orders.send(drafted.id)


def goods_received(order_id: UUID, *lines: tuple[int, str, int]) -> scm.GoodsReceived:
    goods = tuple(scm.GoodsLine(line, sku, Decimal(quantity)) for line, sku, quantity in lines)
    return scm.GoodsReceived(uuid4(), order_id, "MAIN", RECEIVED_ON, end_of(RECEIVED_ON), goods)


def receipt_reversed(receipt: scm.GoodsReceived) -> scm.GoodsReceiptReversed:
    return scm.GoodsReceiptReversed(
        receipt.receipt_id, receipt.purchase_order_id, receipt.warehouse, receipt.received_on, receipt.lines, "mistyped"
    )


def supplier_invoice_posted(
    order_id: UUID, supplier_id: UUID, *lines: tuple[int, str, int]
) -> erp.SupplierInvoicePosted:
    parts = tuple(erp.SupplierInvoiceLine(line, sku, Decimal(quantity), order_id) for line, sku, quantity in lines)
    total = Money("1.00", "USD")
    return erp.SupplierInvoicePosted(uuid4(), order_id, supplier_id, "RE-1", RECEIVED_ON, RECEIVED_ON, parts, total)


def order_rows(service: Srm) -> list[Any]:
    """Return the rows of all purchase orders after all events, by number."""
    return list(reader(service, PurchaseOrders).iterate_rows(sort=("number",)))
