"""Events that warehousing publishes to the other services."""

from services.scm.warehousing.domain.stock_count import StockCount
from services.scm.warehousing.domain.warehouse import Warehouse
from shared.contracts import scm
from shared.policies import PublishedEventMappings

published = PublishedEventMappings()


@published.after(StockCount.Counted)
def stock_counted(counted: StockCount.Counted, count: StockCount) -> scm.StockCounted:
    """Publish the quantities counted at a moment."""
    lines = tuple(scm.CountedGoods(each.sku, each.quantity) for each in counted.lines)
    return scm.StockCounted(count.id, counted.warehouse, counted.counted_on, counted.at, lines)


@published.after(Warehouse.Registered, Warehouse.Revised, Warehouse.Deactivated, Warehouse.Reactivated)
def warehouse_changed(changed: Warehouse.Event, warehouse: Warehouse) -> scm.WarehouseChanged:
    """Publish how a warehouse stands now, so that other services know which warehouses there are."""
    del changed
    return scm.WarehouseChanged(warehouse.id, warehouse.key, warehouse.entry.name, warehouse.is_active)
