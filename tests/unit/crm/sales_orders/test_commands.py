"""Commands on sales orders, over the real store."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest

from services.crm.sales_orders.commands import ShipTo
from services.crm.sales_orders.domain.order_terms import BackorderPolicy
from shared.contracts import crm
from shared.domain import AlreadyTaken, ForeignCurrency, InvalidInput, NotFound
from shared.money import Money, UnitPrice
from shared.testing.services import published_events
from tests.unit.crm.customers.examples import open_with_customer
from tests.unit.crm.sales_orders.examples import BOLTS, ORDERED_ON, a_line, a_placed_order, an_order


def test_orders_for_an_unknown_customer_or_in_another_currency_are_refused(tmp_path):
    service, customer = open_with_customer(tmp_path)
    with pytest.raises(InvalidInput) as refused:
        service.sales_orders.draft(an_order(uuid4()))
    assert refused.value.field == "customer_id"
    with pytest.raises(ForeignCurrency):
        service.sales_orders.draft(an_order(customer.id, currency="EUR"))
    with pytest.raises(NotFound):
        service.sales_orders.place(uuid4())


def test_a_number_is_given_or_the_next_unused_one(tmp_path):
    service, customer = open_with_customer(tmp_path)
    given = ["10248", None, "SO-2", None]
    orders = [service.sales_orders.draft(an_order(customer.id, number=number)) for number in given]
    assert [order.number for order in orders] == ["10248", "SO-1", "SO-2", "SO-3"]
    with pytest.raises(AlreadyTaken) as refused:
        service.sales_orders.draft(an_order(customer.id, number="SO-3"))
    assert refused.value.field == "number"


def test_the_series_leaves_out_a_number_that_was_given_in_another_case(tmp_path):
    service, customer = open_with_customer(tmp_path)
    orders = [service.sales_orders.draft(an_order(customer.id, number=number)) for number in ["so-1", None]]
    assert [order.number for order in orders] == ["so-1", "SO-2"]


def test_a_placed_order_is_published_in_full(tmp_path):
    service, customer = open_with_customer(tmp_path, payment_terms_days=14)
    ship_to = ShipTo(street="Obere Str. 57", city="Berlin", country="DE")
    drafted = service.sales_orders.draft(an_order(
        customer.id, a_line(BOLTS, discount_percent=Decimal(5)), freight=Money("3", "USD"), warehouse="MAIN",
        backorder=BackorderPolicy.REFUSE, ordered_on=ORDERED_ON, required_on=date(1996, 8, 1), sales_rep="5",
        ship_to=ship_to,
    ))  # fmt: skip
    service.sales_orders.place(drafted.id)
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
        lines=(crm.OrderLine(1, "BOLT-M8", Decimal(10), UnitPrice("0.25", "USD"), Decimal(5)),),
        freight=Money("3", "USD"),
        total=Money("5.38", "USD"),
    )


def test_only_the_cancellation_of_a_placed_order_is_published(tmp_path):
    service, customer = open_with_customer(tmp_path)
    service.sales_orders.cancel(service.sales_orders.draft(an_order(customer.id)).id, "typed twice")
    order = service.sales_orders.cancel(a_placed_order(service, customer).id, "changed their mind")
    assert order.status == "cancelling"
    assert published_events(service)[2:] == [crm.SalesOrderCancellationRequested(order.id, "changed their mind")]
