"""What CRM says: customers and what was promised to them."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import Contract, part, published
from shared.money import Money


@published("customer")
class CustomerRegistered(Contract):
    """A customer may order from now on. `credit_limit` none = not limited."""

    customer_id: UUID
    code: str
    currency: str
    payment_terms_days: int
    credit_limit: Money | None = None


@published("customer")
class CustomerTermsChanged(Contract):
    """Payment terms or credit limit are different from now on; both are given as they now stand."""

    customer_id: UUID
    payment_terms_days: int
    credit_limit: Money | None = None


@part
class OrderLine:
    """One promised line. `line` counts from 1 and never changes; the price is frozen."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: Money
    discount_percent: Decimal


@published("sales_order")
class SalesOrderPlaced(Contract):
    """A customer was promised goods. `total` = net of all lines + freight; `backorder` is allow or refuse."""

    order_id: UUID
    number: str
    customer_id: UUID
    currency: str
    ordered_on: date
    required_on: date | None
    warehouse: str | None
    backorder: str
    payment_terms_days: int
    lines: tuple[OrderLine, ...]
    freight: Money
    total: Money


@published("sales_order")
class SalesOrderAmendmentRequested(Contract):
    """A placed order shall be what stands here, if SCM still can change it and credit stands for it.

    `revision` counts from 2. A line keeps its number as long as it is the same item at the same price.
    `before_departure` = only if nothing has left yet.
    """

    order_id: UUID
    revision: int
    customer_id: UUID
    required_on: date | None
    lines: tuple[OrderLine, ...]
    freight: Money
    total: Money
    only_before_dispatch: bool


@published("sales_order")
class SalesOrderCancellationRequested(Contract):
    """The customer or a seller wants a placed order stopped. SCM grants or refuses."""

    order_id: UUID
    reason: str
