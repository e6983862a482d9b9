"""ExpectedDelivery: what a supplier was asked to deliver and has not delivered yet."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from services.scm.domain.goods import Goods, GoodsLine, minus, spread
from shared.domain import Aggregate, Refused, derived_id, event


class NotOnOrder(Refused):
    """The purchase order does not ask for this item."""


class MoreThanOrdered(Refused):
    """More has come than is still open on the purchase order."""


class Status(StrEnum):
    EXPECTED = "expected"
    COMPLETE = "complete"
    CANCELLED = "cancelled"


class ExpectedDelivery(Aggregate):
    """A purchase order as the warehouse sees it. expected → complete; expected → cancelled."""

    @staticmethod
    def create_id(purchase_order_id: UUID) -> UUID:
        return derived_id("expected-delivery", purchase_order_id)

    @event("Announced")
    def __init__(self, purchase_order_id: UUID, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.purchase_order_id = purchase_order_id
        self.warehouse = warehouse
        self.skus = {each.sku for each in lines}
        self.open = lines
        self.status = Status.EXPECTED

    def receive(self, arrived: Sequence[Goods]) -> tuple[GoodsLine, ...]:
        """Goods have come: the lines they are of. Refused with NotOnOrder or MoreThanOrdered, naming the line."""
        self._require(Status.EXPECTED, Status.COMPLETE)
        for position, goods in enumerate(arrived):
            if goods.sku not in self.skus:
                raise NotOnOrder(f"line {position + 1}: {goods.sku} was not ordered", field=f"lines/{position}/sku")
        lines = spread(arrived, self.open, MoreThanOrdered)
        self._received(lines=lines)
        return lines

    def cancel(self) -> None:
        """What has not come will not."""
        if self.status == Status.EXPECTED:
            self._cancelled(warehouse=self.warehouse, lines=self.open)

    @event("Received")
    def _received(self, lines: tuple[GoodsLine, ...]) -> None:
        self.open = minus(self.open, lines)
        if not self.open:
            self.status = Status.COMPLETE

    @event("Cancelled")
    def _cancelled(self, warehouse: str, lines: tuple[GoodsLine, ...]) -> None:
        self.open = ()
        self.status = Status.CANCELLED
