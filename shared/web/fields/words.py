"""Texts: what people write, and the names of things."""

import re
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from shared import identifiers
from shared.web import shapes, texts
from shared.web.fields.base import Shape, Spelled, refuse

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
_PHONE = re.compile(r"(?:[+()./ x-]*[0-9]){3}[0-9+()./ x-]*")


class Text(Spelled):
    """Words of people, kept as they are but for blanks at the ends; `min` to `max` characters."""

    example = "as people say it"

    def __init__(self, *, max: int = 200, min: int = 1, **kwargs: Any) -> None:  # noqa: A002 (reads as it means)
        super().__init__(**kwargs)
        self._shortest, self._longest = min, max
        self.shape = shapes.text(min, max)

    def _read(self, text: str) -> str:
        fit = texts.fit(text)
        if len(fit) > self._longest:
            refuse("too_long", f"may have {self._longest} characters")
        if len(fit) < self._shortest:
            refuse("empty", "may not be empty")
        return fit


class _Formed(Text):
    """A text of one form."""

    form: re.Pattern[str]
    fault: tuple[str, str]

    def _read(self, text: str) -> str:
        fit = super()._read(text)
        if not self.form.fullmatch(fit):
            refuse(*self.fault)
        return fit


class Code(_Formed):
    """How people call a thing for short: ASCII letters, digits, and `. _ -` between them."""

    form = _CODE
    example = "A-100"
    fault = ("not_a_code", "must be letters, digits and . _ - between them")

    def __init__(self, *, max: int = 40, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(max=max, **kwargs)
        self.shape = {"type": "string", "maxLength": max, "pattern": f"^{_CODE.pattern}$"}

    def _read(self, text: str) -> str:
        return super()._read(text) if text == text.strip() else refuse(*self.fault)


class Email(_Formed):
    """An address mail can be sent to, by its form (RFC 5321 lengths)."""

    form = _EMAIL
    example = "anna@example.com"
    fault = ("not_an_email", "must be an e-mail address")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=254, **kwargs)
        self.shape = {"type": "string", "format": "email", "maxLength": 254, "pattern": f"^{_EMAIL.pattern}$"}


class Phone(_Formed):
    """A telephone number as people write it."""

    form = _PHONE
    example = "+49 30 901820"
    fault = ("not_a_phone", "must be a telephone number")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=40, **kwargs)
        self.shape = {"type": "string", "maxLength": 40, "pattern": f"^{_PHONE.pattern}$"}


class Country(Spelled):
    """A country by its ISO 3166 code; its name in English or Chinese is read as the code."""

    shape: Shape = shapes.named("Country")
    example = "DE"

    def _read(self, text: str) -> str:
        known = identifiers.country(texts.fit(text))
        return known or refuse("not_a_country", "must be a country by its ISO 3166 code, such as DE")


class Iban(Spelled):
    """A bank account (ISO 13616), its check digits judged; kept in capitals and without blanks."""

    shape: Shape = {"type": "string", "format": "iban", "minLength": 15, "maxLength": 42}
    example = "DE89370400440532013000"

    def _read(self, text: str) -> str:
        known = identifiers.iban(texts.fit(text))
        return known or refuse("not_an_iban", "must be an IBAN: look at its check digits")


class TaxId(Text):
    """What the tax office calls a firm; whether its country knows such a one is judged with the country."""

    example = "DE136695976"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=40, **kwargs)
        self.shape = {"format": "tax-id", **self.shape}


class Id(Spelled):
    """The id of something: a UUID with its hyphens and nothing around it."""

    shape: Shape = {"type": "string", "format": "uuid"}
    example = "3f0c1f8e-5b0a-4c52-9d7e-51e8e5100000"

    def _read(self, text: str) -> UUID:
        return UUID(text) if _ID.fullmatch(text) else refuse("not_an_id", "must be an id such as a list shows it")


class Currency(Spelled):
    """A currency in use today, by its ISO 4217 code."""

    shape: Shape = shapes.named("Currency")
    example = "USD"

    def _read(self, text: str) -> str:
        return text if text in texts.CURRENCIES else refuse("not_a_currency", "must be an ISO 4217 currency in use")


class TimeZone(Spelled):
    """A time zone by its name in the IANA database."""

    shape: Shape = {"type": "string", "enum": sorted(available_timezones())}
    example = "Europe/Berlin"

    def _read(self, text: str) -> str:
        return text if text in available_timezones() else refuse("not_a_time_zone", "must be an IANA time zone")


class OneOf(Spelled):
    """One of a few words."""

    def __init__(self, *words: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._words = words
        self.shape = {"type": "string", "enum": list(words)}
        self.example = words[0]

    def _read(self, text: str) -> str:
        return text if text in self._words else refuse("not_one_of", f"must be one of {', '.join(self._words)}")
