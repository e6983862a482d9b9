"""Amounts of money and unit prices, with their currency."""

from collections.abc import Callable
from typing import Any, ClassVar

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
    value_class: ClassVar[Callable[..., Any]] = money.Money
    finer_decimals = 0
    """How many decimals an amount may have beyond those of its currency."""

    def __init__(self, *, negative: bool = False, zero: bool = True, any_currency: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._negative, self._zero = negative, zero
        self.takes_any_currency = any_currency
        self._members = _IN_ANY_CURRENCY if any_currency else _IN_BASE_CURRENCY
        self.shape = shapes.schema_reference("MoneySigned" if negative else "Money" if zero else "MoneyPositive")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) is not dict:
            fail("not_money", 'must be an object with "amount" and "currency"')
        members = self._members.load(value)
        try:
            given = self.value_class(**members)
        except money.InexactAmount:
            raise _error_at_amount("too_many_decimals", self._limit_of(members["currency"])) from None
        return self._require_range(given)

    def _limit_of(self, currency: str) -> str:
        most = money.currency_decimals(currency)
        if not self.finer_decimals:
            return f"must have at most {most} decimals, as {currency} has"
        return f"must have at most {most + self.finer_decimals} decimals: {self.finer_decimals} more than {currency}"

    def _require_range(self, given: Any) -> Any:
        if given.amount < 0 and not self._negative:
            raise _error_at_amount("out_of_range", "must not be negative")
        if not given and not self._zero:
            raise _error_at_amount("out_of_range", "must not be zero")
        return given


class UnitPrice(Money):
    """A price of one unit: `{"amount": "0.89404", "currency": "USD"}`, up to six decimals finer than its currency."""

    example = shapes.UNIT_PRICE
    value_class = money.UnitPrice
    finer_decimals = money.FINER_DECIMALS

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = shapes.schema_reference("UnitPrice")


class _InAnyCurrency(Schema):
    amount = Number(digits=shapes.MONEY_DIGITS, decimals=shapes.MONEY_DIGITS, required=True)
    currency = Currency(required=True, any_currency=True)


class _InBaseCurrency(_InAnyCurrency):
    currency = Currency(required=True)


_IN_ANY_CURRENCY, _IN_BASE_CURRENCY = _InAnyCurrency(), _InBaseCurrency()


def _error_at_amount(code: str, message: str) -> ValidationError:
    return ValidationError({"amount": [FieldErrorMessage(code, message)]})
