"""Field catalogue: the kinds of fields. A field is declared once, in a frozen dataclass, as an annotation of one kind.

@dataclass(frozen=True, kw_only=True)
class RegisterCarrier:
    code: Code
    name: Text
    phone: Phone | None = None

The schema of requests, the API description, sheet columns and projection columns follow from the declaration.
Titles and help texts in English and Chinese are in `words.toml` of the module.
"""

from msgspec import UNSET, UnsetType

from shared.fields.changes import Changes
from shared.fields.declaration import DeclaredField, declared_fields
from shared.fields.descriptions import describe_choices, describe_field, in_both
from shared.fields.kinds import (
    ANY_CURRENCY,
    DATA_SUBJECT,
    PERSONAL,
    ActorName,
    Code,
    Country,
    Currency,
    Date,
    Days,
    EffectiveDate,
    Email,
    FixedText,
    Iban,
    Id,
    Instant,
    Kind,
    KnownAt,
    LongText,
    Lookup,
    Month,
    OrNone,
    Percent,
    PersonalData,
    PersonalText,
    Phone,
    PostalCode,
    Quantity,
    QuantityOrZero,
    ShortText,
    SubjectId,
    TaxId,
    Text,
    TimeZone,
    given,
    limits,
)
from shared.fields.parts import part_of
from shared.fields.words import Texts, Words, words_for

__all__ = [
    "ANY_CURRENCY",
    "DATA_SUBJECT",
    "PERSONAL",
    "UNSET",
    "ActorName",
    "Changes",
    "Code",
    "Country",
    "Currency",
    "Date",
    "Days",
    "DeclaredField",
    "EffectiveDate",
    "Email",
    "FixedText",
    "Iban",
    "Id",
    "Instant",
    "Kind",
    "KnownAt",
    "LongText",
    "Lookup",
    "Month",
    "OrNone",
    "Percent",
    "PersonalData",
    "PersonalText",
    "Phone",
    "PostalCode",
    "Quantity",
    "QuantityOrZero",
    "ShortText",
    "SubjectId",
    "TaxId",
    "Text",
    "Texts",
    "TimeZone",
    "UnsetType",
    "Words",
    "declared_fields",
    "describe_choices",
    "describe_field",
    "given",
    "in_both",
    "limits",
    "part_of",
    "words_for",
]
