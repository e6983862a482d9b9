"""Commands on suppliers, over the real store and keys."""

from dataclasses import replace

import pytest

from services.srm.service import Srm
from services.srm.suppliers.commands import ReviseSupplier
from services.srm.suppliers.projections import Suppliers
from shared.contacts import Address, Contact, KnownOrNewContact
from shared.contracts import srm
from shared.domain import AddressKind, AlreadyTaken, ContactErasedError, InvalidInput
from shared.testing.services import open_service, published_events, reader, recorded_events
from tests.unit.srm.suppliers.examples import ORDERS, PAYMENTS, register_supplier

CHARLOTTE = Contact(name="Charlotte Cooper", title="Purchasing Manager", phone="(171) 555-2222")
ACCOUNT = "DE89370400440532013000"


@pytest.fixture
def service(tmp_path):
    return open_service(Srm, tmp_path)


def clear_text(service, field):
    """Return a personal field decrypted, or None once the person is erased."""
    return service.key_store.decrypt(field.subject, field.cipher)


def revise(service, supplier, **changes):
    return service.suppliers.suppliers.revise(supplier.id, ReviseSupplier(**changes))


def test_a_supplier_is_published(service):
    seller = register_supplier(service, payment_terms_days=14)
    assert published_events(service) == [srm.SupplierRegistered(seller.id, "EXOTIC", "USD", 14, "Exotic")]


def test_a_code_belongs_to_one_supplier(service):
    register_supplier(service)
    with pytest.raises(AlreadyTaken) as refused:
        register_supplier(service)
    assert refused.value.field == "code"


def test_personal_fields_are_stored_encrypted_and_unreadable_once_erased(service, tmp_path):
    seller = register_supplier(service, contacts=(CHARLOTTE,), iban=ACCOUNT)
    reader(service, Suppliers)
    stored = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert not [text for text in (*filter(None, vars(CHARLOTTE).values()), ACCOUNT) if text.encode() in stored]
    assert clear_text(service, seller.entry.iban) == ACCOUNT
    (charlotte,) = seller.entry.contacts
    assert clear_text(service, charlotte.name) == "Charlotte Cooper"
    for _ in range(2):
        assert service.suppliers.suppliers.erase_contact(seller.id, charlotte.id).entry.contacts == ()
    assert clear_text(service, charlotte.name) is None
    assert [each.type for each in recorded_events(service)[1:]] == ["srm.Supplier.ContactErased"]


def test_a_block_and_its_lifting_are_published_with_their_purposes(service):
    seller = register_supplier(service)
    service.suppliers.suppliers.block(seller.id, PAYMENTS + ORDERS, "goods were broken")
    service.suppliers.suppliers.unblock(seller.id, PAYMENTS)
    assert published_events(service)[1:] == [
        srm.SupplierBlocked(seller.id, ("payments", "orders"), "goods were broken"),
        srm.SupplierUnblocked(seller.id, ("payments",)),
    ]


def test_new_suppliers_get_the_payment_terms_of_the_settings(service):
    service.settings.change(payment_terms_days=14)
    first, second = register_supplier(service), register_supplier(service, "OTHER", payment_terms_days=7)
    assert (first.entry.payment_terms_days, second.entry.payment_terms_days) == (14, 7)


def test_only_the_given_fields_of_a_supplier_change(service):
    seller = register_supplier(service, contacts=(CHARLOTTE,), iban=ACCOUNT, payment_terms_days=14)
    before = seller.entry
    revised = revise(service, seller, name="Exotic Liquids Ltd.")
    assert revised.entry == replace(before, name="Exotic Liquids Ltd.")
    assert revise(service, seller, iban=None).entry.iban is None


def test_changed_payment_terms_are_published_and_a_deactivation_is_not(service):
    seller = register_supplier(service)
    revise(service, seller, payment_terms_days=60)
    service.suppliers.suppliers.deactivate(seller.id)
    assert published_events(service)[1:] == [srm.SupplierRevised(seller.id, "EXOTIC", "USD", 60, "Exotic")]


def test_a_changed_contact_with_its_id_stays_the_same_person(service):
    seller = register_supplier(service, contacts=(CHARLOTTE,))
    person = seller.entry.contacts[0].id
    known = KnownOrNewContact(id=person, name="Charlotte Burke", email="charlotte@exotic.example")
    revised = revise(service, seller, contacts=(known, KnownOrNewContact(name="Shelley Burke")))
    first, second = revised.entry.contacts
    assert (first.id, clear_text(service, first.name), first.title) == (person, "Charlotte Burke", None)
    assert clear_text(service, first.email) == "charlotte@exotic.example"
    assert (second.id != person, clear_text(service, second.name)) == (True, "Shelley Burke")
    service.suppliers.suppliers.erase_contact(seller.id, person)
    assert [clear_text(service, each.name) for each in (first, second)] == [None, "Shelley Burke"]


def test_an_erased_contact_is_not_listed_again(service):
    seller = register_supplier(service, contacts=(CHARLOTTE,))
    person = seller.entry.contacts[0].id
    service.suppliers.suppliers.erase_contact(seller.id, person)
    with pytest.raises(ContactErasedError):
        revise(service, seller, contacts=(KnownOrNewContact(id=person, name="Charlotte Cooper"),))


def test_a_contact_that_was_removed_from_the_list_can_be_erased(service):
    seller = register_supplier(service, contacts=(CHARLOTTE,))
    (charlotte,) = seller.entry.contacts
    revise(service, seller, contacts=())
    assert clear_text(service, charlotte.name) == "Charlotte Cooper"
    service.suppliers.suppliers.erase_contact(seller.id, charlotte.id)
    assert clear_text(service, charlotte.name) is None


def test_a_changed_tax_id_is_checked_by_the_country_of_the_changed_address(service):
    seller = register_supplier(service)
    oslo = Address(kind=AddressKind.BILLING, street="Karl Johans gate 1", city="Oslo", country="NO")
    with pytest.raises(InvalidInput) as refused:
        revise(service, seller, addresses=(oslo,), tax_id="123")
    assert refused.value.field == "tax_id"
    revised = revise(service, seller, addresses=(oslo,), tax_id="de 136695976")
    (address,) = revised.entry.addresses
    assert (address.country, clear_text(service, address.city)) == ("NO", "Oslo")
    assert clear_text(service, revised.entry.tax_id) == "DE136695976"


def test_a_code_stays_taken_while_its_supplier_is_deactivated(service):
    service.suppliers.suppliers.deactivate(register_supplier(service).id)
    with pytest.raises(AlreadyTaken):
        register_supplier(service)
