"""Reactions of SCM to the events of other services: real store, real policies, messages in any order."""

from decimal import Decimal
from uuid import uuid4

import pytest

from services.scm.service import Scm
from shared.contracts import scm, srm
from shared.domain import WrongStatus
from shared.testing.services import deliver, open_service
from tests.unit.scm.examples import (
    JULY_1,
    JULY_4,
    a_placed_order,
    a_purchase_order,
    a_warehouse,
    an_order,
    cancellation_requested,
    credit_approved,
    goods,
    line,
    receive_goods,
    record_published,
    shipments_of,
    stock_of,
)


@pytest.mark.parametrize("first_message", ["order", "credit"])
def test_goods_are_held_once_order_and_credit_are_known(tmp_path, first_message):
    service = a_warehouse(tmp_path, CHAI=100, TOFU=100)
    published = record_published(service)
    order = an_order(("CHAI", 10), ("TOFU", 5))
    messages = [order, credit_approved(order)]
    deliver(service, *(messages if first_message == "order" else reversed(messages)), deliveries=2)
    assert published() == [scm.StockReserved(order.order_id, "MAIN", (line(1, "CHAI", 10), line(2, "TOFU", 5)))]
    assert stock_of(service, "CHAI") == {"on_hand": "100", "reserved": "10", "available": "90"}


def test_nothing_is_held_before_credit_stands(tmp_path):
    service = a_warehouse(tmp_path, CHAI=100)
    published = record_published(service)
    deliver(service, an_order(("CHAI", 10)))
    assert published() == []
    assert stock_of(service, "CHAI") == {"on_hand": "100", "available": "100"}


def test_held_goods_are_packed_into_one_shipment(tmp_path):
    service = a_warehouse(tmp_path, CHAI=100, TOFU=100)
    order = a_placed_order(service, ("CHAI", 10), ("TOFU", 5))
    (shipment,) = shipments_of(service, order)
    assert shipment["status"] == "open"
    assert shipment["lines"] == [
        {"line": 1, "sku": "CHAI", "quantity": "10"},
        {"line": 2, "sku": "TOFU", "quantity": "5"},
    ]


def test_missing_goods_are_waited_for_and_requested_line_by_line(tmp_path):
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


def test_a_discontinued_item_is_not_requested(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    service.change_item("CHAI", discontinued=True)
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 10))
    assert published() == [scm.StockShort(order.order_id, "MAIN", (line(1, "CHAI", 10),))]


def test_an_order_that_may_not_wait_takes_all_or_nothing(tmp_path):
    service = a_warehouse(tmp_path, CHAI=100, TOFU=4)
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 10), ("TOFU", 5), backorder="refuse")
    assert published() == [scm.OrderRejected(order.order_id, "shortage", ("TOFU",))]
    assert stock_of(service, "CHAI") == {"on_hand": "100", "available": "100"}
    assert shipments_of(service, order) == []


def test_two_lines_of_one_item_count_together_when_an_order_may_not_wait(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    published = record_published(service)
    refused = a_placed_order(service, ("CHAI", 6), ("CHAI", 5), backorder="refuse")
    held = a_placed_order(service, ("CHAI", 6), ("CHAI", 4), backorder="refuse")
    assert published() == [
        scm.OrderRejected(refused.order_id, "shortage", ("CHAI",)),
        scm.StockReserved(held.order_id, "MAIN", (line(1, "CHAI", 6), line(2, "CHAI", 4))),
    ]


def test_an_unknown_item_ends_the_order(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 1), ("BEER", 1))
    assert published() == [scm.OrderRejected(order.order_id, "unknown_item", ("BEER",))]


def test_an_unknown_warehouse_ends_the_order(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 1), warehouse="NOWHERE")
    assert published() == [scm.OrderRejected(order.order_id, "unknown_warehouse", ())]


def test_an_order_that_names_no_warehouse_goes_to_the_first(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    service.register_warehouse("SECOND", "Second hall")
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 1), warehouse=None)
    assert published() == [scm.StockReserved(order.order_id, "MAIN", (line(1, "CHAI", 1),))]


def test_without_any_warehouse_the_order_ends(tmp_path):
    service = open_service(Scm, tmp_path)
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 1), warehouse=None)
    assert published() == [scm.OrderRejected(order.order_id, "unknown_warehouse", ())]


def test_arriving_goods_go_to_the_oldest_promise_and_its_open_shipment(tmp_path):
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


def test_a_stopped_order_gives_its_goods_to_those_who_wait(tmp_path):
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
def test_a_stop_ends_the_order_whenever_it_comes(tmp_path, message_order):
    service = a_warehouse(tmp_path, CHAI=10)
    published = record_published(service)
    order = an_order(("CHAI", 8))
    messages = [order, credit_approved(order), cancellation_requested(order)]
    deliver(service, *(messages[each] for each in message_order))
    assert published()[-1] == scm.CancellationGranted(order.order_id, "changed their mind", (line(1, "CHAI", 8),))
    assert stock_of(service, "CHAI") == {"on_hand": "10", "available": "10"}


