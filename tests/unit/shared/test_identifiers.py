"""Numbers with check digits are judged, and kept in one form."""

import pytest

from shared import identifiers
from shared.domain import InvalidInput


@pytest.mark.parametrize(
    ("given", "where", "kept"),
    [
        ("de 136 695 976", ["DE"], "DE136695976"),
        ("136695976", ["DE"], "DE136695976"),
        ("nl 4495445b01", [], "NL004495445B01"),
        ("ATU13585627", ["CN"], "ATU13585627"),
        ("91110000600037341l", ["CN"], "91110000600037341L"),
        ("CHE-107.787.577 IVA", ["CH"], "CHE107787577IVA"),
        (" x 12 ", [], "X12"),
        ("X12", ["AQ"], "X12"),
        (None, ["DE"], None),
    ],
)
def test_a_tax_id_has_one_form(given: str | None, where: list[str], kept: str | None) -> None:
    assert identifiers.tax_id(given, where) == kept


@pytest.mark.parametrize(
    ("given", "where"),
    [("DE136695975", ["DE"]), ("DE136695975", []), ("136695975", ["FR", "DE"]), ("91110000600037342L", ["CN"])],
)
def test_wrong_check_digits_are_refused(given: str, where: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        identifiers.tax_id(given, where)
    assert refused.value.field == "tax_id"


def test_an_account_is_kept_in_capitals_without_blanks() -> None:
    assert identifiers.iban("gb82 west 1234 5698 7654 32") == "GB82WEST12345698765432"
    with pytest.raises(ValueError, match="check"):
        identifiers.iban("GB82 WEST 1234 5698 7654 33")


@pytest.mark.parametrize("called", ["DE", "de", "Germany", "germany", "德国"])
def test_a_country_is_known_by_its_code_and_by_its_name(called: str) -> None:
    assert identifiers.country(called) == "DE"


def test_what_no_country_has_is_no_country() -> None:
    for called in ("EU", "XX", "ZZ", "Atlantis", ""):
        with pytest.raises(KeyError):
            identifiers.country(called)
