"""Registration of items, units, warehouses and carriers."""

from decimal import Decimal

import pytest

from services.scm.items.domain.unit import UnitEntry
from services.scm.service import Scm
from services.scm.shipping.master_data import CarrierEntry
from shared.domain import AlreadyTaken, NotFound
from shared.testing.services import open_service
from tests.unit.scm.examples import a_warehouse, change_item, register_item, register_warehouse


@pytest.mark.parametrize(
    "again",
    [
        lambda service: register_item(service, "CHAI"),
        lambda service: register_warehouse(service, "MAIN"),
        lambda service: service.shipping.carriers.register(CarrierEntry(code="SPEEDY", name="Another one")),
    ],
)
def test_a_code_in_use_is_refused(tmp_path, again):
    service = a_warehouse(tmp_path, CHAI=0)
    with pytest.raises(AlreadyTaken):
        again(service)


def test_an_item_with_the_sku_of_another_in_other_letters_is_refused(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    with pytest.raises(AlreadyTaken, match="item SKU chai is already in use: it is registered as 'CHAI'") as refused:
        register_item(service, "chai")
    assert refused.value.field == "sku"


def test_an_item_is_found_by_its_sku(tmp_path):
    service = a_warehouse(tmp_path, CHAI=0)
    change_item(service, "CHAI", reorder_point=Decimal(10))
    assert service.items.items.get("CHAI").entry.reorder_point == 10
    with pytest.raises(NotFound):
        service.items.items.get("BEER")


def test_a_unit_has_no_decimals_unless_it_is_registered_with_some(tmp_path):
    units = open_service(Scm, tmp_path).items.units
    assert units.register(UnitEntry(code="PCE", name="Piece")).entry.decimals == 0
    assert units.register(UnitEntry(code="KGM", name="Kilogram", decimals=3)).entry.decimals == 3
