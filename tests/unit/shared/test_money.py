"""Exact money."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.money import CurrencyMismatch, InexactAmount, Money, currency_decimals, line_net_amount, plain_number

CENTS = some.integers(-(10**15), 10**15)


@given(some.lists(CENTS))
def test_a_sum_of_any_size_is_exact(cents: list[int]) -> None:
    total = Money.sum((Money(Decimal(each) / 100, "USD") for each in cents), "USD")
    assert total.amount * 100 == sum(cents)


def test_each_currency_has_its_own_number_of_decimals() -> None:
    assert [currency_decimals(each) for each in ("USD", "JPY", "KWD")] == [2, 0, 3]


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "EUR"), ("1.5", "JPY"), ("0.0001", "KWD")])
def test_surplus_decimals_are_refused_not_rounded(amount: str, currency: str) -> None:
    with pytest.raises(InexactAmount):
        Money(amount, currency)


def test_a_sum_of_different_currencies_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        Money("1", "EUR") + Money("1", "USD")


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "net"),
    [
        ("12", "14.00", "0", "168.00"),
        ("15", "9.80", "15", "124.95"),
        ("1", "0.05", "50", "0.03"),
        ("3", "0.05", "10", "0.14"),
        ("0.5", "0.01", "0", "0.01"),
    ],
)
def test_the_net_amount_of_a_line_is_rounded_half_up_once(quantity: str, price: str, discount: str, net: str) -> None:
    assert line_net_amount(Decimal(quantity), Money(price, "USD"), Decimal(discount)) == Money(net, "USD")


@pytest.mark.parametrize(
    ("number", "written"), [("10", "10"), ("1E+3", "1000"), ("6.50", "6.5"), ("-0", "0"), ("0.000001", "0.000001")]
)
def test_numbers_are_written_without_exponent_and_trailing_zeros(number: str, written: str) -> None:
    assert plain_number(Decimal(number)) == written
