"""Supplier items: prices, quantities and validity."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as any_

from services.srm.catalogue.domain.supplier_item import SupplierItem
from services.srm.suppliers.domain.supplier import ForeignCurrency
from shared.domain import InvalidInput
from shared.testing import new_events
from tests.unit.srm.catalogue.examples import terms
from tests.unit.srm.suppliers.examples import a_supplier


def test_an_entry_is_listed_with_its_terms():
    supplier = a_supplier()
    listed = SupplierItem.add_to_catalogue(supplier, "BOLT-M8", terms("0.18", 5))
    assert new_events(listed) == [
        ("Listed", {"supplier_id": supplier.id, "sku": "BOLT-M8", "terms": terms("0.18", 5)}),
    ]


def test_a_price_in_another_currency_than_the_suppliers_is_refused():
    with pytest.raises(ForeignCurrency) as refused:
        SupplierItem.add_to_catalogue(a_supplier(currency="EUR"), "BOLT-M8", terms(currency="USD"))
    assert refused.value.field == "unit_price"


def test_a_validity_that_ends_before_it_begins_is_refused():
    with pytest.raises(InvalidInput) as refused:
        SupplierItem.add_to_catalogue(a_supplier(), "X", terms(valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 31)))
    assert refused.value.field == "valid_to"


@pytest.mark.parametrize(("day", "hold"), [(4, False), (5, True), (9, True), (10, False)])
def test_terms_are_valid_from_their_first_to_their_last_day(day, hold):
    limited = terms(valid_from=date(2026, 1, 5), valid_to=date(2026, 1, 9))
    assert limited.is_valid_on(date(2026, 1, day)) is hold


@pytest.mark.parametrize(
    ("wanted", "minimum", "multiple", "ordered"),
    [
        ("7", None, None, "7"),
        ("7", "10", None, "10"),
        ("12", "10", None, "12"),
        ("7", None, "6", "12"),
        ("12", None, "6", "12"),
        ("7", "10", "6", "12"),
        ("0.7", None, "0.25", "0.75"),
    ],
)
def test_a_quantity_is_raised_to_the_minimum_and_the_multiple(wanted, minimum, multiple, ordered):
    offered = terms(minimum_quantity=minimum and Decimal(minimum), multiple=multiple and Decimal(multiple))
    assert offered.order_quantity(Decimal(wanted)) == Decimal(ordered)


QUANTITIES = any_.decimals(min_value="0.000001", max_value=10**11, places=6)


@for_any(QUANTITIES, any_.none() | QUANTITIES, QUANTITIES)
def test_the_ordered_quantity_is_the_smallest_sufficient_multiple(wanted, minimum, multiple):
    ordered = terms(minimum_quantity=minimum, multiple=multiple).order_quantity(wanted)
    least = max(wanted, minimum or wanted)
    assert ordered % multiple == 0
    assert least <= ordered < least + multiple
