"""Calendar keys: totals stored for each month and day give the total until any day from few rows."""

from datetime import date
from typing import Any


def month_and_day_keys(day: date) -> tuple[str, str]:
    """Return the keys of a day's month and of the day."""
    return f"M{day:%Y-%m}", f"D{day.isoformat()}"


def keys_until(day: date | None) -> list[tuple[str, Any]]:
    """Return the filter of the keys until the end of a day: whole months, and days of the last one; none = all."""
    if day is None:
        return [("gte", "M"), ("lt", "N")]
    month, last = month_and_day_keys(day)
    return [("any", [[("gte", "M"), ("lt", month)], [("gte", f"D{day:%Y-%m}-01"), ("lte", last)]])]
