"""Commands on catalogues and sourcing, over the real store."""

import pytest

from services.srm.service import Srm
from services.srm.suppliers.domain.supplier import ForeignCurrency
from shared.domain import WrongStatus
from shared.money import Money
from shared.testing.services import deliver, open_service
from tests.unit.srm.catalogue.examples import register_supplier_with_offer
from tests.unit.srm.purchase_orders.examples import order_rows
from tests.unit.srm.requisitions.examples import purchase_requested, request_row
from tests.unit.srm.suppliers.examples import register_supplier


@pytest.fixture
def service(tmp_path):
    return open_service(Srm, tmp_path)


def test_requests_wait_until_a_supplier_offers_the_item(service):
    first, second, other = purchase_requested(7), purchase_requested(9), purchase_requested(3, sku="NUT-M8")
    deliver(service, first, second, other, deliveries=2)
    assert [request_row(service, each)["status"] for each in (first, second, other)] == ["unsourced"] * 3
    register_supplier_with_offer(service, "BEST", "0.18")
    assert [request_row(service, each)["status"] for each in (first, second, other)] == [
        "drafted", "drafted", "unsourced",
    ]  # fmt: skip
    assert [draft["lines"][0]["ordered"] for draft in order_rows(service)] == ["7", "9"]
    register_supplier_with_offer(service, "CHEAPER", "0.10")
    assert len(order_rows(service)) == 2


def test_an_offer_that_makes_the_order_too_large_is_passed_over(service):
    requested = purchase_requested(999_999_999_999)
    deliver(service, requested)
    register_supplier_with_offer(service, "DEAR", "999999.00")
    assert request_row(service, requested)["status"] == "unsourced"
    also = purchase_requested(999_999_999_998)
    deliver(service, also)
    assert (request_row(service, also)["status"], list(service.parked_messages.entries())) == ("unsourced", [])
    affordable = register_supplier_with_offer(service, "FAIR", "0.18")
    assert [draft["supplier_id"] for draft in order_rows(service)] == [str(affordable.id)] * 2


def test_a_buyer_sources_a_request_again_after_an_unblock(service):
    seller = register_supplier_with_offer(service, "ONLY", "0.18")
    service.suppliers.block(seller.id, ["orders"], "late again")
    requested = purchase_requested()
    deliver(service, requested)
    assert service.catalogue.source_request(requested.request_id).status == "unsourced"
    service.suppliers.unblock(seller.id)
    assert service.catalogue.source_request(requested.request_id).status == "drafted"
    with pytest.raises(WrongStatus):
        service.catalogue.source_request(requested.request_id)
    assert len(order_rows(service)) == 1


def test_an_item_in_another_currency_than_the_suppliers_is_refused(service):
    seller = register_supplier(service)
    with pytest.raises(ForeignCurrency):
        service.catalogue.add_item(seller.id, "BOLT-M8", unit_price=Money("1", "EUR"), lead_time_days=1)
