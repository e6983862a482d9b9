"""Exact amounts: everything is rounded half up to cents, once."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

ZERO = Decimal(0)
CENT = Decimal("0.01")


def rounded(value: Fraction, places: int = 2) -> Decimal:
    """Return the value rounded half up, away from zero."""
    scaled = abs(value) * 10**places
    whole = int(scaled + Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole) / 10**places


def net(quantity: Decimal, price: Decimal, discount_percent: Decimal = ZERO) -> Decimal:
    """Return quantity x price less the discount."""
    return rounded(Fraction(quantity) * Fraction(price) * (1 - Fraction(discount_percent) / 100))


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_UP)
