"""Amounts of money with their currency."""

from typing import Any

from marshmallow import ValidationError

from shared import money
from shared.web import shapes
from shared.web.fields.base import Field, fail
from shared.web.fields.numbers import Number
from shared.web.fields.texts import Currency
from shared.web.schema import FieldError


class Money(Field):
    """`{"amount": "12.50", "currency": "USD"}`, with no more decimals than the currency has."""

    example = shapes.MONEY

    def __init__(self, *, negative: bool = False, zero: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._negative, self._zero = negative, zero
        self.shape = shapes.schema_reference("MoneySigned" if negative else "Money" if zero else "MoneyPositive")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> money.Money:
        if type(value) is not dict:
            fail("not_money", 'must be an object with "amount" and "currency"')
        if value.keys() != {"amount", "currency"}:
            raise ValidationError(_member_errors(value))
        currency = _deserialize_member("currency", _CURRENCY, value["currency"])
        amount = _deserialize_member("amount", _AMOUNT, value["amount"])
        try:
            given = money.Money(amount, currency)
        except money.InexactAmount:
            raise _error_at("amount", "too_many_decimals", f"has more decimals than {currency}") from None
        return self._require_range(given)

    def _require_range(self, given: money.Money) -> money.Money:
        if given.amount < 0 and not self._negative:
            raise _error_at("amount", "out_of_range", "must not be negative")
        if not given and not self._zero:
            raise _error_at("amount", "out_of_range", "must not be zero")
        return given


_CURRENCY = Currency()
_AMOUNT = Number(digits=shapes.MONEY_DIGITS, decimals=shapes.MONEY_DIGITS)


def _error_at(name: str, code: str, message: str) -> ValidationError:
    return ValidationError({name: [FieldError(code, message)]})


def _deserialize_member(name: str, field: Field, value: Any) -> Any:
    try:
        return field.deserialize(value)
    except ValidationError as invalid:
        raise ValidationError({name: invalid.messages}) from None


def _member_errors(value: dict[str, Any]) -> dict[str, Any]:
    missing = {name: [FieldError("required", "is required")] for name in ("amount", "currency") if name not in value}
    surplus = {
        name: [FieldError("unknown_field", "is not a known field")] for name in value.keys() - {"amount", "currency"}
    }
    return missing | surplus
