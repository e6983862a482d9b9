"""Purchase requests after events of purchase orders and requests."""

from decimal import Decimal

import pytest

from shared.contracts import scm, srm
from shared.testing.services import deliver
from tests.unit.scm.examples import (
    a_placed_order,
    a_purchase_order,
    a_warehouse,
    change_item,
    goods,
    receive_goods,
    record_published,
)


def requests(published):
    return [(each.sku, each.quantity) for each in published() if isinstance(each, scm.PurchaseRequested)]


def test_a_request_counts_as_supply_until_its_purchase_order_does(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    published = record_published(service)
    a_placed_order(service, ("CHAI", 6))
    (requested,) = [each for each in published() if isinstance(each, scm.PurchaseRequested)]
    sent = a_purchase_order(CHAI=6, request_id=requested.request_id)
    deliver(service, sent, deliveries=2)
    assert requests(published) == []
    service.receiving.receive(sent.purchase_order_id, goods(CHAI=6))
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
def test_goods_of_an_ended_purchase_order_are_requested_again(tmp_path, end):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    a_placed_order(service, ("CHAI", 6))
    published = record_published(service)
    deliver(service, end(sent.purchase_order_id, "bankrupt"), deliveries=2)
    assert requests(published) == [("CHAI", 6)]


def test_a_cancelled_request_is_repeated_when_stock_changes(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    published = record_published(service)
    a_placed_order(service, ("CHAI", 6))
    (requested,) = [each for each in published() if isinstance(each, scm.PurchaseRequested)]
    deliver(service, srm.PurchaseRequestCancelled(requested.request_id, "too dear"), deliveries=2)
    assert requests(published) == []
    a_placed_order(service, ("CHAI", 1))
    assert requests(published) == [("CHAI", 7)]


def test_goods_of_a_reversed_receipt_for_a_closed_order_are_requested_again(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    change_item(service, "CHAI", reorder_point=Decimal(5))
    receipt = receive_goods(service, CHAI=8)
    deliver(service, srm.PurchaseOrderClosed(receipt.purchase_order_id, None))
    published = record_published(service)
    service.receiving.reverse(receipt.id, "mistyped")
    assert requests(published) == [("CHAI", 5)]
