"""CRM knows the items of SCM as their events state them."""

from pathlib import Path
from uuid import uuid4

import pytest

from services.crm.service import Crm
from shared.contracts import scm
from shared.domain import InvalidInput, UnknownReference
from shared.testing.services import deliver, open_service
from tests.unit.crm.customers.examples import a_registration
from tests.unit.crm.sales_orders.examples import BOLTS, a_line, an_order


def item_changed(*, is_active: bool = True, name: str = "Bolt M8") -> scm.ItemChanged:
    return scm.ItemChanged(uuid4(), "BOLT-M8", name, "piece", is_active)


def order_bolts(service: Crm) -> None:
    customer = service.customers.register(a_registration(code=f"C-{uuid4().hex[:8]}"))
    service.sales_orders.draft(an_order(customer.id, a_line(BOLTS)))


def stored(service: Crm) -> list[str]:
    return [each.type for each in service.store.log(0, 1_000) if "ReceivedRecord" in each.type]


def test_an_item_can_be_ordered_once_its_event_has_arrived(tmp_path: Path) -> None:
    service = open_service(Crm, tmp_path)
    with pytest.raises(UnknownReference):
        order_bolts(service)
    deliver(service, item_changed(), deliveries=2)
    order_bolts(service)
    assert stored(service) == ["shared.ReceivedRecord.Received"]


def test_a_deactivation_holds_from_the_next_order_on(tmp_path: Path) -> None:
    service = open_service(Crm, tmp_path)
    deliver(service, item_changed())
    order_bolts(service)
    deliver(service, item_changed(is_active=False))
    with pytest.raises(InvalidInput) as refused:
        order_bolts(service)
    assert refused.value.field == "lines/0/sku"
    deliver(service, item_changed())
    order_bolts(service)


def test_a_change_of_the_name_records_nothing(tmp_path: Path) -> None:
    service = open_service(Crm, tmp_path)
    deliver(service, item_changed(), item_changed(name="Bolt M8, zinc"))
    assert stored(service) == ["shared.ReceivedRecord.Received"]


def test_an_item_that_is_first_known_as_deactivated_cannot_be_ordered(tmp_path: Path) -> None:
    service = open_service(Crm, tmp_path)
    deliver(service, item_changed(is_active=False))
    with pytest.raises(InvalidInput):
        order_bolts(service)
