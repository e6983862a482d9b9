"""Standard identifiers in one spelling each: bank accounts (IBAN), tax ids of firms."""

from collections.abc import Iterable
from contextlib import suppress
from types import ModuleType
from typing import Any

from stdnum import get_cc_module
from stdnum import iban as account
from stdnum.ch import uid
from stdnum.eu.vat import MEMBER_STATES
from stdnum.no import orgnr
from stdnum.us import ein

from shared.countries import COUNTRIES
from shared.domain import InvalidInput

_VAT_PREFIXES = {each.upper(): each.upper() for each in (*MEMBER_STATES, "gb", "no")} | {"GR": "EL"}
"""The prefix of the tax ids of each country; XI stands for Northern Ireland."""

_COUNTRY_BY_PREFIX = {letters: country for country, letters in _VAT_PREFIXES.items()} | {"GR": "GR", "CH": "CH"}
_RULES: dict[str, ModuleType] = {"CH": uid, "NO": orgnr, "US": ein}
"""Rules for countries where the library has no rule for all firms, or only one for VAT."""

_VAT_SUFFIXES = {"CH": ("MWST", "TVA", "IVA", "TPV"), "NO": ("MVA",)}
"""Suffixes that mark the id of a VAT payer, in each language of the country."""


def normalize_iban(text: str) -> str | None:
    """Return the IBAN in capitals without blanks (ISO 13616), or None if its form or check digits are wrong."""
    return _validate(account, text)


def normalize_tax_id(text: str, country: str | None) -> str | None:
    """Return a firm's tax id normalized to its one spelling, or None if its form or check digits are wrong.

    The id is checked by the rule of the country whose prefix it has (as European VAT ids do), else of `country`.
    If neither has a rule, the id is returned in capitals without a check.
    """
    number = "".join(text.split()).upper()
    countries = [each for each in (_COUNTRY_BY_PREFIX.get(number[:2]), country) if each and _validator_of(each)]
    if not countries:
        return text.strip().upper()
    return next((tax_id for each in countries if (tax_id := _normalize_in(each, number))), None)


def normalize_tax_id_by_addresses(text: str | None, addresses: Iterable[Any]) -> str | None:
    """Return the normalised tax id of a firm, by the country of its billing address, else of its first address.

    Raises InvalidInput for the field `tax_id`.
    """
    if text is None:
        return None
    ordered = sorted(addresses, key=lambda each: each.kind != "billing")
    tax_id = normalize_tax_id(text, next((each.country for each in ordered), None))
    if tax_id is None:
        raise InvalidInput("is not a valid tax id of its country; check the digits", field="tax_id")
    return tax_id


def normalize_changed_tax_id(text: str | None, before: str | None, addresses: Iterable[Any]) -> str | None:
    """Return the normalised tax id of a firm if it changes; an unchanged one is not checked again."""
    return before if text == before else normalize_tax_id_by_addresses(text, addresses)


def _normalize_in(country: str, number: str) -> str | None:
    letters = _VAT_PREFIXES.get(country, "")
    if letters and _COUNTRY_BY_PREFIX.get(number[:2]) == country:
        number = number[2:]
    for each in _VAT_SUFFIXES.get(country, ()):
        number = number.removesuffix(each)
    valid = _validate(_validator_of(country), number)
    return valid and letters + valid


def _validator_of(country: str) -> Any:
    """Return the library's module that validates tax ids of this country, or None."""
    if country == "XI":
        return get_cc_module("gb", "vat")
    return _RULES.get(country) or (get_cc_module(country.lower(), "vat") if country in COUNTRIES else None)


def _validate(rule: Any, text: str) -> str | None:
    with suppress(ValueError):
        return str(rule.validate(text))
    return None
