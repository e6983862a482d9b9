"""Purchase requests follow their purchase orders."""

from uuid import UUID

import pytest

from shared.contracts import srm
from shared.testing.services import deliver, published_events
from tests.unit.srm.caller import open_srm
from tests.unit.srm.catalogue.examples import register_supplier_with_offer
from tests.unit.srm.purchase_orders.examples import goods_received, order_rows, receipt_reversed
from tests.unit.srm.requisitions.examples import purchase_requested, request_row


@pytest.fixture
def service(tmp_path):
    return open_srm(tmp_path)


def test_a_request_follows_its_order_until_the_goods_are_received(service):
    register_supplier_with_offer(service, "BEST", "0.18")
    requested = purchase_requested(7)
    deliver(service, requested)
    order_id = service.purchase_orders.send(UUID(order_rows(service)[0]["id"])).id
    assert request_row(service, requested)["status"] == "ordered"
    deliver(service, goods_received(order_id, (1, "BOLT-M8", 3)))
    assert request_row(service, requested)["status"] == "ordered"
    deliver(
        service, goods_received(order_id, (1, "BOLT-M8", 4)), goods_received(order_id, (1, "BOLT-M8", 1)), deliveries=2
    )
    assert request_row(service, requested)["status"] == "received"


def test_a_reversed_receipt_is_open_again_and_reopens_its_request(service):
    register_supplier_with_offer(service, "BEST", "0.18")
    requested = purchase_requested(7)
    deliver(service, requested)
    order_id = service.purchase_orders.send(UUID(order_rows(service)[0]["id"])).id
    receipt = goods_received(order_id, (1, "BOLT-M8", 7))
    deliver(service, receipt, receipt_reversed(receipt), deliveries=2)
    (row,) = order_rows(service)
    assert (row["status"], row["lines"][0]["received"], row["lines"][0]["open"]) == ("sent", "0", "7")
    assert request_row(service, requested)["status"] == "ordered"


@pytest.mark.parametrize(("came", "status"), [([], "cancelled"), ([3], "received")])
def test_a_request_ends_when_its_order_is_closed(service, came, status):
    register_supplier_with_offer(service, "BEST", "0.18")
    requested = purchase_requested(7)
    deliver(service, requested)
    order_id = service.purchase_orders.send(UUID(order_rows(service)[0]["id"])).id
    deliver(service, *(goods_received(order_id, (1, "BOLT-M8", quantity)) for quantity in came))
    service.purchase_orders.close(order_id)
    assert request_row(service, requested)["status"] == status


def test_ordered_and_cancelled_requests_are_published(service):
    register_supplier_with_offer(service, "BEST", "0.18")
    first, second = purchase_requested(7), purchase_requested(8)
    deliver(service, first, second)
    one, other = (UUID(each["id"]) for each in order_rows(service))
    service.purchase_orders.send(one)
    service.purchase_orders.cancel(other, "not needed")
    sent, cancelled = published_events(service)[1:]
    assert sent.request_id == first.request_id
    assert cancelled == srm.PurchaseRequestCancelled(second.request_id, "not needed")


def test_a_request_is_cancelled_with_its_order(service):
    register_supplier_with_offer(service, "BEST", "0.18")
    requested = purchase_requested(7)
    deliver(service, requested)
    service.purchase_orders.cancel(UUID(order_rows(service)[0]["id"]), "not needed")
    assert request_row(service, requested)["status"] == "cancelled"
