"""Numbers of supplier invoices: compared by letters and digits alone, however they are spelled."""

import re
from functools import lru_cache
from unicodedata import decimal

from shared.domain import fold_text

SUPPLIER_INVOICE_NUMBER = "supplier_invoice.number"
NUMBERS_KEPT = 10_000
"""Numbers whose forms are kept: a new one is compared with all earlier ones of the same total."""

_NUMBER_SIGN = "\u2116"
"""The sign for the word number; its folded form would be the letters of the word."""
_LATIN_LETTERS = str.maketrans(
    "авекмнорстухіјѕԁԛԝһзαβεζηικμνορτυχɑɡօս",
    "abekmhopctyxijsdqwh3abezhikmnoptyxagou",
)
"""Cyrillic, Greek and Armenian letters as the Latin letters, or the digit, that their capitals look like."""
_LETTERS_AS_DIGITS = str.maketrans("oil", "011")
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_DIGITS = re.compile(r"\d+")


@lru_cache(maxsize=NUMBERS_KEPT)
def number_keys(number: str) -> tuple[str, ...]:
    """Return the forms by which a number is unique: folded letters and digits alone, without leading zeros.

    Look-alikes are one letter, O is 0, I and l are 1. Zeros that only a separator makes leading are left out in one
    form and kept in the other: `2026-0117` is the number `2026-117` as well as `20260117`. A number without a letter
    or a digit is its only form.
    """
    folded = _fold(number)
    forms = (_without_leading_zeros(_letters_and_digits(each)) for each in (_without_leading_zeros(folded), folded))
    return tuple(dict.fromkeys(filter(None, forms))) or (number,)


@lru_cache(maxsize=NUMBERS_KEPT)
def digits_of(number: str) -> str:
    """Return the digits of a number, without the leading zeros of each group: 2026117 for `RE-2026-0117`."""
    return "".join(group.lstrip("0") for group in _DIGITS.findall(_plain_digits(fold_text(number))))


def _fold(number: str) -> str:
    letters = fold_text(number.replace(_NUMBER_SIGN, "")).translate(_LATIN_LETTERS)
    return _plain_digits(letters.translate(_LETTERS_AS_DIGITS))


def _letters_and_digits(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _without_leading_zeros(text: str) -> str:
    return _LEADING_ZEROS.sub("", text)


def _plain_digits(text: str) -> str:
    """Return the text with the digits of every script as 0 to 9."""
    return "".join(str(decimal(each)) if each.isdecimal() else each for each in text)
