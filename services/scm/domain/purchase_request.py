"""PurchaseRequest: goods that must be bought."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.domain import Aggregate, derived_id, event


class PurchaseRequest(Aggregate):
    """What is missing for one line of a customer's order; asked for once."""

    @staticmethod
    def create_id(order_id: UUID, line: int) -> UUID:
        return derived_id("purchase-request", order_id, line)

    @event("Raised")
    def __init__(
        self, order_id: UUID, line: int, sku: str, warehouse: str, quantity: Decimal, needed_on: date | None
    ) -> None:
        pass
