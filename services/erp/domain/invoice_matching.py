"""Matching: what of a purchase order has arrived and what of it was billed, line by line."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.erp.domain.line_match import NOTHING, AgreedLine, LineMatch, Tolerances
from services.erp.domain.supplier_invoice import Deviation, MatchedLine, Reason, SupplierInvoiceLine
from shared.domain import Aggregate, InvalidInput, event, value
from shared.money import Money


@value
class ReceivedLine:
    """Goods of one line that have arrived, and what they were taken into the books for."""

    line: int
    quantity: Decimal
    stock_value: Money


@value
class ClearingChange:
    """What is cleared of a line in addition; negative: less than before."""

    line: int
    amount_change: Money


@value
class LineAllocation:
    """The part of a line of a bill (they count from 0) that is of one line of the order."""

    billed_line: int
    line: int
    quantity: Decimal


class InvoiceMatching(Aggregate):
    """The three-way match of one purchase order: order, receipts and bills, told in any order.

    What is cleared of a line is a function of what has arrived and what was billed of it, whichever came first.
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
        self.tallies = {each.line: LineMatch(each, nothing, nothing) for each in lines}
        self.waiting: tuple[UUID, ...] = ()
        self.receipts: dict[UUID, tuple[ReceivedLine, ...]] = {}

    def require_ordered(self, supplier_id: UUID, lines: Sequence[SupplierInvoiceLine]) -> None:
        """Refused with InvalidInput for another supplier, an item that was not ordered, a price in another currency."""
        if supplier_id != self.supplier_id:
            raise InvalidInput(f"purchase order {self.number} is of another supplier", field="supplier_id")
        for index, each in enumerate(lines):
            if not self._lines_of(each.sku):
                raise InvalidInput(f"purchase order {self.number} has no {each.sku}", field=f"lines/{index}/sku")
            if each.unit_price.currency != self.currency:
                refusal = f"purchase order {self.number} is in {self.currency}"
                raise InvalidInput(refusal, field=f"lines/{index}/unit_price")

    def deviations(self, lines: Sequence[SupplierInvoiceLine], tolerances: Tolerances) -> Iterator[Deviation]:
        """Where the bill asks more than was agreed, or bills what has not arrived or was billed already."""
        billed = {line: tally.billed for line, tally in self.tallies.items()}
        for share in self._spread(lines):
            tally, price = self.tallies[share.line], lines[share.billed_line].unit_price
            dearest, most = tolerances.price(tally.agreed.unit_price), tolerances.quantity(tally.received)
            if price.amount > dearest:
                yield Deviation(share.billed_line + 1, Reason.PRICE, dearest, price.amount)
            left = max(most - billed[share.line], NOTHING)
            if share.quantity > left:
                yield Deviation(share.billed_line + 1, Reason.QUANTITY, left, share.quantity)
            billed[share.line] += share.quantity

    def wait(self, bill_id: UUID) -> None:
        """Look at the bill again when something arrives."""
        if bill_id not in self.waiting:
            self._invoice_pending(supplier_invoice_id=bill_id)

    def forget(self, bill_id: UUID) -> None:
        """The bill goes back: nothing waits for it any more."""
        self._invoice_withdrawn(supplier_invoice_id=bill_id)

    def count(self, bill_id: UUID, on: date, lines: Sequence[SupplierInvoiceLine]) -> tuple[MatchedLine, ...]:
        """The bill is owed: what it is for, and what it clears."""
        parts = tuple(self._billed_parts(lines))
        self._invoice_included(supplier_invoice_id=bill_id, posted_on=on, lines=parts)
        return parts

    def count_receipt(self, receipt_id: UUID, on: date, parts: Sequence[ReceivedLine]) -> Money:
        """So much came with a receipt, whatever it was counted for before (nothing: it was a mistake).

        What is now cleared more than before, as where goods were billed ahead of a dearer receipt.
        """
        more = tuple(_more(self.receipts.get(receipt_id, ()), parts))
        self._receipt_included(receipt_id=receipt_id, posted_on=on, changes=more)
        return self._reclear(on)

    def agree_anew(self, lines: tuple[AgreedLine, ...], on: date) -> Money:
        """The order costs something else; a line that left it keeps its price. What is now cleared more than before."""
        self._prices_revised(lines=lines)
        return self._reclear(on)

    def _reclear(self, on: date) -> Money:
        changes = tuple(self._changes())
        if changes:
            self._clearing_adjusted(posted_on=on, changes=changes)
        return Money.sum((each.amount_change for each in changes), self.currency)

    def _lines_of(self, sku: str) -> list[int]:
        return [line for line, tally in self.tallies.items() if tally.agreed.sku == sku]

    def _spread(self, lines: Sequence[SupplierInvoiceLine]) -> Iterator[LineAllocation]:
        """Over the order's lines of the item, first line first, each as far as it has arrived; the rest on the last."""
        left = {line: max(tally.received - tally.billed, NOTHING) for line, tally in self.tallies.items()}
        for index, each in enumerate(lines):
            *first, last = self._lines_of(each.sku)
            rest = each.quantity
            for line in first:
                part = min(rest, left[line])
                left[line] -= part
                rest -= part
                if part:
                    yield LineAllocation(index, line, part)
            if rest:
                yield LineAllocation(index, last, rest)

    def _billed_parts(self, lines: Sequence[SupplierInvoiceLine]) -> Iterator[MatchedLine]:
        billed: dict[int, Decimal] = defaultdict(Decimal)
        for share in self._spread(lines):
            billed[share.line] += share.quantity
        for line, quantity in sorted(billed.items()):
            tally = self.tallies[line]
            cleared = replace(tally, billed=tally.billed + quantity).to_clear - tally.cleared
            yield MatchedLine(line, tally.agreed.sku, quantity, cleared)

    def _changes(self) -> Iterator[ClearingChange]:
        for line, tally in self.tallies.items():
            if tally.to_clear != tally.cleared:
                yield ClearingChange(line, tally.to_clear - tally.cleared)

    @event("InvoicePending")
    def _invoice_pending(self, supplier_invoice_id: UUID) -> None:
        self.waiting = (*self.waiting, supplier_invoice_id)

    @event("InvoiceWithdrawn")
    def _invoice_withdrawn(self, supplier_invoice_id: UUID) -> None:
        self.waiting = tuple(each for each in self.waiting if each != supplier_invoice_id)

    @event("InvoiceIncluded")
    def _invoice_included(self, supplier_invoice_id: UUID, posted_on: date, lines: tuple[MatchedLine, ...]) -> None:
        self.waiting = tuple(each for each in self.waiting if each != supplier_invoice_id)
        for each in lines:
            tally = self.tallies[each.line]
            tally.billed += each.quantity
            tally.cleared += each.cleared

    @event("ReceiptIncluded")
    def _receipt_included(self, receipt_id: UUID, posted_on: date, changes: tuple[ReceivedLine, ...]) -> None:
        self.receipts[receipt_id] = tuple(_more((), (*self.receipts.get(receipt_id, ()), *changes)))
        for each in changes:
            tally = self.tallies[each.line]
            tally.received += each.quantity
            tally.worth += each.stock_value

    @event("PricesRevised")
    def _prices_revised(self, lines: tuple[AgreedLine, ...]) -> None:
        nothing = Money.zero(self.currency)
        for each in lines:
            tally = self.tallies.setdefault(each.line, LineMatch(each, nothing, nothing))
            tally.agreed = each

    @event("ClearingAdjusted")
    def _clearing_adjusted(self, posted_on: date, changes: tuple[ClearingChange, ...]) -> None:
        for each in changes:
            self.tallies[each.line].cleared += each.amount_change


def _more(before: Sequence[ReceivedLine], now: Sequence[ReceivedLine]) -> Iterator[ReceivedLine]:
    """By how much each line differs; lines that do not are left out."""
    signed = [*now, *(ReceivedLine(each.line, -each.quantity, -each.stock_value) for each in before)]
    for line in sorted({each.line for each in signed}):
        mine = [each for each in signed if each.line == line]
        more = ReceivedLine(
            line, sum((each.quantity for each in mine), NOTHING), Money.sum(each.stock_value for each in mine)
        )
        if more.quantity or more.stock_value:
            yield more
