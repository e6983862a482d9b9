"""Field kinds for values in requests, each validated strictly: one spelling, exact, within bounds."""

from shared.web.fields.base import BaseTextField, Field
from shared.web.fields.dates import Date, EffectiveOn, Instant, KnownAt
from shared.web.fields.money import Money, UnitPrice
from shared.web.fields.numbers import Number, Percent, Quantity, WholeNumber, WholeNumberParameter
from shared.web.fields.structure import EXAMPLE, Flag, FlagParameter, List, Nested, example_of
from shared.web.fields.texts import (
    ActorName,
    Code,
    Country,
    Currency,
    Email,
    Iban,
    Id,
    OneOf,
    Phone,
    TaxId,
    Text,
    TimeZone,
)

__all__ = [
    "EXAMPLE",
    "ActorName", "BaseTextField", "Code", "Country", "Currency", "Date", "EffectiveOn", "Email", "Field", "Flag",
    "FlagParameter", "Iban", "Id", "Instant", "KnownAt", "List", "Money", "Nested", "Number", "OneOf", "Percent",
    "Phone", "Quantity", "TaxId", "Text", "TimeZone", "UnitPrice", "WholeNumber", "WholeNumberParameter", "example_of",
]  # fmt: skip
