"""Commands of SCM: goods in, goods out, registers."""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from services.scm.domain.expected_delivery import ExceedsOrderedQuantity, NotOnOrder
from services.scm.domain.fulfilment import Fulfilment
from services.scm.domain.shipment import ExceedsShipment
from services.scm.domain.stock_item import StockNotAvailable
from services.scm.projections import StockCounts
from services.scm.service import NotRegistered, Scm
from shared import codec
from shared.contracts import scm, srm
from shared.domain import AlreadyTaken, InvalidInput, NotFound, NotYetAvailable, WrongStatus
from shared.testing.services import deliver, open_service
from tests.unit.scm.examples import (
    CUSTOMER,
    JULY_1,
    JULY_4,
    a_placed_order,
    a_purchase_order,
    a_warehouse,
    cancellation_requested,
    goods,
    line,
    reader,
    receive_goods,
    record_published,
    shipments_of,
    stock_of,
)


def an_open_shipment(service: Scm, *lines: tuple[str, int]) -> tuple[UUID, UUID]:
    """The ids of an order whose goods are held, and of their shipment."""
    order = a_placed_order(service, *lines)
    return order.order_id, shipments_of(service, order)[0]["id"]


def test_goods_arrive_in_parts(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0, TOFU=0)
    sent = a_purchase_order(CHAI=10, TOFU=5)
    deliver(service, sent)
    published = record_published(service)
    first = service.receive_goods(sent.purchase_order_id, goods(CHAI=4), received_on=JULY_1)
    second = service.receive_goods(sent.purchase_order_id, goods(TOFU=5, CHAI=6), received_on=JULY_4)
    assert published() == [
        scm.GoodsReceived(first.id, sent.purchase_order_id, "MAIN", JULY_1, (line(1, "CHAI", 4),)),
        scm.GoodsReceived(second.id, sent.purchase_order_id, "MAIN", JULY_4, (line(1, "CHAI", 6), line(2, "TOFU", 5))),
    ]
    assert stock_of(service, "CHAI") == {"on_hand": "10", "available": "10"}


