"""A small warehouse, and what others tell it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from services.scm.application import Scm
from services.scm.domain.goods_receipt import GoodsReceipt
from services.scm.domain.stock_item import StockItem
from services.scm.reports import Shipments, Stock
from services.scm.reports.stock import QUANTITIES
from shared.contracts import Contract, crm, erp, scm, srm
from shared.money import Money
from shared.testing.services import hear, opened
from shared.testing.services import rows as rows
from shared.testing.services import said as said

JULY_1, JULY_4 = date(1996, 7, 1), date(1996, 7, 4)
CUSTOMER = UUID(int=77)
NOTHING = Money.zero("USD")


def a_warehouse(folder: Path, **stock: int) -> Scm:
    """A service with the warehouse MAIN, the carrier SPEEDY, and these quantities of items on hand."""
    service = opened(Scm, folder)
    service.register_warehouse("MAIN", "Main hall")
    service.register_carrier("SPEEDY", "Speedy Express")
    for sku in stock:
        service.register_item(sku, sku.title(), "piece")
    arrives(service, **{sku: quantity for sku, quantity in stock.items() if quantity})
    return service


def arrives(service: Scm, on: date = JULY_1, **stock: int) -> GoodsReceipt | None:
    """Goods are ordered from a supplier and received at once."""
    if not stock:
        return None
    sent = a_purchase_order(**stock)
    hear(service, sent)
    return service.receive_goods(sent.purchase_order_id, goods(**stock), received_on=on)


def goods(**stock: int) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": Decimal(quantity)} for sku, quantity in stock.items()]


def a_purchase_order(
    request_id: UUID | None = None, over_percent: Decimal | None = None, **stock: int
) -> srm.PurchaseOrderSent:
    lines = tuple(
        srm.PurchaseLine(line, sku, Decimal(quantity), NOTHING) for line, (sku, quantity) in enumerate(stock.items(), 1)
    )
    return srm.PurchaseOrderSent(uuid4(), "PO-1", uuid4(), "USD", JULY_1, None, "MAIN", lines, request_id, over_percent)


def an_order(*lines: tuple[str, int], **agreed: Any) -> crm.SalesOrderPlaced:
    agreed = {"order_id": uuid4(), "required_on": None, "warehouse": "MAIN", "backorder": "allow"} | agreed
    ordered = tuple(
        crm.OrderLine(line, sku, Decimal(quantity), NOTHING, Decimal(0))
        for line, (sku, quantity) in enumerate(lines, 1)
    )
    return crm.SalesOrderPlaced(
        **{"number": "SO-1", "customer_id": CUSTOMER, "currency": "USD", "ordered_on": JULY_4, "payment_terms_days": 30,
           "lines": ordered, "freight": NOTHING, "total": NOTHING, **agreed}
    )  # fmt: skip


def approved(order: crm.SalesOrderPlaced) -> erp.CreditApproved:
    return erp.CreditApproved(order.order_id, order.customer_id)


def stop(order: crm.SalesOrderPlaced) -> crm.SalesOrderCancellationRequested:
    return crm.SalesOrderCancellationRequested(order.order_id, "changed their mind")


def a_placed_order(service: Scm, *lines: tuple[str, int], **agreed: Any) -> crm.SalesOrderPlaced:
    """An order whose lines and credit the service has heard of."""
    order = an_order(*lines, **agreed)
    hear(service, order, approved(order))
    return order


def line(number: int, sku: str, quantity: int) -> scm.GoodsLine:
    return scm.GoodsLine(number, sku, Decimal(quantity))


def listening(service: Scm) -> Callable[[], list[Contract]]:
    """A call gives what the service has said since the one before."""
    heard = service.store.published_head()

    def told() -> list[Contract]:
        nonlocal heard
        news, heard = said(service, heard), service.store.published_head()
        return news

    return told


def stock_of(service: Scm, sku: str) -> dict[str, str]:
    """The row of the item in MAIN, as far as it is not nothing."""
    row = rows(service, Stock).get(StockItem.create_id(sku, "MAIN")) or {}
    return {name: row[name] for name in QUANTITIES if row.get(name, "0") != "0"}


def shipments_of(service: Scm, order: crm.SalesOrderPlaced) -> list[dict[str, Any]]:
    found = rows(service, Shipments).all(where={"sales_order_id": (order.order_id,)}, sort=("ordinal",))
    return [row | {"id": UUID(row["id"])} for row in found]
