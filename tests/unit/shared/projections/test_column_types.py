"""Types of columns: stored values sort, compare and add up like the values themselves."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.fields import Code, Currency
from shared.money import Money
from shared.projections.column_types import (
    FreeText,
    NaturalText,
    column_type_of,
    encode_column,
    is_free_text,
    is_nullable,
)

numbers = st.decimals(
    min_value=Decimal(-(10**12)), max_value=Decimal(10**12), allow_nan=False, allow_infinity=False, places=6
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
instants = st.datetimes(timezones=st.timezones())


@given(numbers, numbers)
def test_numbers_sort_exactly(one: Decimal, other: Decimal) -> None:
    assert (encode_column(Decimal, one) < encode_column(Decimal, other)) == (one < other)
    assert (encode_column(Decimal, one) == encode_column(Decimal, other)) == (one == other)


def test_equal_numbers_are_stored_alike() -> None:
    stored = {encode_column(Decimal, each) for each in (Decimal("1.50"), "1.5", Decimal("15E-1"))}
    assert stored == {(1_500_000,)}
    assert encode_column(int, 0) == encode_column(Decimal, Decimal("-0.00")) == (0,)


@given(texts, texts)
def test_texts_sort_by_their_characters_and_absent_values_first(one: str, other: str) -> None:
    def stored(text: str | None) -> bytes:
        return str(encode_column(str, text)[0]).encode()

    assert (stored(one) < stored(other)) == (one < other)
    assert (stored(one) == stored(other)) == (one == other)
    assert stored(None) < stored(one)


@given(numbers, numbers)
def test_money_sorts_by_amount_then_currency(one: Decimal, other: Decimal) -> None:
    euros, dollars = Money.rounded(one, "EUR"), Money.rounded(other, "USD")
    in_order = (euros.amount, euros.currency) < (dollars.amount, dollars.currency)
    assert (encode_column(Money, euros) < encode_column(Money, dollars)) == in_order


def test_money_is_stored_in_thousandths_with_its_currency() -> None:
    assert encode_column(Money, Money("12.5", "USD")) == (12_500, "USD")
    assert encode_column(Money, Money("-7", "JPY")) == (-7_000, "JPY")


@given(instants, instants)
def test_instants_sort_independently_of_their_time_zone(one: datetime, other: datetime) -> None:
    assert (encode_column(datetime, one) < encode_column(datetime, other)) == (
        one.astimezone(UTC) < other.astimezone(UTC)
    )


@pytest.mark.parametrize(
    "in_order",
    [
        ("SO-2", "SO-10", "SO-100"),
        ("A-1", "a-2", "A-10"),
        ("2", "10", "A"),
        ("B-007", "B-8", "B-0010"),
        ("K9", "K9a", "K10"),
    ],
)
def test_codes_sort_by_the_numbers_in_them(in_order: tuple[str, ...]) -> None:
    assert tuple(sorted(set(in_order), key=lambda code: encode_column(NaturalText, code))) == in_order


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
def test_the_json_form_of_a_value_is_stored_alike(kind: type, value: object, in_json: object) -> None:
    assert encode_column(kind, value) == encode_column(kind, in_json)


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("Infinity"), Decimal("1E+24"), Decimal("1E-7"), "twelve"])
def test_a_number_that_a_column_cannot_hold_is_refused(number: object) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        encode_column(Decimal, number)


def test_a_text_with_a_null_character_is_refused() -> None:
    with pytest.raises(ValueError, match="U\\+0000"):
        encode_column(str, "a\0b")


class Colour(StrEnum):
    RED = "red"


def test_columns_may_be_optional_enumerations_or_codes() -> None:
    assert column_type_of(date | None) is date
    assert column_type_of(Colour) is str
    assert column_type_of(Code) is NaturalText
    assert column_type_of(Code | None) is NaturalText
    with pytest.raises(TypeError):
        column_type_of(list[str])


@pytest.mark.parametrize("annotation", [NaturalText, FreeText, str, Code, Currency])
def test_a_column_that_can_be_none_takes_values_with_commas_as_one_that_cannot(annotation: Any) -> None:
    assert is_free_text(annotation | None) == is_free_text(annotation)
    assert (is_nullable(annotation), is_nullable(annotation | None)) == (False, True)
