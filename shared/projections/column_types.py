"""Types of columns: values are stored so that SQL compares, sorts and sums them, on SQLite and PostgreSQL alike.

A column has one stored part or two: texts, UUIDs, dates and instants (UTC, to the microsecond) are texts that sort
byte by byte; booleans and numbers are integers, those with decimals in millionths. Money is its amount in thousandths
and its currency, a unit price its amount as a text of fixed length and its currency; a code or a free text is a text
and the key by which people sort and find it (`SO-2` before `SO-10`, `Émile` as `emile`). An absent value sorts first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

from shared.fields import PERSONAL, Kind
from shared.fields.kinds import marks_of
from shared.money import Money, UnitPrice, plain_number
from shared.texts import natural_key

TEXT, INTEGER = "TEXT", "BIGINT"
Stored = str | int
ABSENT: Mapping[str, Stored] = {TEXT: "", INTEGER: -(1 << 63)}
"""The stored form of no value, for each type of SQL."""
LARGEST = (1 << 63) - 1
NUMBER_DECIMALS, MONEY_DECIMALS = 6, 3


class NaturalText(str):
    """Type of columns of codes and numbers of documents."""

    __slots__ = ()


class FreeText(str):
    """Type of columns of names and other free texts, whose values may contain commas."""

    __slots__ = ()


@dataclass(frozen=True)
class ColumnType:
    """How values of a type are stored: the suffix and SQL type of each part, in the order in which they sort.

    `value_part` is the part that is compared with a value, `alike_part` the one that is equal for texts that people
    read as the same; `decimals` are those of a number kept as an integer.
    """

    parts: tuple[tuple[str, str], ...]
    encode: Callable[[Any], tuple[Stored, ...]]
    decode: Callable[[Any], Any] = lambda stored: stored
    value_part: int = 0
    alike_part: int | None = None
    decimals: int | None = None

    @cached_property
    def absent(self) -> tuple[Stored, ...]:
        return tuple(ABSENT[sql_type] for _, sql_type in self.parts)


def _encode_text(value: Any) -> str:
    """Return a text as it is stored. Raises ValueError for U+0000."""
    plain = str(value)
    if "\0" in plain:
        raise ValueError("a text with U+0000 cannot be filtered or sorted by")
    return f"\x01{plain}" if plain < "\x02" else plain


def _decode_text(stored: str) -> str:
    return stored.removeprefix("\x01")


def _encode_natural(value: Any) -> tuple[str, str]:
    """Return a text with the key by which people sort and find it."""
    text = _encode_text(value)
    return natural_key(text), text


def scaled(value: Any, decimals: int) -> Decimal:
    """Return a number in its smallest unit; it may have a fraction. Raises ValueError unless it is finite."""
    exact = value if type(value) is Decimal else Decimal(value)
    if not exact.is_finite():
        raise ValueError(f"{value} cannot be filtered or sorted by")
    return exact.scaleb(decimals)


def _scaled_integer(value: Any, decimals: int) -> int:
    """Return a number as an integer in its smallest unit. Raises ValueError if it is too large or too fine."""
    if type(value) is int and not decimals and abs(value) <= LARGEST:
        return value
    number = scaled(value, decimals)
    if abs(number) > LARGEST or (whole := int(number)) != number:
        raise ValueError(f"{value} has more than {decimals} decimals or too many digits for a column")
    return whole


def _encode_money(value: Any) -> tuple[int, str]:
    amount, currency = (
        (value.amount, value.currency) if isinstance(value, Money) else (value["amount"], value["currency"])
    )
    return _scaled_integer(amount, MONEY_DECIMALS), currency


def _encode_unit_price(value: Any) -> tuple[str, str]:
    """Return a price as a text that sorts as its amount does, and its currency; a number is a price in none."""
    if isinstance(value, UnitPrice):
        return f"{value.amount:040.15f}", value.currency
    if isinstance(value, Mapping):
        return f"{Decimal(value['amount']):040.15f}", value["currency"]
    return f"{Decimal(value):040.15f}", ""


def _encode_date(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else date.fromisoformat(value).isoformat()


def _encode_instant(value: Any) -> str:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="microseconds")


def decode_number(stored: int, decimals: int = NUMBER_DECIMALS) -> Decimal:
    """Return the number of an integer in its smallest unit."""
    return Decimal(stored).scaleb(-decimals)


def _one_text(encode: Callable[[Any], str], decode: Callable[[Any], Any] = lambda stored: stored) -> ColumnType:
    return ColumnType((("", TEXT),), lambda value: (encode(value),), decode)


_AS_PEOPLE_READ = ColumnType((("_order", TEXT), ("", TEXT)), _encode_natural, _decode_text, value_part=1, alike_part=0)
_AS_TEXT = _one_text(_encode_text, _decode_text)
COLUMN_TYPES: Mapping[type, ColumnType] = {
    str: _AS_TEXT,
    UUID: _AS_TEXT,
    date: _one_text(_encode_date),
    datetime: _one_text(_encode_instant, datetime.fromisoformat),
    NaturalText: _AS_PEOPLE_READ,
    FreeText: _AS_PEOPLE_READ,
    bool: ColumnType((("", INTEGER),), lambda value: (int(bool(value)),), bool),
    int: ColumnType((("", INTEGER),), lambda value: (_scaled_integer(value, 0),), decimals=0),
    Decimal: ColumnType(
        (("", INTEGER),),
        lambda value: (_scaled_integer(value, NUMBER_DECIMALS),),
        lambda stored: plain_number(decode_number(stored)),
        decimals=NUMBER_DECIMALS,
    ),
    UnitPrice: ColumnType((("", TEXT), ("_currency", TEXT)), _encode_unit_price),
    Money: ColumnType((("", INTEGER), ("_currency", TEXT)), _encode_money, decimals=MONEY_DECIMALS),
}


def without_none(annotation: Any) -> Any:
    """Return the type of the values of a column: `date | None` is a date."""
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (each for each in get_args(annotation) if each is not NoneType)
    return annotation


def is_nullable(annotation: Any) -> bool:
    """Return whether a value in a row can be null; a text of a person is, once the person is erased."""
    return NoneType in get_args(annotation) or PERSONAL in marks_of(annotation)


def column_type_of(annotation: Any) -> type:
    """Return the type that decides how a column is stored: `date | None` is a date, an enumeration of texts a text."""
    annotation = without_none(annotation)
    kinds: set[str] = set()
    if get_origin(annotation) is Annotated:
        annotation, *marks = get_args(annotation)
        kinds = {each.name for each in marks if isinstance(each, Kind)}
    if "code" in kinds:
        return NaturalText
    if annotation is str:
        return str if kinds & _FIXED_FORMS else FreeText
    kind: type = str if isinstance(annotation, type) and issubclass(annotation, StrEnum) else annotation
    if kind not in COLUMN_TYPES:
        raise TypeError(f"{annotation} cannot be filtered or sorted by")
    return kind


_FIXED_FORMS = frozenset({"choice", "country", "currency", "time_zone"})
"""Kinds of texts that have one spelling each, without commas."""


def is_free_text(annotation: Any) -> bool:
    """Return whether values of a column can contain a comma: texts that are no code and of no fixed form."""
    return without_none(annotation) is NaturalText or column_type_of(annotation) is FreeText


def encode_column(column_type: type, value: Any) -> tuple[Stored, ...]:
    """Return the stored parts of a value, given as itself or in JSON form. Raises ValueError."""
    kind = COLUMN_TYPES[column_type]
    return kind.absent if value is None else kind.encode(value)
