"""What SRM says: suppliers and what was ordered from them."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import Contract, part, published
from shared.money import Money


@published("supplier")
class SupplierRegistered(Contract):
    """A supplier may be ordered from and paid."""

    supplier_id: UUID
    code: str
    currency: str
    payment_terms_days: int


@part
class PurchaseLine:
    """One ordered line. `line` counts from 1 and never changes."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Money


@published("purchase_order")
class PurchaseOrderSent(Contract):
    """A supplier was asked to deliver: from now on its open quantities are on order."""

    purchase_order_id: UUID
    number: str
    supplier_id: UUID
    currency: str
    ordered_on: date
    expected_on: date | None
    warehouse: str
    lines: tuple[PurchaseLine, ...]


@published("purchase_order")
class PurchaseOrderCancelled(Contract):
    """What has not arrived is not expected any more."""

    purchase_order_id: UUID
    reason: str
