"""Rows of lists and statements as lines of a sheet: nested members by dotted names, list items numbered from 1."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shared.money import Money, UnitPrice
from shared.projections.column_types import column_type_of
from shared.web.columns import Path, SheetColumn

Shape = Mapping[str, Any]
"""The members of a row, each with its type, `[…]` of one shape, or `{…}` of named shapes."""
ROWS_MEMBERS = ("rows", "data")
"""The members of an answer that can have its rows."""


@dataclass(frozen=True)
class AnswerPart:
    """Members of an answer, and the module in whose words they are described."""

    shape: Shape
    module: str


Lengths = dict[Path, int]
"""The number of items of the longest list at each path."""


def row_columns(shape: Shape, rows: Iterable[Mapping[str, Any]]) -> list[SheetColumn]:
    """Return the columns of rows of this shape; a list has the columns that its longest value needs."""
    lengths: Lengths = {}
    if _has_list(shape):
        for each in rows:
            _measure_lists(shape, each, (), lengths)
    return list(_columns(shape, (), lengths))


def _columns(shape: Any, path: Path, lengths: Lengths) -> Iterator[SheetColumn]:
    match shape:
        case list():
            for place in range(lengths.get(path) or 1):
                yield from _columns(shape[0], (*path, place), lengths)
        case Mapping():
            for name, inner in shape.items():
                yield from _columns(inner, (*path, name), lengths)
        case _:
            yield from _columns_of_value(column_type_of(shape), path)


def _columns_of_value(kind: type, path: Path) -> Iterator[SheetColumn]:
    if kind in (Money, UnitPrice):
        yield SheetColumn((*path, "amount"), is_number=True)
        yield SheetColumn((*path, "currency"))
    else:
        yield SheetColumn(path, is_number=kind in (int, Decimal))


def _has_list(shape: Any) -> bool:
    return isinstance(shape, list) or (isinstance(shape, Mapping) and any(map(_has_list, shape.values())))


def _measure_lists(shape: Any, value: Any, path: Path, lengths: Lengths) -> None:
    """Note the length of each list in a value, where it is the longest so far."""
    if isinstance(shape, list) and isinstance(value, list):
        lengths[path] = max(lengths.get(path, 0), len(value))
        for place, each in enumerate(value if _has_list(shape[0]) else ()):
            _measure_lists(shape[0], each, (*path, place), lengths)
    elif isinstance(shape, Mapping) and isinstance(value, Mapping):
        for name in filter(lambda each: _has_list(shape[each]), shape):
            _measure_lists(shape[name], value.get(name), (*path, name), lengths)
