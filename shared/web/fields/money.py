"""Amounts in their currency."""

from typing import Any

from marshmallow import ValidationError

from shared import money
from shared.web import shapes
from shared.web.fields.base import Field, refuse
from shared.web.fields.numbers import Number
from shared.web.fields.words import Currency
from shared.web.schema import Fault


class Money(Field):
    """`{"amount": "12.50", "currency": "USD"}`, with no more decimals than the currency has."""

    example = shapes.MONEY

    def __init__(self, *, negative: bool = False, zero: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._negative, self._zero = negative, zero
        self.shape = shapes.named("MoneySigned" if negative else "Money" if zero else "MoneyPositive")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> money.Money:
        if type(value) is not dict:
            refuse("not_money", 'must be {"amount", "currency"}')
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
_AMOUNT = Number(digits=shapes.MONEY_DIGITS, decimals=shapes.MONEY_DIGITS)


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
