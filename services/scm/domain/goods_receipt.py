"""GoodsReceipt: goods that have arrived against a purchase order."""

from datetime import date
from uuid import UUID

from services.scm.domain.goods import GoodsLine
from shared.domain import Aggregate, event


class GoodsReceipt(Aggregate):
    """What came, where and when; `line` as in the purchase order."""

    @event("Received")
    def __init__(
        self, purchase_order_id: UUID, warehouse: str, received_on: date, lines: tuple[GoodsLine, ...]
    ) -> None:
        self.purchase_order_id = purchase_order_id
        self.warehouse = warehouse
        self.received_on = received_on
        self.lines = lines
