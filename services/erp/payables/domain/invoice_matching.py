"""InvoiceMatching: received and invoiced quantities of a purchase order, line by line."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.erp.payables.domain.line_match import ZERO, AgreedLine, OrderLineTotals, Tolerances
from services.erp.payables.domain.supplier_invoice import (
    Deviation,
    DeviationReason,
    InvoicedOrderLine,
    SupplierInvoiceLine,
)
from shared.domain import Aggregate, InvalidInput, event, value_object
from shared.money import Money


@value_object
class ReceivedLine:
    """Received goods of one order line, and the value at which they were taken into stock."""

    line: int
    quantity: Decimal
    stock_value: Money


@value_object
class ClearingChange:
    """Change of the amount of goods received not invoiced that is cleared for one order line."""

    line: int
    amount_change: Money


@value_object
class LineAllocation:
    """The part of an invoice line (counted from 0) that is allocated to one line of the order."""

    billed_line: int
    line: int
    quantity: Decimal


class InvoiceMatching(Aggregate):
    """Three-way match of a purchase order: order, receipts and supplier invoices, which arrive in any order.

    The amount cleared of a line depends on its received and invoiced quantities, not on which came first.
    """

    @classmethod
    def create_id(cls, purchase_order_id: UUID) -> UUID:
        return cls.derive_id(purchase_order_id)

    @event("Opened")
    def __init__(
        self, purchase_order_id: UUID, number: str, supplier_id: UUID, currency: str, lines: tuple[AgreedLine, ...]
    ) -> None:
        nothing = Money.zero(currency)
        self.purchase_order_id = purchase_order_id
        self.number = number
        self.supplier_id = supplier_id
        self.currency = currency
        self.line_totals = {each.line: OrderLineTotals(each, nothing, nothing) for each in lines}
        self.pending_invoice_ids: tuple[UUID, ...] = ()
        self.receipts: dict[UUID, tuple[ReceivedLine, ...]] = {}

    def require_ordered(self, supplier_id: UUID, lines: Sequence[SupplierInvoiceLine]) -> None:
        """Require the supplier, items and currency of the order. Raises InvalidInput."""
        if supplier_id != self.supplier_id:
            raise InvalidInput(f"purchase order {self.number} belongs to another supplier", field="supplier_id")
        for index, each in enumerate(lines):
            if not self._line_numbers_of(each.sku):
                raise InvalidInput(f"purchase order {self.number} has no item {each.sku}", field=f"lines/{index}/sku")
            if each.unit_price.currency != self.currency:
                detail = f"unit_price must be in {self.currency}, the currency of purchase order {self.number}"
                raise InvalidInput(detail, field=f"lines/{index}/unit_price")

    def deviations(self, lines: Sequence[SupplierInvoiceLine], tolerances: Tolerances) -> Iterator[Deviation]:
        """Yield each line above the agreed price, or above the quantity that is received and not yet invoiced."""
        billed = {line: tally.billed for line, tally in self.line_totals.items()}
        for share in self._allocate_to_order_lines(lines):
            tally, price = self.line_totals[share.line], lines[share.billed_line].unit_price
            max_price = tolerances.max_price(tally.agreed.unit_price)
            if price.amount > max_price:
                yield Deviation(share.billed_line + 1, DeviationReason.PRICE, max_price, price.amount)
            left = max(tolerances.max_quantity(tally.received) - billed[share.line], ZERO)
            if share.quantity > left:
                yield Deviation(share.billed_line + 1, DeviationReason.QUANTITY, left, share.quantity)
            billed[share.line] += share.quantity

    def add_pending_invoice(self, bill_id: UUID) -> None:
        """Match the invoice again after the next receipt or price revision."""
        if bill_id not in self.pending_invoice_ids:
            self._invoice_pending(supplier_invoice_id=bill_id)

    def withdraw_invoice(self, bill_id: UUID) -> None:
        """Remove a rejected invoice from those that are matched again."""
        self._invoice_withdrawn(supplier_invoice_id=bill_id)

    def include_invoice(
        self, bill_id: UUID, on: date, lines: Sequence[SupplierInvoiceLine]
    ) -> tuple[InvoicedOrderLine, ...]:
        """Count an accepted invoice; return its order lines and the amounts they clear."""
        parts = tuple(self._invoiced_order_lines(lines))
        self._invoice_included(supplier_invoice_id=bill_id, posted_on=on, lines=parts)
        return parts

    def include_receipt(self, receipt_id: UUID, on: date, parts: Sequence[ReceivedLine]) -> Money:
        """Count a receipt in place of what was counted for it before (no lines: reversed).

        Returns the additional amount cleared, as when goods were invoiced before a receipt at a higher price.
        """
        more = tuple(_quantity_differences(self.receipts.get(receipt_id, ()), parts))
        self._receipt_included(receipt_id=receipt_id, posted_on=on, changes=more)
        return self._adjust_clearing(on)

    def revise_prices(self, lines: tuple[AgreedLine, ...], on: date) -> Money:
        """Set revised prices; a removed line keeps its price. Returns the additional amount cleared."""
        self._prices_revised(lines=lines)
        return self._adjust_clearing(on)

    def _adjust_clearing(self, on: date) -> Money:
        changes = tuple(self._clearing_changes())
        if changes:
            self._clearing_adjusted(posted_on=on, changes=changes)
        return Money.sum((each.amount_change for each in changes), self.currency)

    def _line_numbers_of(self, sku: str) -> list[int]:
        return [line for line, tally in self.line_totals.items() if tally.agreed.sku == sku]

    def _allocate_to_order_lines(self, lines: Sequence[SupplierInvoiceLine]) -> Iterator[LineAllocation]:
        """Spread over the item's order lines in order, up to the quantity still to invoice; the rest is on the last."""
        left = {line: max(tally.received - tally.billed, ZERO) for line, tally in self.line_totals.items()}
        for index, each in enumerate(lines):
            *first, last = self._line_numbers_of(each.sku)
            rest = each.quantity
            for line in first:
                part = min(rest, left[line])
                left[line] -= part
                rest -= part
                if part:
                    yield LineAllocation(index, line, part)
            if rest:
                yield LineAllocation(index, last, rest)

    def _invoiced_order_lines(self, lines: Sequence[SupplierInvoiceLine]) -> Iterator[InvoicedOrderLine]:
        billed: dict[int, Decimal] = defaultdict(Decimal)
        for share in self._allocate_to_order_lines(lines):
            billed[share.line] += share.quantity
        for line, quantity in sorted(billed.items()):
            tally = self.line_totals[line]
            cleared = replace(tally, billed=tally.billed + quantity).clearing_amount - tally.cleared_amount
            yield InvoicedOrderLine(line, tally.agreed.sku, quantity, cleared)

    def _clearing_changes(self) -> Iterator[ClearingChange]:
        for line, tally in self.line_totals.items():
            if tally.clearing_amount != tally.cleared_amount:
                yield ClearingChange(line, tally.clearing_amount - tally.cleared_amount)

    @event("InvoicePending")
    def _invoice_pending(self, supplier_invoice_id: UUID) -> None:
        self.pending_invoice_ids = (*self.pending_invoice_ids, supplier_invoice_id)

    @event("InvoiceWithdrawn")
    def _invoice_withdrawn(self, supplier_invoice_id: UUID) -> None:
        self.pending_invoice_ids = tuple(each for each in self.pending_invoice_ids if each != supplier_invoice_id)

    @event("InvoiceIncluded")
    def _invoice_included(
        self, supplier_invoice_id: UUID, posted_on: date, lines: tuple[InvoicedOrderLine, ...]
    ) -> None:
        self.pending_invoice_ids = tuple(each for each in self.pending_invoice_ids if each != supplier_invoice_id)
        for each in lines:
            tally = self.line_totals[each.line]
            tally.billed += each.quantity
            tally.cleared_amount += each.cleared

    @event("ReceiptIncluded")
    def _receipt_included(self, receipt_id: UUID, posted_on: date, changes: tuple[ReceivedLine, ...]) -> None:
        self.receipts[receipt_id] = tuple(_quantity_differences((), (*self.receipts.get(receipt_id, ()), *changes)))
        for each in changes:
            tally = self.line_totals[each.line]
            tally.received += each.quantity
            tally.received_value += each.stock_value

    @event("PricesRevised")
    def _prices_revised(self, lines: tuple[AgreedLine, ...]) -> None:
        nothing = Money.zero(self.currency)
        for each in lines:
            tally = self.line_totals.setdefault(each.line, OrderLineTotals(each, nothing, nothing))
            tally.agreed = each

    @event("ClearingAdjusted")
    def _clearing_adjusted(self, posted_on: date, changes: tuple[ClearingChange, ...]) -> None:
        for each in changes:
            self.line_totals[each.line].cleared_amount += each.amount_change


def _quantity_differences(before: Sequence[ReceivedLine], after: Sequence[ReceivedLine]) -> Iterator[ReceivedLine]:
    """Yield the difference of each line that changed."""
    signed = [*after, *(ReceivedLine(each.line, -each.quantity, -each.stock_value) for each in before)]
    for line in sorted({each.line for each in signed}):
        mine = [each for each in signed if each.line == line]
        more = ReceivedLine(
            line, sum((each.quantity for each in mine), ZERO), Money.sum(each.stock_value for each in mine)
        )
        if more.quantity or more.stock_value:
            yield more
