"""Supplier item: the terms on which a supplier offers an item."""

from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from services.srm.suppliers.domain.supplier import Supplier, require_amount_in_currency
from shared.domain import Aggregate, InvalidInput, event, value_object
from shared.money import Money


@value_object
class SupplyTerms:
    """Unit price, lead time in days, order quantities and period of validity, both days included."""

    unit_price: Money
    lead_time_days: int
    minimum_quantity: Decimal | None = None
    multiple: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def is_valid_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def order_quantity(self, needed: Decimal) -> Decimal:
        """Return the quantity to order for this need: at least the minimum, in whole multiples."""
        least = max(needed, self.minimum_quantity or needed)
        surplus = least % self.multiple if self.multiple else Decimal(0)
        return least + self.multiple - surplus if self.multiple and surplus else least


class SupplierItem(Aggregate):
    """An item in a supplier's catalogue, with its terms. It never changes: a newer entry of the item replaces it."""

    @classmethod
    def add_to_catalogue(cls, supplier: Supplier, sku: str, terms: SupplyTerms) -> Self:
        """Create an entry. Raises ForeignCurrency, and InvalidInput if valid_to is before valid_from."""
        require_amount_in_currency(supplier.currency, terms.unit_price, field="unit_price")
        if terms.valid_from and terms.valid_to and terms.valid_to < terms.valid_from:
            raise InvalidInput("valid_to must not be before valid_from", field="valid_to")
        return cls(supplier_id=supplier.id, sku=sku, terms=terms)

    @event("Listed")
    def __init__(self, supplier_id: UUID, sku: str, terms: SupplyTerms) -> None:
        self.supplier_id = supplier_id
        self.sku = sku
        self.terms = terms
