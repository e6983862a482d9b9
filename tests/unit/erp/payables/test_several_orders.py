"""A supplier invoice may be of several orders of its supplier: it matches when all its parts do."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.erp.service import Erp
from shared.contracts import erp, srm
from shared.testing.services import deliver
from shared.testing.web import usd
from tests.unit.erp.caller import create_erp_client
from tests.unit.erp.examples import (
    SUPPLIER,
    a_purchase,
    a_receipt,
    a_receipt_reversed,
    accounts,
    an_erp,
    balances,
    record_published,
)

FIVE = ("CHAI", "5", "10.00")


def ordered(service: Erp, number: str, currency: str = "USD") -> srm.PurchaseOrderSent:
    purchase = replace(a_purchase(FIVE, currency=currency), number=number)
    deliver(service, purchase)
    return purchase


def line(purchase: srm.PurchaseOrderSent | None = None, quantity: str = "5", price: str = "10.00") -> dict[str, Any]:
    of = {"purchase_order_id": str(purchase.purchase_order_id)} if purchase else {}
    return {"sku": "CHAI", "quantity": quantity, "unit_price": usd(price), **of}


def record(service: Erp, header: srm.PurchaseOrderSent | None, *lines: dict[str, Any], number: str = "COLL-1") -> Any:
    of = {"purchase_order_id": str(header.purchase_order_id)} if header else {}
    about = {"supplier_id": str(SUPPLIER), "number": number, "billed_on": "2026-03-05", "lines": list(lines)}
    return create_erp_client(service).post("/bills", json=about | of)


def status(service: Erp, bill: dict[str, Any]) -> str:
    return str(create_erp_client(service).get(f"/bills/{bill['id']}").json["status"])


@pytest.mark.case("B53")
@pytest.mark.parametrize("with_header", [True, False])
def test_one_invoice_for_two_orders_matches_both(tmp_path: Path, with_header: bool):
    service = an_erp(tmp_path)
    one, other = ordered(service, "PO-1"), ordered(service, "PO-2")
    deliver(service, a_receipt(one), a_receipt(other))
    published = record_published(service)
    header, first = (one, line()) if with_header else (None, line(one))
    answered = record(service, header, first, line(other))
    assert (answered.status_code, answered.json["status"], answered.json["total"]) == (201, "matched", usd("100.00"))
    orders = [str(each.purchase_order_id) for each in (one, other)]
    assert [each["purchase_order_id"] for each in answered.json["lines"]] == orders
    assert balances(service) == accounts(a1400="100.00", a2000="-100.00")
    (posted,) = published()
    assert isinstance(posted, erp.SupplierInvoicePosted)
    assert [(str(each.purchase_order_id), each.line) for each in posted.lines] == [(each, 1) for each in orders]
    second = record(service, one, line(), number="again")
    assert (second.json["status"], second.json["blocked"][0]["reason"]) == ("blocked", "more_than_received")


@pytest.mark.case("B53")
def test_it_is_blocked_as_a_whole_until_the_goods_of_every_order_arrive(tmp_path: Path):
    service = an_erp(tmp_path)
    one, other = ordered(service, "PO-1"), ordered(service, "PO-2")
    deliver(service, a_receipt(one))
    bill = record(service, one, line(), line(other)).json
    assert [(each["purchase_order"], each["position"]) for each in bill["blocked"]] == [("PO-2", 2)]
    assert balances(service) == accounts(a1400="50.00", a2100="-50.00")
    receipt = a_receipt(other)
    deliver(service, receipt)
    assert status(service, bill) == "matched"
    deliver(service, a_receipt_reversed(receipt))
    assert status(service, bill) == "blocked"
    deliver(service, a_receipt(other))
    assert status(service, bill) == "matched"


def test_goods_of_a_blocked_collective_invoice_are_free_for_another_invoice_of_their_order(tmp_path: Path):
    service = an_erp(tmp_path)
    one, other = ordered(service, "PO-1"), ordered(service, "PO-2")
    deliver(service, a_receipt(one))
    collective = record(service, one, line(), line(other)).json
    single = record(service, one, line(), number="SINGLE").json
    assert single["status"] == "matched"
    deliver(service, a_receipt(other))
    assert (status(service, collective), status(service, single)) == ("matched", "blocked"), "the first comes first"


def test_it_is_released_as_a_whole(tmp_path: Path):
    service = an_erp(tmp_path)
    one, other = ordered(service, "PO-1"), ordered(service, "PO-2")
    bill = record(service, one, line(), line(other)).json
    released = create_erp_client(service, "laura").post(f"/bills/{bill['id']}/release", json={"reason": "on its way"})
    assert (released.json["status"], released.json["open"]) == ("released", usd("100.00"))
    deliver(service, a_receipt(one), a_receipt(other))
    assert balances(service) == accounts(a1400="100.00", a2000="-100.00")
    assert record(service, other, line(), number="again").json["status"] == "blocked"


def test_it_is_rejected_as_a_whole_and_may_be_recorded_again(tmp_path: Path):
    service = an_erp(tmp_path)
    one, other = ordered(service, "PO-1"), ordered(service, "PO-2")
    bill = record(service, one, line(), line(other)).json
    create_erp_client(service).post(f"/bills/{bill['id']}/reject", json={"reason": "wrong prices"})
    deliver(service, a_receipt(one), a_receipt(other))
    again = record(service, one, line(), line(other))
    assert (status(service, bill), again.json["status"]) == ("rejected", "matched")


@pytest.mark.parametrize(
    ("header", "own", "pointer"), [(False, False, "/purchase_order_id"), (False, True, "/lines/1/purchase_order_id")]
)
def test_an_invoice_without_an_order_is_not_possible_yet(tmp_path: Path, header: bool, own: bool, pointer: str):
    service = an_erp(tmp_path)
    one = ordered(service, "PO-1")
    refused = record(service, one if header else None, line(one if own else None), line())
    assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (422, [pointer])
    assert "supplier invoices without an order are not possible yet" in refused.json["errors"][0]["detail"]


def test_orders_of_other_suppliers_unknown_orders_and_other_currencies_are_refused(tmp_path: Path):
    service = an_erp(tmp_path)
    one, euro = ordered(service, "PO-1"), ordered(service, "PO-3", currency="EUR")
    foreign = replace(a_purchase(FIVE), supplier_id=uuid4())
    deliver(service, foreign)
    unknown = record(service, one, line(), line(a_purchase(FIVE)))
    assert (unknown.status_code, unknown.json["errors"][0]["code"]) == (422, "unknown_reference")
    assert [each["pointer"] for each in unknown.json["errors"]] == ["/lines/1/purchase_order_id"]
    for order, price, pointer in (
        (foreign, usd("10.00"), "/lines/1/purchase_order_id"),
        (euro, usd("10.00"), "/lines/1/unit_price"),
        (euro, {"amount": "10.00", "currency": "EUR"}, "/lines/1/unit_price/currency"),
    ):
        refused = record(service, one, line(), line(order) | {"unit_price": price})
        assert (refused.status_code, [each["pointer"] for each in refused.json["errors"]]) == (422, [pointer])
