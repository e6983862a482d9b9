"""SCM: the commands on items, warehouses, carriers, receipts, counts and shipments."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from services.scm.domain.carrier import CARRIER_CODE, Carrier
from services.scm.domain.expected_delivery import ExpectedDelivery
from services.scm.domain.goods import ItemQuantity, group_by_sku
from services.scm.domain.goods_receipt import GoodsReceipt
from services.scm.domain.item import ITEM_SKU, Item
from services.scm.domain.replenishment import review_everywhere, review_items, update_supply
from services.scm.domain.settings import Settings
from services.scm.domain.shipment import Dispatch, Shipment
from services.scm.domain.stock_count import StockCount
from services.scm.domain.stock_movements import apply_stock_count, dispatch, put_away, reverse_receipt
from services.scm.domain.warehouse import WAREHOUSE_CODE, WAREHOUSE_ORDINAL, Warehouse
from services.scm.policies import policies
from services.scm.projections import reports
from services.scm.published import published
from shared.domain import DomainError, InvalidInput, NotFound, NotYetAvailable
from shared.service import Service


class NotRegistered(DomainError):
    """Raised when goods are received for a warehouse or an item that is not registered."""


class Scm(Service):
    """Supply chain management: items, warehouses, stock, receipts and shipments; quantities, never money."""

    NAME = "scm"
    policies = policies
    published = published
    settings_class = Settings
    projections = reports

    def register_item(self, sku: str, name: str, unit: str, **terms: Any) -> Item:
        """Register an item; `terms` as in change_item. Raises AlreadyTaken for an SKU in use."""
        new = Item(sku, name, unit)
        self.reserve_unique(ITEM_SKU, sku, new.id)
        new.change(**terms)
        return self.save(new)

    def get_item(self, sku: str) -> Item:
        """Return the item with this SKU. Raises NotFound."""
        id = self.get_unique_owner(ITEM_SKU, sku)  # noqa: A001
        if id is None:
            raise NotFound("item", sku)
        return self.get(Item, id)

    def change_item(self, sku: str, **terms: Any) -> Item:
        """Change the given fields: name, reorder_point, reorder_to (None removes either), discontinued.

        Requests purchases wherever the item has been in stock and is then below its reorder point.
        """
        known = self.get_item(sku)
        known.change(**terms)
        return self.save(known, *review_everywhere(sku, self._uow))

    def register_warehouse(
        self, code: str, name: str, time_zone: str | None = None, negative_stock: bool = False
    ) -> Warehouse:
        """Register a warehouse; the first one serves orders that name none. Raises AlreadyTaken for a code in use."""
        if time_zone is not None and time_zone not in available_timezones():
            raise InvalidInput(f"unknown time zone {time_zone}: use an IANA name", field="time_zone")
        if negative_stock:
            raise InvalidInput("negative stock is not supported: use false", field="negative_stock")
        new = Warehouse(code, name, time_zone)
        self.reserve_unique(WAREHOUSE_CODE, code, new.id)
        self.reserve_unique(WAREHOUSE_ORDINAL, str(self.next_number("warehouses")), new.id)
        return self.save(new)

    def register_carrier(self, code: str, name: str, phone: str | None = None) -> Carrier:
        """Register a carrier. Raises AlreadyTaken for a code in use."""
        new = Carrier(code, name, phone)
        self.reserve_unique(CARRIER_CODE, code, new.id)
        return self.save(new)

    def receive_goods(
        self, purchase_order_id: UUID, lines: Sequence[dict[str, Any]], received_on: date | None = None
    ) -> GoodsReceipt:
        """Receive goods for a sent purchase order and allocate them to backorders, oldest promise first.

        Raises NotYetAvailable for an unknown order, NotRegistered, NotOnOrder, ExceedsOrderedQuantity, WrongStatus.
        """
        delivery = self.get_or_none(ExpectedDelivery, ExpectedDelivery.create_id(purchase_order_id))
        if delivery is None:
            raise NotYetAvailable(f"unknown or unsent purchase order {purchase_order_id}", field="purchase_order_id")
        self._require_registered(delivery.warehouse, [each["sku"] for each in lines])
        arrived = delivery.receive([ItemQuantity(**each) for each in lines], self.settings.over_receipt_percent)
        receipt = GoodsReceipt(purchase_order_id, delivery.warehouse, received_on or self.effective_on, arrived)
        return self.save(receipt, delivery, *put_away(receipt, self._uow), *update_supply(delivery, self._uow))

    def reverse_receipt(self, receipt_id: UUID, reason: str) -> GoodsReceipt:
        """Reverse a mistaken receipt: its quantities are open again on the purchase order.

        Raises WrongStatus the second time, StockNotAvailable where the goods were shipped or are reserved.
        """
        receipt = self.get(GoodsReceipt, receipt_id)
        receipt.reverse(reason)
        delivery = self.get(ExpectedDelivery, ExpectedDelivery.create_id(receipt.purchase_order_id))
        delivery.reverse_receipt(receipt.lines)
        self.save(receipt, delivery, *reverse_receipt(receipt, self._uow), *update_supply(delivery, self._uow))
        self.save(receipt, *review_items(group_by_sku(receipt.lines), receipt.warehouse, self._uow))
        return receipt

    def count_stock(self, warehouse: str, counted_on: date, lines: Sequence[dict[str, Any]]) -> StockCount:
        """Record the stock at the end of a day and allocate a surplus to backorders, oldest promise first.

        Raises InvalidInput for an unknown warehouse or item, an item listed twice or a future day, StockNotAvailable if
        less than the reserved quantity would be left.
        """
        counted = [ItemQuantity(**each) for each in lines]
        self._require_countable(warehouse, counted_on, counted)
        count, *others = apply_stock_count(warehouse, counted_on, counted, self._uow)
        assert isinstance(count, StockCount)
        self.save(count, *others)
        return self.save(count, *review_items([each.sku for each in counted], warehouse, self._uow))

    def _require_countable(self, warehouse: str, counted_on: date, counted: Sequence[ItemQuantity]) -> None:
        if self.get_unique_owner(WAREHOUSE_CODE, warehouse) is None:
            raise InvalidInput(f"unknown warehouse {warehouse}", field="warehouse")
        if counted_on > self.current_date:
            raise InvalidInput("counted_on must not be in the future", field="counted_on")
        seen = set[str]()
        for position, each in enumerate(counted):
            if self.get_unique_owner(ITEM_SKU, each.sku) is None:
                raise InvalidInput(f"unknown item {each.sku}", field=f"lines/{position}/sku")
            if each.sku in seen:
                raise InvalidInput(f"{each.sku} is listed twice: list it once", field=f"lines/{position}/sku")
            seen.add(each.sku)

    def _require_registered(self, warehouse: str, skus: Sequence[str]) -> None:
        if self.get_unique_owner(WAREHOUSE_CODE, warehouse) is None:
            raise NotRegistered(f"warehouse {warehouse} is not registered", field="purchase_order_id")
        for position, sku in enumerate(skus):
            if self.get_unique_owner(ITEM_SKU, sku) is None:
                raise NotRegistered(f"line {position + 1}: item {sku} is not registered", field=f"lines/{position}/sku")

    def dispatch_shipment(
        self,
        shipment_id: UUID,
        lines: Sequence[dict[str, Any]] | None = None,
        carrier: str | None = None,
        tracking: str | None = None,
        dispatched_on: date | None = None,
    ) -> Shipment:
        """Dispatch the shipment, or the given lines of it; the rest stays reserved for the order's next shipment.

        Raises WrongStatus unless it is open, ExceedsShipment, InvalidInput for an unknown carrier.
        """
        shipment = self.get(Shipment, shipment_id)
        if carrier is not None and self.get_unique_owner(CARRIER_CODE, carrier) is None:
            raise InvalidInput(f"unknown carrier {carrier}", field="carrier")
        leaving = shipment.resolve_lines(None if lines is None else [ItemQuantity(**each) for each in lines])
        departure = Dispatch(dispatched_on or self.effective_on, carrier, tracking)
        self.save(shipment, *dispatch(shipment, leaving, departure, self._uow))
        return shipment
