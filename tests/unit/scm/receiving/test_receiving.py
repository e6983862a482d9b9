"""Goods receipts and their reversal, with the stock they change."""

from decimal import Decimal
from uuid import uuid4

import pytest

from services.scm.receiving.commands import Deactivated, NotRegistered
from services.scm.receiving.domain.expected_delivery import ExceedsOrderedQuantity, NotOnOrder
from services.scm.service import Scm
from services.scm.warehousing.domain.stock_item import StockNotAvailable
from shared.contracts import scm, srm
from shared.domain import NotYetAvailable, WrongStatus
from shared.testing import end_of
from shared.testing.services import deliver, open_service
from tests.unit.scm.examples import (
    JULY_1,
    JULY_4,
    a_purchase_order,
    a_warehouse,
    an_open_shipment,
    deactivate_item,
    deactivate_warehouse,
    goods,
    line,
    receive_goods,
    record_published,
    stock_of,
)


def test_an_order_is_received_in_parts(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0, TOFU=0)
    sent = a_purchase_order(CHAI=10, TOFU=5)
    deliver(service, sent)
    published = record_published(service)
    first = service.receiving.receive(sent.purchase_order_id, goods(CHAI=4), received_on=JULY_1)
    second = service.receiving.receive(sent.purchase_order_id, goods(TOFU=5, CHAI=6), received_on=JULY_4)
    assert published() == [
        scm.GoodsReceived(first.id, sent.purchase_order_id, "MAIN", JULY_1, end_of(JULY_1), (line(1, "CHAI", 4),)),
        scm.GoodsReceived(
            second.id, sent.purchase_order_id, "MAIN", JULY_4, end_of(JULY_4), (line(1, "CHAI", 6), line(2, "TOFU", 5))
        ),
    ]
    assert stock_of(service, "CHAI") == {"on_hand": "10", "available": "10"}


@pytest.mark.parametrize(
    ("named", "refusal"), [({"CHAI": 11}, ExceedsOrderedQuantity), ({"CHAI": 1, "TOFU": 1}, NotOnOrder)]
)
def test_goods_not_on_order_are_refused(tmp_path, named, refusal):
    service = a_warehouse(tmp_path, CHAI=0, TOFU=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    before = service.store.head()
    with pytest.raises(refusal):
        service.receiving.receive(sent.purchase_order_id, goods(**named))
    assert service.store.head() == before


def test_a_receipt_for_an_unknown_order_may_be_repeated_later(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    with pytest.raises(NotYetAvailable):
        service.receiving.receive(uuid4(), goods(CHAI=1))


def test_no_goods_are_received_for_a_cancelled_or_complete_order(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    cancelled, complete = a_purchase_order(CHAI=10), a_purchase_order(CHAI=10)
    deliver(service, cancelled, complete, srm.PurchaseOrderCancelled(cancelled.purchase_order_id, "too dear"))
    service.receiving.receive(complete.purchase_order_id, goods(CHAI=10))
    with pytest.raises(WrongStatus):
        service.receiving.receive(cancelled.purchase_order_id, goods(CHAI=1))
    with pytest.raises(ExceedsOrderedQuantity):
        service.receiving.receive(complete.purchase_order_id, goods(CHAI=1))


def test_goods_of_an_unregistered_item_are_refused(tmp_path):
    service = a_warehouse(tmp_path)
    sent = a_purchase_order(BEER=10)
    deliver(service, sent)
    with pytest.raises(NotRegistered, match="line 1: item BEER is not registered"):
        service.receiving.receive(sent.purchase_order_id, goods(BEER=1))


def test_goods_for_an_unregistered_warehouse_are_refused(tmp_path):
    service = open_service(Scm, tmp_path)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    with pytest.raises(NotRegistered, match="warehouse MAIN is not registered"):
        service.receiving.receive(sent.purchase_order_id, goods(CHAI=1))


def test_goods_of_a_deactivated_item_are_refused(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    deactivate_item(service, "CHAI")
    with pytest.raises(Deactivated, match="line 1: item CHAI is deactivated") as refused:
        service.receiving.receive(sent.purchase_order_id, goods(CHAI=1))
    assert refused.value.field == "lines/0/sku"


def test_goods_for_a_deactivated_warehouse_are_refused_until_it_is_active_again(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    deactivate_warehouse(service, "MAIN")
    with pytest.raises(Deactivated, match="warehouse MAIN is deactivated") as refused:
        service.receiving.receive(sent.purchase_order_id, goods(CHAI=1))
    assert refused.value.field == "purchase_order_id"
    warehouses = service.warehousing.warehouses
    warehouses.reactivate(warehouses.get("MAIN").id)
    service.receiving.receive(sent.purchase_order_id, goods(CHAI=1))


def test_a_receipt_is_reversed_in_a_deactivated_warehouse(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    receipt = receive_goods(service, CHAI=4)
    deactivate_warehouse(service, "MAIN")
    deactivate_item(service, "CHAI")
    service.receiving.reverse(receipt.id, "mistyped")
    assert stock_of(service, "CHAI") == {"on_order": "4"}


def test_a_mistyped_receipt_is_reversed_once(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    receipt = service.receiving.receive(sent.purchase_order_id, goods(CHAI=4), received_on=JULY_1)
    published = record_published(service)
    service.receiving.reverse(receipt.id, "typed 4 for 6")
    assert published() == [
        scm.GoodsReceiptReversed(
            receipt.id, sent.purchase_order_id, "MAIN", JULY_1, (line(1, "CHAI", 4),), "typed 4 for 6"
        )
    ]
    assert stock_of(service, "CHAI") == {"on_order": "10"}
    with pytest.raises(WrongStatus):
        service.receiving.reverse(receipt.id, "again")
    service.receiving.receive(sent.purchase_order_id, goods(CHAI=10))
    assert stock_of(service, "CHAI") == {"on_hand": "10", "available": "10"}


@pytest.mark.parametrize("gone", [False, True])
def test_a_receipt_of_reserved_or_shipped_goods_is_not_reversed(tmp_path, gone):
    service = a_warehouse(tmp_path, CHAI=0)
    receipt = receive_goods(service, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    if gone:
        service.fulfilment.dispatch_shipment(shipment_id)
    before = service.store.head()
    with pytest.raises(StockNotAvailable, match="only 6 of 10 CHAI are available in MAIN"):
        service.receiving.reverse(receipt.id, "mistyped")
    assert service.store.head() == before


def test_an_order_without_a_tolerance_has_the_tolerance_of_the_firm(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    without_tolerance, zero_tolerance = a_purchase_order(CHAI=10), a_purchase_order(CHAI=10, over_percent=Decimal(0))
    deliver(service, without_tolerance, zero_tolerance)
    service.settings.change(over_receipt_percent=Decimal(20))
    service.receiving.receive(without_tolerance.purchase_order_id, goods(CHAI=12))
    with pytest.raises(ExceedsOrderedQuantity):
        service.receiving.receive(zero_tolerance.purchase_order_id, goods(CHAI=11))


def test_an_over_receipt_within_the_tolerance_leaves_no_negative_quantity_on_order(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10, over_percent=Decimal(20))
    deliver(service, sent)
    receipt = service.receiving.receive(sent.purchase_order_id, goods(CHAI=12))
    assert stock_of(service, "CHAI") == {"on_hand": "12", "available": "12"}
    service.receiving.reverse(receipt.id, "mistyped")
    assert stock_of(service, "CHAI") == {"on_order": "10"}
