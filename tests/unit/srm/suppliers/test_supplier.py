"""Suppliers: currency, contacts and blocks."""

from uuid import uuid4

import pytest

from services.srm.suppliers.domain.supplier import BlockPurpose, SupplierBlockedError
from shared.domain import ContactErasedError, ForeignCurrency, InvalidInput, NotFound
from shared.testing import given, new_events
from tests.unit.srm.suppliers.examples import ORDERS, PAYMENTS, a_contact, a_supplier, an_entry


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
    assert supplier.entry.contacts == (shelley,)


def test_erasing_an_unknown_contact_is_refused():
    supplier = given(a_supplier())
    with pytest.raises(NotFound):
        supplier.erase_contact(uuid4())


def test_a_supplier_is_registered_and_revised_with_its_whole_entry():
    supplier = a_supplier()
    supplier.revise(an_entry(name="Exotic Liquids Ltd."))
    supplier.revise(an_entry(name="Exotic Liquids Ltd."))
    assert new_events(supplier) == [
        ("Registered", {"entry": an_entry()}),
        ("Revised", {"entry": an_entry(name="Exotic Liquids Ltd.")}),
    ]


def test_blocks_and_erased_contacts_outlast_a_revision():
    charlotte = a_contact()
    supplier = given(
        a_supplier(contacts=(charlotte,)),
        lambda supplier: supplier.block(ORDERS, "late again", by="anna"),
        lambda supplier: supplier.erase_contact(charlotte.id),
        lambda supplier: supplier.revise(an_entry(payment_terms_days=14)),
    )
    assert (list(supplier.blocks), supplier.erased_contact_ids) == ([BlockPurpose.ORDERS], {charlotte.id})


@pytest.mark.parametrize(
    ("step", "can_receive_orders"),
    [
        (lambda supplier: supplier.deactivate(), False),
        (lambda supplier: supplier.block(ORDERS, "late again", by="anna"), False),
        (lambda supplier: supplier.block(PAYMENTS, "dispute", by="anna"), True),
        (lambda supplier: supplier.revise(an_entry(name="Exotic")), True),
    ],
)
def test_a_supplier_that_is_deactivated_or_blocked_for_orders_receives_none(step, can_receive_orders):
    assert given(a_supplier(), step).can_receive_orders() is can_receive_orders


def test_a_deactivated_supplier_is_refused_with_what_to_do():
    supplier = given(a_supplier(), lambda supplier: supplier.deactivate())
    with pytest.raises(InvalidInput, match="EXOTIC is deactivated: reactivate it or choose another") as refused:
        supplier.require_is_active(field="supplier_id")
    assert refused.value.field == "supplier_id"
    supplier.reactivate()
    supplier.require_is_active(field="supplier_id")


def test_a_former_contact_is_known_and_can_be_erased():
    charlotte, shelley = a_contact(), a_contact("Shelley Burke")
    supplier = given(a_supplier(contacts=(charlotte,)), lambda supplier: supplier.revise(an_entry(contacts=(shelley,))))
    for each in (charlotte, shelley):
        supplier.require_contact(each.id)
    supplier.erase_contact(charlotte.id)
    assert new_events(supplier) == [("ContactErased", {"contact_id": charlotte.id})]
    assert supplier.entry.contacts == (shelley,)


def test_an_erased_contact_does_not_return():
    charlotte = a_contact()
    supplier = given(a_supplier(contacts=(charlotte,)), lambda supplier: supplier.erase_contact(charlotte.id))
    with pytest.raises(ContactErasedError, match="add a new one") as refused:
        supplier.require_contact(charlotte.id)
    assert refused.value.field == "contacts"


def test_a_contact_of_another_supplier_is_unknown():
    with pytest.raises(InvalidInput) as refused:
        a_supplier().require_contact(uuid4())
    assert refused.value.field == "contacts"
