"""Reactions of fulfilment to the events of orders and credit, with messages in any order."""

import pytest

from services.scm.service import Scm
from shared.contracts import scm
from shared.testing.services import deliver, open_service
from tests.unit.scm.examples import (
    JULY_1,
    JULY_4,
    a_placed_order,
    a_warehouse,
    an_open_shipment,
    an_order,
    cancellation_requested,
    counted,
    credit_approved,
    deactivate_item,
    deactivate_warehouse,
    goods,
    line,
    receive_goods,
    record_published,
    register_warehouse,
    shipments_of,
    stock_of,
)


@pytest.mark.parametrize("first_message", ["order", "credit"])
def test_goods_are_reserved_once_order_and_credit_approval_have_arrived(tmp_path, first_message):
    service = a_warehouse(tmp_path, CHAI=100, TOFU=100)
    published = record_published(service)
    order = an_order(("CHAI", 10), ("TOFU", 5))
    messages = [order, credit_approved(order)]
    deliver(service, *(messages if first_message == "order" else reversed(messages)), deliveries=2)
    assert published() == [scm.StockReserved(order.order_id, "MAIN", (line(1, "CHAI", 10), line(2, "TOFU", 5)))]
    assert stock_of(service, "CHAI") == {"on_hand": "100", "reserved": "10", "available": "90"}


def test_no_goods_are_reserved_before_credit_is_approved(tmp_path):
    service = a_warehouse(tmp_path, CHAI=100)
    published = record_published(service)
    deliver(service, an_order(("CHAI", 10)))
    assert published() == []
    assert stock_of(service, "CHAI") == {"on_hand": "100", "available": "100"}


def test_reserved_goods_form_one_shipment(tmp_path):
    service = a_warehouse(tmp_path, CHAI=100, TOFU=100)
    order = a_placed_order(service, ("CHAI", 10), ("TOFU", 5))
    (shipment,) = shipments_of(service, order)
    assert shipment["status"] == "open"
    assert shipment["lines"] == [
        {"line": 1, "sku": "CHAI", "quantity": "10"},
        {"line": 2, "sku": "TOFU", "quantity": "5"},
    ]


def test_missing_goods_are_backordered_and_requested_line_by_line(tmp_path):
    service = a_warehouse(tmp_path, CHAI=4, TOFU=0)
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 10), ("TOFU", 5), required_on=JULY_4)
    reserved, short, *requests = published()
    assert reserved == scm.StockReserved(order.order_id, "MAIN", (line(1, "CHAI", 4),))
    assert short == scm.StockShort(order.order_id, "MAIN", (line(1, "CHAI", 6), line(2, "TOFU", 5)))
    assert [(each.sku, each.quantity, each.needed_on, each.reason, each.order_id) for each in requests] == [
        ("CHAI", 6, JULY_4, "shortage", order.order_id),
        ("TOFU", 5, JULY_4, "shortage", order.order_id),
    ]
    assert stock_of(service, "CHAI") == {"on_hand": "4", "reserved": "4", "backordered": "6"}


def test_an_order_without_backorder_is_reserved_completely_or_rejected(tmp_path):
    service = a_warehouse(tmp_path, CHAI=100, TOFU=4)
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 10), ("TOFU", 5), backorder="refuse")
    assert published() == [scm.OrderRejected(order.order_id, "shortage", ("TOFU",))]
    assert stock_of(service, "CHAI") == {"on_hand": "100", "available": "100"}
    assert shipments_of(service, order) == []


def test_two_lines_of_one_item_count_together_without_backorder(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    published = record_published(service)
    refused = a_placed_order(service, ("CHAI", 6), ("CHAI", 5), backorder="refuse")
    held = a_placed_order(service, ("CHAI", 6), ("CHAI", 4), backorder="refuse")
    assert published() == [
        scm.OrderRejected(refused.order_id, "shortage", ("CHAI",)),
        scm.StockReserved(held.order_id, "MAIN", (line(1, "CHAI", 6), line(2, "CHAI", 4))),
    ]


def test_an_order_for_an_unknown_item_is_rejected(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 1), ("BEER", 1))
    assert published() == [scm.OrderRejected(order.order_id, "unknown_item", ("BEER",))]


def test_an_order_from_an_unknown_warehouse_is_rejected(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 1), warehouse="NOWHERE")
    assert published() == [scm.OrderRejected(order.order_id, "unknown_warehouse", ())]


def test_an_order_without_a_warehouse_is_served_from_the_first_one(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    register_warehouse(service, "SECOND")
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 1), warehouse=None)
    assert published() == [scm.StockReserved(order.order_id, "MAIN", (line(1, "CHAI", 1),))]


def test_an_order_without_a_warehouse_is_served_from_the_first_active_one(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    register_warehouse(service, "SECOND")
    service.counting.count_stock("SECOND", JULY_4, counted(CHAI=5))
    deactivate_warehouse(service, "MAIN")
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 1), warehouse=None)
    assert published() == [scm.StockReserved(order.order_id, "SECOND", (line(1, "CHAI", 1),))]


