"""Goods receipt: goods that arrived for a purchase order."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from services.scm.items.domain.goods import GoodsLine
from shared.domain import Aggregate, allowed_in, event
from shared.fields import Text, limits


class Status(StrEnum):
    """The state of a goods receipt: received or reversed."""

    RECEIVED = "received"
    REVERSED = "reversed"


@dataclass(frozen=True, kw_only=True)
class ReceiptDetails:
    """Plain details of a goods receipt, as they were recorded with it."""

    delivery_note: Annotated[Text, limits(max=40)] | None = None


class GoodsReceipt(Aggregate):
    """A receipt of goods for a purchase order; `line` as in the order. received → reversed, once."""

    @event("Received")
    def __init__(
        self,
        purchase_order_id: UUID,
        warehouse: str,
        received_on: date,
        at: datetime,
        lines: tuple[GoodsLine, ...],
        details: ReceiptDetails = ReceiptDetails(),
    ) -> None:
        self.purchase_order_id = purchase_order_id
        self.warehouse = warehouse
        self.received_on = received_on
        self.at = at
        self.lines = lines
        self.details = details
        self.status = Status.RECEIVED
        self.reason: str | None = None

    @property
    def dated_on(self) -> date:
        """The day of the receipt."""
        return self.received_on

    @allowed_in(Status.RECEIVED)
    def reverse(self, reason: str) -> None:
        """Reverse a mistaken receipt. Raises WrongStatus the second time."""
        self._reversed(reason=reason)

    @event("Reversed")
    def _reversed(self, reason: str) -> None:
        self.status = Status.REVERSED
        self.reason = reason
