"""What SRM does when others speak: real store, real policies, every message twice."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.srm.application import Srm
from services.srm.reports import PurchaseOrders, PurchaseRequests, SupplierItems
from shared.contracts import srm
from shared.domain import WrongStatus
from shared.money import Money
from shared.testing.services import hear, opened
from tests.unit.srm.examples import a_seller, a_sent_order, arrived, billed, offering, rows, said, taken_back, wanted

TODAY = date(1996, 8, 1)


@pytest.fixture
def service(tmp_path):
    return opened(Srm, tmp_path)


def request_row(service, asked):
    return rows(service, PurchaseRequests).get(asked.request_id)


def drafts(service):
    return list(rows(service, PurchaseOrders).all(sort=("number",)))


def test_a_shortage_becomes_a_draft_at_the_best_supplier(service):
    offering(service, "DEAR", "0.20")
    best = offering(service, "BEST", "0.18", days=5)
    offering(service, "SLOW", "0.18", days=9)
    asked = wanted(7)
    hear(service, asked, times=2)
    (draft,) = drafts(service)
    assert (draft["supplier_id"], draft["status"], draft["number"], draft["warehouse"]) == (
        str(best.id), "draft", "PO-1", "MAIN",
    )  # fmt: skip
    assert [(each["sku"], each["ordered"], each["unit_price"]["amount"]) for each in draft["lines"]] == [
        ("BOLT-M8", "7", "0.18")
    ]
    assert draft["expected_on"] == (TODAY + timedelta(days=5)).isoformat()
    assert request_row(service, asked) | {"created_at": None, "updated_at": None} == {
        "id": str(asked.request_id),
        "version": 2,
        "sku": "BOLT-M8",
        "warehouse": "MAIN",
        "quantity": "7",
        "needed_on": "1996-08-01",
        "reason": "shortage",
        "status": "drafted",
        "order_id": str(asked.order_id),
        "purchase_order_id": draft["id"],
        "created_at": None,
        "updated_at": None,
    }


def test_the_draft_keeps_to_the_suppliers_quantities(service):
    offering(service, "BEST", "0.18", minimum_quantity=Decimal(10), multiple=Decimal(6))
    hear(service, wanted(7))
    (draft,) = drafts(service)
    assert draft["lines"][0]["ordered"] == "12"


def test_a_blocked_supplier_is_passed_over(service):
    best, second = offering(service, "BEST", "0.18"), offering(service, "SECOND", "0.19")
    service.block_supplier(best.id, ["orders"], "late again")
    hear(service, wanted())
    (draft,) = drafts(service)
    assert draft["supplier_id"] == str(second.id)


def test_requests_wait_until_somebody_offers_the_item(service):
    first, second, other = wanted(7), wanted(9), wanted(3, sku="NUT-M8")
    hear(service, first, second, other, times=2)
    assert [request_row(service, each)["status"] for each in (first, second, other)] == ["unsourced"] * 3
    offering(service, "BEST", "0.18")
    assert [request_row(service, each)["status"] for each in (first, second, other)] == [
        "drafted", "drafted", "unsourced",
    ]  # fmt: skip
    assert [draft["lines"][0]["ordered"] for draft in drafts(service)] == ["7", "9"]
    offering(service, "CHEAPER", "0.10")
    assert len(drafts(service)) == 2


def test_an_offer_that_would_make_an_order_beyond_account_is_passed_over(service):
    asked = wanted(999_999_999_999)
    hear(service, asked)
    offering(service, "DEAR", "999999.00")
    assert request_row(service, asked)["status"] == "unsourced"
    also = wanted(999_999_999_998)
    hear(service, also)
    assert (request_row(service, also)["status"], service.parked()) == ("unsourced", [])
    affordable = offering(service, "FAIR", "0.18")
    assert [draft["supplier_id"] for draft in drafts(service)] == [str(affordable.id)] * 2


def test_when_a_block_is_lifted_a_buyer_has_the_request_looked_at_again(service):
    seller = offering(service, "ONLY", "0.18")
    service.block_supplier(seller.id, ["orders"], "late again")
    asked = wanted()
    hear(service, asked)
    assert service.source_purchase_request(asked.request_id).status == "unsourced"
    service.unblock_supplier(seller.id)
    assert service.source_purchase_request(asked.request_id).status == "drafted"
    with pytest.raises(WrongStatus):
        service.source_purchase_request(asked.request_id)
    assert len(drafts(service)) == 1


def test_a_request_follows_its_order_until_the_goods_are_here(service):
    offering(service, "BEST", "0.18")
    asked = wanted(7)
    hear(service, asked)
    order_id = service.send_purchase_order(UUID(drafts(service)[0]["id"])).id
    assert request_row(service, asked)["status"] == "ordered"
    hear(service, arrived(order_id, (1, "BOLT-M8", 3)))
    assert request_row(service, asked)["status"] == "ordered"
    hear(service, arrived(order_id, (1, "BOLT-M8", 4)), arrived(order_id, (1, "BOLT-M8", 1)), times=2)
    assert request_row(service, asked)["status"] == "received"


def test_a_receipt_taken_back_is_open_again_and_its_request_waits_for_it(service):
    offering(service, "BEST", "0.18")
    asked = wanted(7)
    hear(service, asked)
    order_id = service.send_purchase_order(UUID(drafts(service)[0]["id"])).id
    receipt = arrived(order_id, (1, "BOLT-M8", 7))
    hear(service, receipt, taken_back(receipt), times=2)
    (row,) = drafts(service)
    assert (row["status"], row["lines"][0]["received"], row["lines"][0]["open"]) == ("sent", "0", "7")
    assert request_row(service, asked)["status"] == "ordered"


@pytest.mark.parametrize(("came", "status"), [([], "cancelled"), ([3], "received")])
def test_a_request_ends_with_the_order_that_is_closed(service, came, status):
    offering(service, "BEST", "0.18")
    asked = wanted(7)
    hear(service, asked)
    order_id = service.send_purchase_order(UUID(drafts(service)[0]["id"])).id
    hear(service, *(arrived(order_id, (1, "BOLT-M8", quantity)) for quantity in came))
    service.close_purchase_order(order_id)
    assert request_row(service, asked)["status"] == status


def test_the_warehouse_hears_which_request_was_ordered_or_will_not_be(service):
    offering(service, "BEST", "0.18")
    first, second = wanted(7), wanted(8)
    hear(service, first, second)
    one, other = (UUID(each["id"]) for each in drafts(service))
    service.send_purchase_order(one)
    service.cancel_purchase_order(other, "not needed")
    sent, cancelled = said(service)[1:]
    assert sent.request_id == first.request_id
    assert cancelled == srm.PurchaseRequestCancelled(second.request_id, "not needed")


def test_goods_against_an_older_revision_still_count(service):
    order = a_sent_order(service, a_seller(service))
    bolts = {"sku": "BOLT-M8", "quantity": Decimal(50), "unit_price": Money("0.18", "USD")}
    service.revise_purchase_order(order.id, [bolts])
    hear(service, arrived(order.id, (1, "BOLT-M8", 100), (2, "NUT-M8", 40)))
    (row,) = drafts(service)
    assert [(each["ordered"], each["received"], each["open"]) for each in row["lines"]] == [
        ("50", "100", "0"), ("0", "40", "0"),
    ]  # fmt: skip
    assert (row["status"], row["revision"]) == ("received", 1)


def test_a_request_ends_with_its_order(service):
    offering(service, "BEST", "0.18")
    asked = wanted(7)
    hear(service, asked)
    service.cancel_purchase_order(UUID(drafts(service)[0]["id"]), "not needed")
    assert request_row(service, asked)["status"] == "cancelled"


def test_what_arrives_is_counted_line_by_line_and_once(service):
    order = a_sent_order(service, a_seller(service))
    hear(service, arrived(order.id, (1, "BOLT-M8", 30), (2, "NUT-M8", 40)), times=3)
    (row,) = drafts(service)
    assert row["status"] == "partly_received"
    assert [(each["received"], each["open"]) for each in row["lines"]] == [("30", "70"), ("40", "0")]
    hear(service, arrived(order.id, (1, "BOLT-M8", 70)), times=3)
    assert drafts(service)[0]["status"] == "received"


def test_what_is_billed_is_counted_line_by_line_and_once(service):
    seller = a_seller(service)
    order = a_sent_order(service, seller)
    hear(service, billed(order.id, seller.id, (1, "BOLT-M8", 30), (2, "NUT-M8", 40)), times=3)
    hear(service, billed(order.id, seller.id, (1, "BOLT-M8", 5)), times=3)
    assert [each["billed"] for each in drafts(service)[0]["lines"]] == ["35", "40"]


def test_a_block_is_told_with_its_purposes_and_so_is_its_end(service):
    seller = a_seller(service)
    service.block_supplier(seller.id, ["payments", "orders"], "goods were broken")
    service.unblock_supplier(seller.id, ["payments"])
    assert said(service)[1:] == [
        srm.SupplierBlocked(seller.id, ("payments", "orders"), "goods were broken"),
        srm.SupplierUnblocked(seller.id, ("payments",)),
    ]


def test_all_rows_come_out_the_same_when_folded_from_zero(service):
    order = a_sent_order(service, offering(service, "BEST", "0.18"))
    hear(service, wanted(), arrived(order.id, (1, "BOLT-M8", 30)))
    rows(service, SupplierItems)
    compared = service.read_models.rebuild()
    assert all(each.same for each in compared.values())
    rows_of = {name: each.equal for name, each in compared.items()}
    shown = {"suppliers": 1, "supplier_items": 1, "purchase_orders": 2, "purchase_requests": 1}
    assert rows_of.items() >= shown.items()