def test_what_was_not_shipped_yet_is_stopped(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    order = a_placed_order(service, ("CHAI", 12))
    (shipment,) = shipments_of(service, order)
    service.dispatch_shipment(shipment["id"], goods(CHAI=4))
    published = record_published(service)
    deliver(service, cancellation_requested(order))
    assert published() == [scm.CancellationGranted(order.order_id, "changed their mind", (line(1, "CHAI", 8),))]
    assert stock_of(service, "CHAI") == {"on_hand": "6", "available": "6"}


def test_a_stop_after_everything_has_left_is_refused(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    order = a_placed_order(service, ("CHAI", 10))
    service.dispatch_shipment(shipments_of(service, order)[0]["id"])
    published = record_published(service)
    deliver(service, cancellation_requested(order))
    assert published() == [scm.CancellationRefused(order.order_id, "everything has been shipped")]


def test_a_sent_purchase_order_is_on_order_until_it_arrives_or_is_cancelled(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent, deliveries=2)
    assert stock_of(service, "CHAI") == {"on_order": "10"}
    service.receive_goods(sent.purchase_order_id, goods(CHAI=4))
    assert stock_of(service, "CHAI") == {"on_hand": "4", "available": "4", "on_order": "6"}
    deliver(service, srm.PurchaseOrderCancelled(sent.purchase_order_id, "too late"))
    assert stock_of(service, "CHAI") == {"on_hand": "4", "available": "4"}


def test_cancelling_a_purchase_order_that_was_never_sent_means_nothing_here(tmp_path):
    service = a_warehouse(tmp_path)
    before = service.store.head()
    deliver(service, srm.PurchaseOrderCancelled(uuid4(), "a draft"))
    assert service.store.head() == before


def revised(sent: srm.PurchaseOrderSent, **stock: int) -> srm.PurchaseOrderRevised:
    now = a_purchase_order(**stock)
    return srm.PurchaseOrderRevised(
        sent.purchase_order_id, 1, "PO-1", sent.supplier_id, "USD", JULY_1, None, "MAIN", now.lines, Decimal(50)
    )


def test_what_is_expected_follows_the_revised_order(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    service.receive_goods(sent.purchase_order_id, goods(CHAI=4))
    deliver(service, revised(sent, CHAI=6), deliveries=2)
    assert stock_of(service, "CHAI") == {"on_hand": "4", "available": "4", "on_order": "2"}
    service.receive_goods(sent.purchase_order_id, goods(CHAI=5))
    assert stock_of(service, "CHAI") == {"on_hand": "9", "available": "9"}


def test_nothing_is_taken_in_for_a_closed_order(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10, over_percent=Decimal(100))
    deliver(service, sent)
    service.receive_goods(sent.purchase_order_id, goods(CHAI=4))
    deliver(service, srm.PurchaseOrderClosed(sent.purchase_order_id, "enough"), deliveries=2)
    assert stock_of(service, "CHAI") == {"on_hand": "4", "available": "4"}
    with pytest.raises(WrongStatus, match="closed"):
        service.receive_goods(sent.purchase_order_id, goods(CHAI=1))


def requests(published):
    return [(each.sku, each.quantity) for each in published() if isinstance(each, scm.PurchaseRequested)]


def test_a_request_counts_until_it_is_on_order_and_then_the_order_does(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    published = record_published(service)
    a_placed_order(service, ("CHAI", 6))
    (requested,) = [each for each in published() if isinstance(each, scm.PurchaseRequested)]
    sent = a_purchase_order(CHAI=6, request_id=requested.request_id)
    deliver(service, sent, deliveries=2)
    assert requests(published) == []
    service.receive_goods(sent.purchase_order_id, goods(CHAI=6))
    a_placed_order(service, ("CHAI", 2))
    assert requests(published) == [("CHAI", 2)]


def test_a_quantity_not_ordered_is_requested_again(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    published = record_published(service)
    a_placed_order(service, ("CHAI", 6))
    (requested,) = [each for each in published() if isinstance(each, scm.PurchaseRequested)]
    deliver(service, a_purchase_order(CHAI=5, request_id=requested.request_id), deliveries=2)
    assert requests(published) == [("CHAI", 1)]


@pytest.mark.parametrize("end", [srm.PurchaseOrderCancelled, srm.PurchaseOrderClosed], ids=["cancelled", "closed"])
def test_goods_that_will_not_come_are_requested_again(tmp_path, end):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    a_placed_order(service, ("CHAI", 6))
    published = record_published(service)
    deliver(service, end(sent.purchase_order_id, "bankrupt"), deliveries=2)
    assert requests(published) == [("CHAI", 6)]


def test_a_request_that_will_not_be_ordered_is_repeated_when_stock_changes(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    published = record_published(service)
    a_placed_order(service, ("CHAI", 6))
    (requested,) = [each for each in published() if isinstance(each, scm.PurchaseRequested)]
    deliver(service, srm.PurchaseRequestCancelled(requested.request_id, "too dear"), deliveries=2)
    assert requests(published) == []
    a_placed_order(service, ("CHAI", 1))
    assert requests(published) == [("CHAI", 7)]


def test_a_receipt_taken_back_from_a_closed_order_is_bought_again(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    service.change_item("CHAI", reorder_point=Decimal(5))
    receipt = receive_goods(service, CHAI=8)
    deliver(service, srm.PurchaseOrderClosed(receipt.purchase_order_id, None))
    published = record_published(service)
    service.reverse_receipt(receipt.id, "mistyped")
    assert requests(published) == [("CHAI", 5)]
