"""Names the world has agreed on, in one spelling each: countries, bank accounts, tax ids of firms."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from types import ModuleType
from typing import Any

from babel import Locale
from stdnum import get_cc_module
from stdnum import iban as account
from stdnum.ch import uid
from stdnum.eu.vat import MEMBER_STATES
from stdnum.no import orgnr
from stdnum.us import ein

from shared.domain import InvalidInput

COUNTRIES = frozenset(
    line.partition("\t")[0]
    for line in files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text("utf-8").splitlines()
    if not line.startswith("#")
)
"""ISO 3166-1 alpha-2, the codes that are assigned (as the time zone database lists them)."""

_LETTERS = {each.upper(): each.upper() for each in (*MEMBER_STATES, "gb", "no")} | {"GR": "EL"}
"""What the tax ids of a country begin with; XI stands for Northern Ireland."""

_COUNTRY_OF = {letters: country for country, letters in _LETTERS.items()} | {"GR": "GR", "CH": "CH"}
_RULES: dict[str, ModuleType] = {"CH": uid, "NO": orgnr, "US": ein}
"""Where the library has no rule for all firms, or one for VAT alone."""

_PAYS_VAT = {"CH": ("MWST", "TVA", "IVA", "TPV"), "NO": ("MVA",)}
"""What is added to the id of a firm where that says it pays VAT, in each language of the country."""

_SHORT_NAMES = {"uk": "GB", "usa": "US"}


def country(text: str) -> str | None:
    """The code of a country that is called so: by its code, or by its name in English or Chinese (CLDR)."""
    code = text.upper() if text.isascii() else ""
    return code if code in COUNTRIES else _names().get(text.lower())


@cache
def _names() -> dict[str, str]:
    named = [*Locale("zh").territories.items(), *Locale("en").territories.items()]
    return {name.lower(): code for code, name in named if code in COUNTRIES} | _SHORT_NAMES


def iban(text: str) -> str | None:
    """The account in capitals without blanks (ISO 13616), or None where its form or its check digits are wrong."""
    return _valid(account, text)


def tax_id(text: str, seat: str | None) -> str | None:
    """The one spelling of a firm's tax id, or None where its form or its check digits are wrong.

    It is judged by the rule of the country whose letters it begins with, as ids for VAT in Europe do, or else of the
    country of its `seat`. Where neither has a rule, it stays as given, in capitals.
    """
    number = "".join(text.split()).upper()
    asked = [each for each in (_COUNTRY_OF.get(number[:2]), seat) if each and _rule(each)]
    if not asked:
        return text.strip().upper()
    return next((known for each in asked if (known := _known_in(each, number))), None)


def tax_id_at(text: str | None, addresses: Iterable[Any]) -> str | None:
    """The tax id of a firm with these addresses: its seat is where bills go, else the first of them.

    Refused with InvalidInput, blaming `tax_id`.
    """
    if text is None:
        return None
    ordered = sorted(addresses, key=lambda each: each.kind != "billing")
    known = tax_id(text, next((each.country for each in ordered), None))
    if known is None:
        raise InvalidInput("is no tax id of its country: look at its check digits", field="tax_id")
    return known


def _known_in(country: str, number: str) -> str | None:
    letters = _LETTERS.get(country, "")
    if letters and _COUNTRY_OF.get(number[:2]) == country:
        number = number[2:]
    for each in _PAYS_VAT.get(country, ()):
        number = number.removesuffix(each)
    known = _valid(_rule(country), number)
    return known and letters + known


def _rule(country: str) -> Any:
    """The library's module that knows what a tax id of this country looks like; None where it has none."""
    if country == "XI":
        return get_cc_module("gb", "vat")
    return _RULES.get(country) or (get_cc_module(country.lower(), "vat") if country in COUNTRIES else None)


def _valid(rule: Any, text: str) -> str | None:
    try:
        return str(rule.validate(text))
    except ValueError:
        return None
