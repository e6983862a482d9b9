"""Commands on goods receipts."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from services.scm.items.domain.goods import ItemQuantity, group_lines_by_sku
from services.scm.items.domain.item import ITEM_SKU
from services.scm.receiving.domain.expected_delivery import ExpectedDelivery
from services.scm.receiving.domain.goods_receipt import GoodsReceipt
from services.scm.receiving.domain.stock_movements import put_away, reverse_receipt
from services.scm.replenishment.domain.replenishment import replenish_items, set_on_order_quantities
from services.scm.warehousing.domain.warehouse import WAREHOUSE_CODE
from shared.commands import Commands
from shared.domain import Aggregate, DomainError, NotYetAvailable


class NotRegistered(DomainError):
    """Raised when goods are received for a warehouse or an item that is not registered."""


class Receiving(Commands):
    """Commands on goods receipts: receive goods and reverse mistaken receipts."""

    def receive(
        self, purchase_order_id: UUID, lines: Sequence[dict[str, Any]], received_on: date | None = None
    ) -> GoodsReceipt:
        """Receive goods for a sent purchase order and allocate them to backorders, oldest promise first.

        Raises NotYetAvailable for an unknown order, NotRegistered, NotOnOrder, ExceedsOrderedQuantity, WrongStatus.
        """
        delivery = self.uow.get_or_none(ExpectedDelivery, ExpectedDelivery.create_id(purchase_order_id))
        if delivery is None:
            raise NotYetAvailable(f"unknown or unsent purchase order {purchase_order_id}", field="purchase_order_id")
        self._require_registered(delivery.warehouse, [each["sku"] for each in lines])
        arrived = delivery.receive([ItemQuantity(**each) for each in lines], self.settings.over_receipt_percent)
        receipt = GoodsReceipt(purchase_order_id, delivery.warehouse, received_on or self.effective_on, arrived)
        return self.uow.save(receipt, delivery, *put_away(receipt, self.uow), *self._set_on_order_quantities(delivery))

    def reverse(self, receipt_id: UUID, reason: str) -> GoodsReceipt:
        """Reverse a mistaken receipt: its quantities are open again on the purchase order.

        Raises WrongStatus the second time, StockNotAvailable where the goods were shipped or are reserved.
        """
        receipt = self.uow.get(GoodsReceipt, receipt_id)
        receipt.reverse(reason)
        delivery = self.uow.get(ExpectedDelivery, ExpectedDelivery.create_id(receipt.purchase_order_id))
        delivery.reverse_receipt(receipt.lines)
        self.uow.save(receipt, delivery, *reverse_receipt(receipt, self.uow), *self._set_on_order_quantities(delivery))
        return self.uow.save(receipt, *replenish_items(group_lines_by_sku(receipt.lines), receipt.warehouse, self.uow))

    def _require_registered(self, warehouse: str, skus: Sequence[str]) -> None:
        if self.uow.get_unique_owner(WAREHOUSE_CODE, warehouse) is None:
            raise NotRegistered(f"warehouse {warehouse} is not registered", field="purchase_order_id")
        for position, sku in enumerate(skus):
            if self.uow.get_unique_owner(ITEM_SKU, sku) is None:
                raise NotRegistered(f"line {position + 1}: item {sku} is not registered", field=f"lines/{position}/sku")

    def _set_on_order_quantities(self, delivery: ExpectedDelivery) -> Iterator[Aggregate]:
        return set_on_order_quantities(
            delivery.purchase_order_id, delivery.warehouse, delivery.open_quantities, self.uow
        )
