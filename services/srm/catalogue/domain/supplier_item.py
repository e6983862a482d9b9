"""Supplier item: the terms on which a supplier offers an item."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from services.srm.suppliers.domain.supplier import Supplier
from shared.domain import InvalidInput, MasterRecord, require_amount_in_currency
from shared.fields import Code, Date, Days, Id, Lookup, Quantity
from shared.money import UnitPrice


@dataclass(frozen=True, kw_only=True)
class SupplierItemEntry:
    """An item in a supplier's catalogue: price, lead time, order quantities, first and last day of validity."""

    supplier_id: Annotated[Id, Lookup("srm.suppliers")]
    sku: Annotated[Code, Lookup("scm.items", "sku")]
    unit_price: UnitPrice
    lead_time_days: Days
    minimum_quantity: Quantity | None = None
    multiple: Quantity | None = None
    valid_from: Date | None = None
    valid_to: Date | None = None

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def order_quantity(self, needed: Decimal) -> Decimal:
        """Return the quantity to order for this need: at least the minimum, in whole multiples."""
        least = max(needed, self.minimum_quantity or needed)
        surplus = least % self.multiple if self.multiple else Decimal(0)
        return least + self.multiple - surplus if self.multiple and surplus else least

    def require_valid_terms(self, supplier: Supplier) -> None:
        """Raise ForeignCurrency for another currency than the supplier's, InvalidInput if it ends before it begins."""
        require_amount_in_currency(supplier.entry.currency, self.unit_price, field="unit_price")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise InvalidInput("valid_to must not be before valid_from", field="valid_to")


class SupplierItem(MasterRecord[SupplierItemEntry], key=None):
    """An item in a supplier's catalogue, with its terms. Several entries of an item may be valid at different times."""
