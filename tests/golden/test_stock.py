"""Known numbers of stock, from other projects' test suites and bug reports."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from uuid import uuid4

import pytest

from services.scm.counting.projections import StockCounts
from services.scm.fulfilment.policies import reserve_goods_after_credit_approval
from services.scm.items.domain.goods import GoodsLine, RequestedGoods
from services.scm.receiving.domain.expected_delivery import ExceedsOrderedQuantity, ExpectedDelivery, Status
from shared.contracts import crm, scm
from shared.testing.services import deliver
from shared.testing.web import ApiCaller, field_errors
from tests.golden.cases import load_case
from tests.unit.scm.examples import (
    a_placed_order,
    a_purchase_order,
    a_warehouse,
    an_order,
    change_item,
    counted,
    credit_approved,
    reader,
    receive_goods,
    record_published,
    request_item_change,
    shipments_of,
    stock_of,
)


def test_parallel_reservations_never_exceed_stock(tmp_path):
    case = load_case("conc-01")
    inputs, expected = case["input"], case["expected"]
    service = a_warehouse(tmp_path, CHAI=inputs["on_hand"])
    orders = [an_order(("CHAI", inputs["qty_each"]), backorder="refuse") for _ in range(inputs["parallel_requests"])]
    deliver(service, *orders)
    published = record_published(service)
    together = Barrier(len(orders))

    def credit_arrives(order: crm.SalesOrderPlaced) -> None:
        together.wait()
        runner = service.runner
        runner.run(lambda: runner.uow.save(*reserve_goods_after_credit_approval(credit_approved(order), runner.uow)))

    with ThreadPoolExecutor(len(orders)) as everyone:
        list(everyone.map(credit_arrives, orders))
    answers = published()
    assert sum(isinstance(each, scm.StockReserved) for each in answers) == expected["accepted"]
    assert sum(isinstance(each, scm.OrderRejected) for each in answers) == expected["refused"]
    assert stock_of(service, "CHAI")["reserved"] == str(expected["reserved"])


def test_late_events_change_the_difference_of_a_count_and_never_its_result(tmp_path):
    """The issue that is cancelled later is one whose goods came back on the day they had left."""
    case = load_case("inv-count-01")
    service, issued = a_warehouse(tmp_path, CHAI=0), {}
    for each in case["input"]["events"]:
        day, quantity = date.fromisoformat(each["date"]), int(each["qty"])
        if each["type"] == "receipt":
            receive_goods(service, on=day, CHAI=quantity)
        elif each["type"] == "issue":
            issued[each.get("id")] = day, quantity
            (shipment,) = shipments_of(service, a_placed_order(service, ("CHAI", quantity)))
            service.fulfilment.dispatch_shipment(shipment["id"], dispatched_on=day)
        else:
            count = service.counting.count_stock("MAIN", day, counted(CHAI=quantity))
    assert shown(service, count.id) == case["expected"]["before"]
    day, quantity = issued[case["input"]["late"]["cancel"]]
    receive_goods(service, on=day, CHAI=quantity)
    assert shown(service, count.id) == case["expected"]["after"]


def shown(service, count_id):
    (line,) = reader(service, StockCounts).get(count_id)["lines"]
    assert line["quantity"] == "1"
    return {"adjustment": line["difference"], "on_hand": stock_of(service, "CHAI")["on_hand"]}


def test_exactly_what_the_tolerance_allows_is_taken_in():
    """The tolerance of a shipment to a customer, held against goods that come from a supplier: it is the same one."""
    case = load_case("ship-tol-01")
    ordered, accepted = Decimal(case["input"]["ordered"]), []
    for attempt in case["input"]["attempts"]:
        delivery = ExpectedDelivery(uuid4(), "MAIN", (GoodsLine(1, "CHAI", ordered),), date(1996, 7, 4), "USD")
        delivery.agree_tolerance((Decimal(case["input"]["tolerance"]) - 1) * 100)
        try:
            delivery.receive([RequestedGoods("CHAI", Decimal(attempt))])
        except ExceedsOrderedQuantity:
            accepted.append(False)
        else:
            accepted.append(True)
    assert accepted == case["expected"]["accepted"]
    assert (delivery.status, len(delivery.open_lines)) == (
        Status.COMPLETE,
        case["expected"]["remaining_shipments_after_12"],
    )


def reorder_terms(point: dict[str, int]) -> dict[str, Decimal]:
    return {"reorder_point": Decimal(point["min"]), "reorder_to": Decimal(point["target"])}


@pytest.mark.case("H7")
def test_a_reorder_point_below_zero_is_refused_because_stock_is_never_negative(tmp_path):
    case = load_case("mrp-rop-01")
    service = a_warehouse(tmp_path, CHAI=case["input"]["on_hand"])
    point = case["input"]["order_points"][1]
    assert point["min"] < 0
    assert field_errors(request_item_change(service, "CHAI", **reorder_terms(point))) == {
        "/reorder_point": "out_of_range"
    }
    assert ApiCaller(service).get("/items/CHAI").json["reorder_point"] is None


@pytest.mark.parametrize("place", [0, 2, 3])
def test_below_the_reorder_point_the_missing_quantity_is_requested(tmp_path, place):
    """Both needs are one order: how far apart they are does not matter to an order point."""
    case = load_case("mrp-rop-01")
    service = a_warehouse(tmp_path, CHAI=case["input"]["on_hand"])
    point = case["input"]["order_points"][place]
    if point is not None:
        change_item(service, "CHAI", **reorder_terms(point))
    published = record_published(service)
    a_placed_order(service, *(("CHAI", each["qty"]) for each in case["input"]["needs"]))
    requested = [each for each in published() if isinstance(each, scm.PurchaseRequested)]
    assert sum(each.quantity for each in requested) == case["expected"]["requested_qty"][place]
    for each in requested:
        deliver(service, a_purchase_order(CHAI=int(each.quantity), request_id=each.request_id))
    assert (
        len([each for each in published() if isinstance(each, scm.PurchaseRequested)])
        == (case["expected"]["rerun_after_ordering"])
    )
