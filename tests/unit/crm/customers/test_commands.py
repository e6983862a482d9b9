"""Commands on customers, over the real store and keys."""

from uuid import uuid4

import pytest

from services.crm.customers.commands import ChangeCustomer
from services.crm.customers.projections import Customers
from shared.contacts import Contact, KnownOrNewContact
from shared.contracts import crm
from shared.domain import AlreadyTaken, ContactErasedError, InvalidInput
from shared.money import Money
from shared.testing.services import published_events, reader, recorded_events
from tests.unit.crm.customers.examples import a_registration, open_with_customer

MARIA = Contact(name="Maria Anders", title="Owner", email="maria@example.com", phone="030-0074321")
HANNA = Contact(name="Hanna Moos")


def change(service, customer, **fields):
    return service.customers.change(customer.id, ChangeCustomer(**fields))


def test_a_customer_and_its_terms_are_published(tmp_path):
    service, customer = open_with_customer(tmp_path, credit_limit=Money("500", "USD"))
    change(service, customer, payment_terms_days=14, credit_limit=None)
    assert published_events(service) == [
        crm.CustomerRegistered(customer.id, "ALFKI", "USD", 30, Money("500", "USD"), "Alfreds Futterkiste"),
        crm.CustomerTermsChanged(customer.id, 14, None),
    ]


def test_a_code_belongs_to_one_customer(tmp_path):
    service, _ = open_with_customer(tmp_path)
    with pytest.raises(AlreadyTaken) as refused:
        service.customers.register(a_registration(name="Another"))
    assert refused.value.field == "code"
    assert len(recorded_events(service)) == 1


def test_omitted_fields_stay_unchanged(tmp_path):
    known = {"email": "old@example.com", "tax_id": "DE136695976", "contacts": (MARIA,)}
    service, customer = open_with_customer(tmp_path, **known)
    changed = change(service, customer, email="new@example.com", phone=None)
    assert service.key_store.decrypt(changed.email.subject, changed.email.cipher) == "new@example.com"
    same = (customer.name, customer.tax_id, customer.contacts)
    assert (changed.name, changed.tax_id, changed.contacts) == same
    assert service.key_store.decrypt(changed.tax_id.subject, changed.tax_id.cipher) == "DE136695976"
    assert [each.type for each in recorded_events(service)] == ["crm.Customer.Registered", "crm.Customer.EmailChanged"]


def test_personal_fields_are_stored_encrypted(tmp_path):
    service, customer = open_with_customer(tmp_path, email="office@example.com", phone="030-0076545", contacts=(MARIA,))
    reader(service, Customers)
    maria = KnownOrNewContact(id=customer.contacts[0].id, **vars(MARIA) | {"email": "m@example.org"})
    change(service, customer, contacts=(maria,))
    stored = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    for text in (*vars(MARIA).values(), "m@example.org", "office@example.com", "030-0076545"):
        assert text.encode() not in stored
    assert b"Alfreds Futterkiste" in stored


def test_a_contact_with_an_id_is_the_same_person_and_one_without_is_new(tmp_path):
    service, customer = open_with_customer(tmp_path, contacts=(MARIA,))
    maria = customer.contacts[0].id
    contacts = (KnownOrNewContact(id=maria, name="Maria A."), KnownOrNewContact(name="Hanna Moos"))
    changed = change(service, customer, contacts=contacts)
    assert changed.contacts[0].id == maria
    assert [service.key_store.decrypt(each.name.subject, each.name.cipher) for each in changed.contacts] == [
        "Maria A.",
        "Hanna Moos",
    ]
    assert changed.contacts[1].id != maria


def test_a_contact_is_listed_once(tmp_path):
    service, customer = open_with_customer(tmp_path, contacts=(MARIA, HANNA))
    maria, hanna = (KnownOrNewContact(id=each.id, name="M. A.") for each in customer.contacts)
    with pytest.raises(InvalidInput, match=r"is given twice$") as refused:
        change(service, customer, contacts=(maria, hanna, KnownOrNewContact(name="New"), maria))
    assert refused.value.field == "contacts/3/id"
    assert len(recorded_events(service)) == 1


def test_erasing_a_contact_destroys_the_key_of_that_person_only(tmp_path):
    service, customer = open_with_customer(tmp_path, contacts=(MARIA, HANNA))
    maria, hanna = customer.contacts
    for _ in range(2):
        service.customers.erase_contact(customer.id, maria.id)
    assert service.key_store.decrypt(maria.name.subject, maria.name.cipher) is None
    assert service.key_store.decrypt(hanna.name.subject, hanna.name.cipher) == "Hanna Moos"
    assert [each.type for each in recorded_events(service)[1:]] == ["crm.Customer.ContactErased"]
    with pytest.raises(ContactErasedError):
        change(service, customer, contacts=(KnownOrNewContact(id=maria.id, name="Maria Anders"),))
    with pytest.raises(InvalidInput):
        change(service, customer, contacts=(KnownOrNewContact(id=uuid4(), name="A stranger"),))


def test_new_customers_get_the_payment_terms_of_the_settings(tmp_path):
    service, first = open_with_customer(tmp_path)
    service.settings.change(payment_terms_days=14)
    second, third = (
        service.customers.register(a_registration(code=code, **terms))
        for code, terms in (("ANATR", {}), ("ANTON", {"payment_terms_days": 7}))
    )
    assert [each.payment_terms_days for each in (first, second, third)] == [30, 14, 7]
