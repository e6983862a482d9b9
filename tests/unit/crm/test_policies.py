"""Reactions of CRM to the events of other services: real store, real policies, messages in any order."""

from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest

from services.crm.projections import SalesOrders, Timeline
from shared.contracts import erp, scm
from shared.money import Money
from shared.testing.services import deliver
from tests.unit.crm.examples import (
    INVOICE,
    ORDERED_ON,
    PAID_ON,
    PAYMENT,
    SHIPMENT,
    SHIPPED_ON,
    a_placed_order,
    open_with_customer,
    reader,
)

TOTAL = Money("9.35", "USD")
BOTH = ((1, "BOLT-M8", 10), (2, "NUT-M8", 4))


def goods(*lines):
    return tuple(scm.GoodsLine(line, sku, Decimal(quantity)) for line, sku, quantity in lines)


def approved(order):
    return erp.CreditApproved(order.id, order.customer_id)


def held(order):
    nothing = Money.zero("USD")
    return erp.CreditHeld(order.id, order.customer_id, nothing, nothing, TOTAL)


def reserved(order, *lines):
    return scm.StockReserved(order.id, "MAIN", goods(*lines or BOTH))


def short(order, *lines):
    return scm.StockShort(order.id, "MAIN", goods(*lines))


def dispatched(order, *lines):
    return scm.ShipmentDispatched(
        SHIPMENT, order.id, order.customer_id, "MAIN", SHIPPED_ON, "UPS", "1Z", goods(*lines or BOTH), not lines
    )


def invoiced(order):
    lines = (erp.InvoiceLine(1, "BOLT-M8", Decimal(10), Money("2.50", "USD")),
             erp.InvoiceLine(2, "NUT-M8", Decimal(4), Money("3.85", "USD")))  # fmt: skip
    return erp.InvoicePosted(
        INVOICE, "INV", 1, order.id, SHIPMENT, order.customer_id, SHIPPED_ON, PAID_ON, lines, Money("3", "USD"), TOTAL
    )


def paid(order, still_open="0"):
    left = Money(still_open, "USD")
    return erp.InvoicePaymentChanged(INVOICE, order.id, order.customer_id, PAYMENT, PAID_ON, left)


def shown(service, order):
    row = reader(service, SalesOrders).get(order.id)
    return row["status"], [[each["reserved"], each["shipped"], each["invoiced"]] for each in row["lines"]]


@pytest.fixture
def crm(tmp_path):
    return open_with_customer(tmp_path)


def test_an_order_shows_its_life_line_by_line(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    life = [
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
    for message, status, lines in life:
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
    service.cancel_sales_order(order.id, "changed their mind")
    deliver(service, scm.CancellationGranted(order.id, "changed their mind", goods(*BOTH)))
    assert shown(service, order) == ("cancelled", [["0", "0", "0"], ["0", "0", "0"]])


def test_a_refused_cancellation_leaves_the_order_where_it_was(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    deliver(service, approved(order), reserved(order))
    service.cancel_sales_order(order.id, "changed their mind")
    deliver(service, dispatched(order), scm.CancellationRefused(order.id, "all has left"))
    assert shown(service, order) == ("shipped", [["0", "10", "0"], ["0", "4", "0"]])


def test_an_order_that_cannot_be_delivered_ends_with_a_reason(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    deliver(service, scm.OrderRejected(order.id, "shortage", ("NUT-M8",)))
    row = reader(service, SalesOrders).get(order.id)
    assert (row["status"], row["reason"]) == ("cancelled", "shortage")


def test_an_order_with_a_small_write_off_is_paid_and_the_timeline_shows_it(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    deliver(
        service, approved(order), reserved(order), dispatched(order), invoiced(order), paid(order, "0.35"), deliveries=2
    )
    rest = Money("0.35", "USD")
    written_off = erp.InvoiceWrittenOff(INVOICE, order.id, customer.id, PAID_ON, rest, Money.zero("USD"))
    deliver(service, written_off, deliveries=2)
    assert shown(service, order)[0] == "paid"
    *_, last = reader(service, Timeline).iterate_rows(where={"customer_id": customer.id})
    assert (last["kind"], last["what"], last["amount"]["amount"]) == ("invoice", "written_off", "0.35")


def test_the_timeline_shows_each_event_of_the_customer_and_its_cause(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    deliver(
        service, approved(order), reserved(order), dispatched(order), invoiced(order), paid(order), paid(order, "9.35")
    )
    entries = list(reader(service, Timeline).iterate_rows(where={"customer_id": customer.id}))
    assert [(row["kind"], row["what"], row["happened_on"], row["number"]) for row in entries] == [
        ("order", "drafted", date.today().isoformat(), "SO-1"),  # noqa: DTZ011 (the firm's zone in tests is UTC)
        ("order", "placed", ORDERED_ON.isoformat(), "SO-1"),
        ("shipment", "dispatched", SHIPPED_ON.isoformat(), "SO-1"),
        ("invoice", "posted", SHIPPED_ON.isoformat(), "1"),
        ("payment", "received", PAID_ON.isoformat(), "SO-1"),
        ("payment", "taken_back", PAID_ON.isoformat(), "SO-1"),
    ]
    assert [row["amount"] and row["amount"]["amount"] for row in entries] == [
        None,
        "9.35",
        None,
        "9.35",
        "9.35",
        "-9.35",
    ]
    stored = {each.position: each.type for each in service.store.log(0, 99)}
    assert all(stored[row["position"]] == row["event"] for row in entries)
    assert [row["cause"].partition(":")[0] for row in entries] == ["command", "command", "scm", "erp", "erp", "erp"]


def test_another_customers_timeline_is_its_own(crm):
    service, customer = crm
    other = service.register_customer(code="ANATR", name="Ana Trujillo", currency="USD")
    a_placed_order(service, customer)
    order = a_placed_order(service, other)
    entries = list(reader(service, Timeline).iterate_rows(where={"customer_id": other.id}))
    assert {row["sales_order_id"] for row in entries} == {str(order.id)}
    assert len(entries) == 2


def test_all_rows_come_out_the_same_when_folded_from_zero(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    deliver(service, approved(order), reserved(order), dispatched(order), invoiced(order), paid(order))
    reader(service, Timeline)
    compared = service.read_models.rebuild()
    assert all(each.is_equal for each in compared.values())
    rows_of = {name: each.equal for name, each in compared.items()}
    assert rows_of.items() >= {"customers": 1, "sales_orders": 1, "timeline": 6}.items()
