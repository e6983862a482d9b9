"""Fields of the filters of lists: the values that a column can have, from its type or from its fixed set of values."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared import money
from shared.fields import Kind
from shared.fields.kinds import marks_of
from shared.projections import Projection
from shared.projections.column_types import FreeText, NaturalText, without_none
from shared.web import fields

MAX_VALUE_LENGTH = 200

_TEXT = fields.Text(max=MAX_VALUE_LENGTH, multiline=True)
_NUMBER = fields.Number(digits=23, decimals=15)
_FIELD_BY_TYPE: Mapping[type, fields.Field] = {
    str: _TEXT,
    NaturalText: _TEXT,
    FreeText: _TEXT,
    UUID: fields.Id(),
    bool: fields.FlagParameter(),
    int: _NUMBER,
    Decimal: _NUMBER,
    money.Money: _NUMBER,
    money.UnitPrice: _NUMBER,
    date: fields.Date(),
    datetime: fields.Instant(),
}
_FIELD_BY_KIND: Mapping[str, Callable[[], fields.Field]] = {
    "country": fields.Country,
    "currency": lambda: fields.Currency(any_currency=True),
    "time_zone": fields.TimeZone,
}
"""Kinds of texts whose values are in a published list."""


def filter_fields(projection: type[Projection]) -> Mapping[str, fields.Field]:
    """Return the field of the values of each column that rows can be filtered by."""
    by_type = {name: _FIELD_BY_TYPE[kind] for name, kind in {"id": UUID, **projection.column_types()}.items()}
    return by_type | {name: each for name, kind in projection.columns.items() if (each := _closed_field(kind))}


def _closed_field(annotation: Any) -> fields.Field | None:
    """Return the field of a column with a fixed set of values; None if any value of its type is possible."""
    declared = without_none(annotation)
    if isinstance(declared, type) and issubclass(declared, StrEnum):
        return fields.OneOf(*declared)
    found = [_FIELD_BY_KIND[each.name] for each in marks_of(declared) if _has_list(each)]
    return found[0]() if found else None


def _has_list(mark: Any) -> bool:
    return isinstance(mark, Kind) and mark.name in _FIELD_BY_KIND
