"""Calendar keys: totals stored for each month and day give the total until any day from few rows."""

from collections.abc import Iterator
from datetime import date


def month_and_day_keys(day: date) -> tuple[str, str]:
    """Return the keys of a day's month and of the day."""
    return f"M{day:%Y-%m}", f"D{day.isoformat()}"


def key_ranges_until(day: date | None) -> Iterator[list[tuple[str, str]]]:
    """Yield conditions on the keys until the end of a day: whole months, then days; none = no limit."""
    if day is None:
        yield [("gte", "M"), ("lt", "N")]
        return
    month, last = month_and_day_keys(day)
    yield [("gte", "M"), ("lt", month)]
    yield [("gte", f"D{day:%Y-%m}-01"), ("lte", last)]
