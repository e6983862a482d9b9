"""Reactions of sales orders to events of ERP and SCM, in any order."""

from itertools import combinations

import pytest

from services.crm.sales_orders.projections import SalesOrders
from shared.contracts import scm
from shared.testing.services import deliver, reader
from tests.unit.crm.customers.examples import open_with_customer
from tests.unit.crm.sales_orders.events import BOTH, approved, dispatched, goods, held, invoiced, paid, reserved, short
from tests.unit.crm.sales_orders.examples import a_placed_order


def shown(service, order):
    row = reader(service, SalesOrders).get(order.id)
    return row["status"], [[each["reserved"], each["shipped"], each["invoiced"]] for each in row["lines"]]


@pytest.fixture
def crm(tmp_path):
    return open_with_customer(tmp_path)


def test_an_order_shows_its_progress_line_by_line(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    steps = [
        (held(order), "held", [["0", "0", "0"], ["0", "0", "0"]]),
        (approved(order), "approved", [["0", "0", "0"], ["0", "0", "0"]]),
        (reserved(order, (1, "BOLT-M8", 10), (2, "NUT-M8", 1)), "backordered", [["10", "0", "0"], ["1", "0", "0"]]),
        (short(order, (2, "NUT-M8", 3)), "backordered", [["10", "0", "0"], ["1", "0", "0"]]),
        (reserved(order, (2, "NUT-M8", 3)), "reserved", [["10", "0", "0"], ["4", "0", "0"]]),
        (dispatched(order, (1, "BOLT-M8", 10)), "partly_shipped", [["0", "10", "0"], ["4", "0", "0"]]),
        (dispatched(order, (2, "NUT-M8", 4)), "shipped", [["0", "10", "0"], ["0", "4", "0"]]),
        (invoiced(order), "invoiced", [["0", "10", "10"], ["0", "4", "4"]]),
        (paid(order, "0.01"), "invoiced", [["0", "10", "10"], ["0", "4", "4"]]),
        (paid(order), "paid", [["0", "10", "10"], ["0", "4", "4"]]),
    ]
    for message, status, lines in steps:
        deliver(service, message, deliveries=2)
        assert shown(service, order) == (status, lines)


@pytest.mark.parametrize("first", list(combinations(range(6), 3)), ids=str)
def test_the_order_ends_the_same_in_any_order_of_the_events(crm, first):
    service, customer = crm
    order = a_placed_order(service, customer)
    from_scm = iter([reserved(order), dispatched(order, (1, "BOLT-M8", 10)), dispatched(order, (2, "NUT-M8", 4))])
    from_erp = iter([approved(order), invoiced(order), paid(order)])
    deliver(service, *(next(from_scm if place in first else from_erp) for place in range(6)), deliveries=2)
    assert shown(service, order) == ("paid", [["0", "10", "10"], ["0", "4", "4"]])


def test_a_granted_cancellation_ends_the_order(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    deliver(service, approved(order), reserved(order))
    service.sales_orders.cancel(order.id, "changed their mind")
    deliver(service, scm.CancellationGranted(order.id, "changed their mind", goods(*BOTH)))
    assert shown(service, order) == ("cancelled", [["0", "0", "0"], ["0", "0", "0"]])


def test_a_refused_cancellation_leaves_the_status_unchanged(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    deliver(service, approved(order), reserved(order))
    service.sales_orders.cancel(order.id, "changed their mind")
    deliver(service, dispatched(order), scm.CancellationRefused(order.id, "all has left"))
    assert shown(service, order) == ("shipped", [["0", "10", "0"], ["0", "4", "0"]])


def test_a_rejected_order_is_cancelled_with_a_reason(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    deliver(service, scm.OrderRejected(order.id, "shortage", ("NUT-M8",)))
    row = reader(service, SalesOrders).get(order.id)
    assert (row["status"], row["reason"]) == ("cancelled", "shortage")
