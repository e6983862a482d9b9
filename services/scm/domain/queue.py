"""Who waits for an item."""

from bisect import bisect_left, insort
from datetime import date
from decimal import Decimal
from uuid import UUID

Waiter = tuple[UUID, int]
Place = tuple[date, date, int, Waiter]


class Queue:
    """Order lines that wait for goods: oldest promise first, then oldest order, then first come."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._waiting: dict[Waiter, tuple[Place, Decimal]] = {}
        self._arrivals = 0
        self.total = Decimal(0)
        """How much is missing in all."""

    def __bool__(self) -> bool:
        return bool(self._places)

    def join(self, order_id: UUID, line: int, quantity: Decimal, promised_on: date, ordered_on: date) -> None:
        self._arrivals += 1
        place = (promised_on, ordered_on, self._arrivals, (order_id, line))
        insort(self._places, place)
        self._waiting[order_id, line] = (place, quantity)
        self.total += quantity

    def first(self) -> tuple[UUID, int, Decimal]:
        """Whose turn it is, and how much is missing."""
        waiter = self._places[0][-1]
        return *waiter, self._waiting[waiter][1]

    def missing(self, order_id: UUID, line: int) -> Decimal:
        _, quantity = self._waiting.get((order_id, line), (None, Decimal(0)))
        return quantity

    def serve(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        """So much less is missing; who misses nothing leaves."""
        place, missing = self._waiting[order_id, line]
        self._waiting[order_id, line] = (place, missing - quantity)
        self.total -= quantity
        if missing == quantity:
            self.leave(order_id, line)

    def leave(self, order_id: UUID, line: int) -> None:
        place, missing = self._waiting.pop((order_id, line))
        self.total -= missing
        del self._places[bisect_left(self._places, place)]
