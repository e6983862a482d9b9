"""The kinds of values the outside may give us, each judged strictly: one spelling, exact, within bounds."""

from shared.web.fields.base import Field, Spelled
from shared.web.fields.money import Money
from shared.web.fields.numbers import Count, Number, Percent, Quantity, Whole
from shared.web.fields.structure import Flag, List, Nested, Switch, example_of
from shared.web.fields.times import Date, EffectiveOn, Instant, KnownAt
from shared.web.fields.words import Code, Country, Currency, Email, Iban, Id, OneOf, Phone, TaxId, Text, TimeZone

__all__ = [
    "Code",
    "Count",
    "Country",
    "Currency",
    "Date",
    "EffectiveOn",
    "Email",
    "Field",
    "Flag",
    "Iban",
    "Id",
    "Instant",
    "KnownAt",
    "List",
    "Money",
    "Nested",
    "Number",
    "OneOf",
    "Percent",
    "Phone",
    "Quantity",
    "Spelled",
    "Switch",
    "TaxId",
    "Text",
    "TimeZone",
    "Whole",
    "example_of",
]
