"""The kinds of values the outside may give us, each judged strictly: one spelling, exact, within bounds."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn
from uuid import UUID

import marshmallow
from marshmallow import ValidationError

from shared import money
from shared.web import texts
from shared.web.schema import Fault
from shared.web.texts import Unfit

MOST_LINES = 1_000
MONEY_DIGITS = 15
QUANTITY_DIGITS, QUANTITY_DECIMALS = 12, 6
LARGEST_INTEGER = 1 << 53

_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_EMAIL = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
_DIGITS = re.compile(r"[0-9]{1,18}")
_PHONE = re.compile(r"(?=(?:[^0-9]*[0-9]){3})[0-9+()./ x-]+")

Shape = dict[str, Any]


class Field(marshmallow.fields.Field[Any]):
    """A value. `shape` is how it is told in OpenAPI."""

    shape: Shape = {}
    default_error_messages = {
        "required": "is required",
        "null": "may not be null",
        "not_text": "must be a text",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._simple = not (self.validators or self.pre_load or self.post_load)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """The value in the type of the business. Raises ValidationError."""
        if self._simple and value is not None and value is not marshmallow.missing:
            return self._deserialize(value, attr, data, **kwargs)
        return super().deserialize(value, attr, data, **kwargs)

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        """Also that of lists and nested objects, which are no `Field`."""
        told = marshmallow.fields.Field.make_error(self, key, **kwargs)
        return ValidationError(Fault(key, str(told.messages[0])))


def _refuse(code: str, words: str) -> NoReturn:
    raise ValidationError(Fault(code, words))


class Spelled(Field):
    """Anything that is written as a text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) is not str:
            raise self.make_error("not_text")
        try:
            return self._read(value)
        except Unfit as unfit:
            _refuse(unfit.code, str(unfit))

    def _read(self, text: str) -> Any:
        raise NotImplementedError


class Text(Spelled):
    """Words of people, kept as they are but for blanks at the ends; `min` to `max` characters."""

    def __init__(self, *, max: int = 200, min: int = 1, **kwargs: Any) -> None:  # noqa: A002 (reads as it means)
        super().__init__(**kwargs)
        self._shortest, self._longest = min, max
        self.shape = {"type": "string", "minLength": min, "maxLength": max}

    def _read(self, text: str) -> str:
        fit = texts.fit(text)
        if len(fit) > self._longest:
            _refuse("too_long", f"may have {self._longest} characters")
        if len(fit) < self._shortest:
            _refuse("empty", "may not be empty")
        return fit


class _Formed(Text):
    """A text of one form."""

    form: re.Pattern[str]
    fault: tuple[str, str]

    def _read(self, text: str) -> str:
        fit = super()._read(text)
        if not self.form.fullmatch(fit):
            _refuse(*self.fault)
        return fit


class Code(_Formed):
    """How people call a thing for short: ASCII letters, digits, and `. _ -` between them."""

    form = _CODE
    fault = ("not_a_code", "must be letters, digits and . _ - between them")

    def __init__(self, *, max: int = 40, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(max=max, **kwargs)
        self.shape = {**self.shape, "pattern": f"^{_CODE.pattern}$"}

    def _read(self, text: str) -> str:
        return super()._read(text) if text == text.strip() else _refuse(*self.fault)


class Email(_Formed):
    """An address mail can be sent to, by its form (RFC 5321 lengths)."""

    form = _EMAIL
    fault = ("not_an_email", "must be an e-mail address")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=254, **kwargs)
        self.shape = {**self.shape, "format": "email"}


class Phone(_Formed):
    """A telephone number as people write it."""

    form = _PHONE
    fault = ("not_a_phone", "must be a telephone number")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=40, **kwargs)


class Country(Text):
    """A country by its name or its ISO code, as given."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max=60, **kwargs)


class Id(Spelled):
    """The id of something: a UUID with its hyphens and nothing around it."""

    shape: Shape = {"type": "string", "format": "uuid"}

    def _read(self, text: str) -> UUID:
        return UUID(text) if _ID.fullmatch(text) else _refuse("not_an_id", "must be an id such as a list shows it")


class Currency(Spelled):
    """A currency in use today, by its ISO 4217 code."""

    shape: Shape = {"type": "string", "pattern": "^[A-Z]{3}$"}

    def _read(self, text: str) -> str:
        return text if text in texts.CURRENCIES else _refuse("not_a_currency", "must be an ISO 4217 currency in use")


class OneOf(Spelled):
    """One of a few words."""

    def __init__(self, *words: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._words = words
        self.shape = {"type": "string", "enum": list(words)}

    def _read(self, text: str) -> str:
        return text if text in self._words else _refuse("not_one_of", f"must be one of {', '.join(self._words)}")


class Number(Spelled):
    """An exact number in a text, between `low` and `high`, both allowed; `above` itself is not."""

    def __init__(
        self,
        *,
        low: int | None = None,
        high: int | None = None,
        above: int | None = None,
        digits: int = QUANTITY_DIGITS,
        decimals: int = QUANTITY_DECIMALS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._low, self._high, self._above = low, high, above
        self._digits, self._decimals = digits, decimals
        self.shape = {"type": "string", "format": "decimal", "examples": ["12.5"]}

    def _read(self, text: str) -> Decimal:
        exact = texts.number(text, self._digits, self._decimals)
        if self._above is not None and exact <= self._above:
            _refuse("out_of_range", f"must be more than {self._above}")
        if self._low is not None and exact < self._low:
            _refuse("out_of_range", f"must be at least {self._low}")
        if self._high is not None and exact > self._high:
            _refuse("out_of_range", f"must be at most {self._high}")
        return exact


class Quantity(Number):
    """How much of something, in its unit: more than nothing (`zero=True`: or nothing), to a millionth."""

    def __init__(self, *, zero: bool = False, **kwargs: Any) -> None:
        super().__init__(**({"low": 0} if zero else {"above": 0}), **kwargs)


class Percent(Number):
    """A share of a hundred: 0 to 100, to a millionth."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(low=0, high=100, **kwargs)


