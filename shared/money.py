"""Exact amounts, quantities and percentages; no floating point."""

import decimal
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, total_ordering
from typing import Self

from babel.core import get_global

PRECISION = 50

decimal.DefaultContext.prec = PRECISION
decimal.setcontext(decimal.Context(prec=PRECISION))

HUNDRED = Decimal(100)


class CurrencyMismatch(ValueError):
    """Raised when amounts in different currencies are combined without an exchange rate."""


class InexactAmount(ValueError):
    """Raised when an amount has more decimals than its currency."""


@lru_cache(maxsize=512)
def currency_decimals(currency: str) -> int:
    """Return the decimals of an ISO 4217 currency (CLDR table): 2 for USD, 0 for JPY."""
    fractions = get_global("currency_fractions")
    digits: int = fractions.get(currency, fractions["DEFAULT"])[0]
    return digits


@lru_cache(maxsize=512)
def _smallest_unit(currency: str) -> Decimal:
    return Decimal(1).scaleb(-currency_decimals(currency))


@total_ordering
class Money:
    """An exact amount in one currency, never with more decimals than the currency has.

    Raises InexactAmount for surplus decimals, CurrencyMismatch when currencies differ.
    """

    __slots__ = ("amount", "currency")
    amount: Decimal
    currency: str

    def __init__(self, amount: Decimal | str | int, currency: str) -> None:
        exact = amount if isinstance(amount, Decimal) else Decimal(amount)
        cents = exact.quantize(_smallest_unit(currency))
        if cents != exact:
            raise InexactAmount(f"{exact} has too many decimals for {currency}")
        object.__setattr__(self, "amount", cents + 0)
        object.__setattr__(self, "currency", currency)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("Money is immutable")

    @classmethod
    def rounded(cls, amount: Decimal, currency: str) -> Self:
        """Return the amount rounded half up to the currency's decimals, as on a document line."""
        return cls(amount.quantize(_smallest_unit(currency), rounding=ROUND_HALF_UP), currency)

    @staticmethod
    @lru_cache(maxsize=512)
    def zero(currency: str) -> "Money":
        return Money(Decimal(0), currency)

    @classmethod
    def sum(cls, parts: Iterable["Money"], currency: str | None = None) -> "Money":
        """Return the total; `currency` is that of an empty sum. Raises ValueError for an empty sum without it."""
        further = iter(parts)
        first = cls.zero(currency) if currency else next(further, None)
        if first is None:
            raise ValueError("an empty sum needs a currency")
        return sum(further, first)

    def _amount_in_same_currency(self, other: "Money") -> Decimal:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"cannot combine {self.currency} and {other.currency}")
        return other.amount

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._amount_in_same_currency(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._amount_in_same_currency(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._amount_in_same_currency(other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Money) and (self.amount, self.currency) == (other.amount, other.currency)

    def __hash__(self) -> int:
        return hash((self.amount, self.currency))

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __repr__(self) -> str:
        return f'Money("{self.amount}", "{self.currency}")'

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency}"

    def multiply(self, factor: Decimal) -> "Money":
        """Return the product, rounded half up to the currency's decimals."""
        return Money.rounded(self.amount * factor, self.currency)


def line_net_amount(quantity: Decimal, unit_price: Money, discount_percent: Decimal = Decimal(0)) -> Money:
    """Return the net amount of a line: quantity x price x (1 - discount), rounded half up once, on the net."""
    return unit_price.multiply(quantity * (HUNDRED - discount_percent) / HUNDRED)


def plain_number(number: Decimal) -> str:
    """Return a number as plain text: no exponent, no trailing zeros, no minus zero."""
    return format(number.normalize() + 0, "f")
