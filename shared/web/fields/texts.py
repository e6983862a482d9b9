"""Texts: free text, codes, identifiers and choices."""

import re
from typing import Any
from unicodedata import decimal, normalize
from uuid import UUID

from shared import identifiers, names, texts
from shared.countries import country_code_of
from shared.openapi import shapes
from shared.web.fields.base import BaseTextField, Shape, fail
from shared.web.fields.firm_rules import not_in_base_currency

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class Text(BaseTextField):
    """Free text of 1 to `max` characters, kept as given except for blanks: none at the ends, single ones inside.

    Of one line by default; a text of several lines keeps the blanks inside."""

    example = "free text"

    def __init__(self, *, max: int = 200, multiline: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._max_length, self._is_multiline = max, multiline
        self.shape = shapes.text_schema(max, multiline=multiline)

    def _parse(self, text: str) -> str:
        fit = texts.trim_text(text, multiline=self._is_multiline)
        if fit and len(text) > self._max_length:
            fail("too_long", f"must have at most {self._max_length} characters, blanks at its ends included")
        return fit or fail("empty", "must not be empty")


class ActorName(Text):
    """Name by which a person or a program is known, without invisible characters: no two names look the same."""

    example = "Ann Miller"

    def __init__(self, *, max: int = 100, **kwargs: Any) -> None:
        super().__init__(max=max, **kwargs)
        self.shape = shapes.text_schema(max, without=names.NOT_VISIBLE)

    def _parse(self, text: str) -> str:
        fit = super()._parse(text)
        names.require_visible(fit)
        return fit


class _PatternText(Text):
    """A text that matches a pattern."""

    ignores_invisible = True
    pattern: re.Pattern[str]
    max_length: int
    format: Shape = {}
    error: tuple[str, str]

    def __init__(self, *, max: int | None = None, **kwargs: Any) -> None:
        super().__init__(max=max or self.max_length, **kwargs)
        pattern = f"^{self.pattern.pattern}$"
        self.shape = {"type": "string", **self.format, "maxLength": self._max_length, "pattern": pattern}

    def _parse(self, text: str) -> str:
        fit = super()._parse(text)
        if not self.pattern.fullmatch(fit):
            fail(self.error[0], self._explain(fit))
        return fit

    def _explain(self, text: str) -> str:
        """Return what is wrong with a text that does not match."""
        return self.error[1]


class Code(_PatternText):
    """A code that people use: printable ASCII characters, with single blanks between them.

    Left out are signs that begin a formula at its start, signs that end a sentence at its end, and those that separate
    values in lists, paths and queries: comma, semicolon, backslash, percent and the like.
    """

    SIGNS = "._-/\"#+&()':*"
    pattern = re.compile(r"[A-Za-z0-9#](?:(?: ?[A-Za-z0-9._\-/\"#+&()':*])* ?[A-Za-z0-9\"#+)'*])?")
    max_length = 40
    example = "A-100"
    error = (
        "not_a_code",
        f"must be letters a-z or A-Z, digits, blanks between them or {' '.join(SIGNS)}, such as A-100",
    )

    _UNFIT = re.compile(r"[^A-Za-z0-9._\-/\"#+&()':* ]")

    def _explain(self, text: str) -> str:
        unfit = self._UNFIT.search(text)
        if unfit:
            return f"{self.error[1]}; it has {texts.describe_character(unfit[0])} at position {unfit.start() + 1}"
        return f"{self.error[1]}; it must begin with a letter, a digit or # and not end with . _ - / & ( :"


_LABEL = r"[^\x00-/:-@\[-`{-\x7f\s]"
"""A character of a domain label: a letter or a digit of any script, with its marks."""


class Email(_PatternText):
    """An e-mail address, validated by its form (RFC 5321 lengths), also with an internationalised domain."""

    pattern = re.compile(
        rf"[^\s@<>\"(),:;\\\[\]]{{1,64}}@(?:{_LABEL}(?:(?:{_LABEL}|-){{0,61}}{_LABEL})?\.)+"
        r"(?:[^\x00-@\[-`{-\x7f\s]{2,63}|[Xx][Nn]--[A-Za-z0-9-]{1,58}[A-Za-z0-9])"
    )
    max_length = 254
    format = {"format": "email"}
    example = "anna@example.com"
    error = ("not_an_email", "must be an e-mail address, such as anna@example.com")


_EXTENSION = re.compile(r"[ ,;]{0,3}(?:\bext(?:ension)?\b|分机|转)\.?[:=]? *(?=[0-9])", re.IGNORECASE)
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d", "-"))


class Phone(_PatternText):
    """A telephone number in any common notation; its digits, signs and dashes are kept as plain ones, `ext.` as x."""

    pattern = re.compile(r"(?:[+()./ x-]*[0-9]){3}[0-9+()./ x-]*")
    max_length = 40
    example = "+49 30 901820"
    error = ("not_a_phone", "must be a telephone number: digits, spaces and + - ( ) . / x, such as +49 30 901820")

    def _parse(self, text: str) -> str:
        plain = "".join(str(decimal(each, each)) for each in normalize("NFKC", text).translate(_DASHES))
        return super()._parse(_EXTENSION.sub(" x", plain))


class Country(BaseTextField):
    """A country by its ISO 3166 code; its name in English or Chinese is converted to the code."""

    shape: Shape = shapes.schema_reference("Country")
    example = "DE"
    ignores_invisible = True

    def _parse(self, text: str) -> str:
        normalized = country_code_of(text)
        return normalized or fail("not_a_country", "must be a country by its ISO 3166 code or its name, such as DE")


class Iban(BaseTextField):
    """A bank account number (ISO 13616) with valid check digits; kept in capitals and without blanks."""

    shape: Shape = {"type": "string", "format": "iban", "minLength": 15, "maxLength": 42}
    example = "DE89370400440532013000"
    ignores_invisible = True

    def _parse(self, text: str) -> str:
        normalized = identifiers.normalize_iban(text)
        return normalized or fail("not_an_iban", "must be an IBAN with valid check digits")


class TaxId(Text):
    """A tax id of a company; the format is validated together with its country."""

    example = "DE136695976"
    ignores_invisible = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=40, **kwargs)
        self.shape = {"format": "tax-id", **self.shape}


