"""Projections of CRM, rebuilt from the event log."""

import pytest

from services.crm.insight.projections import Timeline
from shared.testing.services import deliver, reader
from tests.unit.crm.customers.examples import open_with_customer
from tests.unit.crm.sales_orders.events import approved, dispatched, invoiced, paid, reserved
from tests.unit.crm.sales_orders.examples import a_placed_order


@pytest.fixture
def crm(tmp_path):
    return open_with_customer(tmp_path)


def test_rebuilt_projections_equal_the_live_ones(crm):
    service, customer = crm
    order = a_placed_order(service, customer)
    deliver(service, approved(order), reserved(order), dispatched(order), invoiced(order), paid(order))
    reader(service, Timeline)
    compared = service.read_models.rebuild()
    assert all(each.is_equal for each in compared.values())
    rows_of = {name: each.equal for name, each in compared.items()}
    assert rows_of.items() >= {"customers": 1, "sales_orders": 7, "timeline": 6}.items()
