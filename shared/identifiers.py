"""Numbers with check digits: bank accounts and tax ids, judged by python-stdnum, each in one canonical form."""

from collections.abc import Iterable
from functools import cache
from types import ModuleType
from typing import Any

from babel import Locale
from stdnum import get_cc_module
from stdnum import iban as _iban
from stdnum.eu import vat as _vat
from stdnum.exceptions import ValidationError

from shared.domain import InvalidInput

NO_COUNTRIES = frozenset(("AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"))
"""Codes of CLDR that ISO 3166 gives to no country."""
OTHERWISE = {"uk": "GB", "usa": "US"}


@cache
def countries() -> dict[str, str]:
    """ISO 3166 alpha-2 codes, by themselves and by what the countries are called in English and Chinese (CLDR)."""
    known = {}
    for language in ("zh", "en"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES:
                known[name.casefold()] = known[code.casefold()] = code
    return known | OTHERWISE


def country(text: str) -> str:
    """The country's ISO 3166 alpha-2 code. Raises KeyError."""
    return countries()[text.casefold()]


def iban(text: str) -> str:
    """The account number (ISO 13616) in capitals and without blanks. Raises ValueError."""
    try:
        return str(_iban.validate(text))
    except ValidationError as wrong:
        raise ValueError(str(wrong)) from None


def tax_id(text: str | None, where: Iterable[str]) -> str | None:
    """The tax id as one of these countries spells it, or as a VAT id of the European Union.

    Kept as it is, in capitals and without blanks, where no rule is known. Refused with InvalidInput for `tax_id`.
    """
    if text is None:
        return None
    rules = {each: rule for each in where if (rule := _rule_of(each))}
    for code, rule in rules.items():
        if rule.is_valid(text):
            return _with_prefix(code, str(rule.validate(text)))
    if _vat.is_valid(text):
        return str(_vat.validate(text))
    plain = "".join(text.upper().split())
    if rules or _is_european(plain):
        raise InvalidInput("is no tax id of its country: look at its check digits", field="tax_id")
    return plain


@cache
def _rule_of(code: str) -> ModuleType | None:
    found: Any = (get_cc_module(code.lower(), kind) for kind in ("vat", "tin"))
    return next(filter(None, found), None)


def _with_prefix(code: str, number: str) -> str:
    """As a VAT id of the Union, where it is one."""
    return str(_vat.validate(code + number)) if _vat.is_valid(code + number) else number


def _is_european(plain: str) -> bool:
    return plain[:2].lower() in {*_vat.MEMBER_STATES, "el"} and any(each.isdigit() for each in plain[2:])
