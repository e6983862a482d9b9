"""Known numbers of stock, from other projects' test suites and bug reports."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from uuid import uuid4

import pytest

from services.scm.domain.expected_delivery import ExpectedDelivery, MoreThanOrdered, Status
from services.scm.domain.goods import Goods, GoodsLine
from services.scm.policies import hold_what_was_ordered
from services.scm.reports import StockCounts
from shared.contracts import crm, scm
from shared.testing.services import hear
from tests.golden.cases import golden
from tests.unit.scm.examples import (
    a_placed_order,
    a_purchase_order,
    a_warehouse,
    an_order,
    approved,
    arrives,
    goods,
    listening,
    rows,
    shipments_of,
    stock_of,
)


def test_parallel_reservations_never_exceed_stock(tmp_path):
    case = golden("conc-01")
    asked, expected = case["input"], case["expected"]
    service = a_warehouse(tmp_path, CHAI=asked["on_hand"])
    orders = [an_order(("CHAI", asked["qty_each"]), backorder="refuse") for _ in range(asked["parallel_requests"])]
    hear(service, *orders)
    said = listening(service)
    together = Barrier(len(orders))

    def credit_arrives(order: crm.SalesOrderPlaced) -> None:
        together.wait()
        service.run(lambda: service.save(*hold_what_was_ordered(approved(order), service._work)))

    with ThreadPoolExecutor(len(orders)) as everyone:
        list(everyone.map(credit_arrives, orders))
    answers = said()
    assert sum(isinstance(each, scm.StockReserved) for each in answers) == expected["accepted"]
    assert sum(isinstance(each, scm.OrderRejected) for each in answers) == expected["refused"]
    assert stock_of(service, "CHAI")["reserved"] == str(expected["reserved"])


def test_late_news_changes_what_a_count_missed_and_never_what_it_found(tmp_path):
    """The issue that is cancelled later is one whose goods came back on the day they had left."""
    case = golden("inv-count-01")
    service, issued = a_warehouse(tmp_path, CHAI=0), {}
    for each in case["input"]["events"]:
        day, quantity = date.fromisoformat(each["date"]), int(each["qty"])
        if each["type"] == "receipt":
            arrives(service, on=day, CHAI=quantity)
        elif each["type"] == "issue":
            issued[each.get("id")] = day, quantity
            (shipment,) = shipments_of(service, a_placed_order(service, ("CHAI", quantity)))
            service.dispatch_shipment(shipment["id"], dispatched_on=day)
        else:
            count = service.count_stock("MAIN", day, goods(CHAI=quantity))
    assert shown(service, count.id) == case["expected"]["before"]
    day, quantity = issued[case["input"]["late"]["cancel"]]
    arrives(service, on=day, CHAI=quantity)
    assert shown(service, count.id) == case["expected"]["after"]


def shown(service, count_id):
    (line,) = rows(service, StockCounts).get(count_id)["lines"]
    assert line["quantity"] == "1"
    return {"adjustment": line["difference"], "on_hand": stock_of(service, "CHAI")["on_hand"]}


def test_exactly_what_the_tolerance_allows_is_taken_in():
    """The tolerance of a shipment to a customer, held against goods that come from a supplier: it is the same one."""
    case = golden("ship-tol-01")
    ordered, accepted = Decimal(case["input"]["ordered"]), []
    for attempt in case["input"]["attempts"]:
        delivery = ExpectedDelivery(uuid4(), "MAIN", (GoodsLine(1, "CHAI", ordered),))
        delivery.tolerate((Decimal(case["input"]["tolerance"]) - 1) * 100)
        try:
            delivery.receive([Goods("CHAI", Decimal(attempt))])
        except MoreThanOrdered:
            accepted.append(False)
        else:
            accepted.append(True)
    assert accepted == case["expected"]["accepted"]
    assert (delivery.status, len(delivery.open)) == (Status.COMPLETE, case["expected"]["remaining_shipments_after_12"])


@pytest.mark.parametrize("place", range(4))
def test_below_the_order_point_as_much_is_asked_for_as_is_lacking(tmp_path, place):
    """Both needs are one order: how far apart they are does not matter to an order point."""
    case = golden("mrp-rop-01")
    service = a_warehouse(tmp_path, CHAI=case["input"]["on_hand"])
    point = case["input"]["order_points"][place]
    if point is not None:
        service.change_item("CHAI", reorder_point=Decimal(point["min"]), reorder_to=Decimal(point["target"]))
    said = listening(service)
    a_placed_order(service, *(("CHAI", each["qty"]) for each in case["input"]["needs"]))
    asked = [each for each in said() if isinstance(each, scm.PurchaseRequested)]
    assert sum(each.quantity for each in asked) == case["expected"]["requested_qty"][place]
    for each in asked:
        hear(service, a_purchase_order(CHAI=int(each.quantity), request_id=each.request_id))
    assert (
        len([each for each in said() if isinstance(each, scm.PurchaseRequested)])
        == (case["expected"]["rerun_after_ordering"])
    )
