"""What can be asked of SCM."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from services.scm.domain.carrier import CARRIER_CODE, Carrier
from services.scm.domain.expected_delivery import ExpectedDelivery
from services.scm.domain.goods import Goods, by_sku
from services.scm.domain.goods_receipt import GoodsReceipt
from services.scm.domain.item import SKU, Item
from services.scm.domain.movement import dispatch, put_away, take_out_again, take_stock
from services.scm.domain.replenishment import follow, review, review_everywhere
from services.scm.domain.settings import Settings
from services.scm.domain.shipment import Dispatch, Shipment
from services.scm.domain.stock_count import StockCount
from services.scm.domain.warehouse import WAREHOUSE_CODE, WAREHOUSE_ORDINAL, Warehouse
from services.scm.policies import policies
from services.scm.published import published
from services.scm.reports import reports
from shared.domain import InvalidInput, NotFound, NotYetKnown, Refused
from shared.service import Service


class NotRegistered(Refused):
    """Goods are taken in only for warehouses and items that are registered."""


class Scm(Service):
    """Items, warehouses, stock, receipts and shipments: quantities, never money."""

    NAME = "scm"
    policies = policies
    published = published
    decides = Settings
    reports = reports

    def register_item(self, sku: str, name: str, unit: str, **terms: Any) -> Item:
        """`terms` as in change_item. Refused with AlreadyTaken for an SKU that exists."""
        new = Item(sku, name, unit)
        self.claim(SKU, sku, new.id)
        new.change(**terms)
        return self.save(new)

    def item(self, sku: str) -> Item:
        """The item with this SKU, or NotFound."""
        id = self.owner(SKU, sku)  # noqa: A001
        if id is None:
            raise NotFound("item", sku)
        return self.find(Item, id)

    def change_item(self, sku: str, **terms: Any) -> Item:
        """What is given changes: name, reorder_point, reorder_to (both may be none), discontinued.

        What is then below its reorder point is asked for, wherever the item has been in stock.
        """
        known = self.item(sku)
        known.change(**terms)
        return self.save(known, *review_everywhere(sku, self._work))

    def register_warehouse(
        self, code: str, name: str, time_zone: str | None = None, negative_stock: bool = False
    ) -> Warehouse:
        """The first one is where orders go that name none. Refused with AlreadyTaken for a code that exists."""
        if time_zone is not None and time_zone not in available_timezones():
            raise InvalidInput(f"no time zone {time_zone}", field="time_zone")
        if negative_stock:
            raise InvalidInput("stock below zero is not kept", field="negative_stock")
        new = Warehouse(code, name, time_zone)
        self.claim(WAREHOUSE_CODE, code, new.id)
        self.claim(WAREHOUSE_ORDINAL, str(self.number("warehouses")), new.id)
        return self.save(new)

    def register_carrier(self, code: str, name: str, phone: str | None = None) -> Carrier:
        """Refused with AlreadyTaken for a code that exists."""
        new = Carrier(code, name, phone)
        self.claim(CARRIER_CODE, code, new.id)
        return self.save(new)

    def receive_goods(
        self, purchase_order_id: UUID, lines: Sequence[dict[str, Any]], received_on: date | None = None
    ) -> GoodsReceipt:
        """Take goods in against a sent purchase order; orders that wait for them get theirs, oldest promise first.

        Refused with NotYetKnown for an order not heard of, NotOnOrder, MoreThanOrdered, WrongStatus once it has ended.
        """
        delivery = self.maybe(ExpectedDelivery, ExpectedDelivery.create_id(purchase_order_id))
        if delivery is None:
            raise NotYetKnown(f"no purchase order {purchase_order_id} was sent", field="purchase_order_id")
        self._require_registered(delivery.warehouse, [each["sku"] for each in lines])
        arrived = delivery.receive([Goods(**each) for each in lines], self.settings.over_receipt_percent)
        receipt = GoodsReceipt(purchase_order_id, delivery.warehouse, received_on or self.today, arrived)
        return self.save(receipt, delivery, *put_away(receipt, self._work), *follow(delivery, self._work))

    def reverse_receipt(self, receipt_id: UUID, reason: str) -> GoodsReceipt:
        """A mistyped receipt: its goods have not come, and are open again on their purchase order.

        Refused with WrongStatus the second time, NotFree where goods have left or are held for orders.
        """
        receipt = self.find(GoodsReceipt, receipt_id)
        receipt.reverse(reason)
        delivery = self.find(ExpectedDelivery, ExpectedDelivery.create_id(receipt.purchase_order_id))
        delivery.take_back(receipt.lines)
        self.save(receipt, delivery, *take_out_again(receipt, self._work), *follow(delivery, self._work))
        self.save(receipt, *review(by_sku(receipt.lines), receipt.warehouse, self._work))
        return receipt

    def count_stock(self, warehouse: str, counted_on: date, lines: Sequence[dict[str, Any]]) -> StockCount:
        """So much was there at the end of that day; orders that wait get what was found, oldest promise first.

        Refused with InvalidInput for an unknown warehouse or item, one named twice or a day to come, NotFree where
        less would be there than is held for orders.
        """
        counted = [Goods(**each) for each in lines]
        self._require_countable(warehouse, counted_on, counted)
        count, *others = take_stock(warehouse, counted_on, counted, self._work)
        assert isinstance(count, StockCount)
        self.save(count, *others)
        return self.save(count, *review([each.sku for each in counted], warehouse, self._work))

    def _require_countable(self, warehouse: str, counted_on: date, counted: Sequence[Goods]) -> None:
        if self.owner(WAREHOUSE_CODE, warehouse) is None:
            raise InvalidInput(f"no warehouse {warehouse}", field="warehouse")
        if counted_on > self.clock_day:
            raise InvalidInput("what will be there cannot be counted yet", field="counted_on")
        seen = set[str]()
        for position, each in enumerate(counted):
            if self.owner(SKU, each.sku) is None:
                raise InvalidInput(f"no item {each.sku}", field=f"lines/{position}/sku")
            if each.sku in seen:
                raise InvalidInput(f"{each.sku} is counted twice", field=f"lines/{position}/sku")
            seen.add(each.sku)

    def _require_registered(self, place: str, skus: Sequence[str]) -> None:
        if self.owner(WAREHOUSE_CODE, place) is None:
            raise NotRegistered(f"no warehouse {place}", field="purchase_order_id")
        for position, sku in enumerate(skus):
            if self.owner(SKU, sku) is None:
                raise NotRegistered(f"line {position + 1}: no item {sku}", field=f"lines/{position}/sku")

    def dispatch_shipment(
        self,
        shipment_id: UUID,
        lines: Sequence[dict[str, Any]] | None = None,
        carrier: str | None = None,
        tracking: str | None = None,
        dispatched_on: date | None = None,
    ) -> Shipment:
        """Let goods leave, all of the shipment unless lines are given; what stays is held for the order's next one.

        Refused with WrongStatus unless it is open, MoreThanShipment, InvalidInput for an unknown carrier.
        """
        shipment = self.find(Shipment, shipment_id)
        if carrier is not None and self.owner(CARRIER_CODE, carrier) is None:
            raise InvalidInput(f"no carrier {carrier}", field="carrier")
        leaving = shipment.parts(None if lines is None else [Goods(**each) for each in lines])
        departure = Dispatch(dispatched_on or self.today, carrier, tracking)
        self.save(shipment, *dispatch(shipment, leaving, departure, self._work))
        return shipment
