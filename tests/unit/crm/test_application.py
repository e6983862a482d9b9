"""Commands of CRM, over its real store and keys."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from services.crm.domain.customer import ContactErased, ForeignCurrency
from services.crm.projections import Customers
from shared.contracts import crm
from shared.domain import AlreadyTaken, InvalidInput, NotFound
from shared.money import Money
from tests.unit.crm.examples import ORDERED_ON, a_placed_order, open_with_customer, published_events, reader

BOLTS = {"sku": "BOLT-M8", "quantity": Decimal(10), "unit_price": Money("0.25", "USD")}
MARIA = {"name": "Maria Anders", "title": "Owner", "email": "maria@example.com", "phone": "030-0074321"}


def test_a_customer_and_its_terms_are_published(tmp_path):
    service, customer = open_with_customer(tmp_path, credit_limit=Money("500", "USD"))
    service.change_customer(customer.id, payment_terms_days=14, credit_limit=None)
    assert published_events(service) == [
        crm.CustomerRegistered(customer.id, "ALFKI", "USD", 30, Money("500", "USD")),
        crm.CustomerTermsChanged(customer.id, 14, None),
    ]


def test_a_code_belongs_to_one_customer(tmp_path):
    service, _ = open_with_customer(tmp_path)
    with pytest.raises(AlreadyTaken) as refused:
        service.register_customer(code="ALFKI", name="Another", currency="USD")
    assert refused.value.field == "code"
    assert service.store.head() == 1


def test_only_what_is_given_changes(tmp_path):
    known = {"email": "old@example.com", "tax_id": "DE136695976", "contacts": [MARIA]}
    service, customer = open_with_customer(tmp_path, **known)
    changed = service.change_customer(customer.id, email="new@example.com", phone=None)
    assert service.decrypt(changed.email.subject, changed.email.cipher) == "new@example.com"
    assert (changed.name, changed.tax_id, changed.contacts) == ("Alfreds Futterkiste", "DE136695976", customer.contacts)
    assert [each.type for each in service.store.log(0, 9)] == ["crm.Customer.Registered", "crm.Customer.EmailChanged"]


def test_nothing_of_a_person_is_stored_in_clear(tmp_path):
    service, customer = open_with_customer(tmp_path, email="office@example.com", phone="030-0076545", contacts=[MARIA])
    reader(service, Customers)
    service.change_customer(customer.id, contacts=[{"id": customer.contacts[0].id, **MARIA, "email": "m@example.org"}])
    stored = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    for text in (*MARIA.values(), "m@example.org", "office@example.com", "030-0076545"):
        assert text.encode() not in stored
    assert b"Alfreds Futterkiste" in stored


def test_a_contact_listed_again_is_the_same_person_and_others_are_new(tmp_path):
    service, customer = open_with_customer(tmp_path, contacts=[MARIA])
    maria = customer.contacts[0].id
    changed = service.change_customer(customer.id, contacts=[{"id": maria, "name": "Maria A."}, {"name": "Hanna Moos"}])
    assert changed.contacts[0].id == maria
    assert [service.decrypt(each.name.subject, each.name.cipher) for each in changed.contacts] == [
        "Maria A.",
        "Hanna Moos",
    ]
    assert changed.contacts[1].id != maria


def test_erasing_a_contact_destroys_what_is_known_of_that_person_only(tmp_path):
    service, customer = open_with_customer(tmp_path, contacts=[MARIA, {"name": "Hanna Moos"}])
    maria, hanna = customer.contacts
    for _ in range(2):
        service.erase_contact(customer.id, maria.id)
    assert service.decrypt(maria.name.subject, maria.name.cipher) is None
    assert service.decrypt(hanna.name.subject, hanna.name.cipher) == "Hanna Moos"
    assert [each.type for each in service.store.log(1, 9)] == ["crm.Customer.ContactErased"]
    with pytest.raises(ContactErased):
        service.change_customer(customer.id, contacts=[{"id": maria.id, "name": "Maria Anders"}])
    with pytest.raises(InvalidInput):
        service.change_customer(customer.id, contacts=[{"id": uuid4(), "name": "A stranger"}])


def test_orders_for_an_unknown_customer_or_in_another_currency_are_refused(tmp_path):
    service, customer = open_with_customer(tmp_path)
    with pytest.raises(InvalidInput) as refused:
        service.draft_sales_order(uuid4(), "USD", [BOLTS])
    assert refused.value.field == "customer_id"
    with pytest.raises(ForeignCurrency):
        service.draft_sales_order(customer.id, "EUR", [BOLTS])
    with pytest.raises(NotFound):
        service.place_sales_order(uuid4())


def test_a_number_is_given_or_the_next_unused_one(tmp_path):
    service, customer = open_with_customer(tmp_path)
    given = ["10248", None, "SO-2", None]
    orders = [service.draft_sales_order(customer.id, "USD", [BOLTS], number=number) for number in given]
    assert [order.number for order in orders] == ["10248", "SO-1", "SO-2", "SO-3"]
    with pytest.raises(AlreadyTaken) as refused:
        service.draft_sales_order(customer.id, "USD", [BOLTS], number="SO-3")
    assert refused.value.field == "number"


def test_a_placed_order_is_published_in_full(tmp_path):
    service, customer = open_with_customer(tmp_path, payment_terms_days=14)
    ship_to = {"street": "Obere Str. 57", "city": "Berlin", "country": "Germany"}
    drafted = service.draft_sales_order(
        customer.id, "USD", [BOLTS | {"discount_percent": Decimal(5)}], freight=Money("3", "USD"), warehouse="MAIN",
        backorder="refuse", ordered_on=ORDERED_ON, required_on=date(1996, 8, 1), sales_rep="5", ship_to=ship_to,
    )  # fmt: skip
    service.place_sales_order(drafted.id)
    assert published_events(service)[-1] == crm.SalesOrderPlaced(
        order_id=drafted.id,
        number="SO-1",
        customer_id=customer.id,
        currency="USD",
        ordered_on=ORDERED_ON,
        required_on=date(1996, 8, 1),
        warehouse="MAIN",
        backorder="refuse",
        payment_terms_days=14,
        lines=(crm.OrderLine(1, "BOLT-M8", Decimal(10), Money("0.25", "USD"), Decimal(5)),),
        freight=Money("3", "USD"),
        total=Money("5.38", "USD"),
    )


def test_cancelling_is_requested_of_the_other_services_for_a_placed_order_only(tmp_path):
    service, customer = open_with_customer(tmp_path)
    service.cancel_sales_order(service.draft_sales_order(customer.id, "USD", [BOLTS]).id, "typed twice")
    order = service.cancel_sales_order(a_placed_order(service, customer).id, "changed their mind")
    assert order.status == "cancelling"
    assert published_events(service)[2:] == [crm.SalesOrderCancellationRequested(order.id, "changed their mind")]
