"""Commands on suppliers, over the real store and keys."""

import pytest

from services.srm.service import Srm
from services.srm.suppliers.projections import Suppliers
from shared.contracts import srm
from shared.domain import AlreadyTaken
from shared.testing.services import open_service, published_events, reader
from tests.unit.srm.suppliers.examples import register_supplier

CHARLOTTE = {"name": "Charlotte Cooper", "title": "Purchasing Manager", "phone": "(171) 555-2222"}


@pytest.fixture
def service(tmp_path):
    return open_service(Srm, tmp_path)


def test_a_supplier_is_published(service):
    seller = register_supplier(service, payment_terms_days=14)
    assert published_events(service) == [srm.SupplierRegistered(seller.id, "EXOTIC", "USD", 14)]


def test_a_code_belongs_to_one_supplier(service):
    register_supplier(service)
    with pytest.raises(AlreadyTaken) as refused:
        register_supplier(service)
    assert refused.value.field == "code"


def test_personal_fields_are_stored_encrypted_and_unreadable_once_erased(service, tmp_path):
    account = "DE89370400440532013000"
    seller = register_supplier(service, contacts=[CHARLOTTE], iban=account)
    reader(service, Suppliers)
    stored = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert not [text for text in (*CHARLOTTE.values(), account) if text.encode() in stored]
    assert service.key_store.decrypt(seller.iban.subject, seller.iban.cipher) == account
    (charlotte,) = seller.contacts
    assert service.key_store.decrypt(charlotte.name.subject, charlotte.name.cipher) == "Charlotte Cooper"
    for _ in range(2):
        assert service.suppliers.erase_contact(seller.id, charlotte.id).contacts == ()
    assert service.key_store.decrypt(charlotte.name.subject, charlotte.name.cipher) is None
    assert [each.type for each in service.store.log(1, 9)] == ["srm.Supplier.ContactErased"]


def test_a_block_and_its_lifting_are_published_with_their_purposes(service):
    seller = register_supplier(service)
    service.suppliers.block(seller.id, ["payments", "orders"], "goods were broken")
    service.suppliers.unblock(seller.id, ["payments"])
    assert published_events(service)[1:] == [
        srm.SupplierBlocked(seller.id, ("payments", "orders"), "goods were broken"),
        srm.SupplierUnblocked(seller.id, ("payments",)),
    ]


def test_new_suppliers_get_the_payment_terms_of_the_settings(service):
    service.settings.change(payment_terms_days=14)
    first, second = register_supplier(service), register_supplier(service, "OTHER", payment_terms_days=7)
    assert (first.payment_terms_days, second.payment_terms_days) == (14, 7)
