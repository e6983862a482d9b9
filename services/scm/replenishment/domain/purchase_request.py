"""Purchase request: goods to buy."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.domain import Aggregate, event


class PurchaseRequest(Aggregate):
    """Request to buy goods of an item that a warehouse will lack, made once. `order_id` = the order lacking them."""

    class Raised(Aggregate.Created):
        sku: str
        warehouse: str
        quantity: Decimal
        needed_on: date | None
        reason: str
        order_id: UUID | None

        class_version = 2

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            del state["line"]
            state["reason"] = "shortage"

    @event(Raised)
    def __init__(
        self,
        sku: str,
        warehouse: str,
        quantity: Decimal,
        needed_on: date | None,
        reason: str,
        order_id: UUID | None,
        id: UUID | None = None,
    ) -> None:
        self.sku = sku
        self.warehouse = warehouse
