"""Projections of SRM, rebuilt from the event log."""

import pytest

from services.srm.catalogue.master_data import supplier_items
from shared.testing.services import deliver, reader
from tests.unit.srm.caller import open_srm
from tests.unit.srm.catalogue.examples import register_supplier_with_offer
from tests.unit.srm.purchase_orders.examples import a_sent_order, goods_received
from tests.unit.srm.requisitions.examples import purchase_requested


@pytest.fixture
def service(tmp_path):
    return open_srm(tmp_path)


def test_rebuilt_projections_equal_the_live_ones(service):
    order = a_sent_order(service, register_supplier_with_offer(service, "BEST", "0.18"))
    deliver(service, purchase_requested(), goods_received(order.id, (1, "BOLT-M8", 30)))
    reader(service, supplier_items.projection)
    compared = service.read_models.rebuild()
    assert all(each.is_equal for each in compared.values())
    rows_of = {name: each.equal for name, each in compared.items()}
    shown = {"suppliers": 1, "supplier_items": 1, "purchase_orders": 2, "purchase_requests": 1}
    assert rows_of.items() >= shown.items()
