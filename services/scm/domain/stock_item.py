"""StockItem: what one warehouse has of one item, for whom it is held, and who waits for more."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.scm.domain.goods import GoodsLine, Share
from services.scm.domain.queue import Queue
from shared.domain import Aggregate, Refused, derived_id, event
from shared.money import plain


class NotHeld(Refused):
    """The goods are not held for that order line."""


class StockItem(Aggregate):
    """An item in a warehouse. available = on hand - reserved, never negative; nothing is free while someone waits."""

    @staticmethod
    def create_id(sku: str, warehouse: str) -> UUID:
        return derived_id("stock", warehouse, sku)

    @event("Opened")
    def __init__(self, sku: str, warehouse: str) -> None:
        self.sku = sku
        self.warehouse = warehouse
        self.on_hand = Decimal(0)
        self.reserved = Decimal(0)
        self.held: dict[tuple[UUID, int], Decimal] = {}
        self.queue = Queue()

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved

    def reserve(self, order_id: UUID, goods: GoodsLine, promised_on: date, ordered_on: date) -> GoodsLine:
        """Hold what is there for an order line, let it wait for the rest. Gives what is held."""
        held = min(self.available, goods.quantity)
        if held:
            self._reserved(order_id=order_id, line=goods.line, quantity=held)
        if missing := goods.quantity - held:
            self._backordered(
                order_id=order_id, line=goods.line, quantity=missing, promised_on=promised_on, ordered_on=ordered_on
            )
        return GoodsLine(goods.line, goods.sku, held)

    def receive(self, receipt_id: UUID, quantity: Decimal) -> list[Share]:
        """Goods have arrived; those who waited longest get theirs."""
        self._received(receipt_id=receipt_id, quantity=quantity)
        return self._serve()

    def issue(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        """Goods held for an order line leave. Refused with NotHeld if that much is not."""
        held = self.held.get((order_id, line), Decimal(0))
        if quantity > held:
            raise NotHeld(f"{plain(held)} of {self.sku} are held for line {line}, not {plain(quantity)}")
        self._issued(order_id=order_id, line=line, quantity=quantity)

    def release(self, order_id: UUID, lines: Iterable[int]) -> list[Share]:
        """An order wants no more of it: what was held goes to those who wait."""
        for line in lines:
            held, waiting = self.held.get((order_id, line), Decimal(0)), self.queue.missing(order_id, line)
            if held or waiting:
                self._released(order_id=order_id, line=line, held=held, waiting=waiting)
        return self._serve()

    def _serve(self) -> list[Share]:
        shares = []
        while self.queue and self.available:
            order_id, line, missing = self.queue.first()
            quantity = min(self.available, missing)
            self._served(order_id=order_id, line=line, quantity=quantity)
            shares.append(Share(order_id, GoodsLine(line, self.sku, quantity)))
        return shares

    @event("Reserved")
    def _reserved(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        self._hold(order_id, line, quantity)

    @event("Backordered")
    def _backordered(self, order_id: UUID, line: int, quantity: Decimal, promised_on: date, ordered_on: date) -> None:
        self.queue.join(order_id, line, quantity, promised_on, ordered_on)

    @event("Received")
    def _received(self, receipt_id: UUID, quantity: Decimal) -> None:
        self.on_hand += quantity

    @event("Served")
    def _served(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        self.queue.serve(order_id, line, quantity)
        self._hold(order_id, line, quantity)

    @event("Issued")
    def _issued(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        self.on_hand -= quantity
        self._hold(order_id, line, -quantity)

    @event("Released")
    def _released(self, order_id: UUID, line: int, held: Decimal, waiting: Decimal) -> None:
        self._hold(order_id, line, -held)
        if waiting:
            self.queue.leave(order_id, line)

    def _hold(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        self.reserved += quantity
        self.held[order_id, line] = self.held.get((order_id, line), Decimal(0)) + quantity
        if not self.held[order_id, line]:
            del self.held[order_id, line]
