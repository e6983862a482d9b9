"""The timeline of a customer."""

from datetime import date

import pytest

from services.crm.insight.projections import Timeline
from services.crm.sales_orders.projections import SalesOrders
from shared.contracts import erp
from shared.money import Money
from shared.testing.services import deliver, reader
from tests.unit.crm.customers.examples import a_registration, open_with_customer
from tests.unit.crm.sales_orders.events import approved, dispatched, invoiced, paid, reserved
from tests.unit.crm.sales_orders.examples import INVOICE, ORDERED_ON, PAID_ON, SHIPPED_ON, a_placed_order


@pytest.fixture
def crm(tmp_path):
    return open_with_customer(tmp_path)


def test_an_order_with_a_small_write_off_is_paid_and_the_timeline_shows_it(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    deliver(
        service, approved(order), reserved(order), dispatched(order), invoiced(order), paid(order, "0.35"), deliveries=2
    )
    rest = Money("0.35", "USD")
    written_off = erp.InvoiceWrittenOff(INVOICE, order.id, customer.id, PAID_ON, rest, Money.zero("USD"))
    deliver(service, written_off, deliveries=2)
    assert reader(service, SalesOrders).get(order.id)["status"] == "paid"
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
    other = service.customers.register(a_registration(code="ANATR", name="Ana Trujillo"))
    a_placed_order(service, customer)
    order = a_placed_order(service, other)
    entries = list(reader(service, Timeline).iterate_rows(where={"customer_id": other.id}))
    assert {row["sales_order_id"] for row in entries} == {str(order.id)}
    assert len(entries) == 2
