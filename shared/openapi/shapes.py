"""OpenAPI schemas of values, exact enough that a value is accepted only if it matches its schema."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared import texts
from shared.countries import COUNTRIES
from shared.fields.descriptions import describe_field
from shared.fields.words import SHARED_WORDS, Words, words_of
from shared.money import FINER_DECIMALS, currency_decimals

Doc = dict[str, Any]

MONEY_DIGITS = 15
NDJSON = "application/x-ndjson"
TIME_ZONE_FORMAT = "iana-time-zone"
TEXT: Doc = {"type": "string"}
COUNT: Doc = {"type": "integer", "minimum": 0}
FLAG: Doc = {"type": "boolean"}
INSTANT: Doc = {"type": "string", "format": "date-time"}
DAY: Doc = {"type": "string", "format": "date"}
ID: Doc = {"type": "string", "format": "uuid"}
SHARED: Words = words_of(SHARED_WORDS)
"""The words that all modules share."""


def object_schema(properties: Mapping[str, Any]) -> Doc:
    """Return the schema of an object that has all of these properties."""
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def described_object(owner: str, properties: Mapping[str, Any]) -> Doc:
    """Return the schema of an object that has all of these properties, described in the words that all share."""
    return object_schema(described_members(owner, properties))


def described_members(owner: str, properties: Mapping[str, Any]) -> Doc:
    """Return members of an object with their texts in the words that all share; those of its `owner` come first."""
    return {name: {**each, **describe_field(SHARED, name, owner)} for name, each in properties.items()}


def list_schema(items: Mapping[str, Any]) -> Doc:
    """Return the schema of a list of such items."""
    return {"type": "array", "items": dict(items)}


def map_schema(values: Mapping[str, Any], description: str) -> Doc:
    """Return the schema of an object whose members have any names and such values."""
    return {"type": "object", "additionalProperties": dict(values), "description": description}


def lines_schema(line: Mapping[str, Any]) -> Doc:
    """Return the schema of a text with one JSON document in each line."""
    return {"type": "string", "contentMediaType": NDJSON, "contentSchema": list_schema(line)}


def schema_reference(component: str) -> Doc:
    """Return a `$ref` to a schema component."""
    return {"$ref": f"#/components/schemas/{component}"}


def response_headers(descriptions: Mapping[str, str]) -> Doc:
    """Return the OpenAPI description of the headers of a response, as a member `headers`, or no member."""
    described = {name: {"description": text, "schema": {"type": "string"}} for name, text in descriptions.items()}
    return {"headers": described} if described else {}


def text_schema(maximum: int, without: str = "", *, multiline: bool = False) -> Doc:
    """Return the schema of a text with a visible character and none of the characters in `without`.

    Lone surrogates are left out: UTF-8 cannot encode them, so no well-formed document has one.
    """
    unfit = without + (texts.UNFIT if multiline else texts.UNFIT_IN_A_LINE)
    blanks, fit, visible = f"[{texts.BLANKS}]*", f"[^{unfit}]*", f"[^{unfit}{texts.BLANKS}{texts.INVISIBLE_MARKS}]"
    return {
        "type": "string", "minLength": 1, "maxLength": maximum, "pattern": f"^{blanks}{fit}{visible}{fit}{blanks}$",
    }  # fmt: skip


def decimal_pattern(digits: int, decimals: int, *, positive: bool = False, signed: bool = False) -> str:
    """Return the pattern of an exact number; if `positive`, it has a digit other than 0; zero never has a sign."""
    fraction = rf"(?:\.[0-9]{{1,{decimals}}})?" if decimals else ""
    whole = rf"[1-9][0-9]{{0,{digits - 1}}}{fraction}"
    if positive:
        return rf"^(?:{'|'.join([whole, *_fractions(decimals)])})$"
    below_zero = [f"-{each}" for each in (whole, *_fractions(decimals))] if signed else []
    return rf"^(?:{'|'.join([whole, f'0{fraction}', *below_zero])})$"


def _fractions(decimals: int) -> list[str]:
    """Return the patterns of numbers between 0 and 1, one for each number of leading zeros."""
    return [rf"0\.{'0' * zeros}[1-9][0-9]{{0,{decimals - zeros - 1}}}" for zeros in range(decimals)]


def _money_schema(finer: int = 0, **which: bool) -> Doc:
    """Return the schema of an amount with at most the decimals of its currency, or as many more.

    It is `positive`, `signed`, or neither.
    """
    by_decimals: dict[int, list[str]] = {}
    for currency in sorted(texts.CURRENCIES):
        by_decimals.setdefault(currency_decimals(currency) + finer, []).append(currency)
    rules = [(names, decimal_pattern(MONEY_DIGITS, decimals, **which)) for decimals, names in by_decimals.items()]
    members = {"amount": TEXT, "currency": schema_reference("Currency")}
    return {**described_object("Money", members), "additionalProperties": False, **_by_currency(rules)}


def _by_currency(rules: Sequence[tuple[list[str], str]]) -> Doc:
    """Return the pattern of amounts in each currency; as conditions, so that an amount has one type in a client."""
    (currencies, pattern), *others = rules
    fits = {"properties": {"amount": {"pattern": pattern}}}
    if not others:
        return fits
    return {"if": {"properties": {"currency": {"enum": currencies}}}, "then": fits, "else": _by_currency(others)}


MONEY = {"amount": "12.50", "currency": "USD"}
UNIT_PRICE = {"amount": "0.89404", "currency": "USD"}

COMPONENTS: dict[str, Doc] = {
    "Money": {**_money_schema(), "description": "An exact amount in a currency.", "examples": [MONEY]},
    "MoneySigned": {**_money_schema(signed=True), "description": "It may be negative.", "examples": [MONEY]},
    "MoneyPositive": {**_money_schema(positive=True), "description": "Greater than zero.", "examples": [MONEY]},
    "UnitPrice": {
        **_money_schema(FINER_DECIMALS), "description": "An exact price of one unit.", "examples": [UNIT_PRICE],
    },
    "Currency": {
        "type": "string", "enum": sorted(texts.CURRENCIES), "examples": ["USD"],
        "description": "ISO 4217, in use today.",
    },
    "Country": {
        "type": "string", "enum": sorted(COUNTRIES), "examples": ["DE"],
        "description": "ISO 3166-1 alpha-2, and XK. Names and other codes of countries are converted to it.",
    },
    "TimeZone": {
        "type": "string", "format": TIME_ZONE_FORMAT, "examples": ["Europe/Berlin"],
        "description": "A name of the IANA time zone database.",
    },
}  # fmt: skip


def nullable(shape: Doc) -> Doc:
    """Return the schema that also allows null."""
    if "type" not in shape:
        return {"anyOf": [shape, {"type": "null"}]}
    enumerated = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return {**shape, "type": [shape["type"], "null"], **enumerated}
