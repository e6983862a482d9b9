"""Kind 13: a document that names a record of another service, which is unknown or on its way."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from shared.store import Commit, ParkedEntry
from shared.testing.web import usd
from tests.cases.desk import Desk, Row, days_ago, open_desk, pointers
from tests.flows.firm import TradingFirm

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


def is_conflict_to_retry(refused: Any) -> bool:
    return (refused.status_code, refused.json["code"]) == (409, "not_yet_available") and bool(
        refused.headers["Retry-After"]
    )


@each_reference
def test_while_its_service_does_not_answer_a_record_may_be_on_its_way(desk: Desk, named: str) -> None:
    _, _, pointer, source = NAMED[named]
    desk.firm.feeds[source].is_away = True
    refused = sent(desk, named)
    assert is_conflict_to_retry(refused)
    assert refused.json["errors"][0]["pointer"] == pointer
    assert f"Events of {source.upper()} are missing here" in refused.json["detail"]
    desk.firm.feeds[source].is_away = False
    assert pointers(sent(desk, named)) == [pointer]


@pytest.fixture
def undelivered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return the desk after goods were registered; nothing that is published from now on arrives."""
    desk.stock_up("LAMP")
    monkeypatch.setattr(desk.firm, "deliver_all", lambda: None)
    return desk


def test_a_record_that_was_announced_and_has_not_arrived_is_a_conflict_to_retry(undelivered: Desk) -> None:
    undelivered.done("/scm/items", {"sku": "LAMP-2", "name": "Lamp", "unit": "piece"})
    offered = {"supplier_id": undelivered.supplier(), "sku": "LAMP-2", "unit_price": usd("9.00"), "lead_time_days": 3}
    assert is_conflict_to_retry(undelivered.post("/srm/supplier-items", offered))


def test_a_wrong_record_is_unknown_once_what_was_announced_before_has_arrived(
    undelivered: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events that are published all the time do not turn a wrong name into one that may be on its way."""
    desk, deliver_all = undelivered, TradingFirm.deliver_all.__get__(undelivered.firm)
    supplier = desk.supplier()

    def publish_and_deliver_what_was_before(_seconds: float) -> None:
        deliver_all()
        desk.done("/scm/items", {"sku": f"LAMP-{uuid4().hex[:8]}", "name": "Lamp", "unit": "piece"})

    desk.done("/scm/items", {"sku": "LAMP-2", "name": "Lamp", "unit": "piece"})
    monkeypatch.setattr("shared.web.commands.time.sleep", publish_and_deliver_what_was_before)
    offered = {"supplier_id": supplier, "sku": "LMAP", "unit_price": usd("9.00"), "lead_time_days": 3}
    assert pointers(desk.post("/srm/supplier-items", offered)) == ["/sku"]


def test_many_events_that_nothing_here_reacts_to_are_not_awaited(undelivered: Desk) -> None:
    """SRM reacts to no count of SCM."""
    scm, before = undelivered.firm.scm.store, undelivered.firm.scm.store.published_head()
    for quantity in ("3", "5"):
        counted = {"warehouse": "MAIN", "lines": [{"sku": "LAMP", "quantity": quantity}]}
        undelivered.done("/scm/stock-counts", counted)
    assert scm.published_head() >= before + 2
    offered = {"supplier_id": undelivered.supplier(), "sku": "LMAP", "unit_price": usd("9.00"), "lead_time_days": 3}
    assert pointers(undelivered.post("/srm/supplier-items", offered)) == ["/sku"]


def test_a_record_may_be_on_its_way_while_much_is_missing(undelivered: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.web.awaited_events.PAGE_SIZE", 3)
    for number in range(4):
        undelivered.done("/scm/items", {"sku": f"LAMP-{number}", "name": "Lamp", "unit": "piece"})
    offered = {"supplier_id": undelivered.supplier(), "sku": "LMAP", "unit_price": usd("9.00"), "lead_time_days": 3}
    assert is_conflict_to_retry(undelivered.post("/srm/supplier-items", offered))


def test_a_record_may_be_on_its_way_while_messages_of_its_service_are_parked(desk: Desk) -> None:
    desk.supplier()
    [message] = desk.firm.srm.store.published_events(0, 1)
    parked = ParkedEntry(message, "KeyError: 'x'", "f00d", attempts=3, parked_at=datetime.now(UTC))
    desk.firm.scm.store.commit(Commit(to_park=[parked]))
    assert is_conflict_to_retry(desk.post("/scm/goods-receipts", receipt(NEVER_ANNOUNCED)))


def test_an_unknown_order_in_an_address_is_not_found_unless_events_are_late(desk: Desk) -> None:
    path, reason = f"/erp/credit/{uuid4()}/release/{NEVER_ANNOUNCED}", {"reason": "paid"}
    unknown = desk.post(path, reason)
    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")
    desk.firm.feeds["crm"].is_away = True
    assert is_conflict_to_retry(desk.post(path, reason))


def test_a_service_that_does_not_answer_leaves_records_of_another_unknown(desk: Desk) -> None:
    desk.firm.feeds["crm"].is_away = True
    assert pointers(desk.post("/scm/goods-receipts", receipt(NEVER_ANNOUNCED))) == ["/purchase_order_id"]


def test_in_a_batch_only_the_item_that_names_an_unknown_order_is_refused(desk: Desk) -> None:
    desk.stock_up("LAMP")
    order = desk.purchase(desk.supplier(), ("LAMP", "5", "9.00"))
    items = [receipt(each) for each in (order["id"], NEVER_ANNOUNCED, order["id"])]
    answered = desk.post("/scm/goods-receipts/batch", {"items": items, "atomic": False})
    assert [each["status"] for each in answered.json["data"]] == [201, 422, 201]


def test_in_a_batch_the_wrong_records_of_all_services_are_unknown(desk: Desk) -> None:
    paid = {"paid_on": days_ago(0), "amount": usd("5.00"), "allocations": []}
    items = [{**paid, "party_id": NEVER_ANNOUNCED, "direction": direction} for direction in ("in", "out")]
    answered = desk.post("/erp/payments/batch", {"items": items, "atomic": False})
    assert [each["status"] for each in answered.json["data"]] == [422, 422], answered.text


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
