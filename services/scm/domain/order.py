"""A customer's order as the warehouse sees it: goods, when and from where."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from services.scm.domain.goods import GoodsLine, by_sku, total
from shared.domain import value


@value
class Order:
    """What was promised: to whom, when and from where (none = the firm's first warehouse)."""

    customer_id: UUID
    ordered_on: date
    required_on: date | None
    warehouse: str | None
    backorder_allowed: bool
    lines: tuple[GoodsLine, ...]

    @property
    def promised_on(self) -> date:
        return self.required_on or self.ordered_on

    @property
    def wanted(self) -> dict[str, Decimal]:
        """How much of each item, in order of their sku."""
        return {sku: total(lines) for sku, lines in by_sku(self.lines).items()}


@value
class Amendment:
    """What the order shall be from now on; `before_departure` = only if nothing has left yet."""

    revision: int
    lines: tuple[GoodsLine, ...]
    required_on: date | None
    only_before_dispatch: bool
