"""How values look in OpenAPI: exact enough that whatever fits the shape is taken, and nothing else."""

from typing import Any

from shared import identifiers
from shared.money import currency_digits
from shared.web import texts

Shape = dict[str, Any]

MONEY_DIGITS = 15
_UNFIT = texts.UNFIT.removeprefix("[").replace(r"\ud800-\udfff", "")
"""Half a pair has no form in UTF-8: no well-formed document has one."""


def text(least: int, most: int, without: str = "") -> Shape:
    """Anything people write, with something to see in it, `without` these characters."""
    any_of, seen = rf"[^{without}{_UNFIT}", rf"[^{without}{texts.BLANKS}{_UNFIT}"
    pattern = rf"^{any_of}*{seen}{any_of}*$" if least else rf"^{any_of}*$"
    return {"type": "string", "minLength": least, "maxLength": most, "pattern": pattern}


def decimal(digits: int, decimals: int, *, positive: bool = False, signed: bool = False) -> str:
    """The pattern of an exact number: with something before or after the point if it is to be more than nothing."""
    fraction = rf"(?:\.[0-9]{{1,{decimals}}})?" if decimals else ""
    whole = rf"[1-9][0-9]{{0,{digits - 1}}}{fraction}"
    if positive:
        return rf"^(?:{'|'.join([whole, *_fractions(decimals)])})$"
    return rf"^(?:{'-?' if signed else ''}{whole}|0{fraction})$"


def _fractions(decimals: int) -> list[str]:
    """Less than one and more than nothing, by how many noughts come first."""
    return [rf"0\.{'0' * noughts}[1-9][0-9]{{0,{decimals - noughts - 1}}}" for noughts in range(decimals)]


def money(**which: bool) -> Shape:
    """An amount with no more decimals than its currency has: `positive`, or `signed`, or neither."""
    by_digits: dict[int, list[str]] = {}
    for currency in sorted(texts.CURRENCIES):
        by_digits.setdefault(currency_digits(currency), []).append(currency)
    return {"anyOf": [_money(digits, names, which) for digits, names in sorted(by_digits.items())]}


def _money(decimals: int, currencies: list[str], which: dict[str, bool]) -> Shape:
    amount = {"type": "string", "pattern": decimal(MONEY_DIGITS, decimals, **which)}
    return {
        "type": "object",
        "properties": {"amount": amount, "currency": {"type": "string", "enum": currencies}},
        "required": ["amount", "currency"],
        "additionalProperties": False,
    }


MONEY = {"amount": "12.50", "currency": "USD"}

COMPONENTS: dict[str, Shape] = {
    "Money": {**money(), "description": "An exact amount in a currency.", "examples": [MONEY]},
    "MoneySigned": {**money(signed=True), "description": "It may be below nothing.", "examples": [MONEY]},
    "MoneyPositive": {**money(positive=True), "description": "More than nothing.", "examples": [MONEY]},
    "Currency": {
        "type": "string", "enum": sorted(texts.CURRENCIES), "examples": ["USD"],
        "description": "ISO 4217, in use today.",
    },
    "Country": {
        "type": "string", "enum": sorted(identifiers.COUNTRIES), "examples": ["DE"],
        "description": "ISO 3166-1 alpha-2.",
    },
}  # fmt: skip


def named(component: str) -> Shape:
    return {"$ref": f"#/components/schemas/{component}"}


def or_null(shape: Shape) -> Shape:
    """The same shape, or null."""
    if "type" not in shape:
        return {"anyOf": [shape, {"type": "null"}]}
    enumerated = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return {**shape, "type": [shape["type"], "null"], **enumerated}
