"""Names the world has agreed on. The numbers are those their issuers publish as examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import identifiers


def test_there_are_as_many_countries_as_the_standard_has() -> None:
    assert len(identifiers.COUNTRIES) == 249


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("DE", "DE"), ("de", "DE"), ("gB", "GB"), ("us", "US"), ("TW", "TW"), ("Germany", "DE"), ("germany", "DE"),
        ("\u5fb7\u56fd", "DE"), ("UK", "GB"), ("USA", "US"),
    ],
)  # fmt: skip
def test_a_country_is_its_code_in_capitals_by_whatever_name_it_is_called(said: str, meant: str) -> None:
    assert identifiers.country_code_from_country_name(said) == meant


@pytest.mark.parametrize(
    "said", ["EU", "XK", "ZZ", "AN", "", "D", "DEU", "Atlantis", " DE", "276", "\u00df", "\ufb01", "\u0131t"]
)
def test_what_only_looks_like_a_country_is_none(said: str) -> None:
    assert identifiers.country_code_from_country_name(said) is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("DE89370400440532013000", "DE89370400440532013000"),
        ("de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"),
        ("gb82west12345698765432", "GB82WEST12345698765432"),
        ("CH9300762011623852957", "CH9300762011623852957"),
    ],
)
def test_an_account_has_one_spelling(said: str, meant: str) -> None:
    assert identifiers.normalize_iban(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "DE88370400440532013000", "DE89370400440532013001", "DE8937040044053201300", "GB82WEST12345698765423",
        "XX89370400440532013000", "US89370400440532013000", "DE89", "",
    ],
)  # fmt: skip
def test_a_wrong_digit_makes_no_account(said: str) -> None:
    assert identifiers.normalize_iban(said) is None


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


@pytest.mark.parametrize(("seat", "said", "meant"), IDS)
def test_a_tax_id_has_the_one_spelling_of_its_country(seat: str | None, said: str, meant: str) -> None:
    assert identifiers.normalize_tax_id(said, seat) == meant
    assert identifiers.normalize_tax_id(meant, seat) == meant


@pytest.mark.parametrize(
    ("seat", "said"),
    [
        ("DE", "DE136695977"), ("DE", "136695977"), (None, "DE136695977"), ("US", "DE136695977"), ("FR", "12345678901"),
        ("GB", "GB980780685"), ("US", "07-1234567"), ("US", "12345"), ("CN", "91110000600037342L"),
        ("CH", "CHE-107.787.578"), ("NO", "995525829MVA"), ("AU", "99 999 999 999"), ("DE", ""), ("CL", "\u00b2-K"),
    ],
)  # fmt: skip
def test_wrong_digits_make_no_tax_id(seat: str | None, said: str) -> None:
    assert identifiers.normalize_tax_id(said, seat) is None


@pytest.mark.parametrize("seat", ["AE", "Germany", "", None])
def test_where_nobody_knows_a_rule_a_tax_id_stays_as_it_is_in_capitals(seat: str | None) -> None:
    assert identifiers.normalize_tax_id(" trn 100-1 ", seat) == "TRN 100-1"


@given(st.text(max_size=40), st.sampled_from(sorted(identifiers.COUNTRIES)))
def test_whatever_is_said_is_judged(said: str, seat: str) -> None:
    known = identifiers.normalize_tax_id(said, seat)
    assert known is None or identifiers.normalize_tax_id(known, seat) == known
    assert identifiers.normalize_iban(said) is None
