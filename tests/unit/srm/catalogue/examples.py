"""Examples of supplier items."""

from typing import Any
from uuid import UUID

from services.srm.catalogue.domain.supplier_item import SupplierItem, SupplierItemEntry
from services.srm.service import Srm
from services.srm.suppliers.domain.supplier import Supplier
from shared.money import UnitPrice
from tests.unit.srm.suppliers.examples import register_supplier

SUPPLIER = UUID(int=1)


def terms(price: str = "0.18", days: int = 5, currency: str = "USD", **more: Any) -> SupplierItemEntry:
    """Return the terms of bolts, of the supplier `SUPPLIER` unless another is given."""
    unit_price = UnitPrice(price, currency)
    fields = {"supplier_id": SUPPLIER, "sku": "BOLT-M8", "unit_price": unit_price, "lead_time_days": days}
    return SupplierItemEntry(**fields | more)


def add_offer(service: Srm, supplier: Supplier, price: str, days: int = 5, **more: Any) -> SupplierItem:
    """Add bolts at this price to the supplier's catalogue."""
    return service.catalogue.supplier_items.register(terms(price, days, supplier_id=supplier.id, **more))


def register_supplier_with_offer(service: Srm, code: str, price: str, days: int = 5, **more: Any) -> Supplier:
    """Register a supplier that offers bolts at this price."""
    seller = register_supplier(service, code)
    add_offer(service, seller, price, days, **more)
    return seller
