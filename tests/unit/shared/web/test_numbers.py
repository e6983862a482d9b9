"""Numbers, money, quantities and counts: what each kind of field accepts, and their spelling."""

import re
from decimal import Decimal

import pytest
from marshmallow import ValidationError

from shared.money import Money
from shared.openapi import shapes
from shared.web import fields
from shared.web.body import InexactNumberMarker
from tests.cpu_limit import cpu_below
from tests.unit.shared.web.field_results import codes


def usd(amount):
    return {"amount": amount, "currency": "USD"}


@pytest.mark.parametrize(
    "amount",
    ["1_000", "１２", "١٢", " 12 ", "12 ", "\t12", "1,000.00", "+5", "0x10", "-0", "-0.00", "1e3", "1E400", "NaN",
     "sNaN", "Infinity", "-Infinity", "", ".5", "5.", "007", "1e1000000", "1e50000000", "12\n", "--1", "½", "1.2.3"],
)  # fmt: skip
@pytest.mark.parametrize(
    "field", [fields.Money(), fields.Quantity(), fields.Percent()], ids=["money", "quantity", "percent"]
)
def test_a_number_has_one_spelling(field, amount):
    with cpu_below(0.05):
        if isinstance(field, fields.Money):
            assert codes(field, usd(amount)) == {"amount": "not_a_number"}
        else:
            assert codes(field, amount) == "not_a_number"


@pytest.mark.parametrize("digits", [16, 41, 400, 100_000])
def test_a_number_with_too_many_digits_is_refused(digits):
    with cpu_below(0.05):
        assert codes(fields.Money(), usd("9" * digits)) == {"amount": "too_large"}
        assert codes(fields.Quantity(), "9" * digits) == "too_large"


@pytest.mark.parametrize("amount", [0.1, 12, InexactNumberMarker(), True, None, [], {}])
def test_a_json_number_is_not_an_amount(amount):
    code = "null" if amount is None else "not_text"
    assert codes(fields.Money(), usd(amount)) == {"amount": code}
    assert codes(fields.Quantity(), amount) == code


@pytest.mark.parametrize(("amount", "currency"), [("1.001", "EUR"), ("1.01", "JPY"), ("1.0001", "KWD"), ("0.5", "JPY")])
def test_money_has_no_more_decimals_than_its_currency(amount, currency):
    assert codes(fields.Money(), {"amount": amount, "currency": currency}) == {"amount": "too_many_decimals"}


@pytest.mark.parametrize(
    ("amount", "currency"), [("12.50", "USD"), ("12.5", "USD"), ("1", "JPY"), ("1.005", "KWD"), ("1.000", "JPY")]
)
def test_money_is_exact(amount, currency):
    money = fields.Money().deserialize({"amount": amount, "currency": currency})
    assert money == Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("12.50 USD", "not_money"),
        ([], "not_money"),
        (12, "not_money"),
        ({"amount": "1"}, {"currency": "required"}),
        ({"currency": "USD"}, {"amount": "required"}),
        ({"amount": "1", "currency": "USD", "rate": "1"}, {"rate": "unknown_field"}),
        ({"amount": "1", "currency": "XXX"}, {"currency": "not_a_currency"}),
        (usd("-1"), {"amount": "out_of_range"}),
    ],
)
def test_money_is_an_amount_with_its_currency(given, expected):
    assert codes(fields.Money(), given) == expected


def test_a_money_field_may_allow_negative_amounts_or_exclude_zero():
    assert fields.Money(negative=True).deserialize(usd("-1")) == Money("-1", "USD")
    assert fields.Money().deserialize(usd("0")) == Money("0", "USD")
    assert codes(fields.Money(zero=False), usd("0.00")) == {"amount": "out_of_range"}


@pytest.mark.parametrize(
    "currency", ["eur", "XXX", "XTS", "XAU", "DEM", "HRK", "USN", "US", "USDX", "US$", " USD", 840, None]
)
def test_a_currency_that_is_not_in_use_is_refused(currency):
    assert codes(fields.Currency(), currency) in ("not_a_currency", "not_text", "null")


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "CNY", "KWD", "CHF"])
def test_currencies_in_use_are_accepted(currency):
    assert fields.Currency().deserialize(currency) == currency


@pytest.mark.parametrize("quantity", ["0", "-1", "0.000000"])
def test_a_quantity_is_greater_than_zero(quantity):
    assert codes(fields.Quantity(), quantity) == "out_of_range"


@pytest.mark.parametrize(
    ("quantity", "code"),
    [("1.0000001", "too_many_decimals"), ("1000000000000", "too_large"), ("1" + "0" * 30, "too_large")],
)
def test_a_quantity_has_bounds(quantity, code):
    assert codes(fields.Quantity(), quantity) == code


def test_quantities_and_percents_are_exact():
    assert fields.Quantity().deserialize("999999999999.999999") == Decimal("999999999999.999999")
    assert fields.Quantity(zero=True).deserialize("0") == 0
    assert codes(fields.Quantity(zero=True), "-1") == "out_of_range"
    assert fields.Percent().deserialize("100") == 100
    assert codes(fields.Percent(), "100.01") == "out_of_range"
    assert codes(fields.Percent(), "-0.01") == "out_of_range"


@pytest.mark.parametrize("count", [1.9, 1.0, "1", True, InexactNumberMarker(), [1], {}])
def test_a_count_is_a_json_integer(count):
    assert codes(fields.WholeNumber(), count) == "not_an_integer"


@pytest.mark.parametrize("count", [2**63, 2**53 + 1, -1])
def test_a_count_is_within_the_range_of_exact_json_integers(count):
    assert codes(fields.WholeNumber(), count) == "out_of_range"
    assert fields.WholeNumber().deserialize(2**53) == 2**53


def test_a_number_of_thousands_of_digits_is_refused(caller):
    response = caller.post(
        "/notes", data=b'{"code": ' + b"9" * 4_000 + b"}", headers={"Content-Type": "application/json"}
    )
    assert {"pointer": "/code", "code": "not_text", "detail": "must be a string"} in response.json["errors"]


@pytest.mark.parametrize("number", ["-0.5", "0.5", "0", "-12.75", "12"])
def test_the_schema_of_numbers_in_rows_allows_negative_fractions(number):
    assert re.search(shapes.decimal_pattern(24, 15, signed=True), number)
    assert bool(re.search(shapes.decimal_pattern(24, 15), number)) == (not number.startswith("-"))


@pytest.mark.parametrize("number", ["-0", "-0.0", "-0.000", "--1", "-01"])
def test_the_schema_of_numbers_allows_no_sign_of_zero(number):
    assert not re.search(shapes.decimal_pattern(24, 15, signed=True), number)


@pytest.mark.parametrize(("currency", "amount", "decimals"), [("USD", "3.555", 2), ("JPY", "3.5", 0)])
def test_too_many_decimals_are_refused_with_the_number_that_is_possible(currency, amount, decimals):
    with pytest.raises(ValidationError) as refused:
        fields.Money().deserialize({"amount": amount, "currency": currency})
    assert refused.value.messages == {"amount": [f"must have at most {decimals} decimals, as {currency} has"]}


def test_a_whole_number_parameter_has_only_digits():
    field = fields.WholeNumberParameter(min=1, max=1_000)
    assert field.deserialize("1000") == 1_000
    for spelling in ("0", "1001", "-1", "+1", "1e2", "１", "", "1" * 5_000, " 1"):
        assert codes(field, spelling) == "out_of_range"
