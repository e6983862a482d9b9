"""Commands on sales orders."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.crm.customers.domain.customer import Customer
from services.crm.sales_orders.domain import sales_order
from services.crm.sales_orders.domain.order_terms import OrderLine, ShipToAddress
from services.crm.sales_orders.domain.sales_order import SalesOrder
from shared.commands import Commands
from shared.money import Money

Records = Sequence[dict[str, Any]]


class SalesOrders(Commands):
    """Commands on sales orders: draft, place, amend and cancel them."""

    def draft(
        self, customer_id: UUID, currency: str, lines: Records, number: str | None = None, **agreed: Any
    ) -> SalesOrder:
        """Draft an order, numbered from the series by default. Raises AlreadyTaken, ForeignCurrency, AccessDenied."""
        self.uow.get_referenced(Customer, customer_id, field="customer_id").require_currency(currency)
        order = SalesOrder.draft(
            number=number or sales_order.next_order_number(self.uow),
            customer_id=customer_id,
            currency=currency,
            **_order_terms(lines=lines, **agreed),
        )
        self.uow.reserve_unique(sales_order.SALES_ORDER_NUMBER, order.number, order.id)
        return self.uow.save(order)

    def place(self, order_id: UUID) -> SalesOrder:
        """Place the draft on the customer's payment terms. Raises WrongStatus unless it is a draft."""
        order = self.uow.get(SalesOrder, order_id)
        order.place(self.effective_on, self.uow.get(Customer, order.customer_id).payment_terms_days)
        return self.uow.save(order)

    def amend(self, order_id: UUID, **changes: Any) -> SalesOrder:
        """Change the given terms: lines (the full list), freight (None: free), required_on, ship_to.

        Placed orders request it from SCM. Raises WrongStatus once all is shipped, ForeignCurrency, AmountTooLarge.
        """
        order = self.uow.get(SalesOrder, order_id)
        if changes.get("freight", order.requested_terms.freight) is None:
            changes["freight"] = Money.zero(order.currency)
        order.amend(replace(order.requested_terms, **_order_terms(**changes)))
        return self.uow.save(order)

    def cancel(self, order_id: UUID, reason: str) -> SalesOrder:
        """Cancel a draft, or request cancellation of a placed order. Raises WrongStatus once everything is shipped."""
        order = self.uow.get(SalesOrder, order_id)
        order.cancel(reason)
        return self.uow.save(order)


def _order_terms(lines: Records | None = None, ship_to: dict[str, Any] | None = None, **plain: Any) -> dict[str, Any]:
    if lines is not None:
        plain["lines"] = tuple(_line(place, **line) for place, line in enumerate(lines, 1))
    if ship_to is not None:
        plain["ship_to"] = ShipToAddress(**ship_to)
    return plain


def _line(place: int, discount_percent: Decimal | None = None, **promised: Any) -> OrderLine:
    return OrderLine(place, **promised, discount_percent=discount_percent or Decimal(0))
