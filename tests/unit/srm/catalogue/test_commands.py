"""Commands on catalogues and sourcing, over the real store."""

from datetime import date, timedelta

import pytest

from shared.domain import ForeignCurrency, InvalidInput, WrongStatus
from shared.fields import Changes
from shared.money import UnitPrice
from shared.testing.services import deliver
from tests.unit.srm.caller import open_srm
from tests.unit.srm.catalogue.examples import add_offer, register_supplier_with_offer
from tests.unit.srm.purchase_orders.examples import order_rows
from tests.unit.srm.requisitions.examples import purchase_requested, request_row
from tests.unit.srm.suppliers.examples import block_orders, register_supplier

TODAY = date(1996, 8, 1)


@pytest.fixture
def service(tmp_path):
    return open_srm(tmp_path)


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
    block_orders(service, seller)
    requested = purchase_requested()
    deliver(service, requested)
    assert service.catalogue.source_request(requested.request_id).status == "unsourced"
    service.suppliers.suppliers.unblock(seller.id)
    assert service.catalogue.source_request(requested.request_id).status == "drafted"
    with pytest.raises(WrongStatus):
        service.catalogue.source_request(requested.request_id)
    assert len(order_rows(service)) == 1


def test_an_item_in_another_currency_than_the_suppliers_is_refused(service):
    with pytest.raises(ForeignCurrency):
        add_offer(service, register_supplier(service), "1", currency="EUR")


def test_a_price_is_not_changed_to_another_currency_than_the_suppliers(service):
    item = add_offer(service, register_supplier(service), "0.18")
    with pytest.raises(ForeignCurrency) as refused:
        service.catalogue.supplier_items.revise(item.id, Changes(unit_price=UnitPrice("0.18", "EUR")))
    assert refused.value.field == "unit_price"


def test_the_validity_of_an_item_is_checked_as_a_whole_when_it_changes(service):
    item = add_offer(service, register_supplier(service), "0.18", valid_from=date(2026, 2, 1))
    with pytest.raises(InvalidInput) as refused:
        service.catalogue.supplier_items.revise(item.id, Changes(valid_to=date(2026, 1, 31)))
    assert refused.value.field == "valid_to"


def test_a_deactivated_supplier_gets_no_new_item_and_is_named_with_what_to_do(service):
    seller = register_supplier(service)
    service.suppliers.suppliers.deactivate(seller.id)
    with pytest.raises(InvalidInput, match="EXOTIC is deactivated: reactivate it or choose another") as refused:
        add_offer(service, seller, "0.18")
    assert refused.value.field == "supplier_id"


def test_an_item_of_a_deactivated_supplier_can_still_be_changed(service):
    seller = register_supplier(service)
    item = add_offer(service, seller, "0.18")
    service.suppliers.suppliers.deactivate(seller.id)
    revised = service.catalogue.supplier_items.revise(item.id, Changes(lead_time_days=9))
    assert revised.entry.lead_time_days == 9


def test_orders_are_drafted_on_the_revised_terms(service):
    item = add_offer(service, register_supplier(service), "0.18", days=5)
    service.catalogue.supplier_items.revise(item.id, Changes(unit_price=UnitPrice("0.17", "USD"), lead_time_days=3))
    deliver(service, purchase_requested(7))
    (draft,) = order_rows(service)
    assert (draft["lines"][0]["unit_price"], draft["expected_on"]) == (
        {"amount": "0.17", "currency": "USD"},
        (TODAY + timedelta(days=3)).isoformat(),
    )


def test_a_revised_offer_fills_the_requests_that_wait_for_it(service):
    item = add_offer(service, register_supplier(service), "999999.00")
    requested = purchase_requested(999_999_999_999)
    deliver(service, requested)
    assert request_row(service, requested)["status"] == "unsourced"
    service.catalogue.supplier_items.revise(item.id, Changes(unit_price=UnitPrice("0.18", "USD")))
    assert request_row(service, requested)["status"] == "drafted"


def test_a_change_without_new_terms_searches_for_no_supplier(service):
    seller = register_supplier(service)
    item = add_offer(service, seller, "0.18")
    block_orders(service, seller)
    requested = purchase_requested()
    deliver(service, requested)
    service.suppliers.suppliers.unblock(seller.id)
    service.catalogue.supplier_items.revise(item.id, Changes(unit_price=UnitPrice("0.18", "USD")))
    assert request_row(service, requested)["status"] == "unsourced"


def test_a_deactivated_item_is_not_chosen_and_fills_waiting_requests_when_it_is_reactivated(service):
    item = add_offer(service, register_supplier(service), "0.18")
    service.catalogue.supplier_items.deactivate(item.id)
    requested = purchase_requested()
    deliver(service, requested)
    assert request_row(service, requested)["status"] == "unsourced"
    service.catalogue.supplier_items.revise(item.id, Changes(lead_time_days=1))
    assert request_row(service, requested)["status"] == "unsourced"
    service.catalogue.supplier_items.reactivate(item.id)
    assert request_row(service, requested)["status"] == "drafted"


def test_a_request_waits_while_its_only_supplier_is_deactivated(service):
    seller = register_supplier_with_offer(service, "ONLY", "0.18")
    service.suppliers.suppliers.deactivate(seller.id)
    requested = purchase_requested()
    deliver(service, requested)
    assert service.catalogue.source_request(requested.request_id).status == "unsourced"
    service.suppliers.suppliers.reactivate(seller.id)
    assert service.catalogue.source_request(requested.request_id).status == "drafted"