@pytest.mark.parametrize(
    ("named", "refusal"), [({"CHAI": 11}, ExceedsOrderedQuantity), ({"CHAI": 1, "TOFU": 1}, NotOnOrder)]
)
def test_what_is_not_on_order_is_not_taken_in(tmp_path, named, refusal):
    service = a_warehouse(tmp_path, CHAI=0, TOFU=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    before = service.store.head()
    with pytest.raises(refusal):
        service.receive_goods(sent.purchase_order_id, goods(**named))
    assert service.store.head() == before


def test_a_receipt_for_an_order_not_yet_received_can_be_tried_again(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    with pytest.raises(NotYetAvailable):
        service.receive_goods(uuid4(), goods(CHAI=1))


def test_nothing_is_taken_in_for_a_cancelled_or_complete_order(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    cancelled, complete = a_purchase_order(CHAI=10), a_purchase_order(CHAI=10)
    deliver(service, cancelled, complete, srm.PurchaseOrderCancelled(cancelled.purchase_order_id, "too dear"))
    service.receive_goods(complete.purchase_order_id, goods(CHAI=10))
    with pytest.raises(WrongStatus):
        service.receive_goods(cancelled.purchase_order_id, goods(CHAI=1))
    with pytest.raises(ExceedsOrderedQuantity):
        service.receive_goods(complete.purchase_order_id, goods(CHAI=1))


def test_only_registered_items_are_kept(tmp_path):
    service = a_warehouse(tmp_path)
    sent = a_purchase_order(BEER=10)
    deliver(service, sent)
    with pytest.raises(NotRegistered, match="line 1: item BEER is not registered"):
        service.receive_goods(sent.purchase_order_id, goods(BEER=1))


def test_only_registered_warehouses_take_goods_in(tmp_path):
    service = open_service(Scm, tmp_path)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    with pytest.raises(NotRegistered, match="warehouse MAIN is not registered"):
        service.receive_goods(sent.purchase_order_id, goods(CHAI=1))


def test_a_whole_shipment_leaves(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10)
    order_id, shipment_id = an_open_shipment(service, ("CHAI", 4), ("TOFU", 5))
    published = record_published(service)
    service.dispatch_shipment(shipment_id, carrier="SPEEDY", tracking="T-1", dispatched_on=JULY_4)
    assert published() == [
        scm.ShipmentDispatched(
            shipment_id, order_id, CUSTOMER, "MAIN", JULY_4, "SPEEDY", "T-1",
            (line(1, "CHAI", 4), line(2, "TOFU", 5)), order_complete=True,
        )
    ]  # fmt: skip
    assert stock_of(service, "CHAI") == {"on_hand": "6", "available": "6"}


def test_a_part_leaves_and_the_rest_goes_into_the_next_shipment(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10)
    order = a_placed_order(service, ("CHAI", 4), ("TOFU", 5))
    published = record_published(service)
    service.dispatch_shipment(shipments_of(service, order)[0]["id"], goods(CHAI=1, TOFU=5))
    first, second = shipments_of(service, order)
    assert (first["status"], second["status"]) == ("dispatched", "open")
    assert second["lines"] == [{"line": 1, "sku": "CHAI", "quantity": "3"}]
    service.dispatch_shipment(second["id"])
    assert [(each.lines, each.order_complete) for each in published()] == [
        ((line(1, "CHAI", 1), line(2, "TOFU", 5)), False),
        ((line(1, "CHAI", 3),), True),
    ]


def test_goods_that_come_after_a_dispatch_leave_in_a_shipment_of_their_own(tmp_path):
    service = a_warehouse(tmp_path, CHAI=4)
    order = a_placed_order(service, ("CHAI", 10))
    service.dispatch_shipment(shipments_of(service, order)[0]["id"])
    assert [each["status"] for each in shipments_of(service, order)] == ["dispatched"]
    receive_goods(service, CHAI=6)
    _, second = shipments_of(service, order)
    published = record_published(service)
    service.dispatch_shipment(second["id"])
    (dispatched,) = published()
    assert (dispatched.lines, dispatched.order_complete) == ((line(1, "CHAI", 6),), True)


def test_a_dispatch_without_a_date_is_of_today(tmp_path):
    service = a_warehouse(tmp_path, CHAI=4)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    shipment = service.dispatch_shipment(shipment_id)
    assert shipment.departure.dispatched_on == service.run(lambda: service.effective_on)


def test_more_than_the_shipment_holds_does_not_leave(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    before = service.store.head()
    with pytest.raises(ExceedsShipment):
        service.dispatch_shipment(shipment_id, goods(CHAI=5))
    assert service.store.head() == before


def test_what_has_left_does_not_leave_again(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    service.dispatch_shipment(shipment_id)
    with pytest.raises(WrongStatus):
        service.dispatch_shipment(shipment_id)
    assert stock_of(service, "CHAI") == {"on_hand": "6", "available": "6"}


def test_a_cancelled_order_does_not_leave(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    order = a_placed_order(service, ("CHAI", 4))
    shipment_id = shipments_of(service, order)[0]["id"]
    deliver(service, cancellation_requested(order))
    with pytest.raises(WrongStatus):
        service.dispatch_shipment(shipment_id)


def test_a_carrier_must_be_known(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    with pytest.raises(InvalidInput) as refused:
        service.dispatch_shipment(shipment_id, carrier="UNKNOWN")
    assert refused.value.field == "carrier"


def test_an_unknown_shipment_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        a_warehouse(tmp_path).dispatch_shipment(uuid4())


def test_a_dispatch_has_the_correlation_of_its_order_even_if_the_goods_came_later(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    order = a_placed_order(service, ("CHAI", 4))
    receive_goods(service, CHAI=4)
    position = service.store.published_head()
    service.dispatch_shipment(shipments_of(service, order)[0]["id"])
    (dispatched,) = service.store.published_events(position, 10)
    started, *_ = service.store.events(Fulfilment.create_id(order.order_id))
    assert str(dispatched.correlation_id) == codec.decode_plain(started.state)["meta"]["correlation_id"]


@pytest.mark.parametrize(
    "again",
    [
        lambda service: service.register_item("CHAI", "Chai", "box"),
        lambda service: service.register_warehouse("MAIN", "Another hall"),
        lambda service: service.register_carrier("SPEEDY", "Another one"),
    ],
)
def test_a_code_belongs_to_one(tmp_path, again):
    service = a_warehouse(tmp_path, CHAI=0)
    with pytest.raises(AlreadyTaken):
        again(service)


def test_an_item_is_found_by_its_sku(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    service.change_item("CHAI", reorder_point=Decimal(10))
    assert service.get_item("CHAI").reorder_point == 10
    with pytest.raises(NotFound):
        service.get_item("BEER")


@pytest.mark.parametrize(
    ("terms", "field"), [({"time_zone": "Mars/Base"}, "time_zone"), ({"negative_stock": True}, "negative_stock")]
)
def test_what_a_warehouse_cannot_be(tmp_path, terms, field):
    with pytest.raises(InvalidInput) as refused:
        open_service(Scm, tmp_path).register_warehouse("MAIN", "Main hall", **terms)
    assert refused.value.field == field


def test_a_three_line_order_costs_few_events(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10, BEER=10)
    before = service.store.head()
    _, shipment_id = an_open_shipment(service, ("CHAI", 1), ("TOFU", 1), ("BEER", 1))
    service.dispatch_shipment(shipment_id)
    assert service.store.head() - before <= 13


# -- receipts that were mistakes


def test_a_mistyped_receipt_is_taken_back_once(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10)
    deliver(service, sent)
    receipt = service.receive_goods(sent.purchase_order_id, goods(CHAI=4), received_on=JULY_1)
    published = record_published(service)
    service.reverse_receipt(receipt.id, "typed 4 for 6")
    assert published() == [
        scm.GoodsReceiptReversed(
            receipt.id, sent.purchase_order_id, "MAIN", JULY_1, (line(1, "CHAI", 4),), "typed 4 for 6"
        )
    ]
    assert stock_of(service, "CHAI") == {"on_order": "10"}
    with pytest.raises(WrongStatus):
        service.reverse_receipt(receipt.id, "again")
    service.receive_goods(sent.purchase_order_id, goods(CHAI=10))
    assert stock_of(service, "CHAI") == {"on_hand": "10", "available": "10"}


@pytest.mark.parametrize("gone", [False, True])
def test_a_receipt_whose_goods_are_held_or_gone_stays(tmp_path, gone):
    service = a_warehouse(tmp_path, CHAI=0)
    receipt = receive_goods(service, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    if gone:
        service.dispatch_shipment(shipment_id)
    before = service.store.head()
    with pytest.raises(StockNotAvailable, match="only 6 of 10 CHAI are available in MAIN"):
        service.reverse_receipt(receipt.id, "mistyped")
    assert service.store.head() == before


def test_an_order_without_a_tolerance_has_that_of_the_firm(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    without_tolerance, zero_tolerance = a_purchase_order(CHAI=10), a_purchase_order(CHAI=10, over_percent=Decimal(0))
    deliver(service, without_tolerance, zero_tolerance)
    service.change_settings(over_receipt_percent=Decimal(20))
    service.receive_goods(without_tolerance.purchase_order_id, goods(CHAI=12))
    with pytest.raises(ExceedsOrderedQuantity):
        service.receive_goods(zero_tolerance.purchase_order_id, goods(CHAI=11))


def test_more_than_ordered_comes_in_within_the_tolerance_and_on_order_is_never_less_than_nothing(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    sent = a_purchase_order(CHAI=10, over_percent=Decimal(20))
    deliver(service, sent)
    receipt = service.receive_goods(sent.purchase_order_id, goods(CHAI=12))
    assert stock_of(service, "CHAI") == {"on_hand": "12", "available": "12"}
    service.reverse_receipt(receipt.id, "mistyped")
    assert stock_of(service, "CHAI") == {"on_order": "10"}


# -- counts


def count_row(service: Scm, count_id: UUID) -> list[tuple[str, str, str]]:
    return [
        (each["sku"], each["quantity"], each["difference"])
        for each in reader(service, StockCounts).get(count_id)["lines"]
    ]


def test_a_count_is_published_as_what_was_there(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=5)
    published = record_published(service)
    count = service.count_stock("MAIN", JULY_4, goods(CHAI=7, TOFU=6))
    counted = (scm.CountedGoods("CHAI", Decimal(7)), scm.CountedGoods("TOFU", Decimal(6)))
    assert published() == [scm.StockCounted(count.id, "MAIN", JULY_4, counted)]
    assert count_row(service, count.id) == [("CHAI", "7", "-3"), ("TOFU", "6", "1")]
    assert stock_of(service, "CHAI") == {"on_hand": "7", "available": "7"}


def test_late_events_before_a_count_change_its_difference(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    count = service.count_stock("MAIN", JULY_4, goods(CHAI=7))
    receipt = receive_goods(service, on=JULY_4, CHAI=3)
    assert count_row(service, count.id) == [("CHAI", "7", "-6")]
    service.dispatch_shipment(shipment_id, dispatched_on=JULY_4)
    assert count_row(service, count.id) == [("CHAI", "7", "-2")]
    service.reverse_receipt(receipt.id, "mistyped")
    assert count_row(service, count.id) == [("CHAI", "7", "1")]
    assert stock_of(service, "CHAI") == {"on_hand": "7", "available": "7", "on_order": "3"}


def test_goods_missing_in_a_count_are_published_once_for_each_line_that_gets_them(tmp_path):
    service = a_warehouse(tmp_path, CHAI=4)
    _, shipment_id = an_open_shipment(service, ("CHAI", 2), ("CHAI", 2))
    waiting = a_placed_order(service, ("CHAI", 3))
    service.count_stock("MAIN", JULY_4, goods(CHAI=4))
    published = record_published(service)
    service.dispatch_shipment(shipment_id, dispatched_on=JULY_4)
    assert published()[1:] == [scm.StockReserved(waiting.order_id, "MAIN", (line(1, "CHAI", 3),))]


def test_a_late_count_of_an_earlier_day_changes_what_the_later_one_differs_by(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    later = service.count_stock("MAIN", JULY_4, goods(CHAI=7))
    earlier = service.count_stock("MAIN", JULY_1, goods(CHAI=9))
    assert count_row(service, earlier.id) == [("CHAI", "9", "-1")]
    assert count_row(service, later.id) == [("CHAI", "7", "-2")]


def test_what_a_count_finds_goes_to_the_oldest_promise(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    order = a_placed_order(service, ("CHAI", 4))
    published = record_published(service)
    service.count_stock("MAIN", JULY_4, goods(CHAI=6))
    assert published()[1:] == [scm.StockReserved(order.order_id, "MAIN", (line(1, "CHAI", 4),))]
    assert stock_of(service, "CHAI") == {"on_hand": "6", "reserved": "4", "available": "2"}


def test_less_than_is_held_for_orders_is_not_counted_and_nothing_is_stored(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10)
    a_placed_order(service, ("TOFU", 8))
    before = service.store.head()
    with pytest.raises(StockNotAvailable, match="line 2: 8 of TOFU are reserved in") as refused:
        service.count_stock("MAIN", JULY_4, goods(CHAI=5, TOFU=7))
    assert refused.value.field == "lines/1/quantity"
    assert service.store.head() == before


@pytest.mark.parametrize(
    ("place", "day", "lines", "field"),
    [
        ("EAST", JULY_4, goods(CHAI=1), "warehouse"),
        ("MAIN", date(2999, 1, 1), goods(CHAI=1), "counted_on"),
        ("MAIN", JULY_4, goods(BEER=1), "lines/0/sku"),
        ("MAIN", JULY_4, goods(CHAI=1) + goods(CHAI=2), "lines/1/sku"),
    ],
)
def test_a_count_that_cannot_be_meant_is_refused_naming_the_field(tmp_path, place, day, lines, field):
    service = a_warehouse(tmp_path, CHAI=0)
    with pytest.raises(InvalidInput) as refused:
        service.count_stock(place, day, lines)
    assert refused.value.field == field


# -- what is bought in time


def requested_goods(published):
    return [
        (each.sku, each.quantity, each.reason, each.order_id)
        for each in published()
        if isinstance(each, scm.PurchaseRequested)
    ]


def test_an_item_below_its_reorder_point_is_requested_once_up_to_its_level(tmp_path):
    service = a_warehouse(tmp_path, CHAI=30)
    service.change_item("CHAI", reorder_point=Decimal(20), reorder_to=Decimal(50))
    published = record_published(service)
    a_placed_order(service, ("CHAI", 10))
    assert requested_goods(published) == []
    a_placed_order(service, ("CHAI", 1))
    assert requested_goods(published) == [("CHAI", 31, "reorder", None)]
    a_placed_order(service, ("CHAI", 5))
    assert requested_goods(published) == []


def test_an_item_without_a_level_is_requested_up_to_its_reorder_point(tmp_path):
    service = a_warehouse(tmp_path, CHAI=12)
    published = record_published(service)
    service.change_item("CHAI", reorder_point=Decimal(20))
    assert requested_goods(published) == [("CHAI", 8, "reorder", None)]


def test_a_shortage_is_the_reason_of_a_request_below_the_reorder_point(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    service.change_item("CHAI", reorder_point=Decimal(10), reorder_to=Decimal(30))
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
    service.change_item("CHAI", discontinued=True, reorder_point=Decimal(20))
    published = record_published(service)
    a_placed_order(service, ("CHAI", 14))
    assert requested_goods(published) == []
    service.change_item("CHAI", discontinued=False)
    assert requested_goods(published) == [("CHAI", 22, "shortage", None)]


def test_an_item_that_was_never_there_is_not_kept_up(tmp_path):
    service = a_warehouse(tmp_path)
    published = record_published(service)
    service.register_item("CHAI", "Chai", "box", reorder_point=Decimal(20))
    assert requested_goods(published) == []


def test_what_a_count_misses_is_bought(tmp_path):
    service = a_warehouse(tmp_path, CHAI=30)
    service.change_item("CHAI", reorder_point=Decimal(20), reorder_to=Decimal(50))
    published = record_published(service)
    service.count_stock("MAIN", JULY_4, goods(CHAI=19))
    assert requested_goods(published) == [("CHAI", 31, "reorder", None)]
