"""Purchase requests for items below their reorder point."""

from decimal import Decimal

from shared.contracts import scm
from shared.testing.services import deliver
from tests.unit.scm.examples import (
    JULY_4,
    a_placed_order,
    a_purchase_order,
    a_warehouse,
    change_item,
    counted,
    deactivate_item,
    deactivate_warehouse,
    line,
    record_published,
    register_item,
    register_warehouse,
)


def requested_goods(published):
    return [
        (each.sku, each.quantity, each.reason, each.order_id)
        for each in published()
        if isinstance(each, scm.PurchaseRequested)
    ]


def test_an_item_below_its_reorder_point_is_requested_once_up_to_reorder_to(tmp_path):
    service = a_warehouse(tmp_path, CHAI=30)
    change_item(service, "CHAI", reorder_point=Decimal(20), reorder_to=Decimal(50))
    published = record_published(service)
    a_placed_order(service, ("CHAI", 10))
    assert requested_goods(published) == []
    a_placed_order(service, ("CHAI", 1))
    assert requested_goods(published) == [("CHAI", 31, "reorder", None)]
    a_placed_order(service, ("CHAI", 5))
    assert requested_goods(published) == []


def test_an_item_without_reorder_to_is_requested_up_to_its_reorder_point(tmp_path):
    service = a_warehouse(tmp_path, CHAI=12)
    published = record_published(service)
    change_item(service, "CHAI", reorder_point=Decimal(20))
    assert requested_goods(published) == [("CHAI", 8, "reorder", None)]


def test_a_shortage_is_the_reason_of_a_request_below_the_reorder_point(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    change_item(service, "CHAI", reorder_point=Decimal(10), reorder_to=Decimal(30))
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 14))
    assert requested_goods(published) == [("CHAI", 34, "shortage", order.order_id)]


def test_goods_already_on_order_are_not_requested(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    deliver(service, a_purchase_order(CHAI=10))
    published = record_published(service)
    a_placed_order(service, ("CHAI", 6))
    order = a_placed_order(service, ("CHAI", 6))
    assert requested_goods(published) == [("CHAI", 2, "shortage", order.order_id)]


def test_a_discontinued_item_is_not_requested(tmp_path):
    service = a_warehouse(tmp_path, CHAI=12)
    change_item(service, "CHAI", discontinued=True, reorder_point=Decimal(20))
    published = record_published(service)
    a_placed_order(service, ("CHAI", 14))
    assert requested_goods(published) == []
    change_item(service, "CHAI", discontinued=False)
    assert requested_goods(published) == [("CHAI", 22, "shortage", None)]


def test_an_item_never_in_stock_is_not_requested(tmp_path):
    service = a_warehouse(tmp_path)
    published = record_published(service)
    register_item(service, "CHAI", reorder_point=Decimal(20))
    assert requested_goods(published) == []


def test_goods_missing_in_a_count_are_requested(tmp_path):
    service = a_warehouse(tmp_path, CHAI=30)
    change_item(service, "CHAI", reorder_point=Decimal(20), reorder_to=Decimal(50))
    published = record_published(service)
    service.counting.count_stock("MAIN", JULY_4, counted(CHAI=19))
    assert requested_goods(published) == [("CHAI", 31, "reorder", None)]


def test_a_shortage_of_a_discontinued_item_is_not_requested(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    change_item(service, "CHAI", discontinued=True)
    published = record_published(service)
    order = a_placed_order(service, ("CHAI", 10))
    assert published() == [scm.StockShort(order.order_id, "MAIN", (line(1, "CHAI", 10),))]


def test_a_deactivated_item_is_requested_only_once_it_is_active_again(tmp_path):
    service = a_warehouse(tmp_path, CHAI=12)
    a_placed_order(service, ("CHAI", 2))
    deactivate_item(service, "CHAI")
    published = record_published(service)
    change_item(service, "CHAI", reorder_point=Decimal(20))
    assert requested_goods(published) == []
    service.replenishment.reactivate_item("CHAI")
    assert requested_goods(published) == [("CHAI", 10, "reorder", None)]


def test_nothing_is_requested_for_a_deactivated_warehouse(tmp_path):
    service = a_warehouse(tmp_path, CHAI=12)
    deactivate_warehouse(service, "MAIN")
    published = record_published(service)
    change_item(service, "CHAI", reorder_point=Decimal(20))
    service.counting.count_stock("MAIN", JULY_4, counted(CHAI=1))
    assert requested_goods(published) == []


def test_an_item_is_requested_for_each_active_warehouse(tmp_path):
    service = a_warehouse(tmp_path, CHAI=12)
    for code in ("WEST", "EAST"):
        register_warehouse(service, code)
        service.counting.count_stock(code, JULY_4, counted(CHAI=5))
    deactivate_warehouse(service, "WEST")
    published = record_published(service)
    change_item(service, "CHAI", reorder_point=Decimal(20))
    requested = [each for each in published() if isinstance(each, scm.PurchaseRequested)]
    assert [(each.warehouse, each.quantity) for each in requested] == [("MAIN", 8), ("EAST", 15)]
