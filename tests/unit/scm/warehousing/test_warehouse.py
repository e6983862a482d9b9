"""Warehouses: their order, and what a deactivated one is still good for."""

from services.scm.warehousing.domain.warehouse import Warehouse, WarehouseEntry, active_warehouses
from shared.testing import given, new_events
from tests.unit.scm.examples import a_warehouse, deactivate_warehouse, register_warehouse

MAIN = WarehouseEntry(code="MAIN", name="Main hall")


def test_a_warehouse_is_deactivated_and_reactivated():
    warehouse = given(Warehouse(entry=MAIN))
    warehouse.deactivate()
    assert not warehouse.is_active
    warehouse.reactivate()
    assert new_events(warehouse) == [("Deactivated", {"entry": MAIN}), ("Reactivated", {"entry": MAIN})]


def test_the_active_warehouses_keep_the_order_of_their_registration(tmp_path):
    service = a_warehouse(tmp_path)
    for code in ("WEST", "EAST"):
        register_warehouse(service, code)

    def active() -> list[str]:
        return service.runner.run(lambda: [each.key for each in active_warehouses(service.runner.uow)])

    assert active() == ["MAIN", "WEST", "EAST"]
    deactivate_warehouse(service, "MAIN")
    assert active() == ["WEST", "EAST"]
    warehouses = service.warehousing.warehouses
    warehouses.reactivate(warehouses.get("MAIN").id)
    assert active() == ["MAIN", "WEST", "EAST"]
