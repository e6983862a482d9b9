"""Dispatch of shipments, with the stock and the orders it changes."""

from uuid import uuid4

import pytest

from services.scm.fulfilment.domain.fulfilment import Fulfilment
from services.scm.shipping.domain.shipment import DispatchDetails, ExceedsShipment
from shared import codec
from shared.contracts import scm
from shared.domain import InvalidInput, NotFound, WrongStatus
from shared.testing import end_of
from shared.testing.services import deliver
from tests.unit.scm.examples import (
    CUSTOMER,
    JULY_4,
    a_placed_order,
    a_warehouse,
    an_open_shipment,
    cancellation_requested,
    goods,
    line,
    receive_goods,
    record_published,
    shipments_of,
    stock_of,
)


def test_a_whole_shipment_is_dispatched(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10)
    order_id, shipment_id = an_open_shipment(service, ("CHAI", 4), ("TOFU", 5))
    published = record_published(service)
    details = DispatchDetails(carrier="SPEEDY", tracking="T-1")
    service.fulfilment.dispatch_shipment(shipment_id, dispatched_on=JULY_4, details=details)
    assert published() == [
        scm.ShipmentDispatched(
            shipment_id, order_id, CUSTOMER, "MAIN", JULY_4, end_of(JULY_4), "SPEEDY", "T-1",
            (line(1, "CHAI", 4), line(2, "TOFU", 5)), order_complete=True,
        )
    ]  # fmt: skip
    assert stock_of(service, "CHAI") == {"on_hand": "6", "available": "6"}


def test_the_rest_of_a_partial_dispatch_goes_into_the_next_shipment(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10)
    order = a_placed_order(service, ("CHAI", 4), ("TOFU", 5))
    published = record_published(service)
    service.fulfilment.dispatch_shipment(shipments_of(service, order)[0]["id"], goods(CHAI=1, TOFU=5))
    first, second = shipments_of(service, order)
    assert (first["status"], second["status"]) == ("dispatched", "open")
    assert second["lines"] == [{"line": 1, "sku": "CHAI", "quantity": "3"}]
    service.fulfilment.dispatch_shipment(second["id"])
    assert [(each.lines, each.order_complete) for each in published()] == [
        ((line(1, "CHAI", 1), line(2, "TOFU", 5)), False),
        ((line(1, "CHAI", 3),), True),
    ]


def test_goods_received_after_a_dispatch_form_a_new_shipment(tmp_path):
    service = a_warehouse(tmp_path, CHAI=4)
    order = a_placed_order(service, ("CHAI", 10))
    service.fulfilment.dispatch_shipment(shipments_of(service, order)[0]["id"])
    assert [each["status"] for each in shipments_of(service, order)] == ["dispatched"]
    receive_goods(service, CHAI=6)
    _, second = shipments_of(service, order)
    published = record_published(service)
    service.fulfilment.dispatch_shipment(second["id"])
    (dispatched,) = published()
    assert (dispatched.lines, dispatched.order_complete) == ((line(1, "CHAI", 6),), True)


def test_a_dispatch_without_a_date_has_the_date_of_today(tmp_path):
    service = a_warehouse(tmp_path, CHAI=4)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    shipment = service.fulfilment.dispatch_shipment(shipment_id)
    assert shipment.dispatched_on == service.runner.run(lambda: service.runner.uow.effective_on)


def test_dispatching_more_than_the_shipment_contains_is_refused(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    before = service.store.head()
    with pytest.raises(ExceedsShipment):
        service.fulfilment.dispatch_shipment(shipment_id, goods(CHAI=5))
    assert service.store.head() == before


def test_a_dispatched_shipment_is_not_dispatched_again(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    service.fulfilment.dispatch_shipment(shipment_id)
    with pytest.raises(WrongStatus):
        service.fulfilment.dispatch_shipment(shipment_id)
    assert stock_of(service, "CHAI") == {"on_hand": "6", "available": "6"}


def test_the_shipment_of_a_cancelled_order_is_not_dispatched(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    order = a_placed_order(service, ("CHAI", 4))
    shipment_id = shipments_of(service, order)[0]["id"]
    deliver(service, cancellation_requested(order))
    with pytest.raises(WrongStatus):
        service.fulfilment.dispatch_shipment(shipment_id)


def test_an_unknown_carrier_is_refused(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    with pytest.raises(InvalidInput) as refused:
        service.fulfilment.dispatch_shipment(shipment_id, details=DispatchDetails(carrier="UNKNOWN"))
    assert refused.value.field == "carrier"


def test_an_unknown_shipment_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        a_warehouse(tmp_path).fulfilment.dispatch_shipment(uuid4())


def test_a_dispatch_has_the_correlation_of_its_order_even_if_the_goods_arrived_later(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    order = a_placed_order(service, ("CHAI", 4))
    receive_goods(service, CHAI=4)
    position = service.store.published_head()
    service.fulfilment.dispatch_shipment(shipments_of(service, order)[0]["id"])
    (dispatched,) = service.store.published_events(position, 10)
    started, *_ = service.store.events(Fulfilment.create_id(order.order_id))
    assert str(dispatched.correlation_id) == codec.decode_untyped(started.state)["meta"]["correlation_id"]


def test_an_order_of_three_lines_records_few_events(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10, BEER=10)
    before = service.store.head()
    _, shipment_id = an_open_shipment(service, ("CHAI", 1), ("TOFU", 1), ("BEER", 1))
    service.fulfilment.dispatch_shipment(shipment_id)
    assert service.store.head() - before <= 13
