"""StockItem: what one warehouse has of one item, for whom it is held, and who waits for more."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.scm.domain.days import Days
from services.scm.domain.goods import BackorderAllocation, GoodsLine, some
from services.scm.domain.queue import Queue
from shared.domain import Aggregate, Refused, event
from shared.money import plain


class NotHeld(Refused):
    """The goods are not held for that order line."""


class NotFree(Refused):
    """The goods have left, or are held for orders."""


class StockItem(Aggregate):
    """An item in a warehouse. available = on hand - reserved, never negative; nothing is free while someone waits.

    A count says what was there at the end of a day: what is heard later of the days up to then moves nothing.
    """

    class Received(Aggregate.Event):
        receipt_id: UUID
        quantity: Decimal
        received_on: date
        included_in_count_id: UUID | None

        class_version = 2

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state.update(received_on=state["meta"]["effective_on"], included_in_count_id=None)

    class Issued(Aggregate.Event):
        order_id: UUID
        line: int
        quantity: Decimal
        issued_on: date
        included_in_count_id: UUID | None

        class_version = 2

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state.update(issued_on=state["meta"]["effective_on"], included_in_count_id=None)

    @classmethod
    def create_id(cls, sku: str, warehouse: str) -> UUID:
        return cls.derive_id(warehouse, sku)

    @event("Opened")
    def __init__(self, sku: str, warehouse: str) -> None:
        self.sku = sku
        self.warehouse = warehouse
        self.on_hand = Decimal(0)
        self.reserved = Decimal(0)
        self.held: dict[tuple[UUID, int], Decimal] = {}
        self.queue = Queue()
        self.days = Days()

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved

    @property
    def free(self) -> Decimal:
        """What is available, less what is waited for: below zero while somebody waits."""
        return self.available - self.queue.total

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

    def receive(self, receipt_id: UUID, quantity: Decimal, received_on: date) -> list[BackorderAllocation]:
        """Goods have arrived; those who waited longest get theirs."""
        self._received(receipt_id, quantity, received_on, self.days.count_of(received_on))
        return self.serve()

    def take_back(self, receipt_id: UUID, quantity: Decimal, received_on: date) -> None:
        """Goods have not come after all. Refused with NotFree where they have left or are held for orders."""
        counted_in = self.days.count_of(received_on)
        if counted_in is None and quantity > self.available:
            raise NotFree(
                f"only {plain(self.available)} of {plain(quantity)} {self.sku} are free in {self.warehouse}, the rest"
                " has left or is held for orders: cancel those, or count the stock instead"
            )
        self._receipt_reversed(receipt_id, quantity, received_on, counted_in)

    def count(self, count_id: UUID, counted_on: date, quantity: Decimal) -> tuple[Decimal, list[BackorderAllocation]]:
        """So much was there at the end of that day: what that differs by, and who gets what was found.

        Refused with NotFree where less would be there now than is held for orders.
        """
        difference = quantity - (self.on_hand - self.days.since(counted_on))
        counted_in = self.days.count_after(counted_on)
        if counted_in is None and self.available + difference < 0:
            raise NotFree(
                f"{plain(self.reserved)} of {self.sku} are held for orders in {self.warehouse}, and only"
                f" {plain(max(self.on_hand + difference, Decimal(0)))} would be there: dispatch or cancel orders first"
            )
        self._counted(count_id, counted_on, quantity, difference, counted_in)
        return difference, self.serve()

    def issue(self, order_id: UUID, line: int, quantity: Decimal, issued_on: date) -> list[BackorderAllocation]:
        """Goods held for an order line leave. Refused with NotHeld if that much is not.

        Where a count has seen them gone already, as many others are free: those who waited longest get theirs.
        """
        held = self.held_for(order_id, line)
        if quantity > held:
            raise NotHeld(f"{plain(held)} of {self.sku} are held for line {line}, not {plain(quantity)}")
        self._issued(order_id, line, quantity, issued_on, self.days.count_of(issued_on))
        return self.serve()

    def release(self, order_id: UUID, lines: Iterable[int]) -> list[BackorderAllocation]:
        """An order wants no more of it: what was held goes to those who wait."""
        for line in lines:
            self._keep(order_id, line, Decimal(0))
        return self.serve()

    def exchange(
        self, order_id: UUID, wanted: Sequence[GoodsLine], promised_on: date, ordered_on: date
    ) -> tuple[tuple[GoodsLine, ...], tuple[GoodsLine, ...]]:
        """Hold these quantities for lines of an order in place of what they had. Gives what was given up and taken.

        What one line gives up another of the order may take; those who wait come after (`serve`).
        """
        freed = [GoodsLine(each.line, each.sku, self._keep(order_id, each.line, each.quantity)) for each in wanted]
        more = [GoodsLine(each.line, each.sku, each.quantity - self.held_for(order_id, each.line)) for each in wanted]
        taken = [self.reserve(order_id, each, promised_on, ordered_on) for each in more]
        return some(freed), some(taken)

    def _keep(self, order_id: UUID, line: int, quantity: Decimal) -> Decimal:
        """Hold no more than this for a line, which waits no more. Gives what is not held any more."""
        held, waiting = self.held_for(order_id, line), self.queue.missing(order_id, line)
        freed = max(held - quantity, Decimal(0))
        if freed or waiting:
            self._released(order_id=order_id, line=line, reserved=freed, backordered=waiting)
        return freed

    def held_for(self, order_id: UUID, line: int) -> Decimal:
        return self.held.get((order_id, line), Decimal(0))

    def serve(self) -> list[BackorderAllocation]:
        """What is free goes to those who wait, oldest promise first."""
        shares = []
        while self.queue and self.available:
            order_id, line, missing = self.queue.first()
            quantity = min(self.available, missing)
            self._backorder_allocated(order_id=order_id, line=line, quantity=quantity)
            shares.append(BackorderAllocation(order_id, GoodsLine(line, self.sku, quantity)))
        return shares

    @event("Reserved")
    def _reserved(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        self._hold(order_id, line, quantity)

    @event("Backordered")
    def _backordered(self, order_id: UUID, line: int, quantity: Decimal, promised_on: date, ordered_on: date) -> None:
        self.queue.join(order_id, line, quantity, promised_on, ordered_on)

    @event(Received)
    def _received(
        self, receipt_id: UUID, quantity: Decimal, received_on: date, included_in_count_id: UUID | None
    ) -> None:
        self._move(received_on, quantity, included_in_count_id)

    @event("ReceiptReversed")
    def _receipt_reversed(
        self, receipt_id: UUID, quantity: Decimal, received_on: date, included_in_count_id: UUID | None
    ) -> None:
        self._move(received_on, -quantity, included_in_count_id)

    @event("Counted")
    def _counted(
        self,
        count_id: UUID,
        counted_on: date,
        quantity: Decimal,
        difference: Decimal,
        included_in_count_id: UUID | None,
    ) -> None:
        self.days.count(counted_on, count_id)
        self._move(counted_on, difference, included_in_count_id)

    @event("BackorderAllocated")
    def _backorder_allocated(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        self.queue.serve(order_id, line, quantity)
        self._hold(order_id, line, quantity)

    @event(Issued)
    def _issued(
        self, order_id: UUID, line: int, quantity: Decimal, issued_on: date, included_in_count_id: UUID | None
    ) -> None:
        self._move(issued_on, -quantity, included_in_count_id)
        self._hold(order_id, line, -quantity)

    @event("Released")
    def _released(self, order_id: UUID, line: int, reserved: Decimal, backordered: Decimal) -> None:
        self._hold(order_id, line, -reserved)
        if backordered:
            self.queue.leave(order_id, line)

    def _move(self, day: date, quantity: Decimal, counted_in: UUID | None) -> None:
        self.days.move(day, quantity, counted_in)
        if counted_in is None:
            self.on_hand += quantity

    def _hold(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        self.reserved += quantity
        self.held[order_id, line] = self.held.get((order_id, line), Decimal(0)) + quantity
        if not self.held[order_id, line]:
            del self.held[order_id, line]
