"""Stock item: stock, reservations and backorders of one item in one warehouse."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.scm.items.domain.goods import BackorderAllocation, GoodsLine, without_empty_lines
from services.scm.warehousing.domain.backorder_queue import BackorderQueue
from services.scm.warehousing.domain.stock_history import Place, StockHistory
from services.scm.warehousing.domain.stock_moment import StockMoment
from shared.domain import Aggregate, DomainError, event
from shared.money import plain_number


class NotReservedForLine(DomainError):
    """Raised when more is issued than is reserved for the order line."""


class StockNotAvailable(DomainError):
    """Raised when stock that a movement would take away is not there in its place, or shipped or reserved since."""


class AlreadyOpened(DomainError):
    """Raised when an item has an opening stock in the warehouse already."""


class StockItem(Aggregate):
    """An item in a warehouse. available = on hand - reserved, never negative; zero while an order waits.

    Its movements take effect in order of their moments: business day, instant, then order of arrival. A count fixes the
    stock in its place among them: changes recorded later for a place before it do not change the stock. On hand is
    never negative, in no place among the movements.
    """

    @classmethod
    def create_id(cls, sku: str, warehouse: str) -> UUID:
        return cls.derive_id(warehouse, sku)

    @event("Opened")
    def __init__(self, sku: str, warehouse: str) -> None:
        self.sku = sku
        self.warehouse = warehouse
        self.on_hand = Decimal(0)
        self.reserved = Decimal(0)
        self.reservations: dict[tuple[UUID, int], Decimal] = {}
        self.backorders = BackorderQueue()
        self.history = StockHistory()
        self.opening_stock: tuple[UUID, date] | None = None

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved

    @property
    def unallocated(self) -> Decimal:
        """Available less backordered: negative while orders wait."""
        return self.available - self.backorders.total

    def reserve(self, order_id: UUID, goods: GoodsLine, promised_on: date, ordered_on: date) -> GoodsLine:
        """Reserve what is available for an order line and backorder the rest. Returns what is reserved."""
        reserved = min(self.available, goods.quantity)
        if reserved:
            self._reserved(order_id=order_id, line=goods.line, quantity=reserved)
        if missing := goods.quantity - reserved:
            self._backordered(
                order_id=order_id, line=goods.line, quantity=missing, promised_on=promised_on, ordered_on=ordered_on
            )
        return GoodsLine(goods.line, goods.sku, reserved)

    def count_including(self, moment: StockMoment) -> UUID | None:
        """Return the count that includes a movement of that moment which arrives now, if there is one."""
        return self.history.count_after(self.history.next_place(moment))

    def count_including_document(self, document_id: UUID) -> UUID | None:
        """Return the count that includes the goods of a receipt or an opening stock, if there is one."""
        return self.history.count_after(self.history.place_of(document_id))

    def receive(self, receipt_id: UUID, quantity: Decimal, moment: StockMoment) -> list[BackorderAllocation]:
        """Receive goods and allocate them to backorders."""
        self._received(receipt_id, quantity, *moment, self.count_including(moment))
        return self.allocate_backorders()

    def reverse_receipt(self, receipt_id: UUID, quantity: Decimal) -> None:
        """Reverse a receipt. Raises StockNotAvailable where the goods were shipped or are reserved."""
        counted_in = self.require_reversible(receipt_id, quantity)
        self._receipt_reversed(receipt_id, quantity, counted_in)

    def add_opening_stock(self, opening_stock_id: UUID, quantity: Decimal, on: date) -> list[BackorderAllocation]:
        """Add goods that were there before all movements of the day, and allocate them to backorders.

        Raises AlreadyOpened until an earlier opening stock is reversed.
        """
        if self.opening_stock is not None:
            earlier, day = self.opening_stock
            detail = f"{self.sku} has the opening stock {earlier} of {day} in {self.warehouse}: reverse that one first"
            raise AlreadyOpened(detail)
        counted_in = self.count_including(StockMoment.first_of(on))
        self._opening_stock_added(opening_stock_id, quantity, on, counted_in)
        return self.allocate_backorders()

    def require_reversible(self, document_id: UUID, quantity: Decimal) -> UUID | None:
        """Require that the goods of a receipt or an opening stock can be removed; return the count that includes them.

        Raises StockNotAvailable where they were shipped or are reserved, or left before others came.
        """
        counted_in = self.count_including_document(document_id)
        self._require_available(quantity, counted_in)
        if shortage := self._shortage_from(self.history.place_of(document_id), quantity):
            remedy = "first enter the receipt of the goods that left, or a count before they left"
            raise StockNotAvailable(f"{shortage}: {remedy}")
        return counted_in

    def reverse_opening_stock(self, opening_stock_id: UUID, quantity: Decimal) -> None:
        """Reverse an opening stock. Raises StockNotAvailable where the goods were shipped or are reserved."""
        counted_in = self.require_reversible(opening_stock_id, quantity)
        self._opening_stock_reversed(opening_stock_id, quantity, counted_in)

    def count(
        self, count_id: UUID, moment: StockMoment, quantity: Decimal
    ) -> tuple[Decimal, list[BackorderAllocation]]:
        """Set the stock at that moment. Returns the difference and the allocations to backorders.

        Raises StockNotAvailable where less than the reserved quantity would be left now, or less than left after it.
        """
        place = self.history.next_place(moment)
        difference = quantity - (self.on_hand - self.history.change_after(place))
        counted_in = self.count_including(moment)
        if counted_in is None and self.available + difference < 0:
            raise StockNotAvailable(
                f"{plain_number(self.reserved)} of {self.sku} are reserved in {self.warehouse}, and only"
                f" {plain_number(max(self.on_hand + difference, Decimal(0)))} would be left: dispatch or cancel orders"
                " first"
            )
        if shortage := self._shortage_from(place, -difference):
            raise StockNotAvailable(f"{shortage}: first enter the receipts that are missing, or count a later moment")
        self._counted(count_id, *moment, quantity, difference, counted_in)
        return difference, self.allocate_backorders()

    def issue(self, order_id: UUID, line: int, quantity: Decimal, moment: StockMoment) -> list[BackorderAllocation]:
        """Issue goods reserved for an order line.

        Raises NotReservedForLine if less is reserved, StockNotAvailable if less was there at that moment or since.
        If a count left these goods out already, as many others become available and are allocated to backorders.
        """
        reserved = self.reserved_for(order_id, line)
        if quantity > reserved:
            raise NotReservedForLine(
                f"{plain_number(reserved)} of {self.sku} are reserved for line {line}, not {plain_number(quantity)}"
            )
        place = self.history.next_place(moment)
        if shortage := self._shortage_from(place, quantity):
            day = self.history.first_day_for(quantity, place, self.on_hand)
            remedy = f"date the dispatch on or after {day}, or first enter the receipt or the count that is missing"
            raise StockNotAvailable(f"{shortage}: {remedy}")
        self._issued(order_id, line, quantity, *moment, self.count_including(moment))
        return self.allocate_backorders()

    def release(self, order_id: UUID, lines: Iterable[int]) -> list[BackorderAllocation]:
        """Release what is reserved and backordered for an order, and allocate it to other backorders."""
        for line in lines:
            self._reduce_reservation(order_id, line, Decimal(0))
        return self.allocate_backorders()

    def replace_reservations(
        self, order_id: UUID, requested: Sequence[GoodsLine], promised_on: date, ordered_on: date
    ) -> tuple[tuple[GoodsLine, ...], tuple[GoodsLine, ...]]:
        """Reserve these quantities for lines of an order in place of earlier ones. Returns what was released and taken.

        Another line of the order may take what one releases; other orders come after (`allocate_backorders`).
        """
        freed = [
            GoodsLine(each.line, each.sku, self._reduce_reservation(order_id, each.line, each.quantity))
            for each in requested
        ]
        more = [
            GoodsLine(each.line, each.sku, each.quantity - self.reserved_for(order_id, each.line)) for each in requested
        ]
        taken = [self.reserve(order_id, each, promised_on, ordered_on) for each in more]
        return without_empty_lines(freed), without_empty_lines(taken)

    def _reduce_reservation(self, order_id: UUID, line: int, quantity: Decimal) -> Decimal:
        """Reserve at most this for a line and end its backorder. Returns what is released."""
        reserved, missing = self.reserved_for(order_id, line), self.backorders.missing(order_id, line)
        freed = max(reserved - quantity, Decimal(0))
        if freed or missing:
            self._released(order_id=order_id, line=line, reserved=freed, backordered=missing)
        return freed

    def _shortage_from(self, place: Place, quantity: Decimal) -> str | None:
        """Return what would be missing if this quantity left in that place, until a count states the stock itself."""
        there, day = self.history.lowest_from(place, self.on_hand)
        if quantity <= max(there, Decimal(0)):
            return None
        left, there_then = plain_number(there - quantity), plain_number(there)
        return f"the stock of {self.sku} in {self.warehouse} would be {left} on {day}, when {there_then} were there"

    def _require_available(self, quantity: Decimal, counted_in: UUID | None) -> None:
        """Require that goods can leave again, unless a count includes them: then no stock changes."""
        if counted_in is None and quantity > self.available:
            raise StockNotAvailable(
                f"only {plain_number(self.available)} of {plain_number(quantity)} {self.sku} are available in"
                f" {self.warehouse}: {self._what_to_do(quantity)}"
            )

    def _what_to_do(self, quantity: Decimal) -> str:
        """Return what a person can do where fewer goods than these are available; shipped goods stay shipped."""
        if quantity > self.on_hand:
            left = plain_number(quantity - self.on_hand)
            return f"{left} are no longer there, so this cannot be reversed. Correct the stock by a count instead"
        reserved = plain_number(quantity - self.available)
        return f"{reserved} are reserved. Cancel or amend the sales orders that reserve them first"

    def reserved_for(self, order_id: UUID, line: int) -> Decimal:
        return self.reservations.get((order_id, line), Decimal(0))

    def allocate_backorders(self) -> list[BackorderAllocation]:
        """Allocate what is available to backorders, oldest promise first."""
        shares = []
        while self.backorders and self.available:
            order_id, line, missing = self.backorders.first()
            quantity = min(self.available, missing)
            self._backorder_allocated(order_id=order_id, line=line, quantity=quantity)
            shares.append(BackorderAllocation(order_id, GoodsLine(line, self.sku, quantity)))
        return shares

    @event("Reserved")
    def _reserved(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        self._add_reservation(order_id, line, quantity)

    @event("Backordered")
    def _backordered(self, order_id: UUID, line: int, quantity: Decimal, promised_on: date, ordered_on: date) -> None:
        self.backorders.add(order_id, line, quantity, promised_on, ordered_on)

    @event("Received")
    def _received(
        self, receipt_id: UUID, quantity: Decimal, received_on: date, at: datetime, included_in_count_id: UUID | None
    ) -> None:
        self._record_change(StockMoment(received_on, at), quantity, included_in_count_id, receipt_id)

    @event("ReceiptReversed")
    def _receipt_reversed(self, receipt_id: UUID, quantity: Decimal, included_in_count_id: UUID | None) -> None:
        self._remove_change(receipt_id, quantity, included_in_count_id)

    @event("OpeningStockAdded")
    def _opening_stock_added(
        self, opening_stock_id: UUID, quantity: Decimal, opened_on: date, included_in_count_id: UUID | None
    ) -> None:
        self.opening_stock = opening_stock_id, opened_on
        self._record_change(StockMoment.first_of(opened_on), quantity, included_in_count_id, opening_stock_id)

    @event("OpeningStockReversed")
    def _opening_stock_reversed(
        self, opening_stock_id: UUID, quantity: Decimal, included_in_count_id: UUID | None
    ) -> None:
        self.opening_stock = None
        self._remove_change(opening_stock_id, quantity, included_in_count_id)

    @event("Counted")
    def _counted(
        self,
        count_id: UUID,
        counted_on: date,
        at: datetime,
        quantity: Decimal,
        difference: Decimal,
        included_in_count_id: UUID | None,
    ) -> None:
        self._record_change(StockMoment(counted_on, at), difference, included_in_count_id, count_id)
        self.history.add_count(count_id)

    @event("BackorderAllocated")
    def _backorder_allocated(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        self.backorders.allocate(order_id, line, quantity)
        self._add_reservation(order_id, line, quantity)

    @event("Issued")
    def _issued(
        self,
        order_id: UUID,
        line: int,
        quantity: Decimal,
        issued_on: date,
        at: datetime,
        included_in_count_id: UUID | None,
    ) -> None:
        self._record_change(StockMoment(issued_on, at), -quantity, included_in_count_id)
        self._add_reservation(order_id, line, -quantity)

    @event("Released")
    def _released(self, order_id: UUID, line: int, reserved: Decimal, backordered: Decimal) -> None:
        self._add_reservation(order_id, line, -reserved)
        if backordered:
            self.backorders.remove(order_id, line)

    def _record_change(
        self, moment: StockMoment, quantity: Decimal, counted_in: UUID | None, document_id: UUID | None = None
    ) -> None:
        self.history.add(moment, quantity, counted_in, document_id)
        if counted_in is None:
            self.on_hand += quantity

    def _remove_change(self, document_id: UUID, quantity: Decimal, counted_in: UUID | None) -> None:
        self.history.remove(document_id, counted_in)
        if counted_in is None:
            self.on_hand -= quantity

    def _add_reservation(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        self.reserved += quantity
        self.reservations[order_id, line] = self.reservations.get((order_id, line), Decimal(0)) + quantity
        if not self.reservations[order_id, line]:
            del self.reservations[order_id, line]
