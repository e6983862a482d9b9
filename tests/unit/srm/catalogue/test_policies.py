"""Reactions of sourcing to events of SCM: real store, every message twice."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.testing.services import deliver
from tests.unit.srm.caller import open_srm
from tests.unit.srm.catalogue.examples import register_supplier_with_offer
from tests.unit.srm.purchase_orders.examples import order_rows
from tests.unit.srm.requisitions.examples import purchase_requested, request_row
from tests.unit.srm.suppliers.examples import block_orders

TODAY = date(1996, 8, 1)


@pytest.fixture
def service(tmp_path):
    return open_srm(tmp_path)


def test_a_request_becomes_a_draft_order_at_the_best_supplier(service):
    register_supplier_with_offer(service, "DEAR", "0.20")
    best = register_supplier_with_offer(service, "BEST", "0.18", days=5)
    register_supplier_with_offer(service, "SLOW", "0.18", days=9)
    requested = purchase_requested(7)
    deliver(service, requested, deliveries=2)
    (draft,) = order_rows(service)
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


def test_the_drafted_quantity_follows_minimum_and_multiple_of_the_supplier(service):
    register_supplier_with_offer(service, "BEST", "0.18", minimum_quantity=Decimal(10), multiple=Decimal(6))
    deliver(service, purchase_requested(7))
    (draft,) = order_rows(service)
    assert draft["lines"][0]["ordered"] == "12"


def test_a_blocked_supplier_is_passed_over(service):
    best, second = (
        register_supplier_with_offer(service, "BEST", "0.18"),
        register_supplier_with_offer(service, "SECOND", "0.19"),
    )
    block_orders(service, best)
    deliver(service, purchase_requested())
    (draft,) = order_rows(service)
    assert draft["supplier_id"] == str(second.id)


def test_a_deactivated_supplier_is_passed_over(service):
    best = register_supplier_with_offer(service, "BEST", "0.18")
    second = register_supplier_with_offer(service, "SECOND", "0.19")
    service.suppliers.suppliers.deactivate(best.id)
    deliver(service, purchase_requested())
    (draft,) = order_rows(service)
    assert draft["supplier_id"] == str(second.id)
