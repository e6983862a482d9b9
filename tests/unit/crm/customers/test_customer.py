"""Customers: their terms, addresses, contacts and owners."""

from uuid import uuid4

import pytest

from services.crm.customers.domain.customer import Customer
from shared.domain import ContactErasedError, ForeignCurrency, InvalidInput, NotFound
from shared.money import Money
from shared.testing import given, new_events
from tests.unit.crm.customers.examples import BERLIN, a_contact, a_customer, encrypted


def test_by_default_a_customer_pays_after_thirty_days_and_has_no_limit():
    customer = a_customer()
    assert (customer.payment_terms_days, customer.credit_limit) == (30, None)


def test_a_customer_buys_in_one_currency():
    with pytest.raises(ForeignCurrency) as refused:
        a_customer(currency="USD").require_currency("EUR")
    assert refused.value.field == "currency"


def test_terms_change_as_a_whole():
    customer = given(a_customer())
    customer.change_terms(14, Money("500", "USD"))
    assert new_events(customer) == [("TermsChanged", {"payment_terms_days": 14, "credit_limit": Money("500", "USD")})]


def test_a_customer_is_not_registered_with_a_limit_in_another_currency():
    with pytest.raises(ForeignCurrency) as refused:
        Customer.register(code="ALFKI", name="Alfreds", currency="USD", credit_limit=Money("500", "EUR"))
    assert refused.value.field == "credit_limit"


def test_a_limit_in_another_currency_is_refused():
    customer = given(a_customer())
    with pytest.raises(ForeignCurrency) as refused:
        customer.change_terms(30, Money("500", "EUR"))
    assert refused.value.field == "credit_limit"
    assert new_events(customer) == []


def test_a_credit_limit_can_be_removed():
    customer = given(a_customer(credit_limit=Money("500", "USD")))
    customer.change_terms(30, None)
    assert customer.credit_limit is None


def test_equal_values_record_no_event():
    customer = given(a_customer(addresses=(BERLIN,), tax_id="DE1"))
    customer.rename("Alfreds Futterkiste")
    customer.change_terms(30, None)
    customer.replace_addresses((BERLIN,))
    customer.change_tax_id("DE1")
    customer.assign(None)
    assert new_events(customer) == []


@pytest.mark.parametrize("owner", ["bob", None])
def test_a_customer_is_assigned_to_another_owner_or_to_none(owner):
    customer = given(a_customer(owner="anna"))
    customer.assign(owner)
    assert new_events(customer) == [("OwnerAssigned", {"owner": owner})]
    assert customer.owner == owner


def test_name_addresses_and_tax_id_can_be_corrected():
    customer = given(a_customer())
    customer.rename("Alfreds")
    customer.replace_addresses((BERLIN,))
    customer.change_tax_id("DE2")
    assert new_events(customer) == [
        ("Renamed", {"name": "Alfreds"}),
        ("AddressesChanged", {"addresses": (BERLIN,)}),
        ("TaxIdChanged", {"tax_id": "DE2"}),
    ]


def test_the_customers_own_email_and_phone_can_change():
    customer = given(a_customer())
    email, phone = encrypted("new@example.com", customer.id), encrypted("1234", customer.id)
    customer.change_email(email)
    customer.change_phone(phone)
    customer.change_email(email)
    assert new_events(customer) == [("EmailChanged", {"email": email}), ("PhoneChanged", {"phone": phone})]


def test_a_new_list_of_contacts_replaces_the_old_one():
    maria, hanna = a_contact("Maria"), a_contact("Hanna")
    customer = given(a_customer(contacts=(maria,)))
    customer.replace_contacts((hanna,))
    assert customer.contacts == (hanna,)


def test_a_contact_is_erased_once():
    maria, hanna = a_contact("Maria"), a_contact("Hanna")
    customer = given(a_customer(contacts=(maria, hanna)))
    customer.erase_contact(maria.id)
    customer.erase_contact(maria.id)
    assert new_events(customer) == [("ContactErased", {"contact_id": maria.id})]
    assert customer.contacts == (hanna,)


def test_a_former_contact_can_still_be_erased():
    maria = a_contact()
    customer = given(a_customer(contacts=(maria,)), lambda customer: customer.replace_contacts(()))
    customer.erase_contact(maria.id)
    assert new_events(customer) == [("ContactErased", {"contact_id": maria.id})]


def test_an_erased_contact_cannot_be_listed_again():
    maria = a_contact()
    customer = given(a_customer(contacts=(maria,)), lambda customer: customer.erase_contact(maria.id))
    with pytest.raises(ContactErasedError):
        customer.require_contact(maria.id)


def test_only_present_and_former_contacts_are_known():
    maria, hanna = a_contact("Maria"), a_contact("Hanna")
    customer = given(a_customer(contacts=(maria,)), lambda customer: customer.replace_contacts(()))
    customer.require_contact(maria.id)
    with pytest.raises(InvalidInput):
        customer.require_contact(hanna.id)


def test_erasing_an_unknown_contact_is_refused():
    customer = given(a_customer())
    with pytest.raises(NotFound):
        customer.erase_contact(uuid4())
