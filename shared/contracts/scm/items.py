"""Events and values of SCM: items."""

from decimal import Decimal
from uuid import UUID

from shared.contracts import PublishedEvent, make_contract_part, register_published_event


@make_contract_part
class GoodsLine:
    """A quantity of an item for one line of its order (`line` as in that order)."""

    line: int
    sku: str
    quantity: Decimal


@register_published_event("item")
class ItemChanged(PublishedEvent):
    """An item was registered, revised, deactivated or reactivated: how it stands now."""

    item_id: UUID
    sku: str
    name: str
    unit: str
    is_active: bool


@register_published_event("unit")
class UnitChanged(PublishedEvent):
    """A unit of measure was registered, revised, deactivated or reactivated: how it stands now."""

    unit_id: UUID
    code: str
    decimals: int
    is_active: bool
