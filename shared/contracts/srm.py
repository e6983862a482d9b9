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


@published("supplier")
class SupplierBlocked(Contract):
    """For these purposes (orders, payments) nothing is done with the supplier until the block is lifted."""

    supplier_id: UUID
    purposes: tuple[str, ...]
    reason: str


@published("supplier")
class SupplierUnblocked(Contract):
    """For these purposes the supplier is as any other again."""

    supplier_id: UUID
    purposes: tuple[str, ...]


@part
class PurchaseLine:
    """One ordered line. `line` counts from 1 and never changes."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Money


@published("purchase_order")
class PurchaseOrderSent(Contract):
    """A supplier was asked to deliver: from now on its open quantities are on order.

    `request_id` is the purchase request it was drafted for, if it was for one; `over_receipt_percent` how much more
    than ordered may be taken in on a line (none = what the firm takes).
    """

    purchase_order_id: UUID
    number: str
    supplier_id: UUID
    currency: str
    ordered_on: date
    expected_on: date | None
    warehouse: str
    lines: tuple[PurchaseLine, ...]
    request_id: UUID | None = None
    over_receipt_percent: Decimal | None = None


@published("purchase_order")
class PurchaseOrderRevised(Contract):
    """A sent order as it now stands, its `revision` counted from 1. A line that is gone is not expected any more;
    what had arrived of it stays."""

    purchase_order_id: UUID
    revision: int
    number: str
    supplier_id: UUID
    currency: str
    ordered_on: date
    expected_on: date | None
    warehouse: str
    lines: tuple[PurchaseLine, ...]
    over_receipt_percent: Decimal | None


@published("purchase_order")
class PurchaseOrderCancelled(Contract):
    """What has not arrived is not expected any more."""

    purchase_order_id: UUID
    reason: str


@published("purchase_order")
class PurchaseOrderClosed(Contract):
    """No more is expected, though less than ordered may have come; nothing more is to be taken in."""

    purchase_order_id: UUID
    reason: str | None


@published("purchase_request")
class PurchaseRequestCancelled(Contract):
    """What was asked for will not be ordered: somebody decided so."""

    request_id: UUID
    reason: str
