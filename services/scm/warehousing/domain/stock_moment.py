"""Moments of stock movements: the order in which receipts, dispatches and counts of an item take effect."""

from datetime import UTC, date, datetime
from typing import NamedTuple

BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class StockMoment(NamedTuple):
    """The business day of a movement, and its instant; movements of one moment take effect in order of arrival."""

    day: date
    at: datetime

    @classmethod
    def first_of(cls, day: date) -> "StockMoment":
        """Return the moment before all others of a day: that of opening stock."""
        return cls(day, BEFORE_ALL)