class Money(Field):
    """`{"amount": "12.50", "currency": "USD"}`, with no more decimals than the currency has."""

    shape: Shape = {
        "type": "object",
        "properties": {"amount": {"type": "string", "format": "decimal"}, "currency": Currency.shape},
        "required": ["amount", "currency"],
        "additionalProperties": False,
        "examples": [{"amount": "12.50", "currency": "USD"}],
    }

    def __init__(self, *, negative: bool = False, zero: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._negative, self._zero = negative, zero

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> money.Money:
        if type(value) is not dict:
            _refuse("not_money", 'must be {"amount", "currency"}')
        if value.keys() != {"amount", "currency"}:
            raise ValidationError(_members(value))
        currency = _named("currency", _CURRENCY, value["currency"])
        amount = _named("amount", _AMOUNT, value["amount"])
        try:
            given = money.Money(amount, currency)
        except money.InexactAmount:
            raise _at("amount", "too_many_decimals", f"has more decimals than {currency}") from None
        return self._in_range(given)

    def _in_range(self, given: money.Money) -> money.Money:
        if given.amount < 0 and not self._negative:
            raise _at("amount", "out_of_range", "may not be negative")
        if not given and not self._zero:
            raise _at("amount", "out_of_range", "may not be zero")
        return given


_CURRENCY = Currency()
_AMOUNT = Number(digits=MONEY_DIGITS, decimals=MONEY_DIGITS)


def _at(name: str, code: str, words: str) -> ValidationError:
    return ValidationError({name: [Fault(code, words)]})


def _named(name: str, field: Field, value: Any) -> Any:
    try:
        return field.deserialize(value)
    except ValidationError as invalid:
        raise ValidationError({name: invalid.messages}) from None


def _members(value: dict[str, Any]) -> dict[str, Any]:
    missing = {name: [Fault("required", "is required")] for name in ("amount", "currency") if name not in value}
    surplus = {
        name: [Fault("unknown_field", "is not a field of this")] for name in value.keys() - {"amount", "currency"}
    }
    return missing | surplus


class Count(Field):
    """A whole number of things or days, exact in every program (up to 2^53)."""

    def __init__(self, *, min: int = 0, max: int = LARGEST_INTEGER, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(**kwargs)
        self._least, self._most = min, max
        self.shape = {"type": "integer", "minimum": min, "maximum": max}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            _refuse("not_an_integer", "must be a whole number")
        if not self._least <= value <= self._most:
            _refuse("out_of_range", f"must be between {self._least} and {self._most}")
        return value


class Whole(Spelled):
    """A whole number as it stands in an address: digits only."""

    def __init__(self, *, min: int = 0, max: int = LARGEST_INTEGER, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(**kwargs)
        self._least, self._most = min, max
        self.shape = {"type": "integer", "minimum": min, "maximum": max}

    def _read(self, text: str) -> int:
        if not _DIGITS.fullmatch(text) or not self._least <= int(text) <= self._most:
            _refuse("out_of_range", f"must be a whole number, {self._least} to {self._most}")
        return int(text)


class Flag(Field):
    """True or false, in these words only."""

    shape: Shape = {"type": "boolean"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        return value if type(value) is bool else _refuse("not_a_flag", "must be true or false")


class Date(Spelled):
    """A day, `YYYY-MM-DD`, in the years 1900 to 2199."""

    shape: Shape = {"type": "string", "format": "date"}

    def _read(self, text: str) -> date:
        return texts.day(text)


class EffectiveOn(Date):
    """The day a command counts from; given to the view and made the command's business date."""


class Instant(Spelled):
    """A moment with its zone (RFC 3339), in UTC afterwards."""

    shape: Shape = {"type": "string", "format": "date-time"}

    def _read(self, text: str) -> datetime:
        return texts.instant(text)


class List(marshmallow.fields.List):  # type: ignore[type-arg]
    """`min` to `max` things of one kind; never more than 1,000 lines."""

    def __init__(self, inner: Any, *, min: int = 0, max: int = MOST_LINES, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(inner, **kwargs)
        self._least, self._most = min, max

    make_error = Field.make_error

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if type(value) is not list:
            _refuse("not_a_list", "must be a list")
        if not self._least <= len(value) <= self._most:
            _refuse("too_many" if value else "empty", f"must have {self._least} to {self._most} lines")
        try:
            return [self.inner.deserialize(each) for each in value]
        except ValidationError:
            return super()._deserialize(value, attr, data, **kwargs)


class Nested(marshmallow.fields.Nested):
    """An object with fields of its own."""

    make_error = Field.make_error
