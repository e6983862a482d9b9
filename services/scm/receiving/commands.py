"""Commands on goods receipts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from services.scm.items.domain.goods import RequestedGoods, group_lines_by_sku
from services.scm.items.domain.item import Item
from services.scm.receiving.domain.expected_delivery import ExpectedDelivery
from services.scm.receiving.domain.goods_receipt import GoodsReceipt, ReceiptDetails
from services.scm.receiving.domain.stock_movements import put_away, reverse_receipt
from services.scm.receiving.settings import ReceivingSettings
from services.scm.replenishment.domain.replenishment import replenish_items, set_on_order_quantities
from services.scm.warehousing.domain.moment_of_movement import moment_of_movement
from services.scm.warehousing.domain.warehouse import Warehouse
from shared.commands import Commands
from shared.domain import Aggregate, DomainError, RecordKind, require_base_currency
from shared.fields import EffectiveDate, Id, Instant, LongText, Lookup, limits, part_of

PURCHASE_ORDER = RecordKind("purchase order", source="srm")


@dataclass(frozen=True, kw_only=True)
class ReceiptHeader:
    """Header of a goods receipt in a request: purchase order and moment."""

    purchase_order_id: Annotated[Id, Lookup("srm.purchase-orders")]
    received_on: EffectiveDate | None = None
    at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class ReceiveGoods(ReceiptDetails, ReceiptHeader):
    """Request to record goods received. The header is the last base, so that its fields are the first."""

    lines: Annotated[tuple[RequestedGoods, ...], limits(min=1)]

    @property
    def details(self) -> ReceiptDetails:
        """The plain details of the receipt."""
        return part_of(ReceiptDetails, self)


@dataclass(frozen=True, kw_only=True)
class ReverseReceipt:
    """Request to reverse a goods receipt, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


class NotRegistered(DomainError):
    """Raised when goods are received for a warehouse or an item that is not registered."""


class Deactivated(DomainError):
    """Raised when goods are received for a warehouse or an item that is deactivated."""


class Receiving(Commands):
    """Commands on goods receipts: receive goods and reverse mistaken receipts."""

    def receive(
        self,
        purchase_order_id: UUID,
        lines: Sequence[RequestedGoods],
        received_on: date | None = None,
        details: ReceiptDetails = ReceiptDetails(),  # noqa: B008 (immutable)
        at: datetime | None = None,
    ) -> GoodsReceipt:
        """Receive goods for a sent purchase order and allocate them to backorders, oldest promise first.

        Raises UnknownReference for an unknown order, NotRegistered, Deactivated, NotOnOrder, ExceedsOrderedQuantity,
        WrongStatus, DatedBefore for a day before the order's, OtherThanBaseCurrency for an order from earlier times,
        InvalidInput for an instant in the future or of another day.
        """
        delivery = self.uow.get_or_none(ExpectedDelivery, ExpectedDelivery.create_id(purchase_order_id))
        if delivery is None:
            raise PURCHASE_ORDER.unknown(purchase_order_id, field="purchase_order_id", remedy="send it first")
        require_base_currency(delivery.currency or self.base_currency, self.base_currency, field="purchase_order_id")
        warehouse = self._require_active_warehouse(delivery.warehouse)
        self._require_active_items([each.sku for each in lines])
        moment = moment_of_movement(
            warehouse, received_on, at, [each.sku for each in lines], self.uow, field="received_on"
        )
        self.uow.take_effect_on(moment.day, "at" if at else None)
        arrived = delivery.receive(lines, self.uow.get_settings(ReceivingSettings).over_receipt_percent)
        receipt = GoodsReceipt(purchase_order_id, delivery.warehouse, *moment, arrived, details)
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

    def _require_active_warehouse(self, code: str) -> Warehouse:
        warehouse = Warehouse.get_by_key_or_none(self.uow, code)
        if warehouse is None:
            raise NotRegistered(f"warehouse {code} is not registered", field="purchase_order_id")
        if not warehouse.is_active:
            detail = f"warehouse {code} is deactivated: reactivate it to receive goods"
            raise Deactivated(detail, field="purchase_order_id")
        return warehouse

    def _require_active_items(self, skus: Sequence[str]) -> None:
        for position, sku in enumerate(skus):
            item, field = Item.get_by_key_or_none(self.uow, sku), f"lines/{position}/sku"
            if item is None:
                detail = f"line {position + 1}: item {sku} is not registered{Item.remedy_for_unknown(self.uow, sku)}"
                raise NotRegistered(detail, field=field)
            if not item.is_active:
                detail = f"line {position + 1}: item {sku} is deactivated: reactivate it to receive goods"
                raise Deactivated(detail, field=field)

    def _set_on_order_quantities(self, delivery: ExpectedDelivery) -> Iterator[Aggregate]:
        return set_on_order_quantities(
            delivery.purchase_order_id, delivery.warehouse, delivery.open_quantities, self.uow
        )
