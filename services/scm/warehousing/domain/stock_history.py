"""Stock changes and stock counts of an item in the order in which they take effect."""

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import accumulate, takewhile
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from services.scm.warehousing.domain.stock_moment import StockMoment

Place = tuple[date, datetime, int]
"""Sort key of a movement: business day, instant, then order of arrival."""
_place = itemgetter(0)
AFTER_ALL = datetime.max.replace(tzinfo=UTC)


class StockOfDay(NamedTuple):
    """How much was there on a day."""

    quantity: Decimal
    day: date


class StockHistory:
    """All changes of stock of one item, and its counts; a count states the stock in its place among the changes."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._changes: list[Decimal] = []
        self._counts: list[tuple[Place, UUID]] = []
        self._place_of_document: dict[UUID, Place] = {}
        self._last_arrival = 0

    def next_place(self, moment: StockMoment) -> Place:
        """Return the place of a movement that arrives now."""
        return (*moment, self._last_arrival + 1)

    def place_of(self, document_id: UUID) -> Place:
        """Return the place of a receipt, an opening stock or a count."""
        return self._place_of_document[document_id]

    def change_after(self, place: Place) -> Decimal:
        """Return the change of stock after that place."""
        return sum(self._changes[bisect_right(self._places, place) :], Decimal(0))

    def count_after(self, place: Place) -> UUID | None:
        """Return the count that includes a movement in that place: the first one after it."""
        index = bisect_right(self._counts, place, key=_place)
        return self._counts[index][1] if index < len(self._counts) else None

    def lowest_from(self, place: Place, on_hand: Decimal) -> StockOfDay:
        """Return the lowest stock from that place on, up to the next count, and its first day.

        The count states the stock itself. `on_hand` is the stock after all changes.
        """
        start, end = bisect_right(self._places, place), self._index_of_next_count(place)
        stocks = accumulate(self._changes[start:end], initial=on_hand - self.change_after(place))
        days = [day for day, *_ in (place, *self._places[start:end])]
        return min(map(StockOfDay, stocks, days))

    def first_day_for(self, quantity: Decimal, place: Place, on_hand: Decimal) -> date:
        """Return the first day, from that of the place on, since when this quantity may leave on any day."""
        days = {day for day, *_ in (place, *self._places[bisect_right(self._places, place) :])}
        ends = (self.next_place(StockMoment(day, AFTER_ALL)) for day in sorted(days, reverse=True))
        possible = takewhile(lambda end: self.lowest_from(end, on_hand).quantity >= quantity, ends)
        return min(day for day, *_ in possible)

    def add(self, moment: StockMoment, quantity: Decimal, counted_in: UUID | None, document_id: UUID | None) -> None:
        """Record a change; if a count includes it already, the count's own change is reduced by it."""
        place = self.next_place(moment)
        self._last_arrival += 1
        index = bisect_left(self._places, place)
        self._places.insert(index, place)
        self._changes.insert(index, quantity)
        if document_id is not None:
            self._place_of_document[document_id] = place
        self._correct_count(counted_in, -quantity)

    def add_count(self, count_id: UUID) -> None:
        """Mark a recorded change as that of a count."""
        place = self.place_of(count_id)
        self._counts.insert(bisect_right(self._counts, place, key=_place), (place, count_id))

    def remove(self, document_id: UUID, counted_in: UUID | None) -> None:
        """Remove the change of a reversed document; a count that includes it has found as much more."""
        place = self._place_of_document.pop(document_id)
        index = bisect_left(self._places, place)
        del self._places[index]
        self._correct_count(counted_in, self._changes.pop(index))

    def _index_of_next_count(self, place: Place) -> int:
        """Return the index of the change of the first count after that place; after all changes without one."""
        index = bisect_right(self._counts, place, key=_place)
        return bisect_left(self._places, self._counts[index][0]) if index < len(self._counts) else len(self._places)

    def _correct_count(self, count_id: UUID | None, by: Decimal) -> None:
        if count_id is not None:
            self._changes[bisect_left(self._places, self.place_of(count_id))] += by