class Id(BaseTextField):
    """A record id: a UUID with hyphens and nothing around it."""

    shape: Shape = shapes.ID
    example = "3f0c1f8e-5b0a-4c52-9d7e-51e8e5100000"

    def _parse(self, text: str) -> UUID:
        return UUID(text) if _ID.fullmatch(text) else fail("not_an_id", "must be a UUID with hyphens")


class Currency(BaseTextField):
    """A currency in use today, by its ISO 4217 code: the firm's base currency, or any if `any_currency`."""

    shape: Shape = shapes.schema_reference("Currency")
    example = "USD"
    error = ("not_a_currency", "must be an ISO 4217 currency in use, in capital letters, such as USD")

    def __init__(self, *, any_currency: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.takes_any_currency = any_currency

    def _parse(self, text: str) -> str:
        if text not in texts.CURRENCIES:
            fail(*self.error)
        if not self.takes_any_currency and (detail := not_in_base_currency(text)):
            fail("other_than_base_currency", detail)
        return text


class TimeZone(BaseTextField):
    """A time zone by its name in the IANA database."""

    shape: Shape = shapes.schema_reference("TimeZone")
    example = "Europe/Berlin"
    error = ("not_a_time_zone", "must be an IANA time zone, such as Europe/Berlin")

    def _parse(self, text: str) -> str:
        return text if text in texts.TIME_ZONES else fail(*self.error)


class OneOf(BaseTextField):
    """One of a fixed set of values, returned as it was declared: a member of an enumeration, or a text."""

    def __init__(self, *choices: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._choices = {str(each): each for each in choices}
        self.shape = {"type": "string", "enum": list(self._choices)}
        self.example = str(choices[0])

    def _parse(self, text: str) -> str:
        return self._choices.get(text) or fail("not_one_of", f"must be one of {', '.join(self._choices)}")
