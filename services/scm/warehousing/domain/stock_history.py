"""Stock changes and stock counts of an item in the order in which they take effect."""

from bisect import bisect_left, bisect_right
from datetime import date, datetime
from decimal import Decimal
from operator import itemgetter
from uuid import UUID

from services.scm.warehousing.domain.stock_moment import StockMoment

Place = tuple[date, datetime, int]
"""Sort key of a movement: business day, instant, then order of arrival."""
_place = itemgetter(0)


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

    def _correct_count(self, count_id: UUID | None, by: Decimal) -> None:
        if count_id is not None:
            self._changes[bisect_left(self._places, self.place_of(count_id))] += by
