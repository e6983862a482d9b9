"""Telling others: fields go by name, and nothing is left out by mistake."""

from types import SimpleNamespace
from uuid import uuid4

import pytest

from shared.contracts import crm, fill_contract, srm
from shared.money import Money

SUPPLIER = uuid4()


def test_what_is_not_said_in_words_is_as_the_tellers_have_it():
    registered = SimpleNamespace(code="LUMEN", currency="USD", payment_terms_days=14)
    assert fill_contract(srm.SupplierRegistered, registered, supplier_id=SUPPLIER) == srm.SupplierRegistered(
        SUPPLIER, "LUMEN", "USD", 14
    )


def test_the_first_teller_that_knows_speaks_and_words_go_before_all():
    event, aggregate = SimpleNamespace(code="NEW"), SimpleNamespace(code="OLD", currency="USD", payment_terms_days=14)
    said = fill_contract(srm.SupplierRegistered, event, aggregate, supplier_id=SUPPLIER, currency="EUR")
    assert (said.code, said.currency, said.payment_terms_days) == ("NEW", "EUR", 14)


def test_a_field_nobody_tells_is_a_mistake_even_if_it_has_a_default():
    nameless = SimpleNamespace(code="ATLAS", currency="USD", payment_terms_days=14)
    with pytest.raises(AttributeError, match="credit_limit"):
        fill_contract(crm.CustomerRegistered, nameless, customer_id=uuid4())


def test_nothing_is_a_thing_to_tell():
    free = SimpleNamespace(payment_terms_days=0, credit_limit=None)
    said = fill_contract(crm.CustomerTermsChanged, free, customer_id=SUPPLIER)
    assert said == crm.CustomerTermsChanged(SUPPLIER, 0, None)


def test_a_part_is_told_in_the_same_way():
    line = SimpleNamespace(line=1, sku="LAMP", quantity=3, unit_price=Money("30", "USD"), discount=7)
    assert fill_contract(srm.PurchaseLine, line) == srm.PurchaseLine(1, "LAMP", 3, Money("30", "USD"))
