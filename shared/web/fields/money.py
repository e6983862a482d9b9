"""Amounts of money with their currency."""

from typing import Any

from marshmallow import ValidationError

from shared import money
from shared.openapi import shapes
from shared.web.fields.base import Field, fail
from shared.web.fields.numbers import Number
from shared.web.fields.texts import Currency
from shared.web.schema import FieldErrorMessage, Schema


class Money(Field):
    """An amount of money: `{"amount": "12.50", "currency": "USD"}`, with no more decimals than the currency has."""

    example = shapes.MONEY

    def __init__(self, *, negative: bool = False, zero: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._negative, self._zero = negative, zero
        self.shape = shapes.schema_reference("MoneySigned" if negative else "Money" if zero else "MoneyPositive")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> money.Money:
        if type(value) is not dict:
            fail("not_money", 'must be an object with "amount" and "currency"')
        members = _MEMBERS.load(value)
        try:
            given = money.Money(**members)
        except money.InexactAmount:
            most = money.currency_decimals(members["currency"])
            detail = f"must have at most {most} decimals, as {members['currency']} has"
            raise _error_at_amount("too_many_decimals", detail) from None
        return self._require_range(given)

    def _require_range(self, given: money.Money) -> money.Money:
        if given.amount < 0 and not self._negative:
            raise _error_at_amount("out_of_range", "must not be negative")
        if not given and not self._zero:
            raise _error_at_amount("out_of_range", "must not be zero")
        return given


class _Members(Schema):
    amount = Number(digits=shapes.MONEY_DIGITS, decimals=shapes.MONEY_DIGITS, required=True)
    currency = Currency(required=True)


_MEMBERS = _Members()


def _error_at_amount(code: str, message: str) -> ValidationError:
    return ValidationError({"amount": [FieldErrorMessage(code, message)]})
