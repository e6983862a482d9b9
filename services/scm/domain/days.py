"""When stock moved, and when it was counted."""

from bisect import bisect_left, bisect_right
from datetime import date
from decimal import Decimal
from operator import itemgetter
from uuid import UUID

_day = itemgetter(0)


class Days:
    """By how much stock changed on each day, and at the end of which days it was counted."""

    def __init__(self) -> None:
        self._moved: dict[date, Decimal] = {}
        self._counts: list[tuple[date, UUID]] = []

    def since(self, day: date) -> Decimal:
        """By how much stock changed after the end of that day."""
        return sum((quantity for on, quantity in self._moved.items() if on > day), Decimal(0))

    def count_of(self, day: date) -> UUID | None:
        """The count that saw what happened on that day: the first at its end or later."""
        return self._at(bisect_left(self._counts, day, key=_day))

    def count_after(self, day: date) -> UUID | None:
        """The first count of a later day."""
        return self._at(bisect_right(self._counts, day, key=_day))

    def _at(self, place: int) -> UUID | None:
        return self._counts[place][1] if place < len(self._counts) else None

    def move(self, day: date, quantity: Decimal, counted_in: UUID | None) -> None:
        """Something came or went; a count that saw it differs by so much less."""
        self._add(day, quantity)
        if counted_in is not None:
            self._add(next(on for on, count_id in self._counts if count_id == counted_in), -quantity)

    def count(self, day: date, count_id: UUID) -> None:
        self._counts.insert(bisect_right(self._counts, day, key=_day), (day, count_id))

    def _add(self, day: date, quantity: Decimal) -> None:
        self._moved[day] = self._moved.get(day, Decimal(0)) + quantity
