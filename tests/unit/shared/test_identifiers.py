"""Standard identifiers in one spelling each. The numbers are examples that their issuers publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import identifiers
from shared.countries import COUNTRIES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DE89370400440532013000", "DE89370400440532013000"),
        ("de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"),
        ("gb82west12345698765432", "GB82WEST12345698765432"),
        ("CH9300762011623852957", "CH9300762011623852957"),
    ],
)
def test_an_iban_is_normalized_to_one_spelling(text: str, expected: str) -> None:
    assert identifiers.normalize_iban(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "DE88370400440532013000", "DE89370400440532013001", "DE8937040044053201300", "GB82WEST12345698765423",
        "XX89370400440532013000", "US89370400440532013000", "DE89", "",
    ],
)  # fmt: skip
def test_an_invalid_iban_returns_none(text: str) -> None:
    assert identifiers.normalize_iban(text) is None


IDS = [
    ("DE", "DE136695976", "DE136695976"),
    ("DE", "de 136 695 976", "DE136695976"),
    ("DE", "136695976", "DE136695976"),
    ("AT", "u13585627", "ATU13585627"),
    ("DE", "ATU13585627", "ATU13585627"),
    ("FR", "FR 40 303 265 045", "FR40303265045"),
    ("GR", "094259216", "EL094259216"),
    ("GR", "GR 094259216", "EL094259216"),
    (None, "EL094259216", "EL094259216"),
    ("GB", "980 7806 84", "GB980780684"),
    ("GB", "XI 980 7806 84", "XI980780684"),
    ("US", "04-2103594", "042103594"),
    ("US", "DE136695976", "DE136695976"),
    ("CN", "91110000600037341l", "91110000600037341L"),
    ("CH", "CHE-107.787.577", "CHE107787577"),
    ("CH", "CHE-107.787.577 MWST", "CHE107787577"),
    (None, "che107787577tva", "CHE107787577"),
    ("NO", "995 525 828", "NO995525828"),
    ("NO", "NO 995 525 828 MVA", "NO995525828"),
    ("AU", "83 914 571 673", "83914571673"),
]


@pytest.mark.parametrize(("country", "text", "expected"), IDS)
def test_a_tax_id_is_normalized_to_the_spelling_of_its_country(country: str | None, text: str, expected: str) -> None:
    assert identifiers.normalize_tax_id(text, country) == expected
    assert identifiers.normalize_tax_id(expected, country) == expected


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("DE", "DE136695977"), ("DE", "136695977"), (None, "DE136695977"), ("US", "DE136695977"), ("FR", "12345678901"),
        ("GB", "GB980780685"), ("US", "07-1234567"), ("US", "12345"), ("CN", "91110000600037342L"),
        ("CH", "CHE-107.787.578"), ("NO", "995525829MVA"), ("AU", "99 999 999 999"), ("DE", ""), ("CL", "\u00b2-K"),
    ],
)  # fmt: skip
def test_an_invalid_tax_id_returns_none(country: str | None, text: str) -> None:
    assert identifiers.normalize_tax_id(text, country) is None


@pytest.mark.parametrize("country", ["AE", "Germany", "", None])
def test_a_tax_id_of_a_country_without_a_rule_is_returned_in_capitals(country: str | None) -> None:
    assert identifiers.normalize_tax_id(" trn 100-1 ", country) == "TRN 100-1"


@given(st.text(max_size=40), st.sampled_from(sorted(COUNTRIES)))
def test_any_text_is_normalized_or_returns_none(text: str, country: str) -> None:
    normalized = identifiers.normalize_tax_id(text, country)
    assert normalized is None or identifiers.normalize_tax_id(normalized, country) == normalized
    assert identifiers.normalize_iban(text) is None
