"""Commands on purchase orders."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from services.srm.goods.domain.kinds import ITEM, WAREHOUSE
from services.srm.purchase_orders.domain import purchase_order
from services.srm.purchase_orders.domain.purchase_line import Line, PurchaseLine, RevisedLine
from services.srm.purchase_orders.domain.purchase_order import PurchaseOrder, PurchaseOrderDetails
from services.srm.purchase_orders.domain.request import purchase_request_of
from services.srm.suppliers.domain.supplier import BlockPurpose, Supplier
from shared.commands import Commands
from shared.domain import require_base_currency
from shared.fields import Code, Currency, Date, EffectiveDate, Id, LongText, Lookup, Percent, limits, part_of


@dataclass(frozen=True, kw_only=True)
class PurchaseOrderHeader:
    """Header of a purchase order in a request: number, supplier, currency, dates, warehouse and tolerance."""

    number: Code | None = None
    supplier_id: Annotated[Id, Lookup("srm.suppliers")]
    currency: Currency
    ordered_on: EffectiveDate | None = None
    expected_on: Date | None = None
    warehouse: Annotated[Code, Lookup("scm.warehouses", "code")]
    over_receipt_percent: Percent | None = None


@dataclass(frozen=True, kw_only=True)
class DraftPurchaseOrder(PurchaseOrderDetails, PurchaseOrderHeader):
    """Request to draft a purchase order. The header is the last base, so that its fields are the first."""

    lines: Annotated[tuple[Line, ...], limits(min=1)]


@dataclass(frozen=True, kw_only=True)
class RevisePurchaseOrder:
    """Request to revise a purchase order; `lines` is the full list as it should be."""

    expected_on: Date | None = None
    over_receipt_percent: Percent | None = None
    lines: Annotated[tuple[RevisedLine, ...], limits(min=1)] | None = None
    effective_on: EffectiveDate | None = None


@dataclass(frozen=True, kw_only=True)
class ClosePurchaseOrder:
    """Request to close a purchase order: nothing more is expected."""

    reason: LongText | None = None
    effective_on: EffectiveDate | None = None


@dataclass(frozen=True, kw_only=True)
class CancelPurchaseOrder:
    """Request to cancel what is left of a purchase order, with the reason."""

    reason: LongText
    effective_on: EffectiveDate | None = None


class PurchaseOrders(Commands):
    """Commands on purchase orders: draft, send, revise, close and cancel them; an order's request follows it."""

    def draft(self, draft: DraftPurchaseOrder) -> PurchaseOrder:
        """Draft an order, numbered from the series by default.

        Raises AlreadyTaken, ForeignCurrency, InvalidInput for an unknown or deactivated supplier, item or warehouse.
        """
        seller = self.uow.get_referenced(Supplier, draft.supplier_id, field="supplier_id")
        seller.require_is_active(field="supplier_id")
        seller.require_currency(draft.currency)
        self._require_goods(draft.lines, draft.warehouse)
        order = PurchaseOrder.draft(
            number=draft.number or purchase_order.next_order_number(self.uow),
            supplier_id=draft.supplier_id,
            currency=draft.currency,
            warehouse=draft.warehouse,
            lines=tuple(each.numbered(number) for number, each in enumerate(draft.lines, 1)),
            ordered_on=draft.ordered_on,
            expected_on=draft.expected_on,
            over_receipt_percent=draft.over_receipt_percent,
            details=part_of(PurchaseOrderDetails, draft),
        )
        self.uow.reserve_unique(purchase_order.PURCHASE_ORDER_NUMBER, order.number, order.id)
        return self.uow.save(order)

    def send(self, order_id: UUID) -> PurchaseOrder:
        """Send the order to the supplier. Raises SupplierBlockedError, and WrongStatus unless it is a draft.

        Raises OtherThanBaseCurrency for a draft from before orders were in the base currency only, InvalidInput for a
        supplier, an item or a warehouse that was deactivated since.
        """
        order = self.uow.get(PurchaseOrder, order_id)
        require_base_currency(order.currency, self.base_currency, field="currency")
        self._require_goods(order.lines, order.warehouse)
        self._get_unblocked_seller(order).require_is_active(field="supplier_id")
        order.send(self.effective_on)
        request = purchase_request_of(order, self.uow)
        if request is not None:
            request.order_sent()
            self.uow.save(request)
        return self.uow.save(order)

    def revise(self, order_id: UUID, revision: RevisePurchaseOrder) -> PurchaseOrder:
        """Change lines, prices, expected day or tolerance; omitted terms stay. Sent orders are sent again as revised.

        Raises SupplierBlockedError if sent, WrongStatus once it has ended, BelowReceivedQuantity, ForeignCurrency.
        """
        order = self.uow.get(PurchaseOrder, order_id)
        if order.sent:
            self._get_unblocked_seller(order)
        self._require_items(revision.lines or (), among={each.sku for each in order.lines})
        order.revise(revision.lines, revision.expected_on, revision.over_receipt_percent)
        return self.uow.save(order)

    def close(self, order_id: UUID, reason: str | None = None) -> PurchaseOrder:
        """Expect nothing more of the order. Raises WrongStatus for a draft, or once it has ended."""
        order = self.uow.get(PurchaseOrder, order_id)
        order.close(reason)
        request = purchase_request_of(order, self.uow)
        if request is not None:
            request.order_closed(reason, has_receipts=any(order.received.values()))
            self.uow.save(request)
        return self.uow.save(order)

    def cancel(self, order_id: UUID, reason: str) -> PurchaseOrder:
        """Cancel the rest of the order. Raises WrongStatus once everything has arrived."""
        order = self.uow.get(PurchaseOrder, order_id)
        order.cancel(reason)
        request = purchase_request_of(order, self.uow)
        if request is not None:
            request.order_cancelled(reason)
            self.uow.save(request)
        return self.uow.save(order)

    def _require_goods(self, lines: Iterable[Line | PurchaseLine], warehouse: str) -> None:
        self.require_received(WAREHOUSE, warehouse, field="warehouse")
        self._require_items(lines)

    def _require_items(self, lines: Iterable[Line | PurchaseLine], among: Collection[str] = ()) -> None:
        """Require active items, except of lines that the order has. Raises UnknownReference or InvalidInput."""
        for index, each in enumerate(lines):
            if each.sku not in among:
                self.require_received(ITEM, each.sku, field=f"lines/{index}/sku")

    def _get_unblocked_seller(self, order: PurchaseOrder) -> Supplier:
        """Return the supplier of an order. Raises SupplierBlockedError, also if it is blocked at the same time."""
        seller = self.uow.get(Supplier, order.supplier_id)
        seller.require_unblocked(BlockPurpose.ORDERS)
        self.uow.require_unchanged(seller)
        return seller
