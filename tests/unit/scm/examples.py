"""A small warehouse, and the events that it receives."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from services.scm.counting.domain.stock_counting import CountedItem
from services.scm.items.domain.goods import RequestedGoods
from services.scm.items.domain.item import Item, ItemEntry
from services.scm.receiving.domain.goods_receipt import GoodsReceipt
from services.scm.service import Scm
from services.scm.shipping.master_data import CarrierEntry
from services.scm.shipping.projections import Shipments
from services.scm.stock.projections import QUANTITIES, Stock
from services.scm.warehousing.domain.stock_item import StockItem
from services.scm.warehousing.domain.warehouse import Warehouse, WarehouseEntry
from shared.contracts import PublishedEvent, crm, erp, scm, srm
from shared.money import Money, UnitPrice, plain_number
from shared.testing.services import deliver, open_service
from shared.testing.services import published_events as published_events
from shared.testing.services import reader as reader
from shared.testing.web import ApiCaller

JULY_1, JULY_4 = date(1996, 7, 1), date(1996, 7, 4)
CUSTOMER = UUID(int=77)
NOTHING = Money.zero("USD")
FREE = UnitPrice(0, "USD")


def a_warehouse(folder: Path, **stock: int) -> Scm:
    """Return a service with the warehouse MAIN, the carrier SPEEDY, and these quantities of items on hand."""
    service = open_service(Scm, folder)
    register_warehouse(service, "MAIN")
    service.shipping.carriers.register(CarrierEntry(code="SPEEDY", name="Speedy Express"))
    for sku in stock:
        register_item(service, sku)
    receive_goods(service, **{sku: quantity for sku, quantity in stock.items() if quantity})
    return service


def register_warehouse(service: Scm, code: str, **terms: Any) -> Warehouse:
    """Register a warehouse, by default without a time zone."""
    entry = WarehouseEntry(**{"code": code, "name": f"{code.title()} hall", **terms})
    warehouse: Warehouse = service.warehousing.warehouses.register(entry)
    return warehouse


def deactivate_warehouse(service: Scm, code: str) -> None:
    warehouses = service.warehousing.warehouses
    warehouses.deactivate(warehouses.get(code).id)


def register_item(service: Scm, sku: str, **terms: Any) -> Item:
    """Register an item that is counted in pieces."""
    item: Item = service.items.items.register(ItemEntry(**{"sku": sku, "name": sku.title(), "unit": "piece", **terms}))
    return item


def request_item_change(service: Scm, sku: str, **changes: Any) -> Any:
    """Return the response to a change of an item as a person requests it: quantities are texts."""
    caller = ApiCaller(service)
    body = {name: plain_number(each) if isinstance(each, Decimal) else each for name, each in changes.items()}
    return caller.patch(f"/items/{sku}", body, caller.get(f"/items/{sku}").json["version"])


def change_item(service: Scm, sku: str, **changes: Any) -> None:
    """Change an item through its API, so that tests use values that can be requested."""
    response = request_item_change(service, sku, **changes)
    assert response.status_code == 200, response.json


def deactivate_item(service: Scm, sku: str) -> None:
    items = service.items.items
    items.deactivate(items.get(sku).id)


def at_hour(day: date, hour: int) -> datetime:
    """Return the instant of an hour of a day in UTC."""
    return datetime.combine(day, time(hour), UTC)


def receive_goods(
    service: Scm, on: date | None = JULY_1, at: datetime | None = None, **stock: int
) -> GoodsReceipt | None:
    """Order goods from a supplier and receive them at once."""
    if not stock:
        return None
    sent = a_purchase_order(**stock)
    deliver(service, sent)
    return service.receiving.receive(sent.purchase_order_id, goods(**stock), received_on=on, at=at)


def goods(**stock: int) -> list[RequestedGoods]:
    return [RequestedGoods(sku, Decimal(quantity)) for sku, quantity in stock.items()]


def counted(**stock: int) -> list[CountedItem]:
    return [CountedItem(sku, Decimal(quantity)) for sku, quantity in stock.items()]


def a_purchase_order(
    request_id: UUID | None = None, over_percent: Decimal | None = None, **stock: int
) -> srm.PurchaseOrderSent:
    lines = tuple(
        srm.PurchaseLine(line, sku, Decimal(quantity), FREE) for line, (sku, quantity) in enumerate(stock.items(), 1)
    )
    return srm.PurchaseOrderSent(uuid4(), "PO-1", uuid4(), "USD", JULY_1, None, "MAIN", lines, request_id, over_percent)


def an_order(*lines: tuple[str, int], **agreed: Any) -> crm.SalesOrderPlaced:
    agreed = {"order_id": uuid4(), "required_on": None, "warehouse": "MAIN", "backorder": "allow"} | agreed
    ordered = tuple(
        crm.OrderLine(line, sku, Decimal(quantity), FREE, Decimal(0)) for line, (sku, quantity) in enumerate(lines, 1)
    )
    return crm.SalesOrderPlaced(
        **{"number": "SO-1", "customer_id": CUSTOMER, "currency": "USD", "ordered_on": JULY_4, "payment_terms_days": 30,
           "lines": ordered, "freight": NOTHING, "total": NOTHING, **agreed}
    )  # fmt: skip


def credit_approved(order: crm.SalesOrderPlaced) -> erp.CreditApproved:
    return erp.CreditApproved(order.order_id, order.customer_id)


def cancellation_requested(order: crm.SalesOrderPlaced) -> crm.SalesOrderCancellationRequested:
    return crm.SalesOrderCancellationRequested(order.order_id, "changed their mind")


def a_placed_order(service: Scm, *lines: tuple[str, int], **agreed: Any) -> crm.SalesOrderPlaced:
    """Return an order after the service has received its lines and its credit."""
    order = an_order(*lines, **agreed)
    deliver(service, order, credit_approved(order))
    return order


def line(number: int, sku: str, quantity: int) -> scm.GoodsLine:
    return scm.GoodsLine(number, sku, Decimal(quantity))


def record_published(service: Scm) -> Callable[[], list[PublishedEvent]]:
    """Return a function that returns the events published since its last call."""
    position = service.store.published_head()

    def take_published() -> list[PublishedEvent]:
        nonlocal position
        events, position = published_events(service, position), service.store.published_head()
        return events

    return take_published


def stock_of(service: Scm, sku: str) -> dict[str, str]:
    """Return the quantities of the item in MAIN that are not zero."""
    row = reader(service, Stock).get(StockItem.create_id(sku, "MAIN")) or {}
    return {name: row[name] for name in QUANTITIES if row.get(name, "0") != "0"}


def shipments_of(service: Scm, order: crm.SalesOrderPlaced) -> list[dict[str, Any]]:
    found = reader(service, Shipments).iterate_rows(where={"sales_order_id": (order.order_id,)}, sort=("ordinal",))
    return [row | {"id": UUID(row["id"])} for row in found]


def an_open_shipment(service: Scm, *lines: tuple[str, int]) -> tuple[UUID, UUID]:
    """Return the ids of an order whose goods are reserved, and of its shipment."""
    order = a_placed_order(service, *lines)
    return order.order_id, shipments_of(service, order)[0]["id"]
