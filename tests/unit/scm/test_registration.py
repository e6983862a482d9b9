"""Registration of items, warehouses and carriers."""

from decimal import Decimal

import pytest

from services.scm.service import Scm
from services.scm.shipping.master_data import CarrierEntry
from shared.domain import AlreadyTaken, InvalidInput, NotFound
from shared.testing.services import open_service
from tests.unit.scm.examples import (
    a_warehouse,
)


@pytest.mark.parametrize(
    "again",
    [
        lambda service: service.items.register("CHAI", "Chai", "box"),
        lambda service: service.warehousing.register_warehouse("MAIN", "Another hall"),
        lambda service: service.shipping.carriers.register(CarrierEntry(code="SPEEDY", name="Another one")),
    ],
)
def test_a_code_in_use_is_refused(tmp_path, again):
    service = a_warehouse(tmp_path, CHAI=0)
    with pytest.raises(AlreadyTaken):
        again(service)


def test_an_item_is_found_by_its_sku(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    service.replenishment.change_item("CHAI", reorder_point=Decimal(10))
    assert service.items.get("CHAI").reorder_point == 10
    with pytest.raises(NotFound):
        service.items.get("BEER")


@pytest.mark.parametrize(
    ("terms", "field"), [({"time_zone": "Mars/Base"}, "time_zone"), ({"negative_stock": True}, "negative_stock")]
)
def test_an_invalid_warehouse_is_refused(tmp_path, terms, field):
    with pytest.raises(InvalidInput) as refused:
        open_service(Scm, tmp_path).warehousing.register_warehouse("MAIN", "Main hall", **terms)
    assert refused.value.field == field
