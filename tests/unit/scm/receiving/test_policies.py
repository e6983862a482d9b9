"""Reactions of receiving to the events of purchase orders."""

from decimal import Decimal
from uuid import uuid4

import pytest

from shared.contracts import srm
from shared.domain import WrongStatus
from shared.testing.services import deliver
from tests.unit.scm.examples import (
    JULY_1,
    a_purchase_order,
    a_warehouse,
    goods,
    stock_of,
)


def test_a_sent_purchase_order_is_on_order_until_it_arrives_or_is_cancelled(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent, deliveries=2)
    assert stock_of(service, "CHAI") == {"on_order": "10"}
    service.receiving.receive(sent.purchase_order_id, goods(CHAI=4))
    assert stock_of(service, "CHAI") == {"on_hand": "4", "available": "4", "on_order": "6"}
    deliver(service, srm.PurchaseOrderCancelled(sent.purchase_order_id, "too late"))
    assert stock_of(service, "CHAI") == {"on_hand": "4", "available": "4"}


def test_cancelling_an_unsent_purchase_order_changes_nothing(tmp_path):
    service = a_warehouse(tmp_path)
    before = service.store.head()
    deliver(service, srm.PurchaseOrderCancelled(uuid4(), "a draft"))
    assert service.store.head() == before


def revised(sent: srm.PurchaseOrderSent, **stock: int) -> srm.PurchaseOrderRevised:
    now = a_purchase_order(**stock)
    return srm.PurchaseOrderRevised(
        sent.purchase_order_id, 1, "PO-1", sent.supplier_id, "USD", JULY_1, None, "MAIN", now.lines, Decimal(50)
    )


def test_expected_quantities_follow_the_revised_order(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    service.receiving.receive(sent.purchase_order_id, goods(CHAI=4))
    deliver(service, revised(sent, CHAI=6), deliveries=2)
    assert stock_of(service, "CHAI") == {"on_hand": "4", "available": "4", "on_order": "2"}
    service.receiving.receive(sent.purchase_order_id, goods(CHAI=5))
    assert stock_of(service, "CHAI") == {"on_hand": "9", "available": "9"}


def test_no_goods_are_received_for_a_closed_order(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10, over_percent=Decimal(100))
    deliver(service, sent)
    service.receiving.receive(sent.purchase_order_id, goods(CHAI=4))
    deliver(service, srm.PurchaseOrderClosed(sent.purchase_order_id, "enough"), deliveries=2)
    assert stock_of(service, "CHAI") == {"on_hand": "4", "available": "4"}
    with pytest.raises(WrongStatus, match="closed"):
        service.receiving.receive(sent.purchase_order_id, goods(CHAI=1))
