"""Events of CRM: sales orders."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import PublishedEvent, make_contract_part, register_published_event
from shared.money import Money, UnitPrice


@make_contract_part
class OrderLine:
    """One line of a sales order. `line` counts from 1 and never changes; the price is fixed."""

    line: int
    sku: str
    quantity: Decimal
    unit_price: UnitPrice
    discount_percent: Decimal


@register_published_event("sales_order")
class SalesOrderPlaced(PublishedEvent):
    """A sales order was placed. `total` = net of all lines + freight; `backorder` is `allow` or `refuse`."""

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


@register_published_event("sales_order")
class SalesOrderAmendmentRequested(PublishedEvent):
    """An amendment of a placed order was requested; it applies if SCM accepts it and credit is approved.

    Fields are as amended; `revision` counts from 2. A line keeps its number while item and price are the same.
    `only_before_dispatch` = only if nothing has been dispatched yet.
    """

    order_id: UUID
    revision: int
    customer_id: UUID
    required_on: date | None
    lines: tuple[OrderLine, ...]
    freight: Money
    total: Money
    only_before_dispatch: bool


@register_published_event("sales_order")
class SalesOrderCancellationRequested(PublishedEvent):
    """The customer or a seller requested the cancellation of a placed order. SCM grants or refuses it."""

    order_id: UUID
    reason: str
