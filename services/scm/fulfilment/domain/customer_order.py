"""A sales order as the warehouse sees it: goods, dates and warehouse."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from services.scm.items.domain.goods import GoodsLine, group_lines_by_sku, total
from shared.domain import value_object


@value_object
class CustomerOrder:
    """A customer's order as the warehouse needs it: goods, customer, dates and warehouse (None: the default one)."""

    customer_id: UUID
    ordered_on: date
    required_on: date | None
    warehouse: str | None
    backorder_allowed: bool
    lines: tuple[GoodsLine, ...]
    number: str | None = None

    @property
    def promised_on(self) -> date:
        return self.required_on or self.ordered_on

    @property
    def quantities_by_sku(self) -> dict[str, Decimal]:
        """Quantity of each item, sorted by SKU."""
        return {sku: total(lines) for sku, lines in group_lines_by_sku(self.lines).items()}


@value_object
class Amendment:
    """A requested amendment of an order: its new goods; `only_before_dispatch`: refused once goods were shipped."""

    revision: int
    lines: tuple[GoodsLine, ...]
    required_on: date | None
    only_before_dispatch: bool
