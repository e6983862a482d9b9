"""Supplier items: prices, quantities and validity."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as any_

from services.srm.catalogue.domain.supplier_item import SupplierItem
from shared.domain import ForeignCurrency, InvalidInput
from shared.testing import given, new_events
from tests.unit.srm.catalogue.examples import terms
from tests.unit.srm.suppliers.examples import a_supplier


def test_an_entry_is_registered_with_its_terms():
    assert new_events(SupplierItem(terms("0.18", 5))) == [("Registered", {"entry": terms("0.18", 5)})]


def test_a_change_of_terms_is_recorded_with_the_whole_entry():
    item = given(SupplierItem(terms("0.18", multiple=Decimal(6))))
    item.revise(terms("0.19", multiple=Decimal(6)))
    item.revise(terms("0.19", multiple=Decimal(6)))
    assert new_events(item) == [("Revised", {"entry": terms("0.19", multiple=Decimal(6))})]


def test_an_entry_is_deactivated_and_reactivated_once():
    item = given(SupplierItem(terms()))
    for step in (item.deactivate, item.deactivate, item.reactivate, item.reactivate):
        step()
    assert [name for name, _ in new_events(item)] == ["Deactivated", "Reactivated"]


def test_a_price_in_another_currency_than_the_suppliers_is_refused():
    with pytest.raises(ForeignCurrency) as refused:
        terms(currency="USD").require_valid_terms(a_supplier(currency="EUR"))
    assert refused.value.field == "unit_price"


def test_a_validity_that_ends_before_it_begins_is_refused():
    with pytest.raises(InvalidInput) as refused:
        terms(valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 31)).require_valid_terms(a_supplier())
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
