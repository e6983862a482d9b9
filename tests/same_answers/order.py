"""An order of rows that depends neither on random ids and instants nor on names of fields and states."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
EVENT_ID = re.compile(r"\b([a-z]+):[0-9a-f]{16}-(\d+)\b")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
POSTING = re.compile(r"\b(\d{15})-(\d+)\b")
_DIGIT = re.compile(r"\d")

Row = dict[str, Any]


BY = (
    "number", "code", "sku", "warehouse", "account", "date", "ordered_on", "received_on", "dispatched_on", "counted_on",
    "invoiced_on", "billed_on", "paid_on", "needed_on", "total", "amount", "limit", "debit", "credit", "quantity",
    "ordinal", "lines", "unit_price",
)  # fmt: skip
"""What rows are sorted by first: names that all trees have, so that another member of a row changes no order."""
OF_LINES = ("sku", "quantity", "ordered")


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Sort rows by what identifies them for people; rows that have the same by the figures and texts in them."""
    return sorted(rows, key=lambda row: (_identity(row), *_figures_and_texts(row)))


def _identity(row: Row) -> list[list[str]]:
    return [[each for each in map(str, leaves(_only_stable(row.get(name)))) if not is_random(each)] for name in BY]


def _only_stable(value: Any) -> Any:
    """Return of the lines of a document what all trees have."""
    if not isinstance(value, list):
        return value
    return [each.get(name) for each in value if isinstance(each, dict) for name in OF_LINES]


def _figures_and_texts(row: Row) -> tuple[list[str], list[str]]:
    """Return the sorted values with digits, which no rename changes, and all values; no ids and no instants."""
    values = sorted(each for each in map(str, leaves(row)) if not is_random(each))
    return [each for each in values if _DIGIT.search(each)], values


def is_random(text: str) -> bool:
    """Whether the text differs between two recordings of the same business."""
    return any(pattern.search(text) for pattern in (UUID, EVENT_ID, INSTANT)) or bool(POSTING.fullmatch(text))


def leaves(value: Any) -> Iterator[Any]:
    """Return the values in a JSON document that are neither objects nor arrays."""
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
    else:
        yield value
