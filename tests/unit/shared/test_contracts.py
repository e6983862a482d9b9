"""Published events are filled from events and aggregates by field name; a field without a value is an error."""

from types import SimpleNamespace
from uuid import uuid4

import pytest

from shared.contracts import crm, fill_contract, srm
from shared.money import UnitPrice

SUPPLIER = uuid4()


def test_fields_without_a_given_value_are_taken_from_the_source():
    registered = SimpleNamespace(code="LUMEN", name="Lumen", currency="USD", payment_terms_days=14)
    assert fill_contract(srm.SupplierRegistered, registered, supplier_id=SUPPLIER) == srm.SupplierRegistered(
        SUPPLIER, "LUMEN", "USD", 14, "Lumen"
    )


def test_given_values_precede_sources_and_the_first_source_precedes_later_ones():
    event = SimpleNamespace(code="NEW")
    aggregate = SimpleNamespace(code="OLD", name="Lumen", currency="USD", payment_terms_days=14)
    contract = fill_contract(srm.SupplierRegistered, event, aggregate, supplier_id=SUPPLIER, currency="EUR")
    assert (contract.code, contract.currency, contract.payment_terms_days) == ("NEW", "EUR", 14)


def test_a_field_without_a_source_raises_an_error_even_if_it_has_a_default():
    incomplete = SimpleNamespace(code="ATLAS", name="Atlas", currency="USD", payment_terms_days=14)
    with pytest.raises(AttributeError, match="credit_limit"):
        fill_contract(crm.CustomerRegistered, incomplete, customer_id=uuid4())


def test_none_and_zero_of_a_source_are_used_as_values():
    free = SimpleNamespace(payment_terms_days=0, credit_limit=None)
    contract = fill_contract(crm.CustomerTermsChanged, free, customer_id=SUPPLIER)
    assert contract == crm.CustomerTermsChanged(SUPPLIER, 0, None)


def test_a_contract_part_is_filled_in_the_same_way():
    line = SimpleNamespace(line=1, sku="LAMP", quantity=3, unit_price=UnitPrice("30", "USD"), discount=7)
    assert fill_contract(srm.PurchaseLine, line) == srm.PurchaseLine(1, "LAMP", 3, UnitPrice("30", "USD"))
