"""Stock changes and stock counts by day."""

from bisect import bisect_left, bisect_right
from datetime import date
from decimal import Decimal
from operator import itemgetter
from uuid import UUID

_day = itemgetter(0)


class StockHistory:
    """Stock changes and stock counts of one item, by day; a count stands at the end of its day."""

    def __init__(self) -> None:
        self._changes: dict[date, Decimal] = {}
        self._counts: list[tuple[date, UUID]] = []

    def change_after(self, day: date) -> Decimal:
        """Return the change of stock after the end of that day."""
        return sum((quantity for on, quantity in self._changes.items() if on > day), Decimal(0))

    def count_covering(self, day: date) -> UUID | None:
        """Return the count that includes that day's changes: the first at its end or later."""
        return self._count_at(bisect_left(self._counts, day, key=_day))

    def count_after(self, day: date) -> UUID | None:
        """Return the first count of a later day."""
        return self._count_at(bisect_right(self._counts, day, key=_day))

    def _count_at(self, index: int) -> UUID | None:
        return self._counts[index][1] if index < len(self._counts) else None

    def add_change(self, day: date, quantity: Decimal, counted_in: UUID | None) -> None:
        """Record a change; if a count includes it already, the count's own change is reduced by it."""
        self._add(day, quantity)
        if counted_in is not None:
            self._add(next(on for on, count_id in self._counts if count_id == counted_in), -quantity)

    def add_count(self, day: date, count_id: UUID) -> None:
        self._counts.insert(bisect_right(self._counts, day, key=_day), (day, count_id))

    def _add(self, day: date, quantity: Decimal) -> None:
        self._changes[day] = self._changes.get(day, Decimal(0)) + quantity
