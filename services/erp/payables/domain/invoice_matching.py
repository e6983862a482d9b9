"""InvoiceMatching: received and invoiced quantities of a purchase order, line by line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.erp.payables.domain.deviation import Deviation, DeviationReason, ReleaseGround, Tolerances
from services.erp.payables.domain.line_match import ZERO, AgreedLine, OrderLineTotals
from services.erp.payables.domain.supplier_invoice import InvoicedOrderLine, SupplierInvoiceLine
from services.erp.payables.domain.uninvoiced_goods import (
    LineAllocation,
    PlacedLine,
    UninvoicedGoods,
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
    """Change of what is invoiced of one order line, and of its cleared amount of goods received not invoiced."""

    line: int
    amount_change: Money
    quantity_change: Decimal = ZERO


class InvoiceMatching(Aggregate):
    """Three-way match of a purchase order: order, receipts and supplier invoices, which arrive in any order.

    Its invoices are matched in the order in which they were recorded. The amount cleared of a line depends on its
    received and invoiced quantities, not on which came first.
    """

    @classmethod
    def create_id(cls, purchase_order_id: UUID) -> UUID:
        return cls.derive_id(purchase_order_id)

    @event("Opened")
    def __init__(
        self,
        purchase_order_id: UUID,
        number: str,
        supplier_id: UUID,
        currency: str,
        ordered_on: date,
        lines: tuple[AgreedLine, ...],
    ) -> None:
        nothing = Money.zero(currency)
        self.purchase_order_id = purchase_order_id
        self.number = number
        self.supplier_id = supplier_id
        self.currency = currency
        self.ordered_on = ordered_on
        self.line_totals = {each.line: OrderLineTotals(each, nothing, nothing) for each in lines}
        self.invoice_ids: tuple[UUID, ...] = ()
        self.receipts: dict[UUID, tuple[ReceivedLine, ...]] = {}

    @property
    def dated_on(self) -> date:
        """The day of the order."""
        return self.ordered_on

    def require_ordered(self, supplier_id: UUID, lines: Iterable[PlacedLine], *, field: str = "supplier_id") -> None:
        """Require the supplier, lines, items and currency of the order. Raises InvalidInput, at `field` for it."""
        if supplier_id != self.supplier_id:
            detail = f"purchase order {self.number} belongs to another supplier: give an order of this one"
            raise InvalidInput(detail, field=field)
        skus = {each.agreed.sku for each in self.line_totals.values()}
        for position, each in lines:
            place = f"lines/{position - 1}"
            if each.sku not in skus:
                raise InvalidInput(f"purchase order {self.number} has no item {each.sku}", field=f"{place}/sku")
            self._require_line(each, f"{place}/line")
            if each.unit_price.currency != self.currency:
                detail = f"unit_price must be in {self.currency}, the currency of purchase order {self.number}"
                raise InvalidInput(detail, field=f"{place}/unit_price")

    def _require_line(self, invoiced: SupplierInvoiceLine, field: str) -> None:
        """Require that a line number given is a line of the order with that item."""
        if invoiced.line is None:
            return
        ordered = self.line_totals.get(invoiced.line)
        if ordered is None:
            detail = f"purchase order {self.number} has no line {invoiced.line}: give one of its lines, or none"
            raise InvalidInput(detail, field=field)
        if ordered.agreed.sku != invoiced.sku:
            detail = f"line {invoiced.line} of purchase order {self.number} is for {ordered.agreed.sku}"
            raise InvalidInput(f"{detail}: give a line of {invoiced.sku}, or none", field=field)

    def uninvoiced_goods(self) -> UninvoicedGoods:
        """Return the received goods before any invoice of the order."""
        return UninvoicedGoods(self.line_totals)

    def deviations(
        self,
        lines: Sequence[PlacedLine],
        allocations: Sequence[LineAllocation],
        billed: Mapping[int, Decimal],
        tolerances: Tolerances,
    ) -> Iterator[Deviation]:
        """Yield each line above the agreed price, or above the quantity that is received and not yet invoiced."""
        prices = {position: each.unit_price for position, each in lines}
        before = dict(billed)
        for part in allocations:
            total, price = self.line_totals[part.line], prices[part.position]
            place = part.position, self.purchase_order_id, self.number, part.line, total.agreed.sku
            max_price = tolerances.max_price(total.agreed.unit_price)
            if price.amount > max_price:
                yield Deviation(*place, DeviationReason.PRICE, max_price, price.amount, price.currency)
            left = max(tolerances.max_quantity(total.received) - before[part.line], ZERO)
            if part.quantity > left:
                yield Deviation(*place, DeviationReason.QUANTITY, left, part.quantity)
            before[part.line] += part.quantity

    def grounds_of(self, lines: Iterable[int]) -> Iterator[ReleaseGround]:
        """Yield what is received and agreed of these order lines, on which an invoice is released."""
        for line in sorted({*lines}):
            total = self.line_totals[line]
            yield ReleaseGround(self.purchase_order_id, line, total.received, total.agreed.unit_price)

    def add_pending_invoice(self, invoice_id: UUID) -> None:
        """Match the invoice again after each change of receipts and prices."""
        if invoice_id not in self.invoice_ids:
            self._invoice_pending(supplier_invoice_id=invoice_id)

    def withdraw_invoice(self, invoice_id: UUID) -> None:
        """Remove a rejected invoice from those that are matched again."""
        self._invoice_withdrawn(supplier_invoice_id=invoice_id)

    def include_invoice(
        self, invoice_id: UUID, on: date, allocations: Iterable[LineAllocation]
    ) -> tuple[InvoicedOrderLine, ...]:
        """Include an accepted invoice, and return the quantity and cleared amount of each order line."""
        parts = tuple(self._invoiced_order_lines(allocations))
        self._invoice_included(supplier_invoice_id=invoice_id, posted_on=on, lines=parts)
        return parts

    def adjust_invoiced(self, on: date, billed: Mapping[int, Decimal]) -> Money:
        """Set what accepted invoices charge of each line. Returns the additional amount cleared."""
        changes = tuple(self._clearing_changes(billed))
        if changes:
            self._clearing_adjusted(posted_on=on, changes=changes)
        return Money.sum((each.amount_change for each in changes), self.currency)

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
        return self.adjust_invoiced(on, {line: total.billed for line, total in self.line_totals.items()})

    def _invoiced_order_lines(self, allocations: Iterable[LineAllocation]) -> Iterator[InvoicedOrderLine]:
        totals = {line: replace(total) for line, total in self.line_totals.items()}
        for each in allocations:
            total = totals[each.line]
            total.billed += each.quantity
            cleared = total.clearing_amount - total.cleared_amount
            total.cleared_amount += cleared
            place = each.position, self.purchase_order_id, each.line, total.agreed.sku
            yield InvoicedOrderLine(*place, each.quantity, cleared)

    def _clearing_changes(self, billed: Mapping[int, Decimal]) -> Iterator[ClearingChange]:
        for line, total in self.line_totals.items():
            amount = replace(total, billed=billed[line]).clearing_amount
            if (amount, billed[line]) != (total.cleared_amount, total.billed):
                yield ClearingChange(line, amount - total.cleared_amount, billed[line] - total.billed)

    @event("InvoicePending")
    def _invoice_pending(self, supplier_invoice_id: UUID) -> None:
        self.invoice_ids = (*self.invoice_ids, supplier_invoice_id)

    @event("InvoiceWithdrawn")
    def _invoice_withdrawn(self, supplier_invoice_id: UUID) -> None:
        self.invoice_ids = tuple(each for each in self.invoice_ids if each != supplier_invoice_id)

    @event("InvoiceIncluded")
    def _invoice_included(
        self, supplier_invoice_id: UUID, posted_on: date, lines: tuple[InvoicedOrderLine, ...]
    ) -> None:
        if supplier_invoice_id not in self.invoice_ids:
            self.invoice_ids = (*self.invoice_ids, supplier_invoice_id)
        for each in lines:
            total = self.line_totals[each.line]
            total.billed += each.quantity
            total.cleared_amount += each.cleared

    @event("ReceiptIncluded")
    def _receipt_included(self, receipt_id: UUID, posted_on: date, changes: tuple[ReceivedLine, ...]) -> None:
        self.receipts[receipt_id] = tuple(_quantity_differences((), (*self.receipts.get(receipt_id, ()), *changes)))
        for each in changes:
            total = self.line_totals[each.line]
            total.received += each.quantity
            total.received_value += each.stock_value

    @event("PricesRevised")
    def _prices_revised(self, lines: tuple[AgreedLine, ...]) -> None:
        nothing = Money.zero(self.currency)
        for each in lines:
            total = self.line_totals.setdefault(each.line, OrderLineTotals(each, nothing, nothing))
            total.agreed = each

    @event("ClearingAdjusted")
    def _clearing_adjusted(self, posted_on: date, changes: tuple[ClearingChange, ...]) -> None:
        for each in changes:
            total = self.line_totals[each.line]
            total.billed += each.quantity_change
            total.cleared_amount += each.amount_change


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
