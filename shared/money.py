"""Exact amounts, unit prices, quantities and percentages; no floating point."""

import decimal
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache, total_ordering
from typing import Self

PRECISION = 50
FINER_DECIMALS = 6
"""By how many decimals a unit price may be finer than its currency."""

decimal.DefaultContext.prec = PRECISION
decimal.setcontext(decimal.Context(prec=PRECISION))

HUNDRED = Decimal(100)
USUAL_DECIMALS = 2
DECIMALS_OF_OTHER_CURRENCIES = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0,
    "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
}  # fmt: skip
"""Decimals ("minor unit") of the currencies that do not have two: ISO 4217, table A.1."""


class CurrencyMismatch(ValueError):
    """Raised when amounts in different currencies are combined without an exchange rate."""


class InexactAmount(ValueError):
    """Raised when an amount has more decimals than its currency."""


def currency_decimals(currency: str) -> int:
    """Return the decimals of a currency by ISO 4217: 2 for USD and RSD, 0 for JPY, 3 for KWD."""
    return DECIMALS_OF_OTHER_CURRENCIES.get(currency, USUAL_DECIMALS)


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


@total_ordering
class UnitPrice:
    """An exact price of one unit: up to six decimals more than its currency has, those beyond it without end zeros.

    Raises InexactAmount for more decimals.
    """

    __slots__ = ("amount", "currency")
    amount: Decimal
    currency: str

    def __init__(self, amount: Decimal | str | int, currency: str) -> None:
        exact, unit = Decimal(amount), _smallest_unit(currency)
        finest = exact.quantize(unit.scaleb(-FINER_DECIMALS))
        if finest != exact:
            raise InexactAmount(f"{exact} has too many decimals for a price in {currency}")
        shortest = finest.normalize()
        in_units = shortest.quantize(unit)
        object.__setattr__(self, "amount", (in_units if in_units == shortest else shortest) + 0)
        object.__setattr__(self, "currency", currency)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("UnitPrice is immutable")

    def multiply(self, factor: Decimal) -> Money:
        """Return the product, rounded half up to the currency's decimals."""
        return Money.rounded(self.amount * factor, self.currency)

    def __lt__(self, other: "UnitPrice") -> bool:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"cannot compare {self.currency} and {other.currency}")
        return self.amount < other.amount

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnitPrice) and (self.amount, self.currency) == (other.amount, other.currency)

    def __hash__(self) -> int:
        return hash((self.amount, self.currency))

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __repr__(self) -> str:
        return f'UnitPrice("{self.amount}", "{self.currency}")'

    def __str__(self) -> str:
        return f"{self.amount:,f} {self.currency}"


def line_net_amount(quantity: Decimal, unit_price: UnitPrice, discount_percent: Decimal = Decimal(0)) -> Money:
    """Return the net amount of a line: quantity x price x (1 - discount), rounded half up once, on the net."""
    return unit_price.multiply(quantity * (HUNDRED - discount_percent) / HUNDRED)


def plain_number(number: Decimal) -> str:
    """Return a number as plain text: no exponent, no trailing zeros, no minus zero."""
    return format(number.normalize() + 0, "f")
