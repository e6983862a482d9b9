"""Commands on sales orders."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from services.crm.customers.domain.customer import Customer
from services.crm.goods.domain.kinds import ITEM, WAREHOUSE
from services.crm.sales_orders.domain import order_terms, sales_order
from services.crm.sales_orders.domain.order_terms import AmendableDetails, AmendableTerms, OrderDetails, OrderLine
from services.crm.sales_orders.domain.sales_order import SalesOrder
from shared.commands import Commands
from shared.domain import require_base_currency
from shared.fields import (
    PERSONAL,
    UNSET,
    Code,
    Country,
    Currency,
    Date,
    EffectiveDate,
    Id,
    LongText,
    Lookup,
    Percent,
    PostalCode,
    Quantity,
    ShortText,
    Text,
    UnsetType,
    given,
    limits,
    part_of,
)
from shared.money import Money, UnitPrice


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a sales order in a request: item, quantity, unit price and discount."""

    sku: Annotated[Code, Lookup("scm.items", "sku")]
    quantity: Quantity
    unit_price: UnitPrice
    discount_percent: Percent | None = None


@dataclass(frozen=True, kw_only=True)
class ShipTo:
    """The address to which an order is shipped, if it is not the customer's own."""

    name: Annotated[Text, PERSONAL] | None = None
    street: Annotated[Text, PERSONAL]
    city: Annotated[ShortText, PERSONAL]
    region: Annotated[ShortText, PERSONAL] | None = None
    postal_code: Annotated[PostalCode, PERSONAL] | None = None
    country: Country


@dataclass(frozen=True, kw_only=True)
class OrderHeader:
    """Header of a sales order in a request: number, customer, currency and date."""

    number: Code | None = None
    customer_id: Annotated[Id, Lookup("crm.customers")]
    currency: Currency
    ordered_on: EffectiveDate | None = None


@dataclass(frozen=True, kw_only=True)
class DraftSalesOrder(OrderDetails, AmendableDetails, OrderHeader):
    """Request to draft a sales order. The header is the last base, so that its fields are the first."""

    ship_to: ShipTo | None = None
    freight: Money | None = None
    lines: Annotated[tuple[Line, ...], limits(min=1)]


@dataclass(frozen=True, kw_only=True)
class AmendSalesOrder:
    """Request to amend a sales order; `lines` is the full list as it should be."""

    required_on: Date | UnsetType | None = UNSET
    ship_to: ShipTo | None = None
    freight: Money | UnsetType | None = UNSET
    lines: Annotated[tuple[Line, ...], limits(min=1)] | UnsetType = UNSET
    effective_on: EffectiveDate | None = None


@dataclass(frozen=True, kw_only=True)
class CancelSalesOrder:
    """Request to cancel a sales order, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


class SalesOrders(Commands):
    """Commands on sales orders: draft, place, amend and cancel them."""

    def draft(self, draft: DraftSalesOrder) -> SalesOrder:
        """Draft an order, numbered from the series by default. Raises AlreadyTaken, ForeignCurrency, AccessDenied.

        Raises UnknownReference for an item or warehouse that SCM does not have, InvalidInput for a deactivated one,
        PersonalDataErased for an address of an erased customer.
        """
        self.uow.get_referenced(Customer, draft.customer_id, field="customer_id").require_currency(draft.currency)
        self._require_goods(draft.lines, draft.warehouse)
        order = SalesOrder.draft(
            number=draft.number or sales_order.next_order_number(self.uow),
            customer_id=draft.customer_id,
            currency=draft.currency,
            terms=self._drafted_terms(draft),
            details=part_of(OrderDetails, draft),
            ordered_on=draft.ordered_on,
        )
        self.uow.reserve_unique(sales_order.SALES_ORDER_NUMBER, order.number, order.id)
        return self.uow.save(order)

    def place(self, order_id: UUID) -> SalesOrder:
        """Place the draft on the customer's payment terms. Raises WrongStatus unless it is a draft.

        Raises OtherThanBaseCurrency for a draft from before orders were in the base currency only, InvalidInput for an
        item or warehouse that was deactivated since.
        """
        order = self.uow.get(SalesOrder, order_id)
        require_base_currency(order.currency, self.base_currency, field="currency")
        self._require_goods(order.terms.lines, order.details.warehouse)
        order.place(self.effective_on, self.uow.get(Customer, order.customer_id).payment_terms_days)
        return self.uow.save(order)

    def amend(self, order_id: UUID, changes: AmendSalesOrder) -> SalesOrder:
        """Change the given terms: lines (the full list), freight (None: free), required_on, ship_to (None: unchanged).

        Placed orders request it from SCM. Raises WrongStatus once all is shipped, ForeignCurrency, AmountTooLarge,
        PersonalDataErased.
        """
        order = self.uow.get(SalesOrder, order_id)
        self._require_items(given(changes.lines, ()), among={each.sku for each in order.known_lines.values()})
        order.amend(self._amended_terms(order, changes))
        return self.uow.save(order)

    def cancel(self, order_id: UUID, reason: str) -> SalesOrder:
        """Cancel a draft, or request cancellation of a placed order. Raises WrongStatus once everything is shipped."""
        order = self.uow.get(SalesOrder, order_id)
        order.cancel(reason)
        return self.uow.save(order)

    def _drafted_terms(self, draft: DraftSalesOrder) -> AmendableTerms:
        return AmendableTerms.of(
            draft,
            lines=_order_lines(draft.lines),
            freight=_freight(draft.freight, draft.currency),
            ship_to=self._encrypted(draft.ship_to, draft.customer_id),
        )

    def _require_goods(self, lines: Iterable[Line | OrderLine], warehouse: str | None) -> None:
        self._require_items(lines)
        if warehouse is not None:
            self.require_received(WAREHOUSE, warehouse, field="warehouse")

    def _require_items(self, lines: Iterable[Line | OrderLine], among: Collection[str] = ()) -> None:
        """Require active items, except of lines that the order has. Raises UnknownReference or InvalidInput."""
        for index, each in enumerate(lines):
            if each.sku not in among:
                self.require_received(ITEM, each.sku, field=f"lines/{index}/sku")

    def _amended_terms(self, order: SalesOrder, changes: AmendSalesOrder) -> AmendableTerms:
        terms = order.requested_terms
        return replace(
            terms,
            required_on=given(changes.required_on, terms.required_on),
            ship_to=self._encrypted(changes.ship_to, order.customer_id, terms.ship_to) or terms.ship_to,
            freight=_freight(given(changes.freight, terms.freight), order.currency),
            lines=terms.lines if isinstance(changes.lines, UnsetType) else _order_lines(changes.lines),
        )

    def _encrypted(
        self, ship_to: ShipTo | None, customer_id: UUID, known: order_terms.ShipTo | None = None
    ) -> order_terms.ShipTo | None:
        """Return the address encrypted with the customer's key, which erases it together with the customer."""
        if ship_to is None:
            return None
        return self.personal_fields_of(customer_id, known).encrypt_fields(order_terms.ShipTo, ship_to)


def _freight(amount: Money | None, currency: str) -> Money:
    return Money.zero(currency) if amount is None else amount


def _order_lines(lines: Iterable[Line]) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(number, each.sku, each.quantity, each.unit_price, each.discount_percent or Decimal(0))
        for number, each in enumerate(lines, 1)
    )
