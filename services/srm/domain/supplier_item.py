"""What a supplier asks for an item."""

from datetime import date
from decimal import Decimal
from typing import Self
from uuid import UUID

from services.srm.domain.supplier import Supplier, require_currency
from shared.domain import Aggregate, InvalidInput, event, value
from shared.money import Money


@value
class SupplyTerms:
    """Price of one unit, days until delivery, and in what quantities; valid from and to, both days included."""

    unit_price: Money
    lead_time_days: int
    minimum_quantity: Decimal | None = None
    multiple: Decimal | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    def hold_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def quantity_for(self, wanted: Decimal) -> Decimal:
        """What must be ordered to get what is wanted: at least the minimum, in whole multiples."""
        least = max(wanted, self.minimum_quantity or wanted)
        surplus = least % self.multiple if self.multiple else Decimal(0)
        return least + self.multiple - surplus if self.multiple and surplus else least


class SupplierItem(Aggregate):
    """One entry of a supplier's catalogue. It never changes; a newer entry for the same item takes its place."""

    @classmethod
    def listed(cls, supplier: Supplier, sku: str, terms: SupplyTerms) -> Self:
        """Refused with ForeignCurrency, or InvalidInput if it ends before it begins."""
        require_currency(supplier.currency, terms.unit_price, field="unit_price")
        if terms.valid_from and terms.valid_to and terms.valid_to < terms.valid_from:
            raise InvalidInput("ends before it begins", field="valid_to")
        return cls(supplier_id=supplier.id, sku=sku, terms=terms)

    @event("Listed")
    def __init__(self, supplier_id: UUID, sku: str, terms: SupplyTerms) -> None:
        self.supplier_id = supplier_id
        self.sku = sku
        self.terms = terms
