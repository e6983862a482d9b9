"""Events of SCM: opening stock."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import PublishedEvent, make_contract_part, register_published_event
from shared.money import Money


@make_contract_part
class OpeningGoods:
    """A quantity of an item that was there, and the value of all of it."""

    sku: str
    quantity: Decimal
    value: Money


@register_published_event("opening_stock")
class OpeningStockRecorded(PublishedEvent):
    """These goods were in a warehouse before all movements of a day. Values are in the firm's base currency."""

    opening_stock_id: UUID
    warehouse: str
    opened_on: date
    lines: tuple[OpeningGoods, ...]


@register_published_event("opening_stock")
class OpeningStockReversed(PublishedEvent):
    """An opening stock recorded by mistake was reversed: these goods were not there."""

    opening_stock_id: UUID
    warehouse: str
    opened_on: date
    lines: tuple[OpeningGoods, ...]
    reason: str
