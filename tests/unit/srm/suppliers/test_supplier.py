"""Suppliers: currency, contacts and blocks."""

from uuid import uuid4

import pytest

from services.srm.suppliers.domain.supplier import BlockPurpose, ForeignCurrency, SupplierBlockedError
from shared.domain import NotFound
from shared.testing import given, new_events
from tests.unit.srm.suppliers.examples import a_contact, a_supplier

ORDERS, PAYMENTS = (BlockPurpose.ORDERS,), (BlockPurpose.PAYMENTS,)


def test_a_block_stops_its_purpose_only_and_records_reason_and_user():
    supplier = given(a_supplier(), lambda supplier: supplier.block(ORDERS, "late again", by="anna"))
    with pytest.raises(SupplierBlockedError, match="blocked for orders by anna: late again"):
        supplier.require_unblocked(BlockPurpose.ORDERS)
    supplier.require_unblocked(BlockPurpose.PAYMENTS)


def test_a_block_is_lifted_per_purpose():
    supplier = given(a_supplier(), lambda supplier: supplier.block(ORDERS + PAYMENTS, "dispute", by="anna"))
    supplier.unblock(ORDERS, by="bert")
    assert new_events(supplier) == [("Unblocked", {"purposes": ORDERS, "unblocked_by": "bert"})]
    assert list(supplier.blocks) == [BlockPurpose.PAYMENTS]


def test_lifting_a_missing_block_changes_nothing():
    supplier = given(a_supplier())
    supplier.unblock(ORDERS + PAYMENTS, by="bert")
    assert new_events(supplier) == []


def test_a_second_block_replaces_the_reason():
    supplier = given(a_supplier(), lambda supplier: supplier.block(ORDERS, "late again", by="anna"))
    supplier.block(ORDERS, "bankrupt", by="bert")
    assert (supplier.blocks[BlockPurpose.ORDERS].reason, supplier.blocks[BlockPurpose.ORDERS].by) == (
        "bankrupt",
        "bert",
    )


def test_a_supplier_sells_in_one_currency():
    with pytest.raises(ForeignCurrency) as refused:
        a_supplier(currency="USD").require_currency("EUR")
    assert refused.value.field == "currency"


def test_a_contact_is_erased_once():
    charlotte, shelley = a_contact(), a_contact("Shelley Burke")
    supplier = given(a_supplier(contacts=(charlotte, shelley)))
    supplier.erase_contact(charlotte.id)
    supplier.erase_contact(charlotte.id)
    assert new_events(supplier) == [("ContactErased", {"contact_id": charlotte.id})]
    assert supplier.contacts == (shelley,)


def test_erasing_an_unknown_contact_is_refused():
    supplier = given(a_supplier())
    with pytest.raises(NotFound):
        supplier.erase_contact(uuid4())
