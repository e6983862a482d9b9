"""Kind 13: a document that names a record of another service, which is unknown or on its way."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago, open_desk, pointers

NEVER_ANNOUNCED = str(uuid4())
LAMP: Row = {"sku": "LAMP", "quantity": "1"}


def receipt(order_id: str) -> Row:
    return {"purchase_order_id": order_id, "lines": [LAMP]}


def bill(*, line: Row, **header: Any) -> Row:
    lines = [{**LAMP, "unit_price": usd("9.00"), **line}]
    return {"supplier_id": str(uuid4()), "number": "B-1", "billed_on": days_ago(0), "lines": lines, **header}


ORDERED = {"purchase_order_id": NEVER_ANNOUNCED}
NAMED: dict[str, tuple[str, Row, str, str]] = {
    "the order of a receipt": ("/scm/goods-receipts", receipt(NEVER_ANNOUNCED), "/purchase_order_id", "srm"),
    "the order of a bill": ("/erp/bills", bill(line={}, **ORDERED), "/purchase_order_id", "srm"),
    "the order of a line of a bill": ("/erp/bills", bill(line=ORDERED), "/lines/0/purchase_order_id", "srm"),
    "the item of an offer": (
        "/srm/supplier-items",
        {"supplier_id": None, "sku": "LMAP", "unit_price": usd("9.00"), "lead_time_days": 3},
        "/sku",
        "scm",
    ),
}
"""Requests that name a record that was never announced: address, body, the field that names it, and its service."""
each_reference = pytest.mark.parametrize("named", NAMED)


def sent(desk: Desk, named: str) -> Any:
    """Send a request and return the answer."""
    path, body, _, _ = NAMED[named]
    return desk.post(path, {**body, "supplier_id": desk.supplier()} if "supplier_id" in body else body)


@each_reference
def test_a_record_that_was_never_announced_is_unknown_at_its_field(desk: Desk, named: str) -> None:
    refused = sent(desk, named)
    assert pointers(refused) == [NAMED[named][2]]
    [error] = refused.json["errors"]
    assert (error["code"], "check its spelling" in error["detail"]) == ("unknown_reference", True)


@each_reference
def test_while_events_of_its_service_are_late_a_record_may_be_on_its_way(desk: Desk, named: str) -> None:
    path, _, pointer, source = NAMED[named]
    store = desk.firm.services[path.split("/")[1]].store
    store.set_late_sources({source: datetime.now(UTC)})
    refused = sent(desk, named)
    assert (refused.status_code, refused.json["code"]) == (409, "not_yet_available")
    assert refused.json["errors"][0]["pointer"] == pointer
    assert f"Events of {source.upper()} are missing here" in refused.json["detail"]
    assert refused.headers["Retry-After"]
    store.set_late_sources({})
    assert pointers(sent(desk, named)) == [pointer]


def test_an_unknown_order_in_an_address_is_not_found_unless_events_are_late(desk: Desk) -> None:
    path, reason = f"/erp/credit/{uuid4()}/release/{NEVER_ANNOUNCED}", {"reason": "paid"}
    unknown = desk.post(path, reason)
    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")
    desk.firm.services["erp"].store.set_late_sources({"crm": datetime.now(UTC)})
    late = desk.post(path, reason)
    assert (late.status_code, late.json["code"], late.headers["Retry-After"] != "") == (409, "not_yet_available", True)


def test_late_events_of_one_service_leave_records_of_another_unknown(desk: Desk) -> None:
    desk.firm.scm.store.set_late_sources({"crm": datetime.now(UTC)})
    assert pointers(desk.post("/scm/goods-receipts", receipt(NEVER_ANNOUNCED))) == ["/purchase_order_id"]


def test_in_a_batch_only_the_item_that_names_an_unknown_order_is_refused(desk: Desk) -> None:
    desk.stock_up("LAMP")
    order = desk.purchase(desk.supplier(), ("LAMP", "5", "9.00"))
    items = [receipt(each) for each in (order["id"], NEVER_ANNOUNCED, order["id"])]
    answered = desk.post("/scm/goods-receipts/batch", {"items": items, "atomic": False})
    assert [each["status"] for each in answered.json["data"]] == [201, 422, 201]


@pytest.fixture
def waiting_desk() -> Iterator[Desk]:
    """Return a desk whose requests wait for events."""
    with open_desk() as desk:
        yield desk


def test_a_receipt_waits_for_an_order_that_was_sent_a_moment_ago(
    waiting_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, deliver_all = waiting_desk, waiting_desk.firm.deliver_all
    desk.stock_up("LAMP")
    supplier = desk.supplier()
    monkeypatch.setattr(desk.firm, "deliver_all", lambda: None)
    order = desk.purchase(supplier, ("LAMP", "5", "9.00"))
    monkeypatch.setattr("shared.web.commands.time.sleep", lambda _seconds: deliver_all())
    assert desk.receive(order, ("LAMP", "5")).status_code == 201
