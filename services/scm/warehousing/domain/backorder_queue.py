"""Queue of the order lines that wait for an item."""

from bisect import bisect_left, insort
from datetime import date
from decimal import Decimal
from uuid import UUID

BackorderKey = tuple[UUID, int]
QueuePosition = tuple[date, date, int, BackorderKey]


class BackorderQueue:
    """Order lines that wait for goods: oldest promise first, then oldest order, then first arrival."""

    def __init__(self) -> None:
        self._sorted_positions: list[QueuePosition] = []
        self._entries: dict[BackorderKey, tuple[QueuePosition, Decimal]] = {}
        self._last_sequence = 0
        self.total = Decimal(0)
        """Sum of all missing quantities."""

    def __bool__(self) -> bool:
        return bool(self._sorted_positions)

    def add(self, order_id: UUID, line: int, quantity: Decimal, promised_on: date, ordered_on: date) -> None:
        self._last_sequence += 1
        position = (promised_on, ordered_on, self._last_sequence, (order_id, line))
        insort(self._sorted_positions, position)
        self._entries[order_id, line] = (position, quantity)
        self.total += quantity

    def first(self) -> tuple[UUID, int, Decimal]:
        """Return order, line and missing quantity of the first in the queue."""
        key = self._sorted_positions[0][-1]
        return *key, self._entries[key][1]

    def missing(self, order_id: UUID, line: int) -> Decimal:
        _, quantity = self._entries.get((order_id, line), (None, Decimal(0)))
        return quantity

    def allocate(self, order_id: UUID, line: int, quantity: Decimal) -> None:
        """Reduce the missing quantity of a line, and remove the line at zero."""
        position, missing = self._entries[order_id, line]
        self._entries[order_id, line] = (position, missing - quantity)
        self.total -= quantity
        if missing == quantity:
            self.remove(order_id, line)

    def remove(self, order_id: UUID, line: int) -> None:
        position, missing = self._entries.pop((order_id, line))
        self.total -= missing
        del self._sorted_positions[bisect_left(self._sorted_positions, position)]
