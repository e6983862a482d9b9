"""What people ask of SCM: goods in, goods out, registers."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from services.scm.application import NotRegistered, Scm
from services.scm.domain.expected_delivery import MoreThanOrdered, NotOnOrder
from services.scm.domain.fulfilment import Fulfilment
from services.scm.domain.shipment import MoreThanShipment
from shared import codec
from shared.contracts import scm, srm
from shared.domain import AlreadyTaken, InvalidInput, NotFound, NotYetKnown, WrongStatus
from shared.testing.services import hear, opened
from tests.unit.scm.examples import (
    CUSTOMER,
    JULY_1,
    JULY_4,
    a_placed_order,
    a_purchase_order,
    a_warehouse,
    arrives,
    goods,
    line,
    listening,
    shipments_of,
    stock_of,
    stop,
)


def an_open_shipment(service: Scm, *lines: tuple[str, int]) -> tuple[UUID, UUID]:
    """The ids of an order whose goods are held, and of their shipment."""
    order = a_placed_order(service, *lines)
    return order.order_id, shipments_of(service, order)[0]["id"]


def test_goods_arrive_in_parts(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0, TOFU=0)
    sent = a_purchase_order(CHAI=10, TOFU=5)
    hear(service, sent)
    said = listening(service)
    first = service.receive_goods(sent.purchase_order_id, goods(CHAI=4), received_on=JULY_1)
    second = service.receive_goods(sent.purchase_order_id, goods(TOFU=5, CHAI=6), received_on=JULY_4)
    assert said() == [
        scm.GoodsReceived(first.id, sent.purchase_order_id, "MAIN", JULY_1, (line(1, "CHAI", 4),)),
        scm.GoodsReceived(second.id, sent.purchase_order_id, "MAIN", JULY_4, (line(1, "CHAI", 6), line(2, "TOFU", 5))),
    ]
    assert stock_of(service, "CHAI") == {"on_hand": "10", "available": "10"}


@pytest.mark.parametrize(("named", "refusal"), [({"CHAI": 11}, MoreThanOrdered), ({"CHAI": 1, "TOFU": 1}, NotOnOrder)])
def test_what_is_not_on_order_is_not_taken_in(tmp_path, named, refusal):
    service = a_warehouse(tmp_path, CHAI=0, TOFU=0)
    sent = a_purchase_order(CHAI=10)
    hear(service, sent)
    before = service.store.head()
    with pytest.raises(refusal):
        service.receive_goods(sent.purchase_order_id, goods(**named))
    assert service.store.head() == before


def test_a_receipt_for_an_order_not_heard_of_can_be_tried_again(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    with pytest.raises(NotYetKnown):
        service.receive_goods(uuid4(), goods(CHAI=1))


def test_nothing_is_taken_in_for_a_cancelled_or_complete_order(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    cancelled, complete = a_purchase_order(CHAI=10), a_purchase_order(CHAI=10)
    hear(service, cancelled, complete, srm.PurchaseOrderCancelled(cancelled.purchase_order_id, "too dear"))
    service.receive_goods(complete.purchase_order_id, goods(CHAI=10))
    with pytest.raises(WrongStatus):
        service.receive_goods(cancelled.purchase_order_id, goods(CHAI=1))
    with pytest.raises(MoreThanOrdered):
        service.receive_goods(complete.purchase_order_id, goods(CHAI=1))


def test_only_registered_items_are_kept(tmp_path):
    service = a_warehouse(tmp_path)
    sent = a_purchase_order(BEER=10)
    hear(service, sent)
    with pytest.raises(NotRegistered, match="line 1: no item BEER"):
        service.receive_goods(sent.purchase_order_id, goods(BEER=1))


def test_only_registered_warehouses_take_goods_in(tmp_path):
    service = opened(Scm, tmp_path)
    sent = a_purchase_order(CHAI=10)
    hear(service, sent)
    with pytest.raises(NotRegistered, match="no warehouse MAIN"):
        service.receive_goods(sent.purchase_order_id, goods(CHAI=1))


def test_a_whole_shipment_leaves(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10)
    order_id, shipment_id = an_open_shipment(service, ("CHAI", 4), ("TOFU", 5))
    said = listening(service)
    service.dispatch_shipment(shipment_id, carrier="SPEEDY", tracking="T-1", dispatched_on=JULY_4)
    assert said() == [
        scm.ShipmentDispatched(
            shipment_id, order_id, CUSTOMER, "MAIN", JULY_4, "SPEEDY", "T-1",
            (line(1, "CHAI", 4), line(2, "TOFU", 5)), complete=True,
        )
    ]  # fmt: skip
    assert stock_of(service, "CHAI") == {"on_hand": "6", "available": "6"}


def test_a_part_leaves_and_the_rest_goes_into_the_next_shipment(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10)
    order = a_placed_order(service, ("CHAI", 4), ("TOFU", 5))
    said = listening(service)
    service.dispatch_shipment(shipments_of(service, order)[0]["id"], goods(CHAI=1, TOFU=5))
    first, second = shipments_of(service, order)
    assert (first["status"], second["status"]) == ("dispatched", "open")
    assert second["lines"] == [{"line": 1, "sku": "CHAI", "quantity": "3"}]
    service.dispatch_shipment(second["id"])
    assert [(each.lines, each.complete) for each in said()] == [
        ((line(1, "CHAI", 1), line(2, "TOFU", 5)), False),
        ((line(1, "CHAI", 3),), True),
    ]


def test_goods_that_come_after_a_dispatch_leave_in_a_shipment_of_their_own(tmp_path):
    service = a_warehouse(tmp_path, CHAI=4)
    order = a_placed_order(service, ("CHAI", 10))
    service.dispatch_shipment(shipments_of(service, order)[0]["id"])
    assert [each["status"] for each in shipments_of(service, order)] == ["dispatched"]
    arrives(service, CHAI=6)
    _, second = shipments_of(service, order)
    said = listening(service)
    service.dispatch_shipment(second["id"])
    (dispatched,) = said()
    assert (dispatched.lines, dispatched.complete) == ((line(1, "CHAI", 6),), True)


def test_a_dispatch_without_a_date_is_of_today(tmp_path):
    service = a_warehouse(tmp_path, CHAI=4)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    shipment = service.dispatch_shipment(shipment_id)
    assert shipment.departure.dispatched_on == service.run(lambda: service.today)


def test_more_than_the_shipment_holds_does_not_leave(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    before = service.store.head()
    with pytest.raises(MoreThanShipment):
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
    hear(service, stop(order))
    with pytest.raises(WrongStatus):
        service.dispatch_shipment(shipment_id)


def test_a_carrier_must_be_known(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10)
    _, shipment_id = an_open_shipment(service, ("CHAI", 4))
    with pytest.raises(InvalidInput) as refused:
        service.dispatch_shipment(shipment_id, carrier="NOBODY")
    assert refused.value.field == "carrier"


def test_a_shipment_nobody_knows_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        a_warehouse(tmp_path).dispatch_shipment(uuid4())


def test_a_dispatch_tells_the_story_of_its_order_even_if_the_goods_came_later(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    order = a_placed_order(service, ("CHAI", 4))
    arrives(service, CHAI=4)
    heard = service.store.published_head()
    service.dispatch_shipment(shipments_of(service, order)[0]["id"])
    (dispatched,) = service.store.published(heard, 10)
    begun, *_ = service.store.events(Fulfilment.create_id(order.order_id))
    assert str(dispatched.correlation) == codec.decode_plain(begun.state)["meta"]["correlation"]


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
    assert service.item("CHAI").reorder_point == 10
    with pytest.raises(NotFound):
        service.item("BEER")


@pytest.mark.parametrize(
    ("terms", "field"), [({"time_zone": "Mars/Base"}, "time_zone"), ({"negative_stock": True}, "negative_stock")]
)
def test_what_a_warehouse_cannot_be(tmp_path, terms, field):
    with pytest.raises(InvalidInput) as refused:
        opened(Scm, tmp_path).register_warehouse("MAIN", "Main hall", **terms)
    assert refused.value.field == field


def test_a_three_line_order_costs_few_events(tmp_path):
    service = a_warehouse(tmp_path, CHAI=10, TOFU=10, BEER=10)
    before = service.store.head()
    _, shipment_id = an_open_shipment(service, ("CHAI", 1), ("TOFU", 1), ("BEER", 1))
    service.dispatch_shipment(shipment_id)
    assert service.store.head() - before <= 13