def test_an_order_without_a_warehouse_is_served_from_the_default_one_while_it_is_active(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    register_warehouse(service, "SECOND")
    service.counting.count_stock("SECOND", JULY_4, counted(CHAI=5))
    service.settings.change(default_warehouse="SECOND")
    published = record_published(service)
    before = a_placed_order(service, ("CHAI", 1), warehouse=None)
    deactivate_warehouse(service, "SECOND")
    after = a_placed_order(service, ("CHAI", 1), warehouse=None)
    assert [each for each in published() if isinstance(each, scm.StockReserved)] == [
        scm.StockReserved(before.order_id, "SECOND", (line(1, "CHAI", 1),)),
        scm.StockReserved(after.order_id, "MAIN", (line(1, "CHAI", 1),)),
    ]


def test_an_order_from_a_deactivated_warehouse_is_rejected(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    deactivate_warehouse(service, "MAIN")
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 1))
    assert published() == [scm.OrderRejected(order.order_id, "deactivated_warehouse", ())]


def test_an_order_for_a_deactivated_item_is_rejected(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10)
    deactivate_item(service, "TOFU")
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 1), ("TOFU", 1))
    assert published() == [scm.OrderRejected(order.order_id, "deactivated_item", ("TOFU",))]


def test_promised_goods_are_shipped_after_their_item_and_warehouse_are_deactivated(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    order_id, shipment_id = an_open_shipment(service, ("CHAI", 4))
    deactivate_item(service, "CHAI")
    deactivate_warehouse(service, "MAIN")
    published = record_published(service)
    service.fulfilment.dispatch_shipment(shipment_id)
    assert [(each.order_id, each.lines) for each in published()] == [(order_id, (line(1, "CHAI", 4),))]
    assert stock_of(service, "CHAI") == {"on_hand": "6", "available": "6"}


def test_an_order_is_rejected_if_no_warehouse_is_registered(tmp_path):
    service = open_service(Scm, tmp_path)
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 1), warehouse=None)
    assert published() == [scm.OrderRejected(order.order_id, "unknown_warehouse", ())]


def test_received_goods_are_added_to_the_open_shipment_of_the_oldest_promise(tmp_path):
    service = a_warehouse(tmp_path, CHAI=4)
    late = a_placed_order(service, ("CHAI", 10), required_on=JULY_4)
    urgent = a_placed_order(service, ("CHAI", 3), required_on=JULY_1)
    published = record_published(service)
    receive_goods(service, CHAI=5)
    received, *reserved = published()
    assert reserved == [
        scm.StockReserved(urgent.order_id, "MAIN", (line(1, "CHAI", 3),)),
        scm.StockReserved(late.order_id, "MAIN", (line(1, "CHAI", 2),)),
    ]
    assert isinstance(received, scm.GoodsReceived)
    assert [each["lines"] for each in shipments_of(service, late)] == [[{"line": 1, "sku": "CHAI", "quantity": "6"}]]
    assert [each["lines"] for each in shipments_of(service, urgent)] == [[{"line": 1, "sku": "CHAI", "quantity": "3"}]]
    assert stock_of(service, "CHAI") == {"on_hand": "9", "reserved": "9", "backordered": "4"}


def test_goods_of_a_cancelled_order_are_allocated_to_backorders(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    stopped = a_placed_order(service, ("CHAI", 8), ("CHAI", 4))
    waiting = a_placed_order(service, ("CHAI", 5))
    published = record_published(service)
    deliver(service, cancellation_requested(stopped), deliveries=2)
    assert published() == [
        scm.CancellationGranted(stopped.order_id, "changed their mind", (line(1, "CHAI", 8), line(2, "CHAI", 4))),
        scm.StockReserved(waiting.order_id, "MAIN", (line(1, "CHAI", 5),)),
    ]
    assert [each["status"] for each in shipments_of(service, stopped)] == ["cancelled"]
    assert stock_of(service, "CHAI") == {"on_hand": "10", "reserved": "5", "available": "5"}


@pytest.mark.parametrize("message_order", [(0, 1, 2), (2, 0, 1), (2, 1, 0), (1, 2, 0), (0, 2, 1)])
def test_a_cancellation_ends_the_order_whenever_it_arrives(tmp_path, message_order):
    service = a_warehouse(tmp_path, CHAI=10)
    published = record_published(service)
    order = an_order(("CHAI", 8))
    messages = [order, credit_approved(order), cancellation_requested(order)]
    deliver(service, *(messages[each] for each in message_order))
    assert published()[-1] == scm.CancellationGranted(order.order_id, "changed their mind", (line(1, "CHAI", 8),))
    assert stock_of(service, "CHAI") == {"on_hand": "10", "available": "10"}


def test_unshipped_quantities_are_cancelled(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    order = a_placed_order(service, ("CHAI", 12))
    (shipment,) = shipments_of(service, order)
    service.fulfilment.dispatch_shipment(shipment["id"], goods(CHAI=4))
    published = record_published(service)
    deliver(service, cancellation_requested(order))
    assert published() == [scm.CancellationGranted(order.order_id, "changed their mind", (line(1, "CHAI", 8),))]
    assert stock_of(service, "CHAI") == {"on_hand": "6", "available": "6"}


def test_a_cancellation_after_the_last_dispatch_is_refused(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    order = a_placed_order(service, ("CHAI", 10))
    service.fulfilment.dispatch_shipment(shipments_of(service, order)[0]["id"])
    published = record_published(service)
    deliver(service, cancellation_requested(order))
    assert published() == [scm.CancellationRefused(order.order_id, "everything has been shipped")]
