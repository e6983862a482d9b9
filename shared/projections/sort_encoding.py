"""Encodes column values as texts that sort byte by byte like the values, on SQLite and PostgreSQL alike.

An absent value is the empty text and sorts first. Numbers are exact, of any number of decimals and
up to 24 digits before them: `1` and the padded digits, or for negatives `0` and their complement to
nine; so `12.5` is `1000000000000000000000012.5`. Money is its amount, then its currency. Instants
are UTC to the microsecond.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

from shared.money import Money

DIGITS = 24
ABSENT = ""

_COMPLEMENT = str.maketrans("0123456789", "9876543210")
_AFTER_DIGITS = "~"


def _encode_text(value: Any) -> str:
    """Encode a text so that stored texts sort by it. Raises ValueError for U+0000."""
    plain = str(value)
    if "\0" in plain:
        raise ValueError("a text with U+0000 cannot be filtered or sorted by")
    return f"\x01{plain}" if plain < "\x02" else plain


def encode_number(value: Any) -> str:
    """Encode a number as text that sorts by value. Raises ValueError if it has too many digits."""
    exact = Decimal(value)
    if not exact.is_finite() or exact.adjusted() >= DIGITS:
        raise ValueError(f"{value} cannot be filtered or sorted by")
    whole, _, fraction = format(abs(exact), "f").partition(".")
    fraction = fraction.rstrip("0")
    digits = whole.zfill(DIGITS) + (f".{fraction}" if fraction else "")
    return f"1{digits}" if exact >= 0 else f"0{digits.translate(_COMPLEMENT)}{_AFTER_DIGITS}"


def _encode_money(value: Any) -> str:
    """Encode money as text that sorts by amount, then by currency."""
    if isinstance(value, Money):
        return f"{encode_number(value.amount)} {value.currency}"
    return f"{encode_number(value['amount'])} {value['currency']}"


def _encode_date(value: Any) -> str:
    """Encode a date as text that sorts by day."""
    return value.isoformat() if isinstance(value, date) else date.fromisoformat(value).isoformat()


def _encode_instant(value: Any) -> str:
    """Encode an instant as text in UTC that sorts by time."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _encode_bool(value: Any) -> str:
    """Encode a boolean as text: false sorts before true."""
    return "1" if value else "0"


ENCODERS: Mapping[type, Callable[[Any], str]] = {
    str: _encode_text, UUID: _encode_text, bool: _encode_bool, int: encode_number,
    Decimal: encode_number, Money: _encode_money, date: _encode_date, datetime: _encode_instant,
}  # fmt: skip


def sort_type_of(annotation: Any) -> type:
    """Return the type that decides the encoding: `date | None` is a date, an enumeration of texts a text."""
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (each for each in get_args(annotation) if each is not NoneType)
    kind: type = str if isinstance(annotation, type) and issubclass(annotation, StrEnum) else annotation
    if kind not in ENCODERS:
        raise TypeError(f"{annotation} cannot be filtered or sorted by")
    return kind


def encode_sortable(column_type: type, value: Any) -> str:
    """Return a value as text that sorts like it, given as itself or in JSON form. Raises ValueError."""
    return ABSENT if value is None else ENCODERS[column_type](value)
