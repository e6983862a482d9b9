"""Exact money."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.money import (
    CurrencyMismatch,
    InexactAmount,
    Money,
    UnitPrice,
    currency_decimals,
    line_net_amount,
    plain_number,
)

CENTS = some.integers(-(10**15), 10**15)


@given(some.lists(CENTS))
def test_a_sum_of_any_size_is_exact(cents: list[int]) -> None:
    total = Money.sum((Money(Decimal(each) / 100, "USD") for each in cents), "USD")
    assert total.amount * 100 == sum(cents)


@pytest.mark.case("B18")
@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        ("USD", 2), ("JPY", 0), ("KWD", 3), ("RSD", 2), ("HUF", 2), ("COP", 2), ("IDR", 2), ("AMD", 2), ("ALL", 2),
        ("LBP", 2), ("IQD", 3), ("KRW", 0), ("CLP", 0), ("ISK", 0), ("UGX", 0), ("VND", 0), ("TND", 3), ("MGA", 2),
        ("TWD", 2), ("PKR", 2),
    ],
)  # fmt: skip
def test_each_currency_has_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    assert currency_decimals(currency) == decimals


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
    assert line_net_amount(Decimal(quantity), UnitPrice(price, "USD"), Decimal(discount)) == Money(net, "USD")


@pytest.mark.case("B20")
@pytest.mark.parametrize(
    ("quantity", "price", "currency", "net"),
    [
        ("1000", "0.89404", "USD", "894.04"),
        ("100000", "0.0012", "EUR", "120.00"),
        ("10", "4.5", "JPY", "45"),
        ("3", "0.00000001", "USD", "0.00"),
        ("1000000", "0.00000001", "USD", "0.01"),
        ("7", "0.333333", "JPY", "2"),
        ("8", "0.123456789", "KWD", "0.988"),
    ],
)
def test_a_unit_price_may_be_finer_than_its_currency_and_the_net_amount_is_rounded_once(
    quantity: str, price: str, currency: str, net: str
) -> None:
    assert line_net_amount(Decimal(quantity), UnitPrice(price, currency)) == Money(net, currency)


@pytest.mark.parametrize(
    ("price", "currency", "written"),
    [
        ("5", "USD", "5.00"), ("0.89404", "USD", "0.89404"), ("0.50000000", "USD", "0.50"), ("4.5", "JPY", "4.5"),
        ("100", "JPY", "100"), ("0", "USD", "0.00"), ("1E+2", "USD", "100.00"),
    ],
)  # fmt: skip
def test_a_unit_price_is_written_with_the_decimals_of_its_currency_at_least(
    price: str, currency: str, written: str
) -> None:
    assert format(UnitPrice(price, currency).amount, "f") == written


@pytest.mark.parametrize(("price", "currency"), [("0.000000001", "USD"), ("0.0000001", "JPY"), ("1.0000000001", "KWD")])
def test_a_unit_price_of_more_than_six_further_decimals_is_refused(price: str, currency: str) -> None:
    with pytest.raises(InexactAmount):
        UnitPrice(price, currency)


@pytest.mark.parametrize(
    ("number", "written"), [("10", "10"), ("1E+3", "1000"), ("6.50", "6.5"), ("-0", "0"), ("0.000001", "0.000001")]
)
def test_numbers_are_written_without_exponent_and_trailing_zeros(number: str, written: str) -> None:
    assert plain_number(Decimal(number)) == written
