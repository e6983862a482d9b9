"""Events of SCM: warehouses and stock."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from shared.contracts import PublishedEvent, make_contract_part, register_published_event


@make_contract_part
class CountedGoods:
    """The counted quantity of an item."""

    sku: str
    quantity: Decimal


@register_published_event("stock_count")
class StockCounted(PublishedEvent):
    """Stock was counted at a moment: absolute quantities, which late movements before it do not change."""

    count_id: UUID
    warehouse: str
    counted_on: date
    at: datetime
    lines: tuple[CountedGoods, ...]


@register_published_event("warehouse")
class WarehouseChanged(PublishedEvent):
    """A warehouse was registered, revised, deactivated or reactivated: how it stands now."""

    warehouse_id: UUID
    code: str
    name: str
    is_active: bool
