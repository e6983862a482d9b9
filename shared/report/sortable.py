"""Column values as texts that compare, byte by byte, as the values do: the same on SQLite and PostgreSQL.

Absent is the empty text and comes first. Numbers are exact, of any number of decimals and up to
24 digits before them: `1` and the padded digits, or for negatives `0` and their complement to
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


def text(value: Any) -> str:
    plain = str(value)
    if "\0" in plain:
        raise ValueError("a text with U+0000 cannot be filtered or sorted by")
    return f"\x01{plain}" if plain < "\x02" else plain


def number(value: Any) -> str:
    exact = Decimal(value)
    if not exact.is_finite() or exact.adjusted() >= DIGITS:
        raise ValueError(f"{value} cannot be filtered or sorted by")
    whole, _, fraction = format(abs(exact), "f").partition(".")
    fraction = fraction.rstrip("0")
    digits = whole.zfill(DIGITS) + (f".{fraction}" if fraction else "")
    return f"1{digits}" if exact >= 0 else f"0{digits.translate(_COMPLEMENT)}{_AFTER_DIGITS}"


def money(value: Any) -> str:
    if isinstance(value, Money):
        return f"{number(value.amount)} {value.currency}"
    return f"{number(value['amount'])} {value['currency']}"


def day(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else date.fromisoformat(value).isoformat()


def instant(value: Any) -> str:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def flag(value: Any) -> str:
    return "1" if value else "0"


FORMS: Mapping[type, Callable[[Any], str]] = {
    str: text, UUID: text, bool: flag, int: number, Decimal: number, Money: money, date: day, datetime: instant,
}  # fmt: skip


def kind_of(annotation: Any) -> type:
    """The type that decides the form: `date | None` is a date, an enumeration of texts a text."""
    if get_origin(annotation) in (Union, UnionType):
        (annotation,) = (each for each in get_args(annotation) if each is not NoneType)
    kind: type = str if isinstance(annotation, type) and issubclass(annotation, StrEnum) else annotation
    if kind not in FORMS:
        raise TypeError(f"{annotation} cannot be filtered or sorted by")
    return kind


def sortable(kind: type, value: Any) -> str:
    """The form of a value of this kind, given as itself or in its JSON form. Raises ValueError where it has none."""
    return ABSENT if value is None else FORMS[kind](value)
