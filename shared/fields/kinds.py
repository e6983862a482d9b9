"""Kinds of fields, as annotated types; limits, lookups and marks that a declaration adds to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeAlias, TypeVar
from uuid import UUID

from msgspec import UnsetType

from shared.money import Money, UnitPrice

T = TypeVar("T")


@dataclass(frozen=True)
class Kind:
    """Kind of a field, with its limits: how a value is written in a request, a sheet and a form."""

    name: str
    limits: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Limits:
    """Limits that a declaration adds to those of a kind."""

    values: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Lookup:
    """Mark of a field that names a record: its resource, as `scm.carriers`, and the field of the record it holds."""

    resource: str
    by: str = "id"


PERSONAL = "personal"
"""Mark of a field with data of a person: it is stored as `PersonalData`, and who reads it is recorded."""
DATA_SUBJECT = "data_subject"
"""Mark of a field that names the person or firm that a record is about: who reads the record is recorded."""


@dataclass(frozen=True)
class PersonalData:
    """Personal data as stored, such as a name: encrypted with the key of one person (`shared.key_store`)."""

    subject: UUID
    cipher: str


class OrNone(dict[str, Any]):
    """Named shapes of an object in a row that can be null."""


def marks_of(annotation: Any) -> tuple[Any, ...]:
    """Return the marks of an annotated type."""
    marks: tuple[Any, ...] = getattr(annotation, "__metadata__", ())
    return marks


PersonalText: TypeAlias = Annotated[str, PERSONAL]
"""In rows: a text of a person, stored as `PersonalData`."""
SubjectId: TypeAlias = Annotated[UUID, DATA_SUBJECT]
"""In rows: the person or firm that a record is about, such as the customer of an order."""


def limits(**values: Any) -> Limits:
    """Return limits for an annotation: `Annotated[Text, limits(max=60)]`."""
    return Limits(values)


ANY_CURRENCY = limits(any_currency=True)
"""Limit of an amount or currency that need not be in the firm's base currency, such as the currency of a partner."""


def given(value: T | UnsetType, otherwise: T) -> T:
    """Return the value of a field of a request, or the other value if it was not given."""
    return otherwise if isinstance(value, UnsetType) else value


Code: TypeAlias = Annotated[str, Kind("code")]
"""A short code that people use: printable ASCII characters with single blanks between them, up to 40 characters."""
FixedText: TypeAlias = Annotated[str, Kind("choice")]
"""In rows: a text of a fixed form without commas, such as an account, that is sorted as a text."""
Text: TypeAlias = Annotated[str, Kind("text", {"max": 200})]
"""Free text of one line, up to 200 characters."""
ShortText: TypeAlias = Annotated[str, Kind("text", {"max": 100})]
ActorName: TypeAlias = Annotated[str, Kind("actor_name")]
"""A name of a person or a program, up to 100 characters, all of them visible."""
LongText: TypeAlias = Annotated[str, Kind("text", {"max": 500, "multiline": True})]
"""Free text of several lines, up to 500 characters."""
PostalCode: TypeAlias = Annotated[str, Kind("text", {"max": 20})]
Email: TypeAlias = Annotated[str, Kind("email")]
Phone: TypeAlias = Annotated[str, Kind("phone")]
Country: TypeAlias = Annotated[str, Kind("country")]
"""ISO 3166-1 alpha-2."""
Currency: TypeAlias = Annotated[str, Kind("currency")]
"""ISO 4217."""
Iban: TypeAlias = Annotated[str, Kind("iban")]
TaxId: TypeAlias = Annotated[str, Kind("tax_id")]
TimeZone: TypeAlias = Annotated[str, Kind("time_zone")]
"""A name of the IANA time zone database."""
Id: TypeAlias = Annotated[UUID, Kind("id")]
Date: TypeAlias = Annotated[date, Kind("date")]
EffectiveDate: TypeAlias = Annotated[date, Kind("effective_date")]
"""The business date on which a command takes effect."""
Instant: TypeAlias = Annotated[datetime, Kind("instant")]
KnownAt: TypeAlias = Annotated[datetime | int, Kind("known_at")]
"""An instant, or a position of the service's log, for the state as known then."""
Quantity: TypeAlias = Annotated[Decimal, Kind("quantity")]
"""A quantity in the unit of its item, greater than zero, with up to 6 decimals."""
QuantityOrZero: TypeAlias = Annotated[Decimal, Kind("quantity", {"zero": True})]
Percent: TypeAlias = Annotated[Decimal, Kind("percent")]
"""0 to 100, with up to 6 decimals."""
Month: TypeAlias = Annotated[int, Kind("whole_number", {"min": 1, "max": 12})]
"""A month of the year: 1 to 12."""
Days: TypeAlias = Annotated[int, Kind("whole_number", {"max": 3650})]

KIND_BY_TYPE: Mapping[type, Kind] = {
    bool: Kind("flag"), date: Kind("date"), datetime: Kind("instant"), UUID: Kind("id"), Money: Kind("money"),
    UnitPrice: Kind("unit_price"), PersonalData: Kind("personal"),
}  # fmt: skip
"""Kinds of types that need no annotation."""
