"""Stock counts, with the stock and the earlier counts they change."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from services.scm.counting.projections import StockCounts
from services.scm.service import Scm
from services.scm.warehousing.domain.stock_item import StockNotAvailable
from shared.contracts import scm
from shared.domain import InvalidInput
from shared.testing import end_of
from tests.unit.scm.examples import (
    JULY_1,
    JULY_4,
    a_placed_order,
    a_warehouse,
    an_open_shipment,
    at_hour,
    counted,
    deactivate_item,
    deactivate_warehouse,
    line,
    reader,
    receive_goods,
    record_published,
    stock_of,
)


def count_row(service: Scm, count_id: UUID) -> list[tuple[str, str, str]]:
    return [
        (each["sku"], each["quantity"], each["difference"])
        for each in reader(service, StockCounts).get(count_id)["lines"]
    ]


def test_a_count_is_published_with_the_counted_quantities(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=5)
    published = record_published(service)
    count = service.counting.count_stock("MAIN", JULY_4, counted(CHAI=7, TOFU=6))
    lines = (scm.CountedGoods("CHAI", Decimal(7)), scm.CountedGoods("TOFU", Decimal(6)))
    assert published() == [scm.StockCounted(count.id, "MAIN", JULY_4, end_of(JULY_4), lines)]
    assert count_row(service, count.id) == [("CHAI", "7", "-3"), ("TOFU", "6", "1")]
    assert stock_of(service, "CHAI") == {"on_hand": "7", "available": "7"}


def test_late_events_before_a_count_change_its_difference(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    count = service.counting.count_stock("MAIN", JULY_4, counted(CHAI=7))
    receipt = receive_goods(service, on=JULY_1, CHAI=3)
    assert count_row(service, count.id) == [("CHAI", "7", "-6")]
    service.fulfilment.dispatch_shipment(shipment_id, at=at_hour(JULY_4, 9))
    assert count_row(service, count.id) == [("CHAI", "7", "-2")]
    service.receiving.reverse(receipt.id, "mistyped")
    assert count_row(service, count.id) == [("CHAI", "7", "1")]
    assert stock_of(service, "CHAI") == {"on_hand": "7", "available": "7", "on_order": "3"}


def test_goods_missing_in_a_count_are_published_once_for_each_line_that_they_are_allocated_to(tmp_path):
    service = a_warehouse(tmp_path, CHAI=4)
    _, shipment_id = an_open_shipment(service, ("CHAI", 2), ("CHAI", 2))
    waiting = a_placed_order(service, ("CHAI", 3))
    service.counting.count_stock("MAIN", JULY_4, counted(CHAI=4))
    published = record_published(service)
    service.fulfilment.dispatch_shipment(shipment_id, dispatched_on=JULY_1)
    assert published()[1:] == [scm.StockReserved(waiting.order_id, "MAIN", (line(1, "CHAI", 3),))]


def test_a_late_count_of_an_earlier_day_changes_the_difference_of_the_later_one(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    later = service.counting.count_stock("MAIN", JULY_4, counted(CHAI=7))
    earlier = service.counting.count_stock("MAIN", JULY_1, counted(CHAI=9))
    assert count_row(service, earlier.id) == [("CHAI", "9", "-1")]
    assert count_row(service, later.id) == [("CHAI", "7", "-2")]


def test_a_counted_surplus_is_allocated_to_the_oldest_promise(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    order = a_placed_order(service, ("CHAI", 4))
    published = record_published(service)
    service.counting.count_stock("MAIN", JULY_4, counted(CHAI=6))
    assert published()[1:] == [scm.StockReserved(order.order_id, "MAIN", (line(1, "CHAI", 4),))]
    assert stock_of(service, "CHAI") == {"on_hand": "6", "reserved": "4", "available": "2"}


def test_a_count_below_the_reserved_quantity_stores_nothing(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10)
    a_placed_order(service, ("TOFU", 8))
    before = service.store.head()
    with pytest.raises(StockNotAvailable, match="line 2: 8 of TOFU are reserved in") as refused:
        service.counting.count_stock("MAIN", JULY_4, counted(CHAI=5, TOFU=7))
    assert refused.value.field == "lines/1/quantity"
    assert service.store.head() == before


@pytest.mark.parametrize(
    ("place", "day", "lines", "field"),
    [
        ("EAST", JULY_4, counted(CHAI=1), "warehouse"),
        ("MAIN", date(2999, 1, 1), counted(CHAI=1), "counted_on"),
        ("MAIN", JULY_4, counted(BEER=1), "lines/0/sku"),
        ("MAIN", JULY_4, counted(CHAI=1) + counted(CHAI=2), "lines/1/sku"),
    ],
)
def test_an_invalid_count_is_refused_naming_the_field(tmp_path, place, day, lines, field):
    service = a_warehouse(tmp_path, CHAI=0)
    with pytest.raises(InvalidInput) as refused:
        service.counting.count_stock(place, day, lines)
    assert refused.value.field == field


def test_a_count_of_a_deactivated_item_is_refused(tmp_path):
    service = a_warehouse(tmp_path, CHAI=3)
    deactivate_item(service, "CHAI")
    with pytest.raises(InvalidInput, match="item CHAI is deactivated") as refused:
        service.counting.count_stock("MAIN", JULY_4, counted(CHAI=2))
    assert refused.value.field == "lines/0/sku"


def test_the_stock_of_a_deactivated_warehouse_may_be_counted_out(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    deactivate_warehouse(service, "MAIN")
    service.counting.count_stock("MAIN", JULY_4, counted(CHAI=4))
    service.counting.count_stock("MAIN", JULY_4, counted(CHAI=0))
    assert stock_of(service, "CHAI") == {}


def test_a_count_of_more_than_is_on_record_in_a_deactivated_warehouse_is_refused(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    deactivate_warehouse(service, "MAIN")
    before = service.store.head()
    with pytest.raises(InvalidInput, match="warehouse MAIN is deactivated") as refused:
        service.counting.count_stock("MAIN", JULY_4, counted(CHAI=11))
    assert refused.value.field == "warehouse"
    assert service.store.head() == before
