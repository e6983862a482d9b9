"""Sums by month and by day: what a fold adds up under each span of a date gives any day's total from few rows."""

from collections.abc import Iterator
from datetime import date

Range = list[tuple[str, str]]
"""Conditions on a column of spans."""


def spans_of(day: date) -> tuple[str, str]:
    """The month and the day, as the texts they are known by."""
    return f"M{day:%Y-%m}", f"D{day.isoformat()}"


def until(day: date | None) -> Iterator[Range]:
    """The spans that together make everything until the end of a day: whole months, then days; none = ever."""
    if day is None:
        yield [("gte", "M"), ("lt", "N")]
        return
    month, last = spans_of(day)
    yield [("gte", "M"), ("lt", month)]
    yield [("gte", f"D{day:%Y-%m}-01"), ("lte", last)]
