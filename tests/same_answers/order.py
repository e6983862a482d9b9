"""An order of rows that depends neither on random ids and instants nor on names of fields and states."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
EVENT_ID = re.compile(r"\b([a-z]+):[0-9a-f]{16}-(\d+)\b")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
POSTING = re.compile(r"(\d{15})-(\d+)")
_DIGIT = re.compile(r"\d")

Row = dict[str, Any]


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Sort rows by the amounts, dates and numbers in them; rows that have the same by their texts."""
    return sorted(rows, key=_figures_and_texts)


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
