"""Reactions of SRM to the events of other services: real store, real policies, every message twice."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.srm.projections import PurchaseOrders, PurchaseRequests, SupplierItems
from services.srm.service import Srm
from shared.contracts import srm
from shared.domain import WrongStatus
from shared.money import Money
from shared.testing.services import deliver, open_service
from tests.unit.srm.examples import (
    a_sent_order,
    goods_received,
    published_events,
    purchase_requested,
    reader,
    receipt_reversed,
    register_supplier,
    register_supplier_with_offer,
    supplier_invoice_posted,
)

TODAY = date(1996, 8, 1)


@pytest.fixture
def service(tmp_path):
    return open_service(Srm, tmp_path)


def request_row(service, requested):
    return reader(service, PurchaseRequests).get(requested.request_id)


def drafts(service):
    return list(reader(service, PurchaseOrders).iterate_rows(sort=("number",)))


def test_a_shortage_becomes_a_draft_at_the_best_supplier(service):
    register_supplier_with_offer(service, "DEAR", "0.20")
    best = register_supplier_with_offer(service, "BEST", "0.18", days=5)
    register_supplier_with_offer(service, "SLOW", "0.18", days=9)
    requested = purchase_requested(7)
    deliver(service, requested, deliveries=2)
    (draft,) = drafts(service)
    assert (draft["supplier_id"], draft["status"], draft["number"], draft["warehouse"]) == (
        str(best.id), "draft", "PO-1", "MAIN",
    )  # fmt: skip
    assert [(each["sku"], each["ordered"], each["unit_price"]["amount"]) for each in draft["lines"]] == [
        ("BOLT-M8", "7", "0.18")
    ]
    assert draft["expected_on"] == (TODAY + timedelta(days=5)).isoformat()
    assert request_row(service, requested) | {"created_at": None, "updated_at": None} == {
        "id": str(requested.request_id),
        "version": 2,
        "sku": "BOLT-M8",
        "warehouse": "MAIN",
        "quantity": "7",
        "needed_on": "1996-08-01",
        "reason": "shortage",
        "status": "drafted",
        "order_id": str(requested.order_id),
        "purchase_order_id": draft["id"],
        "created_at": None,
        "updated_at": None,
    }


def test_the_draft_keeps_to_the_suppliers_quantities(service):
    register_supplier_with_offer(service, "BEST", "0.18", minimum_quantity=Decimal(10), multiple=Decimal(6))
    deliver(service, purchase_requested(7))
    (draft,) = drafts(service)
    assert draft["lines"][0]["ordered"] == "12"


def test_a_blocked_supplier_is_passed_over(service):
    best, second = (
        register_supplier_with_offer(service, "BEST", "0.18"),
        register_supplier_with_offer(service, "SECOND", "0.19"),
    )
    service.block_supplier(best.id, ["orders"], "late again")
    deliver(service, purchase_requested())
    (draft,) = drafts(service)
    assert draft["supplier_id"] == str(second.id)


def test_requests_wait_until_a_supplier_offers_the_item(service):
    first, second, other = purchase_requested(7), purchase_requested(9), purchase_requested(3, sku="NUT-M8")
    deliver(service, first, second, other, deliveries=2)
    assert [request_row(service, each)["status"] for each in (first, second, other)] == ["unsourced"] * 3
    register_supplier_with_offer(service, "BEST", "0.18")
    assert [request_row(service, each)["status"] for each in (first, second, other)] == [
        "drafted", "drafted", "unsourced",
    ]  # fmt: skip
    assert [draft["lines"][0]["ordered"] for draft in drafts(service)] == ["7", "9"]
    register_supplier_with_offer(service, "CHEAPER", "0.10")
    assert len(drafts(service)) == 2


def test_an_offer_that_would_make_an_order_beyond_account_is_passed_over(service):
    requested = purchase_requested(999_999_999_999)
    deliver(service, requested)
    register_supplier_with_offer(service, "DEAR", "999999.00")
    assert request_row(service, requested)["status"] == "unsourced"
    also = purchase_requested(999_999_999_998)
    deliver(service, also)
    assert (request_row(service, also)["status"], service.parked()) == ("unsourced", [])
    affordable = register_supplier_with_offer(service, "FAIR", "0.18")
    assert [draft["supplier_id"] for draft in drafts(service)] == [str(affordable.id)] * 2


def test_when_a_block_is_lifted_a_buyer_has_the_request_looked_at_again(service):
    seller = register_supplier_with_offer(service, "ONLY", "0.18")
    service.block_supplier(seller.id, ["orders"], "late again")
    requested = purchase_requested()
    deliver(service, requested)
    assert service.source_purchase_request(requested.request_id).status == "unsourced"
    service.unblock_supplier(seller.id)
    assert service.source_purchase_request(requested.request_id).status == "drafted"
    with pytest.raises(WrongStatus):
        service.source_purchase_request(requested.request_id)
    assert len(drafts(service)) == 1


def test_a_request_follows_its_order_until_the_goods_are_here(service):
    register_supplier_with_offer(service, "BEST", "0.18")
    requested = purchase_requested(7)
    deliver(service, requested)
    order_id = service.send_purchase_order(UUID(drafts(service)[0]["id"])).id
    assert request_row(service, requested)["status"] == "ordered"
    deliver(service, goods_received(order_id, (1, "BOLT-M8", 3)))
    assert request_row(service, requested)["status"] == "ordered"
    deliver(
        service, goods_received(order_id, (1, "BOLT-M8", 4)), goods_received(order_id, (1, "BOLT-M8", 1)), deliveries=2
    )
    assert request_row(service, requested)["status"] == "received"


def test_a_receipt_taken_back_is_open_again_and_its_request_waits_for_it(service):
    register_supplier_with_offer(service, "BEST", "0.18")
    requested = purchase_requested(7)
    deliver(service, requested)
    order_id = service.send_purchase_order(UUID(drafts(service)[0]["id"])).id
    receipt = goods_received(order_id, (1, "BOLT-M8", 7))
    deliver(service, receipt, receipt_reversed(receipt), deliveries=2)
    (row,) = drafts(service)
    assert (row["status"], row["lines"][0]["received"], row["lines"][0]["open"]) == ("sent", "0", "7")
    assert request_row(service, requested)["status"] == "ordered"


@pytest.mark.parametrize(("came", "status"), [([], "cancelled"), ([3], "received")])
def test_a_request_ends_with_the_order_that_is_closed(service, came, status):
    register_supplier_with_offer(service, "BEST", "0.18")
    requested = purchase_requested(7)
    deliver(service, requested)
    order_id = service.send_purchase_order(UUID(drafts(service)[0]["id"])).id
    deliver(service, *(goods_received(order_id, (1, "BOLT-M8", quantity)) for quantity in came))
    service.close_purchase_order(order_id)
    assert request_row(service, requested)["status"] == status


def test_ordered_and_cancelled_requests_are_published(service):
    register_supplier_with_offer(service, "BEST", "0.18")
    first, second = purchase_requested(7), purchase_requested(8)
    deliver(service, first, second)
    one, other = (UUID(each["id"]) for each in drafts(service))
    service.send_purchase_order(one)
    service.cancel_purchase_order(other, "not needed")
    sent, cancelled = published_events(service)[1:]
    assert sent.request_id == first.request_id
    assert cancelled == srm.PurchaseRequestCancelled(second.request_id, "not needed")


def test_goods_against_an_older_revision_still_count(service):
    order = a_sent_order(service, register_supplier(service))
    bolts = {"sku": "BOLT-M8", "quantity": Decimal(50), "unit_price": Money("0.18", "USD")}
    service.revise_purchase_order(order.id, [bolts])
    deliver(service, goods_received(order.id, (1, "BOLT-M8", 100), (2, "NUT-M8", 40)))
    (row,) = drafts(service)
    assert [(each["ordered"], each["received"], each["open"]) for each in row["lines"]] == [
        ("50", "100", "0"), ("0", "40", "0"),
    ]  # fmt: skip
    assert (row["status"], row["revision"]) == ("received", 1)


def test_a_request_ends_with_its_order(service):
    register_supplier_with_offer(service, "BEST", "0.18")
    requested = purchase_requested(7)
    deliver(service, requested)
    service.cancel_purchase_order(UUID(drafts(service)[0]["id"]), "not needed")
    assert request_row(service, requested)["status"] == "cancelled"


def test_what_arrives_is_counted_line_by_line_and_once(service):
    order = a_sent_order(service, register_supplier(service))
    deliver(service, goods_received(order.id, (1, "BOLT-M8", 30), (2, "NUT-M8", 40)), deliveries=3)
    (row,) = drafts(service)
    assert row["status"] == "partly_received"
    assert [(each["received"], each["open"]) for each in row["lines"]] == [("30", "70"), ("40", "0")]
    deliver(service, goods_received(order.id, (1, "BOLT-M8", 70)), deliveries=3)
    assert drafts(service)[0]["status"] == "received"


def test_what_is_billed_is_counted_line_by_line_and_once(service):
    seller = register_supplier(service)
    order = a_sent_order(service, seller)
    deliver(service, supplier_invoice_posted(order.id, seller.id, (1, "BOLT-M8", 30), (2, "NUT-M8", 40)), deliveries=3)
    deliver(service, supplier_invoice_posted(order.id, seller.id, (1, "BOLT-M8", 5)), deliveries=3)
    assert [each["billed"] for each in drafts(service)[0]["lines"]] == ["35", "40"]


def test_a_block_and_its_end_are_published_with_their_purposes(service):
    seller = register_supplier(service)
    service.block_supplier(seller.id, ["payments", "orders"], "goods were broken")
    service.unblock_supplier(seller.id, ["payments"])
    assert published_events(service)[1:] == [
        srm.SupplierBlocked(seller.id, ("payments", "orders"), "goods were broken"),
        srm.SupplierUnblocked(seller.id, ("payments",)),
    ]


def test_all_rows_come_out_the_same_when_folded_from_zero(service):
    order = a_sent_order(service, register_supplier_with_offer(service, "BEST", "0.18"))
    deliver(service, purchase_requested(), goods_received(order.id, (1, "BOLT-M8", 30)))
    reader(service, SupplierItems)
    compared = service.read_models.rebuild()
    assert all(each.is_equal for each in compared.values())
    rows_of = {name: each.equal for name, each in compared.items()}
    shown = {"suppliers": 1, "supplier_items": 1, "purchase_orders": 2, "purchase_requests": 1}
    assert rows_of.items() >= shown.items()
