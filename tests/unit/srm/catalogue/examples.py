"""Examples of supplier items."""

from typing import Any

from services.srm.catalogue.domain.supplier_item import SupplyTerms
from services.srm.service import Srm
from services.srm.suppliers.domain.supplier import Supplier
from shared.money import Money
from tests.unit.srm.suppliers.examples import register_supplier


def terms(price: str = "0.18", days: int = 5, currency: str = "USD", **more: Any) -> SupplyTerms:
    return SupplyTerms(Money(price, currency), days, **more)


def register_supplier_with_offer(service: Srm, code: str, price: str, days: int = 5, **terms: Any) -> Supplier:
    """Register a supplier that offers bolts at this price."""
    seller = register_supplier(service, code)
    service.catalogue.add_item(seller.id, "BOLT-M8", unit_price=Money(price, "USD"), lead_time_days=days, **terms)
    return seller
