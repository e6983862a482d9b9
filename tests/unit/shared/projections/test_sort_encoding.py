"""Sort encoding: texts that sort in the order of the values they encode."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import Money
from shared.projections.sort_encoding import encode_sortable, sort_type_of

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal(-(10**23)), max_value=Decimal(10**23))
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
instants = st.datetimes(timezones=st.timezones())


@given(numbers, numbers)
def test_numbers_sort_exactly(one: Decimal, other: Decimal) -> None:
    assert (encode_sortable(Decimal, one) < encode_sortable(Decimal, other)) == (one < other)
    assert (encode_sortable(Decimal, one) == encode_sortable(Decimal, other)) == (one == other)


def test_equal_numbers_have_the_same_encoding() -> None:
    assert (
        encode_sortable(Decimal, Decimal("1.50"))
        == encode_sortable(Decimal, "1.5")
        == encode_sortable(Decimal, Decimal("15E-1"))
    )
    assert encode_sortable(int, 0) == encode_sortable(Decimal, Decimal("-0.00"))


def test_numbers_have_the_documented_encoding() -> None:
    assert encode_sortable(Decimal, "12.5") == "1000000000000000000000012.5"
    assert encode_sortable(int, -12) == "0999999999999999999999987~"


@given(texts, texts)
def test_texts_sort_by_their_characters_and_absent_values_first(one: str, other: str) -> None:
    assert (encode_sortable(str, one).encode() < encode_sortable(str, other).encode()) == (one < other)
    assert (encode_sortable(str, one) == encode_sortable(str, other)) == (one == other)
    assert encode_sortable(str, None) < encode_sortable(str, one)


@given(numbers, numbers)
def test_money_sorts_by_amount_then_currency(one: Decimal, other: Decimal) -> None:
    euros, dollars = Money.rounded(one, "EUR"), Money.rounded(other, "USD")
    in_order = (euros.amount, euros.currency) < (dollars.amount, dollars.currency)
    assert (encode_sortable(Money, euros) < encode_sortable(Money, dollars)) == in_order


@given(instants, instants)
def test_instants_sort_independently_of_their_time_zone(one: datetime, other: datetime) -> None:
    assert (encode_sortable(datetime, one) < encode_sortable(datetime, other)) == (
        one.astimezone(UTC) < other.astimezone(UTC)
    )


@pytest.mark.parametrize(
    ("kind", "value", "in_json"),
    [
        (date, date(2026, 2, 28), "2026-02-28"),
        (datetime, datetime(2026, 2, 28, 1, tzinfo=timezone(timedelta(hours=2))), "2026-02-27T23:00:00Z"),
        (Decimal, Decimal("3.50"), "3.5"),
        (Money, Money("3.5", "EUR"), {"amount": "3.50", "currency": "EUR"}),
        (UUID, UUID(int=7), str(UUID(int=7))),
    ],
)
def test_the_json_form_of_a_value_has_the_same_encoding(kind: type, value: object, in_json: object) -> None:
    assert encode_sortable(kind, value) == encode_sortable(kind, in_json)


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("Infinity"), Decimal("1E+24"), "twelve"])
def test_a_number_that_cannot_be_encoded_is_refused(number: object) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        encode_sortable(Decimal, number)


def test_a_text_with_a_null_character_is_refused() -> None:
    with pytest.raises(ValueError, match="U\\+0000"):
        encode_sortable(str, "a\0b")


class Colour(StrEnum):
    RED = "red"


def test_columns_may_be_optional_or_enumerations() -> None:
    assert sort_type_of(date | None) is date
    assert sort_type_of(Colour) is str
    with pytest.raises(TypeError):
        sort_type_of(list[str])
